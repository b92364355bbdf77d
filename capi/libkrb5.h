/* SPDX-License-Identifier: BSD-2-Clause */

/* libkrb5.h: the libkrb5 that the program uses beside this library, MIT's or Heimdal's. */

#ifndef LIBGSSAPI_LIBKRB5_H
#define LIBGSSAPI_LIBKRB5_H

#include <stddef.h>
#include <stdint.h>

#pragma GCC visibility push(hidden)

/* The result of a call, which is zeroed before it and released after it. */
struct engine_foreign {
	unsigned char *octets;
	size_t length, size;
	char reason[256]; /* why nothing was read; "" on success, or if there is nothing to read */
};

/*
 * Reads a credential cache of libkrb5: the client's name, then each ticket in the format of a cache file of version 4. Each
 * follows its length, a uint32_t in the host's byte order.
 */
void engine_foreign_ccache(const char *name, struct engine_foreign *out);

/* Reads a keytab of libkrb5: each entry's principal, kvno, enctype, time and key; numbers are uint32_t. */
void engine_foreign_keytab(const char *name, struct engine_foreign *out);

/* Reads one entry, likewise, of a keytab that cannot be listed; if principal is "", only checks that the keytab exists. */
void engine_foreign_key(const char *name, const char *principal, uint32_t kvno, int32_t enctype, struct engine_foreign *out);

/* Wipes and frees what was read. */
void engine_foreign_release(struct engine_foreign *out);

#pragma GCC visibility pop

#endif
