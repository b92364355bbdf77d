/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * runtime.c: the engine's beginning, and other calls of the front into the runtime, whose parts that suit only a process of
 * its own are replaced (internal/goruntime).
 */

#include <sys/mman.h>

#include <errno.h>
#include <stddef.h>

#include "glue.h"
#include "renew.h"

/* From the engine's edition of the runtime. Weak, because cgo links this package by itself to inspect it. */
int engine_first_run(void) __attribute__((weak));
int engine_threads_have(void) __attribute__((weak));
int engine_join(void) __attribute__((weak));
int engine_starved(void) __attribute__((weak));
void engine_process_begin(uint32_t *alive) __attribute__((weak));
void engine_process_forked(void) __attribute__((weak));
int engine_is_mine(void) __attribute__((weak));
void engine_cpuid(uint32_t leaf, uint32_t subleaf, uint32_t *answer) __attribute__((weak));

#ifndef MAP_NORESERVE
#define MAP_NORESERVE 0
#endif

static int
may_map(size_t size, int protection)
{
	void *room = mmap(NULL, size, protection, MAP_PRIVATE | MAP_ANON | MAP_NORESERVE, -1, 0);

	return room != MAP_FAILED && munmap(room, size) == 0;
}

/* The runtime ends the process if it cannot get the memory that it starts with. This includes room for later. */
static int
has_room(void)
{
	return may_map((size_t)GSSAPI_ENGINE_ADDRESSES << 20, PROT_NONE) &&
	    may_map((size_t)GSSAPI_ENGINE_MEMORY << 20, PROT_READ | PROT_WRITE) ? 0 : ENOMEM;
}

int
gssapi_engine_begin(const struct gssapi_process *process)
{
	char *none[] = {NULL};
	char **variables = process->argv != NULL ? process->argv + process->argc + 1 : none;
	int error = image_renew();

	if (error != 0)
		return error;
	engine_set_privileged(process->privileged);
	engine_process_begin(process->alive);
	image_construct(process->argc, process->argv, variables);
	error = has_room();
	if (error == 0)
		error = engine_first_run();
	if (error != 0)
		__atomic_store_n(process->alive, 0, __ATOMIC_RELEASE);
	return error;
}

void
gssapi_engine_prepare(void)
{
	(void)image_relocate();
}

int
gssapi_engine_join(void)
{
	return engine_join();
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

int
engine_threads(void)
{
	return engine_threads_have == NULL ? 0 : engine_threads_have();
}

int
engine_lacks_threads(void)
{
	return engine_starved != NULL && engine_starved();
}

int
engine_processor(uint32_t leaf, uint32_t subleaf, uint32_t *answer)
{
	if (engine_cpuid == NULL)
		return 0;
	engine_cpuid(leaf, subleaf, answer);
	return 1;
}
