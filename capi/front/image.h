/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * image.h: is a file whole enough to be mapped?
 */

#ifndef LIBGSSAPI_IMAGE_H
#define LIBGSSAPI_IMAGE_H

#include <stddef.h>

/*
 * Returns 0 if fd holds a shared object whose segments all lie within the file, else an errno with the reason in why.
 * The linker does not look: it maps what the headers promise, and the process dies of SIGBUS where the file ends
 * earlier.
 */
int front_check_image(int fd, char *why, size_t size);

#endif
