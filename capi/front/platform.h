/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * platform.h: what is not in POSIX. platform.c holds what the systems do alike, platform_freebsd.c and the files
 * *_linux.c the rest.
 */

#ifndef LIBGSSAPI_PLATFORM_H
#define LIBGSSAPI_PLATFORM_H

#include <stddef.h>

struct stat;

/* A page of zeros that a child after fork(2) finds zero again, or NULL. */
void *platform_process_page(void);
void platform_free_page(void *page);

/*
 * malloc(3) and free(3) for large results, of GSSAPI_ENGINE_LARGE octets and more. Some of what comes back may be kept,
 * without its content, for the next one; length is that of the content. Either may be mixed with malloc(3) and free(3).
 */
void *platform_malloc_large(size_t size);
void platform_free_large(void *memory, size_t length);

/* The file that holds this library, as the run-time linker names it, or NULL. */
const char *platform_front_path(void);

/*
 * Loads a second instance of the object whose file is open as fd, beside one that the linker has loaded already, and
 * which claim says 0 of. Returns a handle for dlsym(3) of one that claim says 1 of, or NULL with the reason in why.
 */
void *platform_second_instance(int fd, int (*claim)(void *handle), char *why, size_t size);

/*
 * Closes fd if it still refers to the file that opened describes. The program may have closed it in another thread, or
 * while the linker called constructors, and have opened a file that has the number now.
 */
void platform_close(int fd, const struct stat *opened);

/* Puts dlerror(3)'s reason for the failure of a function into why, which has room for size octets. */
void platform_linker_reason(const char *function, char *why, size_t size);

/* Makes the empty file to a copy of from. Returns 0, or -1 with errno. */
int platform_copy_file(int from, int to);

/* Whether the process has, or can take back, the rights of root. */
int platform_may_chroot(void);

/*
 * Whether the process has other privileges than those of who started it, and so must not believe the environment. To be
 * asked when the library is loaded: a program of root that becomes another user later is not meant.
 */
int platform_is_privileged(void);

#endif
