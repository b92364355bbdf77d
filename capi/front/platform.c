/* SPDX-License-Identifier: BSD-2-Clause */

/* platform.c: what is not in POSIX, but common to the systems. */

#define _GNU_SOURCE

#include "engine.h"
#include "platform.h"

#include <sys/mman.h>
#include <sys/stat.h>

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void
platform_free_page(void *page)
{
	(void)munmap(page, (size_t)sysconf(_SC_PAGESIZE));
}

void *
platform_family_page(void)
{
	void *page = mmap(NULL, (size_t)sysconf(_SC_PAGESIZE), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANON, -1, 0);

	return page == MAP_FAILED ? NULL : page;
}

const char *
platform_front_path(void)
{
	static const char here;
	Dl_info info;

	return dladdr(&here, &info) != 0 ? info.dli_fname : NULL;
}

int
platform_may_chroot(void)
{
	uid_t real, effective, saved;

	return getresuid(&real, &effective, &saved) == 0 && (real == 0 || effective == 0 || saved == 0);
}

void
platform_close(int fd, const struct stat *opened)
{
	struct stat now;

	if (fstat(fd, &now) == 0 && now.st_dev == opened->st_dev && now.st_ino == opened->st_ino)
		(void)close(fd);
}

/* limit returns which limit leaves no room for the engine, as far as the system tells, or an empty text. */
static const char *
limit(void)
{
	size_t size = (size_t)GSSAPI_ENGINE_MEMORY << 20;
	void *memory = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANON, -1, 0);

	if (memory != MAP_FAILED) {
		(void)munmap(memory, size);
		return "";
	}
	/* That of locked memory has an error number of its own on Linux, and ENOMEM on FreeBSD. */
	if (errno == EAGAIN)
		return " (RLIMIT_MEMLOCK, after mlockall(2))";
	return " (RLIMIT_AS, or RLIMIT_MEMLOCK after mlockall(2))";
}

/* The linker reports what it could not map, but not why. */
void
platform_linker_reason(const char *function, char *why, size_t size)
{
	const char *reason = dlerror(), *suffix = limit();

	if (reason != NULL)
		(void)snprintf(why, size, "%s%s", reason, suffix);
	else
		(void)snprintf(why, size, "%s failed%s", function, suffix);
}

int
platform_copy_file(int from, int to)
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
