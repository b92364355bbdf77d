/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * renew.h: the engine's own image in memory.
 *
 * The linker only maps it (internal/image). To begin, the engine relocates itself and calls its constructors. After
 * fork(2) a child has the image as its parent's engine left it, but none of that engine's threads. So the writable parts
 * are restored to their initial content, and the engine begins again in the same place.
 */

#ifndef LIBGSSAPI_RENEW_H
#define LIBGSSAPI_RENEW_H

/* Variables that a renewed image keeps. */
#define KEPT __attribute__((section("gssapi_kept")))

#pragma GCC visibility push(hidden)

/*
 * Relocates what is read-only afterwards, once in a line of processes. No other thread may use the engine. Returns 0, or
 * errno.
 */
int image_relocate(void);

/*
 * Restores the image to its state before any of it ran, except KEPT variables. No other thread may use the engine. Returns
 * 0, or errno.
 */
int image_renew(void);

/* Calls the constructors of a renewed image, with the program's arguments and environment. */
void image_construct(int argc, char **argv, char **envp);

/* Whether an address is in the engine's code or data. */
int image_has(const void *address);

#pragma GCC visibility pop

#endif
