/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * platform.h: what is not in POSIX. platform.c holds what the systems do alike, platform_freebsd.c and the files
 * *_linux.c the rest.
 */

#ifndef LIBGSSAPI_PLATFORM_H
#define LIBGSSAPI_PLATFORM_H

#include <stddef.h>

/* A page of zeros that a child after fork(2) finds zero again, or NULL. */
void *platform_wiped_page(void);
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
 * How many instances of the engine a line of processes that fork from each other can load; siblings do not add up. For
 * the text of a failure only: a system may have room for more. The compiler may be given -DPLATFORM_INSTANCES=N to see
 * what becomes of such a line.
 */
unsigned platform_instances(void);

/*
 * Loads one more instance of the engine, whose file is open as fd, beside those that the process inherited. generation
 * tells the instances of one process and its ancestors apart. Returns a handle for dlsym(3), or NULL with the reason in
 * why.
 */
void *platform_fresh_instance(int fd, unsigned generation, char *why, size_t size);

#endif
