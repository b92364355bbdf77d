/* SPDX-License-Identifier: BSD-2-Clause */

#define _GNU_SOURCE

#include "platform.h"

#ifdef __linux__

#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Kernels since 6.3 may be configured to make no memfd executable without this flag. */
#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif

void *
platform_process_page(void)
{
	size_t size = (size_t)sysconf(_SC_PAGESIZE);
	void *page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED)
		return NULL;
	/* Linux before 4.14 refuses this; there the handler of pthread_atfork(3) clears the page. */
	(void)madvise(page, size, MADV_WIPEONFORK);
	return page;
}

/* As secure_getenv(3) decides; this includes files with capabilities. */
int
platform_is_privileged(void)
{
	return getauxval(AT_SECURE) != 0;
}

static int
anonymous_file(void)
{
	int fd = memfd_create("libgssapi-engine.so", MFD_CLOEXEC | MFD_EXEC);

	if (fd < 0 && errno == EINVAL)
		fd = memfd_create("libgssapi-engine.so", MFD_CLOEXEC);
	return fd;
}

/* open_copy opens a file for the n-th time, by a new name: glibc takes objects with equal names for one. */
static void *
open_copy(int copy, int n, char *why, size_t size)
{
	char name[64] = "/proc/self/fd";
	void *handle;

	while (n-- > 0)
		(void)strcat(name, "/.");
	(void)snprintf(name + strlen(name), sizeof(name) - strlen(name), "/%d", copy);
	handle = dlopen(name, RTLD_NOW | RTLD_LOCAL);
	if (handle == NULL)
		platform_linker_reason("dlopen", why, size);
	return handle;
}

/* glibc takes files with the same device and inode for one object, so the instance gets a file of its own. */
void *
platform_second_instance(int fd, int (*claim)(void *handle), char *why, size_t size)
{
	enum { TRIES = 8 };
	void *handle = NULL;
	struct stat opened = {0};
	int copy = anonymous_file(), ours = 0, n;

	if (copy < 0 || fstat(copy, &opened) != 0) {
		(void)snprintf(why, size, "memfd_create: %s", strerrordesc_np(errno));
	} else if (platform_copy_file(fd, copy) != 0) {
		(void)snprintf(why, size, "copying the file: %s", strerrordesc_np(errno));
	} else {
		(void)snprintf(why, size, "the linker returned the first instance again");
		for (n = 0; !ours && n < TRIES && (handle = open_copy(copy, n, why, size)) != NULL; n++)
			ours = claim(handle);
	}
	if (copy >= 0)
		platform_close(copy, &opened);
	return ours ? handle : NULL;
}

#endif
