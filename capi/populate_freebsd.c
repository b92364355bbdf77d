/* SPDX-License-Identifier: BSD-2-Clause */

#include "glue.h"

/* The system has no such call: each page is a fault of its own. */
void
engine_populate(void *memory, size_t size)
{
	(void)memory;
	(void)size;
}
