/* SPDX-License-Identifier: BSD-2-Clause */

#define _GNU_SOURCE

#include "platform.h"

#ifdef __linux__

#include <sys/mman.h>

#include <unistd.h>

void *
platform_wiped_page(void)
{
	size_t size = (size_t)sysconf(_SC_PAGESIZE);
	void *page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED)
		return NULL;
	/* Linux before 4.14 refuses; there the handler of pthread_atfork(3) clears the page. */
	(void)madvise(page, size, MADV_WIPEONFORK);
	return page;
}

#endif
