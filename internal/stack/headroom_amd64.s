// SPDX-License-Identifier: BSD-2-Clause

#include "textflag.h"

// func Headroom()
TEXT ·Headroom(SB), 0, $32768-0
	RET
