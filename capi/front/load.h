/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * load.h: what the files share that find the engine, load it and make it begin.
 */

#ifndef LIBGSSAPI_LOAD_H
#define LIBGSSAPI_LOAD_H

#include <stddef.h>

#include "front.h"

struct stat;

#define ENGINE_FILE "libgssapi-engine.so"

/* Why there is no engine. */
struct failure {
	int error; /* errno */
	char text[FRONT_TEXT_SIZE];
};

/* Sets f to error, and to "WHAT PATH: REASON". */
void front_fail(struct failure *f, int error, const char *what, const char *path);

/* locate.c */

/* Notes where this library lies, and the engine beside it. Called when the library is loaded. */
void front_note_location(void);

/*
 * Opens the engine's file, which is whole and which only those may have written who may change this library. Returns a
 * descriptor and its name, which has room for size octets, or -1 with the reason in f. opened describes the file,
 * for platform_close.
 */
int front_open_engine(char *name, size_t size, struct stat *opened, struct failure *f);

#endif
