/* SPDX-License-Identifier: BSD-2-Clause */

#define _DEFAULT_SOURCE /* madvise */

#include <sys/mman.h>

#include <stdint.h>
#include <unistd.h>

#include "glue.h"

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23 /* since Linux 5.14 */
#endif

/* From this size on malloc(3) always makes a mapping of its own, which is gone with the message. */
#define OWN_MAPPING ((size_t)32 << 20)

void
engine_populate(void *memory, size_t size)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), begin = (uintptr_t)memory, end = begin + size;

	begin = (begin + page - 1) / page * page;
	end = end / page * page;
	if (end - begin >= OWN_MAPPING)
		(void)madvise((void *)begin, end - begin, MADV_HUGEPAGE);
	/* Older systems know nothing of it; each page is then a fault of its own, as without. */
	if (begin < end)
		(void)madvise((void *)begin, end - begin, MADV_POPULATE_WRITE);
}
