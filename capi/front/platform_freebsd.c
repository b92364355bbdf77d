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
platform_wiped_page(void)
{
	size_t size = (size_t)getpagesize();
	void *page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0);

	if (page == MAP_FAILED)
		return NULL;
	(void)minherit(page, size, INHERIT_ZERO);
	return page;
}

/* The system's malloc(3) keeps memory for a while itself. */

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

/*
 * rtld has 128 octets for the thread-local storage of objects that are loaded later and need it at a fixed place. An
 * engine takes 8 of them, and what a parent took is not given back in its children.
 */
#ifndef PLATFORM_INSTANCES
#define PLATFORM_INSTANCES 16
#endif

unsigned
platform_instances(void)
{
	return PLATFORM_INSTANCES;
}

static int
copy_file(int from, int to)
{
	struct stat st;
	void *src, *dst;

	if (fstat(from, &st) != 0 || ftruncate(to, st.st_size) != 0)
		return -1;
	src = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, from, 0);
	if (src == MAP_FAILED)
		return -1;
	dst = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, to, 0);
	if (dst == MAP_FAILED) {
		(void)munmap(src, (size_t)st.st_size);
		return -1;
	}
	memcpy(dst, src, (size_t)st.st_size);
	(void)munmap(src, (size_t)st.st_size);
	(void)munmap(dst, (size_t)st.st_size);
	return 0;
}

static void
keep_reason(char *why, size_t size)
{
	const char *reason = dlerror();

	(void)snprintf(why, size, "%s", reason != NULL ? reason : "fdlopen failed");
}

/*
 * rtld compares device and inode only if it was given a name, so a descriptor of the engine's file is a fresh instance
 * each time. Where it does not take that, an anonymous copy may do; not where LD_LIBRARY_PATH, LD_PRELOAD or LD_LIBMAP
 * is set, for it then asks for the file system of the object. The first failure is the one to tell.
 */
void *
platform_fresh_instance(int fd, unsigned generation, char *why, size_t size)
{
	void *handle = fdlopen(fd, RTLD_NOW | RTLD_LOCAL);
	int copy;

	(void)generation;
	if (handle != NULL)
		return handle;
	keep_reason(why, size);
	copy = shm_open(SHM_ANON, O_RDWR, 0600);
	if (copy < 0)
		return NULL;
	if (copy_file(fd, copy) == 0)
		handle = fdlopen(copy, RTLD_NOW | RTLD_LOCAL);
	(void)close(copy);
	return handle;
}

#endif
