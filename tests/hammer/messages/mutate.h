/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Octets, and what becomes of them. With the same random numbers the same change is made to tokens of the same build.
 */
#ifndef MUTATE_H
#define MUTATE_H

#include "../../interop/peers.h"

#include <stddef.h>

#define OCTETS 16384

struct octets {
	unsigned char at[OCTETS];
	size_t length;
};

/* What is known of a token. */
enum format {
	DER,     /* values in values (der.c), as in tokens that establish a context */
	MESSAGE, /* a header of 16 octets (RFC 4121, Section 4.2.6) */
	LEGACY   /* a header after the frame (RFC 1964, Section 1.2) */
};

/* mutate changes a token and names the change: what was done, and where, such as "swap@60/6e/30/a3". An octet may become
   what it was: then it is named "none". */
#define NAME_SIZE 160
void mutate(struct octets *o, enum format format, char *name);

/* DER (der.c): false if the octets are not a few values one after the other. */
int mutate_values(struct octets *o, char *name);

/* insert and cut octets; an insertion that has no room is none. */
void insert(struct octets *o, size_t at, const void *octets, size_t length);
void cut(struct octets *o, size_t at, size_t length);

/* list_load reads a list of differences; is_listed tells whether one is in it, by its kind and its mutation. */
void list_load(const char *path);
int is_listed(const char *kind, const char *mutation);

#endif
