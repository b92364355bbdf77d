// SPDX-License-Identifier: BSD-2-Clause

#include "textflag.h"

// func Headroom()
TEXT ·Headroom(SB), 0, $65536-0
	RET
