/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * image.h: whether a file is complete enough to be mapped.
 */

#ifndef LIBGSSAPI_IMAGE_H
#define LIBGSSAPI_IMAGE_H

#include <stddef.h>

/*
 * Returns 0 if fd is a shared object whose segments all lie within the file, else an errno with the reason in why. The
 * linker does not check this: it maps what the headers say, and the process dies of SIGBUS if the file is shorter.
 */
int front_check_image(int fd, char *why, size_t size);

#endif
