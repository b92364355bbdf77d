/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * runtime.c: what Go's runtime does in a process of its own, and must not in somebody else's. It offers no way to say so.
 */

#include <signal.h>
#include <stdint.h>
#include <string.h>

#include "glue.h"

/* How the runtime treats a signal: an element of its table (runtime/runtime2.go). */
struct treatment {
	int32_t flags;
	const char *name;
	intptr_t length;
};

#define NOTIFY (1 << 0)
#define UNBLOCK (1 << 7)

/* The linker's: where this object lies in memory, and its data within it. */
extern const char __ehdr_start[] __attribute__((visibility("hidden")));
extern char _DYNAMIC[] __attribute__((visibility("hidden")));
extern char _edata[] __attribute__((visibility("hidden")));

/*
 * The runtime keeps SIGPROF unblocked on each of its threads, for a profiler of its own that is never used here. A
 * profiler of the program would have its handler run on a goroutine's stack of few KiB: it would write over the heap.
 */
static void
keep_sigprof_blocked(void)
{
	static const char name[] = "SIGPROF: profiling alarm clock";
	uintptr_t p, first = (uintptr_t)__ehdr_start, last = (uintptr_t)_edata;

	/* The table has no name that C could know: it is found by what is in it. */
	for (p = (uintptr_t)_DYNAMIC; p + sizeof(struct treatment) <= last; p += sizeof(void *)) {
		struct treatment *t = (struct treatment *)p;
		uintptr_t text = (uintptr_t)t->name;

		if (t->flags == (NOTIFY | UNBLOCK) && t->length == (intptr_t)sizeof(name) - 1 && text >= first && text < last &&
		    memcmp(t->name, name, sizeof(name) - 1) == 0) {
			t->flags = NOTIFY;
			return;
		}
	}
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
	keep_sigprof_blocked();
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
