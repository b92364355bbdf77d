/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * life.c: the engine in the life of a process and its children.
 *
 * A Go runtime does not survive fork(2): the child has its memory, but none of its threads. So nothing of the engine runs
 * until a call needs it, and in a child the inherited engine begins again, in the same place.
 */

#define _XOPEN_SOURCE 700

#include "load.h"
#include "platform.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>

/*
 * The content of the process's page. Zeros stand for a process without an engine: on FreeBSD and with glibc, a
 * pthread_mutex_t of zeros is unlocked.
 */
struct life {
	struct process_life seen; /* first: front_life points here */
	struct progress progress;
	pthread_mutex_t lock;     /* held while the engine is loaded or begins, and across fork(2) */
	uintptr_t owner;          /* the thread that holds it, or 0 */
	unsigned nested;          /* forks of the owner while it loads */
	int inherits;             /* this is a child whose fork ran the handlers: it has the parent's handles */
};

static struct process_life no_life; /* stays zero */
struct process_life *front_life = &no_life;

/*
 * Set by the first process of a family that begins its engine, or NULL. All of them may write to it, whatever rights they
 * have given up: all that it can bring about is that a process prepares its engine.
 */
static uint32_t *family;

void *front_handles; /* protected by the lock, inherited by children */
uint32_t front_forks;

static struct life *
current_life(void)
{
	return (struct life *)__atomic_load_n(&front_life, __ATOMIC_ACQUIRE);
}

/*
 * lock returns 0, or EDEADLK if the calling thread holds the lock already: then the call comes from within the loading, by
 * a malloc(3) of the program's own or a constructor, or from a signal handler during a fork.
 */
static int
lock(struct life *life)
{
	uintptr_t self = (uintptr_t)pthread_self();

	if (__atomic_load_n(&life->owner, __ATOMIC_RELAXED) == self)
		return EDEADLK;
	(void)pthread_mutex_lock(&life->lock);
	__atomic_store_n(&life->owner, self, __ATOMIC_RELAXED);
	return 0;
}

static void
unlock(struct life *life)
{
	__atomic_store_n(&life->owner, 0, __ATOMIC_RELAXED);
	(void)pthread_mutex_unlock(&life->lock);
}

/*
 * prepare_for_children has the engine do once here what each child would do, if children make calls. Afterwards this process
 * pays for half a MiB, and each child takes a tenth less time.
 */
static void
prepare_for_children(const struct life *life)
{
	static int prepared;

	if (prepared || family == NULL || __atomic_load_n(family, __ATOMIC_RELAXED) == 0)
		return;
	prepared = 1;
	if (!life->progress.begun)
		front_loaded()->control.prepare();
}

/*
 * A fork waits while the engine is being loaded, because the child would inherit the linker in the middle of its work. It
 * waits for nothing else and looks at no handle: what the child needs of them is ready at any moment.
 */

static void
before_fork(void)
{
	struct life *life = current_life();

	if (lock(life) == 0)
		prepare_for_children(life);
	else
		life->nested++;
	(void)__atomic_add_fetch(&front_forks, 1, __ATOMIC_RELEASE);
	/* A child that was made without these handlers has no handles to pass on. */
	if (life->seen.engine == NULL && !life->inherits)
		front_handles = NULL;
}

static void
after_fork_in_parent(void)
{
	struct life *life = current_life();

	(void)__atomic_add_fetch(&front_forks, 1, __ATOMIC_RELEASE);
	if (life->nested != 0)
		life->nested--;
	else
		unlock(life);
}

static void
after_fork_in_child(void)
{
	const struct loaded_engine *engine = front_loaded();
	struct life *life = current_life();

	memset(life, 0, sizeof(*life)); /* the kernel did it already, if it could */
	life->inherits = 1;
	if (engine != NULL)
		engine->control.forked();
}

/* begin_life gives the process its page. If several threads try, one page stays. */
static struct life *
begin_life(void)
{
	struct process_life *current = __atomic_load_n(&front_life, __ATOMIC_ACQUIRE);
	struct process_life *mine;

	if (current != &no_life)
		return (struct life *)current;
	mine = platform_process_page();
	if (mine == NULL)
		return NULL;
	if (!__atomic_compare_exchange_n(&front_life, &current, mine, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
		platform_free_page(mine);
		return (struct life *)current;
	}
	(void)pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
	return (struct life *)mine;
}

/*
 * expect_children: a server may fork a child for each client and never make a call itself. It sees by a word that it shares
 * with its children whether they make calls.
 */
static void
expect_children(void)
{
	if (begin_life() != NULL)
		family = platform_family_page();
}

/*
 * Loading the library does not load the engine, with one exception: a process of root may be about to enter another root
 * directory, without an engine or with somebody else's. Such a process loads it now, which costs little, because nothing of
 * it runs. An error shows at the first call.
 */
__attribute__((constructor)) static void
when_loaded(int argc, char **argv)
{
	struct failure ignored;
	int error = errno;

	front_note_process(argc, argv);
	front_note_location();
	if (platform_may_chroot()) {
		if (front_load_engine(&ignored) != NULL)
			expect_children();
		else
			(void)dlerror();
	}
	errno = error;
}

/*
 * start returns the functions of this process's engine for the calling thread. It starts the engine if necessary. The caller
 * holds the lock.
 */
static const struct engine_table *
start(struct life *life, struct failure *f)
{
	const struct loaded_engine *engine;

	if (life->seen.engine != NULL)
		return front_join_engine(front_loaded(), f) == 0 ? life->seen.engine : NULL;
	engine = front_load_engine(f);
	if (engine == NULL)
		return NULL;
	if (!life->inherits)
		front_handles = NULL;
	if (front_start_engine(engine, &life->progress, f) != 0)
		return NULL;
	(void)front_tell_identity(&engine->table);
	if (family != NULL)
		__atomic_store_n(family, 1, __ATOMIC_RELAXED);
	life->seen.join = engine->control.join;
	__atomic_store_n(&life->seen.engine, &engine->table, __ATOMIC_RELEASE);
	return &engine->table;
}

const struct engine_table *
front_start(OM_uint32 *minor_status)
{
	const struct engine_table *engine = NULL;
	struct failure f = {ENOMEM, "out of memory"};
	struct life *life = begin_life();
	int error = errno, cancel;
	sigset_t all, mask;

	if (life != NULL) {
		(void)pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
		(void)sigfillset(&all);
		(void)pthread_sigmask(SIG_SETMASK, &all, &mask);
		if (lock(life) == 0) {
			engine = start(life, &f);
			unlock(life);
		} else {
			front_fail(&f, EDEADLK, "this call was made by the thread that is loading", ENGINE_FILE);
		}
		(void)pthread_sigmask(SIG_SETMASK, &mask, NULL);
		(void)pthread_setcancelstate(cancel, &cancel);
	}
	if (engine == NULL) {
		front_set_minor(minor_status, (OM_uint32)f.error);
		front_record_cause((OM_uint32)f.error, GSS_S_FAILURE, f.text, strlen(f.text));
	}
	errno = error;
	return engine;
}
