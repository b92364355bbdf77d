/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * runtime.c: what Go's runtime does in a process of its own, and must not in somebody else's. It offers no way to say so.
 */

#include <string.h>

#include "glue.h"

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

/* Before the runtime's own constructor, which has the default priority. */
__attribute__((constructor(101))) static void
before_runtime(int argc, char **argv)
{
	if (argv != NULL)
		hide_tuning(argv + argc + 1);
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
	}
}

void
engine_settle(void)
{
	show_tuning();
}
