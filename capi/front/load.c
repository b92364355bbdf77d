/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * load.c: the life of the engine in a process.
 *
 * A Go runtime does not survive fork(2): the child has its memory, and none of its threads. So nothing of the engine is
 * there until a call needs it, and a child forgets its parent's engine and loads an instance of its own.
 */

#define _XOPEN_SOURCE 700

#include "front.h"
#include "image.h"
#include "platform.h"
#include "signals.h"

#include <sys/stat.h>

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ENGINE_FILE "libgssapi-engine.so"
#define DESCRIPTOR_FLOOR 64 /* the kept descriptor stays out of the range that programs count up from 3 in */

/*
 * What a wiped page holds. Filled with zeros it is a process without an engine: FreeBSD and glibc both take a zero
 * pthread_mutex_t for an unlocked one.
 */
struct life {
	struct process_life seen; /* first: front_life points here */
	pthread_mutex_t lock;     /* held while the engine is loaded, and across fork(2) */
	uintptr_t owner;          /* the thread that holds it, or 0 */
	unsigned nested;          /* forks of the owner while it loads */
	int inherits;             /* made by fork(2) with its handlers: the parent's handles go on here */
	int spoilt;               /* errno of an engine that is loaded and not usable; another try would load it again */
};

/* Why the engine could not be loaded. */
struct failure {
	int error;
	char text[FRONT_TEXT_SIZE];
};

static struct process_life no_life; /* stays zero */
struct process_life *front_life = &no_life;

/* Guarded by the lock, inherited by children. */
static struct {
	struct engine_table table;
	unsigned instances; /* loaded by this process and its ancestors */
	void *idle;         /* an instance that could not begin */
	int descriptor;     /* of the engine's file, or -1; only good for the file that dev and ino name */
	dev_t dev;
	ino_t ino;
	void *handles;      /* what the engine of this process, or of an ancestor, keeps for children; see engine.h */
	char spoilt[FRONT_TEXT_SIZE];
} engine = {.descriptor = -1};

/* Where this library lies. Relative names must be resolved before the program changes its directory. */
static char front_path[PATH_MAX];

__attribute__((constructor)) static void
find_front(void)
{
	const char *path = platform_front_path();

	if (path == NULL || path[0] == '/' || strchr(path, '/') == NULL || strlen(path) >= sizeof(front_path))
		return;
	if (realpath(path, front_path) == NULL)
		front_path[0] = '\0';
}

static void
fail(struct failure *f, int error, const char *what, const char *path)
{
	char reason[128] = "";

	f->error = error != 0 ? error : EIO;
	(void)strerror_r(f->error, reason, sizeof(reason));
	(void)snprintf(f->text, sizeof(f->text), "%s %s: %s", what, path, reason);
}

/* beside names the engine in the directory of path. */
static int
beside(const char *path, char *name, size_t size)
{
	const char *slash = strrchr(path, '/');
	size_t dir = slash != NULL ? (size_t)(slash - path) + 1 : 0;

	if (dir == 0 || dir + sizeof(ENGINE_FILE) > size)
		return -1;
	memcpy(name, path, dir);
	memcpy(name + dir, ENGINE_FILE, sizeof(ENGINE_FILE));
	return 0;
}

/*
 * open_path opens the engine beside the front: in the directory in which the linker found it, else, if that is a
 * symbolic link, in the directory that it leads to. The environment has no say.
 */
static int
open_path(char *name, size_t size, struct failure *f)
{
	const char *path = front_path[0] != '\0' ? front_path : platform_front_path();
	char resolved[PATH_MAX];
	int fd, error;

	if (path == NULL || beside(path, name, size) != 0) {
		fail(f, ENOENT, "cannot tell where libgssapi lies, and so not find", ENGINE_FILE);
		return -1;
	}
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		return fd;
	error = errno;
	if (realpath(path, resolved) != NULL && strcmp(path, resolved) != 0) {
		char target[PATH_MAX];

		if (beside(resolved, target, sizeof(target)) == 0 && (fd = open(target, O_RDONLY | O_CLOEXEC)) >= 0) {
			memcpy(name, target, strlen(target) + 1);
			return fd;
		}
	}
	fail(f, error, "cannot open the engine of libgssapi,", name);
	return -1;
}

/*
 * open_engine gives a descriptor of the engine's file: the one kept since the first load, which works after chroot(2)
 * and after the file was replaced, if the program has not closed it or given its number to something else; or a new
 * one.
 */
static int
open_engine(char *name, size_t size, struct failure *f)
{
	struct stat st;
	int fd, high;

	if (engine.descriptor >= 0 && fstat(engine.descriptor, &st) == 0 && st.st_dev == engine.dev &&
	    st.st_ino == engine.ino) {
		name[0] = '\0';
		return engine.descriptor;
	}
	engine.descriptor = -1;
	fd = open_path(name, size, f);
	if (fd < 0)
		return -1;
	if (fstat(fd, &st) != 0) {
		fail(f, errno, "cannot examine", name);
		(void)close(fd);
		return -1;
	}
	high = fcntl(fd, F_DUPFD_CLOEXEC, DESCRIPTOR_FLOOR);
	if (high >= 0) {
		(void)close(fd);
		fd = high;
	}
	engine.descriptor = fd;
	engine.dev = st.st_dev;
	engine.ino = st.st_ino;
	return fd;
}

static void
forget_engine(void)
{
	(void)close(engine.descriptor);
	engine.descriptor = -1;
}

/* spoil notes that an instance is loaded that cannot be used. */
static void
spoil(struct life *life, struct failure *f, const char *text)
{
	life->spoilt = f->error = ENOEXEC;
	(void)snprintf(engine.spoilt, sizeof(engine.spoilt), "%s is of another version than libgssapi: %s",
	    ENGINE_FILE, text);
	memcpy(f->text, engine.spoilt, sizeof(f->text));
}

/*
 * begin starts an instance. One that lacks threads or room waits for the next try: nothing of it has run, so that may
 * be in a child.
 */
static int
begin(struct life *life, void *handle, struct failure *f)
{
	gssapi_engine_begin_fn start;
	void *p = dlsym(handle, "gssapi_engine_begin");

	if (p == NULL) {
		spoil(life, f, "it lacks gssapi_engine_begin");
		return -1;
	}
	memcpy(&start, &p, sizeof(start));
	f->error = start();
	engine.idle = f->error != 0 ? handle : NULL;
	if (f->error == ENOMEM)
		(void)snprintf(f->text, sizeof(f->text), "the engine of libgssapi needs %d MiB of address space and %d MiB of "
		    "memory, of which it uses little (RLIMIT_AS, RLIMIT_DATA)", GSSAPI_ENGINE_ADDRESSES, GSSAPI_ENGINE_MEMORY);
	else if (f->error != 0)
		(void)snprintf(f->text, sizeof(f->text), "the engine of libgssapi needs %d threads, which this user or this "
		    "container may not have, or which there is no memory for (RLIMIT_NPROC, RLIMIT_AS, RLIMIT_DATA)",
		    GSSAPI_ENGINE_THREADS);
	return f->error != 0 ? -1 : 0;
}

/* bind fills the table and starts the engine. */
static int
bind_engine(struct life *life, void *handle, struct failure *f)
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
	    front_release_operation,
	    &front_cancel,
	};
	static const struct {
		const char *name;
		size_t offset;
	} functions[] = {
#define X(name) {#name, offsetof(struct engine_table, name)},
	    ENGINE_FUNCTIONS
#undef X
	};
	gssapi_engine_start_fn start;
	size_t i;
	void *p;

	for (i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		p = dlsym(handle, functions[i].name);
		if (p == NULL) {
			char text[128];

			(void)snprintf(text, sizeof(text), "it lacks %s", functions[i].name);
			spoil(life, f, text);
			return -1;
		}
		memcpy((char *)&engine.table + functions[i].offset, &p, sizeof(p));
	}
	p = dlsym(handle, "gssapi_engine_start");
	if (p == NULL) {
		spoil(life, f, "it lacks gssapi_engine_start");
		return -1;
	}
	memcpy(&start, &p, sizeof(p));
	if (!life->inherits)
		engine.handles = NULL;
	if (start(&front) != 0) {
		spoil(life, f, "it refuses this one's");
		return -1;
	}
	return 0;
}

/* open_instance gives a handle for dlsym(3), of the engine by its name or of one more instance of it. */
static void *
open_instance(int fd, const char *name, struct failure *f)
{
	char reason[FRONT_TEXT_SIZE - 128] = "";
	const char *said;
	void *handle;

	if (engine.instances == 0 && name[0] != '\0') {
		handle = dlopen(name, RTLD_NOW | RTLD_LOCAL);
		if (handle == NULL) {
			said = dlerror();
			(void)snprintf(f->text, sizeof(f->text), "cannot load the engine of libgssapi: %.800s",
			    said != NULL ? said : name);
		}
	} else {
		handle = platform_fresh_instance(fd, engine.instances, reason, sizeof(reason));
		if (handle == NULL && engine.instances >= platform_instances())
			(void)snprintf(f->text, sizeof(f->text),
			    "this process and those that it was forked from have loaded %u instances of the engine of "
			    "libgssapi, and there is no room for another (fork from an earlier one of them, or execute a "
			    "program): %.700s", engine.instances, reason);
		else if (handle == NULL)
			(void)snprintf(f->text, sizeof(f->text),
			    "cannot load another instance of the engine of libgssapi: %s", reason);
	}
	if (handle == NULL)
		f->error = ENOEXEC;
	return handle;
}

/*
 * claim is 0 for an instance that is not ours: the linker may answer with one that another front in this process has
 * loaded, or that it has inherited. One without the function is of another version, which bind_engine tells.
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

/* new_instance loads one that is ours. */
static void *
new_instance(struct failure *f)
{
	char name[PATH_MAX];
	void *handle;
	int fd = open_engine(name, sizeof(name), f);

	if (fd < 0)
		return NULL;
	f->error = front_check_image(fd, f->text, sizeof(f->text));
	if (f->error != 0) {
		forget_engine();
		return NULL;
	}
	do {
		handle = open_instance(fd, name, f);
		if (handle != NULL)
			engine.instances++;
	} while (handle != NULL && !claim(handle));
	if (engine.instances == 0)
		forget_engine(); /* the next try is by name, too */
	return handle;
}

/*
 * load_instance runs with all signals blocked, so that the engine's threads never take one that is meant for the
 * program.
 */
static int
load_instance(struct life *life, struct failure *f)
{
	struct front_signals signals;
	void *handle = engine.idle;
	int result;

	front_signals_before(&signals);
	if (handle == NULL)
		handle = new_instance(f);
	result = handle != NULL && begin(life, handle, f) == 0 ? bind_engine(life, handle, f) : -1;
	front_signals_after(&signals);
	return result;
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
	/* A child made behind the back of these handlers has no handles to pass on. */
	if (life->seen.engine == NULL && !life->inherits)
		engine.handles = NULL;
}

static void
after_fork_in_parent(void)
{
	struct life *life = current_life();

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
	if (life->spoilt != 0) {
		f->error = life->spoilt;
		memcpy(f->text, engine.spoilt, sizeof(f->text));
		return NULL;
	}
	if (load_instance(life, f) != 0)
		return NULL;
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
			fail(&f, EDEADLK, "a call within the loading of", ENGINE_FILE);
		}
		(void)pthread_sigmask(SIG_SETMASK, &mask, NULL);
		(void)pthread_setcancelstate(cancel, &cancel);
	}
	if (loaded == NULL) {
		front_record_status((OM_uint32)f.error, f.text, strlen(f.text));
		front_set_minor(minor_status, (OM_uint32)f.error);
	}
	errno = error;
	return loaded;
}
