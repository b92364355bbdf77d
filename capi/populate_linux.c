/* SPDX-License-Identifier: BSD-2-Clause */

#define _DEFAULT_SOURCE /* madvise */

#include <sys/mman.h>

#include <stdint.h>
#include <unistd.h>

#include "glue.h"

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23 /* since Linux 5.14 */
#endif

void
engine_populate(void *memory, size_t size)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), begin = (uintptr_t)memory, end = begin + size;

	begin = (begin + page - 1) / page * page;
	end = end / page * page;
	/* Older systems know nothing of it; each page is then a fault of its own, as without. */
	if (begin < end)
		(void)madvise((void *)begin, end - begin, MADV_POPULATE_WRITE);
}
