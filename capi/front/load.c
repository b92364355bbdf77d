/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * load.c: the life of the engine in a process.
 *
 * A Go runtime does not survive fork(2): the child has its memory, and none of its threads. So nothing of the engine
 * runs until a call needs it, and a child has the engine that it inherits begin anew, in the same place.
 */

#define _XOPEN_SOURCE 700

#include "load.h"
#include "platform.h"
#include "signals.h"

#include <sys/stat.h>

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/*
 * The engine starts within milliseconds, with all signals blocked. After so many seconds it is given up: its threads may have
 * been killed, by a filter of seccomp(2) for instance.
 */
#ifndef FRONT_START_PATIENCE
#define FRONT_START_PATIENCE 60
#endif

/*
 * What a wiped page holds. Filled with zeros it is a process without an engine: FreeBSD and glibc both take a zero
 * pthread_mutex_t for an unlocked one.
 */
struct life {
	struct process_life seen; /* first: front_life points here */
	uint32_t alive;           /* the engine's */
	pthread_mutex_t lock;     /* held while the engine is loaded or begins, and across fork(2) */
	uintptr_t owner;          /* the thread that holds it, or 0 */
	unsigned nested;          /* forks of the owner while it loads */
	int inherits;             /* made by fork(2) with its handlers: the parent's handles go on here */
	int begun;                /* the engine has */
	int late;                 /* it has been waited for, and has not started */
};

static struct process_life no_life; /* stays zero */
struct process_life *front_life = &no_life;

/* Guarded by the lock, inherited by children. */
static struct {
	void *handle;    /* of dlopen(3): the engine is loaded, and this front's own */
	struct engine_table table;
	struct engine_control control;
	struct gssapi_process process;
	void *handles;   /* what the engine of this process, or of an ancestor, keeps for children; see engine.h */
	uint32_t forks;  /* see engine.h */
	int spoilt;      /* errno of an engine that is loaded and not usable, or 0; another try would load it again */
	char spoilt_text[FRONT_TEXT_SIZE];
} engine;

/* spoil notes that an engine is loaded that cannot be used. */
static void
spoil(struct failure *f, const char *text)
{
	engine.spoilt = f->error = ENOEXEC;
	(void)snprintf(engine.spoilt_text, sizeof(engine.spoilt_text), "%s is of another version than libgssapi: %s",
	    ENGINE_FILE, text);
	memcpy(f->text, engine.spoilt_text, sizeof(f->text));
}

/* A function of the engine, by its name and where its address goes. */
struct function {
	const char *name;
	void *place;
};

/* find puts the addresses of an engine's functions where they belong. */
static int
find(void *handle, const struct function *functions, size_t count, struct failure *f)
{
	char text[128];
	size_t i;

	for (i = 0; i < count; i++) {
		void *p = dlsym(handle, functions[i].name);

		if (p == NULL) {
			(void)snprintf(text, sizeof(text), "it lacks %s", functions[i].name);
			spoil(f, text);
			return -1;
		}
		memcpy(functions[i].place, &p, sizeof(p));
	}
	return 0;
}

static int
find_functions(void *handle, struct failure *f)
{
	const struct function functions[] = {
	    {"gssapi_engine_begin", &engine.control.begin},
	    {"gssapi_engine_await", &engine.control.await},
	    {"gssapi_engine_start", &engine.control.start},
	    {"gssapi_engine_forked", &engine.control.forked},
	    {"gssapi_engine_is_mine", &engine.control.is_mine},
	    {"gssapi_engine_has", &engine.control.has},
#define X(name) {#name, &engine.table.name},
	    ENGINE_FUNCTIONS
#undef X
	};

	return find(handle, functions, sizeof(functions) / sizeof(functions[0]), f);
}

/*
 * claim is 0 for an engine that is not ours: the linker answers with the one that is loaded where another front in this
 * process has loaded it. One without the function is of another version, which find_functions tells.
 */
static int
claim(void *handle)
{
	gssapi_engine_claim_fn ask;
	void *p = dlsym(handle, "gssapi_engine_claim");

	if (p == NULL)
		return 1;
	memcpy(&ask, &p, sizeof(ask));
	return ask();
}

/* open_engine gives a handle for dlsym(3), of an engine that is this front's own. */
static void *
open_engine(struct failure *f)
{
	char name[PATH_MAX], reason[FRONT_TEXT_SIZE - 128] = "";
	struct stat opened;
	int fd = front_open_engine(name, sizeof(name), &opened, f);
	void *handle;

	if (fd < 0)
		return NULL;
	f->error = ENOEXEC;
	handle = dlopen(name, RTLD_NOW | RTLD_LOCAL);
	if (handle == NULL) {
		const char *said = dlerror();

		(void)snprintf(f->text, sizeof(f->text), "cannot load the engine of libgssapi: %.800s",
		    said != NULL ? said : name);
	} else if (!claim(handle)) {
		handle = platform_second_instance(fd, claim, reason, sizeof(reason));
		if (handle == NULL)
			(void)snprintf(f->text, sizeof(f->text), "another libgssapi in this process has the engine, and there "
			    "cannot be a second one: %s", reason);
	}
	platform_close(fd, &opened);
	return handle;
}

/* load has the linker load the engine, once in a line of processes. Nothing of it runs. */
static int
load(struct failure *f)
{
	void *handle;

	if (engine.handle != NULL)
		return 0;
	handle = open_engine(f);
	if (handle == NULL || find_functions(handle, f) != 0)
		return -1;
	__atomic_store_n(&engine.handle, handle, __ATOMIC_RELEASE);
	return 0;
}

/*
 * begin makes the engine run in this process. If it lacks threads or room, nothing of it runs, and this may be tried
 * again, here or in a child.
 */
static int
begin(struct life *life, struct failure *f)
{
	engine.process.alive = &life->alive;
	f->error = engine.control.begin(&engine.process);
	switch (f->error) {
	case 0:
		return 0;
	case ENOEXEC:
		spoil(f, "it was not prepared when it was built");
		break;
	case ENOMEM:
		(void)snprintf(f->text, sizeof(f->text), "the engine of libgssapi needs %d MiB of address space and %d MiB of "
		    "memory, of which it uses little (RLIMIT_AS, RLIMIT_DATA)", GSSAPI_ENGINE_ADDRESSES, GSSAPI_ENGINE_MEMORY);
		break;
	default:
		(void)snprintf(f->text, sizeof(f->text), "the engine of libgssapi needs %d threads, which this user or this "
		    "container may not have, or which there is no memory for (RLIMIT_NPROC, RLIMIT_AS, RLIMIT_DATA)",
		    GSSAPI_ENGINE_THREADS);
	}
	return -1;
}

/* start makes the engine's first call. */
static int
start(const struct life *life, struct failure *f)
{
	static const struct gssapi_front front = {
	    GSSAPI_ENGINE_VERSION,
	    sizeof(struct gssapi_front),
	    front_record_status,
	    front_static_oid,
	    &engine.handles,
	    platform_malloc_large,
	    front_ccache_name,
	    front_operation,
	    front_resumed,
	    front_release_operation,
	    &front_cancel,
	    &engine.forks,
	};

	if (!life->inherits)
		engine.handles = NULL;
	if (engine.control.start(&front) == 0)
		return 0;
	spoil(f, "it refuses this one's");
	return -1;
}

/* await waits for the engine to start. Calls that come when one has waited in vain do not wait. */
static int
await(struct life *life, struct failure *f)
{
	if (engine.control.await(life->late ? 0 : FRONT_START_PATIENCE))
		return 0;
	life->late = 1;
	f->error = ETIMEDOUT;
	(void)snprintf(f->text, sizeof(f->text), "the engine of libgssapi has not started in %d seconds: its threads get no "
	    "processor, or a filter of seccomp(2) has ended them", FRONT_START_PATIENCE);
	return -1;
}

/* run makes the engine run, with all signals blocked: its threads never take one that is meant for the program. */
static int
run(struct life *life, struct failure *f)
{
	struct front_signals signals;

	if (!life->begun) {
		front_signals_before(&signals);
		life->begun = begin(life, f) == 0;
		front_signals_after(&signals, &engine.control, life->begun);
	}
	return life->begun && await(life, f) == 0 ? start(life, f) : -1;
}

/*
 * When the library is loaded, the engine is left alone; but a program of root may be about to enter another root
 * directory, in which there is no engine, or not ours. There it is loaded now, which costs little, for nothing of it runs.
 * Whether that fails shows at the first call.
 */
__attribute__((constructor)) static void
loaded(int argc, char **argv)
{
	struct failure ignored;
	int error = errno;

	engine.process.argc = argc;
	engine.process.argv = argv;
	engine.process.privileged = platform_is_privileged();
	front_note_location();
	if (platform_may_chroot() && load(&ignored) != 0)
		(void)dlerror();
	errno = error;
}

static struct life *
current_life(void)
{
	return (struct life *)__atomic_load_n(&front_life, __ATOMIC_ACQUIRE);
}

/*
 * hold takes the lock, unless the calling thread has it already: then the call comes out of the loading itself, from a
 * malloc(3) of the program's own or a constructor, or from a signal handler within a fork.
 */
static int
hold(struct life *life)
{
	uintptr_t self = (uintptr_t)pthread_self();

	if (__atomic_load_n(&life->owner, __ATOMIC_RELAXED) == self)
		return EDEADLK;
	(void)pthread_mutex_lock(&life->lock);
	__atomic_store_n(&life->owner, self, __ATOMIC_RELAXED);
	return 0;
}

static void
release(struct life *life)
{
	__atomic_store_n(&life->owner, 0, __ATOMIC_RELAXED);
	(void)pthread_mutex_unlock(&life->lock);
}

/*
 * A fork waits for a load that is under way, for the linker's state would be half done in the child. It waits for
 * nothing else, and no handle has to be looked at: what the child needs of them is ready at any moment.
 */

static void
before_fork(void)
{
	struct life *life = current_life();

	if (hold(life) != 0)
		life->nested++;
	(void)__atomic_add_fetch(&engine.forks, 1, __ATOMIC_RELEASE);
	/* A child made behind the back of these handlers has no handles to pass on. */
	if (life->seen.engine == NULL && !life->inherits)
		engine.handles = NULL;
}

static void
after_fork_in_parent(void)
{
	struct life *life = current_life();

	(void)__atomic_add_fetch(&engine.forks, 1, __ATOMIC_RELEASE);
	if (life->nested != 0)
		life->nested--;
	else
		release(life);
}

static void
after_fork_in_child(void)
{
	struct life *life = current_life();

	memset(life, 0, sizeof(*life)); /* the kernel did it already, if it could */
	life->inherits = 1;
	if (engine.handle != NULL)
		engine.control.forked();
}

/* begin_life gives the process its page. Several threads may try; one page stays. */
static struct life *
begin_life(void)
{
	struct process_life *current = __atomic_load_n(&front_life, __ATOMIC_ACQUIRE);
	struct process_life *mine;

	if (current != &no_life)
		return (struct life *)current;
	mine = platform_wiped_page();
	if (mine == NULL)
		return NULL;
	if (!__atomic_compare_exchange_n(&front_life, &current, mine, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
		platform_free_page(mine);
		return (struct life *)current;
	}
	(void)pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
	return (struct life *)mine;
}

static const struct engine_table *
load_locked(struct life *life, struct failure *f)
{
	if (life->seen.engine != NULL)
		return life->seen.engine;
	if (engine.spoilt != 0) {
		f->error = engine.spoilt;
		memcpy(f->text, engine.spoilt_text, sizeof(f->text));
		return NULL;
	}
	if (load(f) != 0 || run(life, f) != 0)
		return NULL;
	(void)front_tell_identity(&engine.table);
	__atomic_store_n(&life->seen.engine, &engine.table, __ATOMIC_RELEASE);
	return &engine.table;
}

const struct engine_table *
front_load(OM_uint32 *minor_status)
{
	const struct engine_table *loaded = NULL;
	struct failure f = {ENOMEM, "out of memory"};
	struct life *life = begin_life();
	int error = errno, cancel;
	sigset_t all, mask;

	if (life != NULL) {
		(void)pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
		(void)sigfillset(&all);
		(void)pthread_sigmask(SIG_SETMASK, &all, &mask);
		if (hold(life) == 0) {
			loaded = load_locked(life, &f);
			release(life);
		} else {
			front_fail(&f, EDEADLK, "a call within the loading of", ENGINE_FILE);
		}
		(void)pthread_sigmask(SIG_SETMASK, &mask, NULL);
		(void)pthread_setcancelstate(cancel, &cancel);
	}
	if (loaded == NULL) {
		front_set_minor(minor_status, (OM_uint32)f.error);
		front_record_cause((OM_uint32)f.error, GSS_S_FAILURE, f.text, strlen(f.text));
	}
	errno = error;
	return loaded;
}
