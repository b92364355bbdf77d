/* SPDX-License-Identifier: BSD-2-Clause */

/* platform.c: what the systems do alike, beyond POSIX. */

#define _GNU_SOURCE

#include "platform.h"

#include <sys/mman.h>

#include <dlfcn.h>
#include <unistd.h>

void
platform_free_page(void *page)
{
	(void)munmap(page, (size_t)sysconf(_SC_PAGESIZE));
}

int
platform_has_room(size_t size)
{
	void *room = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANON, -1, 0);

	if (room == MAP_FAILED)
		return 0;
	(void)munmap(room, size);
	return 1;
}

const char *
platform_front_path(void)
{
	static const char here;
	Dl_info info;

	return dladdr(&here, &info) != 0 ? info.dli_fname : NULL;
}
