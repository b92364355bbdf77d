/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * runtime.c: what Go's runtime does in a process of its own, and must not in somebody else's. It offers no way to say so.
 */

#include <sys/mman.h>

#include <errno.h>
#include <string.h>

#include "glue.h"

/* In the runtime, as it is built for the engine. Weak, because cgo links this package alone to look at it. */
int engine_threads_begin(int (*ready)(void)) __attribute__((weak));

#ifndef MAP_NORESERVE
#define MAP_NORESERVE 0
#endif

static int
may_map(size_t size, int protection)
{
	void *room = mmap(NULL, size, protection, MAP_PRIVATE | MAP_ANON | MAP_NORESERVE, -1, 0);

	return room != MAP_FAILED && munmap(room, size) == 0;
}

/* The runtime ends the process when it does not get what it starts with. Some of it is for malloc(3) in its threads. */
static int
has_room(void)
{
	return may_map((size_t)GSSAPI_ENGINE_ADDRESSES << 20, PROT_NONE) &&
	    may_map((size_t)GSSAPI_ENGINE_MEMORY << 20, PROT_READ | PROT_WRITE) ? 0 : ENOMEM;
}

/*
 * The environment is the program's, and these variables are meant for programs in Go. The runtime reads the vector that
 * the process started with; while it starts, these of its strings have no value.
 */
static const struct {
	const char *name;
	char *empty;
} tuning[] = {
    {"GODEBUG=", "GODEBUG="},
    {"GOGC=", "GOGC="},
    {"GOMAXPROCS=", "GOMAXPROCS="},
    {"GOMEMLIMIT=", "GOMEMLIMIT="},
    {"GOTRACEBACK=", "GOTRACEBACK="},
};

#define VARIABLES (sizeof(tuning) / sizeof(tuning[0]))

static struct {
	char **place, *value;
} hidden[VARIABLES];

static char **started_with;

__attribute__((constructor)) static void
find_environment(int argc, char **argv)
{
	if (argv != NULL)
		started_with = argv + argc + 1;
}

static void
hide_tuning(void)
{
	char **variable = started_with;
	size_t i;

	if (variable == NULL)
		return;
	for (; *variable != NULL; variable++) {
		for (i = 0; i < VARIABLES; i++) {
			if (hidden[i].place == NULL && strncmp(*variable, tuning[i].name, strlen(tuning[i].name)) == 0) {
				hidden[i].place = variable;
				hidden[i].value = *variable;
				__atomic_store_n(variable, tuning[i].empty, __ATOMIC_RELEASE);
			}
		}
	}
}

/* A variable that the program has changed meanwhile stays as it is. */
static void
show_tuning(void)
{
	size_t i;

	for (i = 0; i < VARIABLES; i++) {
		char *expected = tuning[i].empty;

		if (hidden[i].place != NULL)
			(void)__atomic_compare_exchange_n(hidden[i].place, &expected, hidden[i].value, 0, __ATOMIC_ACQ_REL,
			    __ATOMIC_RELAXED);
		hidden[i].place = NULL;
	}
}

int
gssapi_engine_begin(void)
{
	int error;

	hide_tuning();
	error = engine_threads_begin(has_room);
	if (error != 0)
		show_tuning();
	return error;
}

void
engine_settle(void)
{
	show_tuning();
}
