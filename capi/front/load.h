/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * load.h: what the files share that find the engine, load it, and make it begin and start.
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

/* load.c: one thread at a time, but for front_loaded */

struct loaded_engine {
	struct engine_table table;
	struct engine_control control;
};

/*
 * Has the linker load the engine, once in a line of processes: children inherit it. Nothing of it runs. Returns NULL if
 * that fails, or if the engine is one that cannot be used.
 */
const struct loaded_engine *front_load_engine(struct failure *f);

/* The engine if it is loaded, or NULL. */
const struct loaded_engine *front_loaded(void);

/* Notes that the engine that is loaded cannot be used: another try would find the same one. */
void front_spoil(struct failure *f, const char *text);

/* start.c */

/* How far the engine has come in this process. Zero: it has not begun. */
struct progress {
	uint32_t alive; /* the engine's */
	int begun;      /* it has */
	int late;       /* it has been waited for, and has not started */
};

/* Notes what the engine must know of the program. Called when the library is loaded. */
void front_note_process(int argc, char **argv);

/* Makes an engine that is loaded begin and start in this process. Returns 0, or -1 with the reason in f. */
int front_start_engine(const struct loaded_engine *engine, struct progress *progress, struct failure *f);

/* life.c: what the engine of this process, or of an ancestor, keeps for children, and the number of forks; see engine.h */
extern void *front_handles;
extern uint32_t front_forks;

#endif
