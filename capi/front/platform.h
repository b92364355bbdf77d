/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * platform.h: what is not in POSIX. platform.c holds what is common to the systems, platform_freebsd.c and the files
 * *_linux.c the rest.
 */

#ifndef LIBGSSAPI_PLATFORM_H
#define LIBGSSAPI_PLATFORM_H

#include <stddef.h>

struct stat;

/* A page of zeros, which the kernel clears in a child after fork(2), or NULL. */
void *platform_process_page(void);
void platform_free_page(void *page);

/* A page of zeros that the process shares with its children, and they with theirs, or NULL. */
void *platform_family_page(void);

/*
 * malloc(3) and free(3) for large results, of GSSAPI_ENGINE_LARGE octets and more. Some freed blocks are wiped and kept for
 * later results; length is that of the content. Both may be mixed with malloc(3) and free(3).
 */
void *platform_malloc_large(size_t size);
void platform_free_large(void *memory, size_t length);

/* The run-time linker's name for the file of this library, or NULL. */
const char *platform_front_path(void);

/*
 * Loads a second instance of the object whose file is open as fd, beside the one that the linker has loaded, for which
 * claim returns 0. Returns a handle for dlsym(3) for which claim returns 1, or NULL with the reason in why.
 */
void *platform_second_instance(int fd, int (*claim)(void *handle), char *why, size_t size);

/*
 * Closes fd if it still refers to the file that opened describes. The program may have closed it, in another thread or
 * while the linker called constructors, and the number may refer to another file now.
 */
void platform_close(int fd, const struct stat *opened);

/* Puts dlerror(3)'s reason for the failure of a function into why, which has room for size octets. */
void platform_linker_reason(const char *function, char *why, size_t size);

/* Copies the file from to the empty file to. Returns 0, or -1 with errno. */
int platform_copy_file(int from, int to);

/* Whether the process has the rights of root, or can regain them. */
int platform_may_chroot(void);

/*
 * Whether the process has privileges that its caller lacks, and so must not trust the environment. To be called when the
 * library is loaded: a program of root that changes users later does not count.
 */
int platform_is_privileged(void);

#endif
