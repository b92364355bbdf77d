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

const char *
platform_front_path(void)
{
	static const char here;
	Dl_info info;

	return dladdr(&here, &info) != 0 ? info.dli_fname : NULL;
}
