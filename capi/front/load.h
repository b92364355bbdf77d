/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * load.h: what is shared by the files that find the engine, load it, begin it and start it.
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

/* Notes the location of this library and of the engine beside it. Called when the library is loaded. */
void front_note_location(void);

/*
 * Opens the engine's file. It refuses one that is truncated, or that somebody may have written who may not change this
 * library. Returns a descriptor, and the file's name in name, which has room for size octets; or -1 with the reason in f.
 * opened describes the file, for platform_close.
 */
int front_open_engine(char *name, size_t size, struct stat *opened, struct failure *f);

/* load.c: for one thread at a time, except front_loaded */

struct loaded_engine {
	struct engine_table table;
	struct engine_control control;
};

/*
 * Makes the linker load the engine, of which nothing runs. Children inherit the loaded engine. Returns NULL, with the
 * reason in f, if that fails or the engine cannot be used.
 */
const struct loaded_engine *front_load_engine(struct failure *f);

/* The engine if it is loaded, or NULL. */
const struct loaded_engine *front_loaded(void);

/* Notes that the loaded engine cannot be used, because another attempt would find the same one. */
void front_spoil(struct failure *f, const char *text);

/* start.c */

/* The state of the engine in this process. Zero: it has not begun. */
struct progress {
	uint32_t alive; /* see struct gssapi_process */
	int begun;      /* it has begun */
};

/* Notes what the engine must know about the program. Called when the library is loaded. */
void front_note_process(int argc, char **argv);

/* Begins and starts a loaded engine in this process. Returns 0, or -1 with the reason in f. */
int front_start_engine(const struct loaded_engine *engine, struct progress *progress, struct failure *f);

/* Lets the calling thread call an engine that has started, likewise. */
int front_join_engine(const struct loaded_engine *engine, struct failure *f);

/* life.c: what the engine of this process or of an ancestor keeps for children, and the counter of forks; see engine.h */
extern void *front_handles;
extern uint32_t front_forks;

#endif
