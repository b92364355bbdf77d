/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * renew.h: the engine's own image in memory.
 *
 * The linker only maps it (internal/image). To begin, the engine relocates itself and calls its constructors. After
 * fork(2) a child has the image as its parent's engine has left it, but none of that engine's threads: what is written
 * to is put back to what it was, and the engine begins once more in the same place.
 */

#ifndef LIBGSSAPI_RENEW_H
#define LIBGSSAPI_RENEW_H

/* Variables that a renewed image keeps. */
#define KEPT __attribute__((section("gssapi_kept")))

#pragma GCC visibility push(hidden)

/*
 * Makes the image as it was before anything of it ran, but for what is marked as KEPT. The caller is the only thread
 * that uses the engine. Returns 0, or errno.
 */
int image_renew(void);

/* Calls the constructors of a renewed image, with what the program was started with. */
void image_construct(int argc, char **argv, char **envp);

/* Whether this address is the engine's: of its code or data. */
int image_has(const void *address);

#pragma GCC visibility pop

#endif
