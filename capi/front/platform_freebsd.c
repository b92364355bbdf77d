/* SPDX-License-Identifier: BSD-2-Clause */

#include "platform.h"

#ifdef __FreeBSD__

#include <sys/param.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void *
platform_process_page(void)
{
	size_t size = (size_t)getpagesize();
	void *page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0);

	if (page == MAP_FAILED)
		return NULL;
	(void)minherit(page, size, INHERIT_ZERO);
	return page;
}

/*
 * issetugid(2) alone is not enough: it is also true after an ordinary program of root has called setuid(2), and such a
 * program may load the library late. After execve(2) of a set-user-ID or set-group-ID file, the real and effective IDs
 * differ.
 */
int
platform_is_privileged(void)
{
	uid_t uid, euid, suid;
	gid_t gid, egid, sgid;

	if (!issetugid())
		return 0;
	return getresuid(&uid, &euid, &suid) != 0 || getresgid(&gid, &egid, &sgid) != 0 || uid != euid || uid != suid ||
	    gid != egid || gid != sgid;
}

/* The system's malloc(3) itself keeps memory for a while. */

void *
platform_malloc_large(size_t size)
{
	return malloc(size);
}

void
platform_free_large(void *memory, size_t length)
{
	(void)length;
	free(memory);
}

/* open_instance lets rtld load the object open as fd. Returns 1 for a new instance, 0 for the first one, -1 after an error. */
static int
open_instance(int fd, int (*claim)(void *handle), void **handle, char *why, size_t size)
{
	*handle = fdlopen(fd, RTLD_NOW | RTLD_LOCAL);
	if (*handle == NULL) {
		platform_linker_reason("fdlopen", why, size);
		return -1;
	}
	if (claim(*handle))
		return 1;
	(void)snprintf(why, size, "the linker returned the first instance again");
	return 0;
}

/* open_copy copies a file to an anonymous one, which stays open. Returns 0 or -1. */
static int
open_copy(int fd, int *copy, struct stat *opened, char *why, size_t size)
{
	*copy = shm_open(SHM_ANON, O_RDWR, 0600);
	if (*copy < 0 || fstat(*copy, opened) != 0) {
		(void)snprintf(why, size, "shm_open: %s", strerror(errno));
		return -1;
	}
	if (platform_copy_file(fd, *copy) == 0)
		return 0;
	(void)snprintf(why, size, "copying the file: %s", strerror(errno));
	platform_close(*copy, opened);
	return -1;
}

/*
 * Up to FreeBSD 14, rtld loads a new instance for each descriptor. FreeBSD 15's takes files with the same device and inode
 * for one object, so it gets copies, which older ones may refuse. An anonymous file may get the numbers of one that was
 * closed: useless copies stay open until all attempts are over.
 */
void *
platform_second_instance(int fd, int (*claim)(void *handle), char *why, size_t size)
{
	enum { TRIES = 4 };
	struct stat opened[TRIES];
	int copies[TRIES], n = 0;
	void *handle;
	int found = open_instance(fd, claim, &handle, why, size);

	while (found == 0 && n < TRIES && open_copy(fd, &copies[n], &opened[n], why, size) == 0)
		found = open_instance(copies[n++], claim, &handle, why, size);
	for (; n > 0; n--)
		platform_close(copies[n - 1], &opened[n - 1]);
	return found > 0 ? handle : NULL;
}

#endif
