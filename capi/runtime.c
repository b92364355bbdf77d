/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * runtime.c: what Go's runtime does in a process of its own, and must not in somebody else's. It offers no way to say so.
 */

#include <sys/mman.h>

#include <errno.h>
#include <string.h>

#include "glue.h"
#include "renew.h"

/* In the runtime, as it is built for the engine. Weak, because cgo links this package alone to look at it. */
int engine_threads_begin(int (*ready)(void)) __attribute__((weak));
void engine_process_begin(uint32_t *alive) __attribute__((weak));
void engine_process_forked(void) __attribute__((weak));
int engine_is_mine(void) __attribute__((weak));

#ifndef MAP_NORESERVE
#define MAP_NORESERVE 0
#endif

static int
may_map(size_t size, int protection)
{
	void *room = mmap(NULL, size, protection, MAP_PRIVATE | MAP_ANON | MAP_NORESERVE, -1, 0);

	return room != MAP_FAILED && munmap(room, size) == 0;
}

/* The runtime ends the process when it does not get what it starts with. Some of it is for what comes later. */
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

/* hide_tuning takes the vector that the process was started with. */
static void
hide_tuning(char **variable)
{
	size_t i;

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
gssapi_engine_begin(const struct gssapi_process *process)
{
	char *none[] = {NULL};
	char **variables = process->argv != NULL ? process->argv + process->argc + 1 : none;
	int error = image_renew();

	if (error != 0)
		return error;
	engine_process_begin(process->alive);
	image_construct(process->argc, process->argv, variables);
	hide_tuning(variables);
	error = engine_threads_begin(has_room);
	if (error != 0) {
		show_tuning();
		__atomic_store_n(process->alive, 0, __ATOMIC_RELEASE);
	}
	return error;
}

void
gssapi_engine_forked(void)
{
	engine_process_forked();
}

int
gssapi_engine_is_mine(void)
{
	return engine_is_mine();
}

int
gssapi_engine_has(const void *address)
{
	return image_has(address);
}

void
engine_settle(void)
{
	show_tuning();
}
