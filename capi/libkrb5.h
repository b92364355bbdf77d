/* SPDX-License-Identifier: BSD-2-Clause */

/* libkrb5.h: the libkrb5 that the program uses beside this library, MIT's or Heimdal's. */

#ifndef LIBGSSAPI_LIBKRB5_H
#define LIBGSSAPI_LIBKRB5_H

#include <stddef.h>
#include <stdint.h>

#pragma GCC visibility push(hidden)

/* What was read there, and why not. Zeroed before a call; released after it. */
struct engine_foreign {
	unsigned char *octets;
	size_t length, size;
	char reason[256]; /* "": it was read, or there is nothing */
};

/*
 * Reads a credential cache of libkrb5: the client's name, then each ticket as a file of version 4 has it. Each has its
 * length before it, a uint32_t of this host.
 */
void engine_foreign_ccache(const char *name, struct engine_foreign *out);

/* Reads a keytab of libkrb5: of each entry the principal's name, kvno, enctype, time and key; numbers are uint32_t. */
void engine_foreign_keytab(const char *name, struct engine_foreign *out);

/* Reads one entry, likewise, of a keytab that cannot be listed; of no principal only whether there is such a keytab. */
void engine_foreign_key(const char *name, const char *principal, uint32_t kvno, int32_t enctype, struct engine_foreign *out);

/* Overwrites what was read, and frees it. */
void engine_foreign_release(struct engine_foreign *out);

#pragma GCC visibility pop

#endif
