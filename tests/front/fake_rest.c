/* SPDX-License-Identifier: BSD-2-Clause */

/* The functions that fake_engine.c lacks, as weak names of one function that fails. -DLACK omits them. */

#include "engine_table.h"

OM_uint32 fake_rest(void);

__attribute__((used)) OM_uint32
fake_rest(void)
{
	return GSS_S_UNAVAILABLE;
}

#ifndef LACK
#define X(name) __asm__(".weak " #name "\n.type " #name ", @function\n.set " #name ", fake_rest");
ENGINE_FUNCTIONS
#endif
