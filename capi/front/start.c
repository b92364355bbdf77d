/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * start.c: a loaded engine begins to run in this process, and starts with its first call. All signals are blocked during
 * this.
 */

#define _XOPEN_SOURCE 700

#include "load.h"
#include "platform.h"
#include "signals.h"

#include <errno.h>
#include <stdio.h>

static struct gssapi_process process;

void
front_note_process(int argc, char **argv)
{
	process.argc = argc;
	process.argv = argv;
	process.privileged = platform_is_privileged();
}

/*
 * begin makes the engine run in this process. If it lacks memory, none of it runs, and this may be tried again, here or in
 * a child.
 */
static int
begin(const struct loaded_engine *engine, struct progress *progress, struct failure *f)
{
	process.alive = &progress->alive;
	f->error = engine->control.begin(&process);
	switch (f->error) {
	case 0:
		return 0;
	case ENOEXEC:
		front_spoil(f, "it was not prepared when it was built");
		break;
	case ENOMEM:
		(void)snprintf(f->text, sizeof(f->text), "the engine of libgssapi needs %d MiB of address space and %d MiB of "
		    "memory, of which it uses little (RLIMIT_AS, RLIMIT_DATA; RLIMIT_MEMLOCK after mlockall(2))",
		    GSSAPI_ENGINE_ADDRESSES, GSSAPI_ENGINE_MEMORY);
		break;
	default:
		(void)snprintf(f->text, sizeof(f->text), "the engine of libgssapi cannot begin: error %d of the system", f->error);
	}
	return -1;
}

/* start makes the engine's first call. */
static int
start(const struct loaded_engine *engine, struct failure *f)
{
	static const struct gssapi_front front = {
	    GSSAPI_ENGINE_VERSION,
	    sizeof(struct gssapi_front),
	    front_record_status,
	    front_static_oid,
	    &front_handles,
	    platform_malloc_large,
	    front_ccache_name,
	    front_operation,
	    front_resumed,
	    front_release_operation,
	    &front_cancel,
	    &front_forks,
	};

	if (engine->control.start(&front) == 0)
		return 0;
	front_spoil(f, "it expects another version of the interface");
	return -1;
}

int
front_start_engine(const struct loaded_engine *engine, struct progress *progress, struct failure *f)
{
	struct front_signals signals;

	if (!progress->begun) {
		front_signals_before(&signals);
		progress->begun = begin(engine, progress, f) == 0;
		front_signals_after(&signals, &engine->control, progress->begun);
	}
	return progress->begun ? start(engine, f) : -1;
}

int
front_join_engine(const struct loaded_engine *engine, struct failure *f)
{
	f->error = engine->control.join();
	if (f->error == 0)
		return 0;
	(void)snprintf(f->text, sizeof(f->text), "%s", GSSAPI_ENGINE_NO_THREADS);
	return -1;
}
