/* SPDX-License-Identifier: BSD-2-Clause */

#define _GNU_SOURCE

#include "platform.h"

#ifdef __linux__

#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
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

void
platform_free_page(void *page)
{
	(void)munmap(page, (size_t)sysconf(_SC_PAGESIZE));
}

int
platform_has_room(size_t size)
{
	void *room = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

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

static int
copy_file(int from, int to)
{
	struct stat st;
	off_t offset = 0;

	if (fstat(from, &st) != 0)
		return -1;
	while (offset < st.st_size) {
		ssize_t n = sendfile(to, from, &offset, (size_t)(st.st_size - offset));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0) {
			errno = EIO;
			return -1;
		}
	}
	return 0;
}

/*
 * glibc takes two files for one object if device and inode agree, so the engine is copied to a file of its own; or if
 * their names agree, so the generation goes into the name: "/" for a 0 and "/." for a 1, which mean nothing in a path.
 */
static void
unique_name(char *name, size_t size, int fd, unsigned generation)
{
	char bits[2 * 32 + 1];
	size_t n = 0;
	int i;

	for (i = 31; i >= 0; i--) {
		bits[n++] = '/';
		if ((generation >> i) & 1)
			bits[n++] = '.';
	}
	bits[n] = '\0';
	(void)snprintf(name, size, "/proc/self/fd%s/%d", bits, fd);
}

/* No limit is known: a hundred generations were tried. */
#ifndef PLATFORM_INSTANCES
#define PLATFORM_INSTANCES UINT_MAX
#endif

unsigned
platform_instances(void)
{
	return PLATFORM_INSTANCES;
}

/* Kernels since 6.3 may be told to give no memfd the right to be executed that was not asked for. */
#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif

static int
anonymous_file(void)
{
	int fd = memfd_create("libgssapi-engine.so", MFD_CLOEXEC | MFD_EXEC);

	if (fd < 0 && errno == EINVAL)
		fd = memfd_create("libgssapi-engine.so", MFD_CLOEXEC);
	return fd;
}

void *
platform_fresh_instance(int fd, unsigned generation, char *why, size_t size)
{
	char name[128];
	void *handle;
	int copy;

	if (generation >= platform_instances()) {
		(void)snprintf(why, size, "the limit is %u", platform_instances());
		return NULL;
	}
	copy = anonymous_file();
	if (copy < 0) {
		(void)snprintf(why, size, "memfd_create: %s", strerrordesc_np(errno));
		return NULL;
	}
	if (copy_file(fd, copy) != 0) {
		(void)snprintf(why, size, "copying the engine: %s", strerrordesc_np(errno));
		(void)close(copy);
		return NULL;
	}
	unique_name(name, sizeof(name), copy, generation);
	handle = dlopen(name, RTLD_NOW | RTLD_LOCAL);
	if (handle == NULL) {
		const char *reason = dlerror();

		if (access("/proc/self/fd", X_OK) != 0)
			reason = "/proc is not there, perhaps because the root directory was changed: call once before that";
		(void)snprintf(why, size, "%s", reason != NULL ? reason : "dlopen failed");
	}
	(void)close(copy);
	return handle;
}

#endif
