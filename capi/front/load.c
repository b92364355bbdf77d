/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * load.c: the linker loads the engine. Nothing of it runs then, so a child after fork(2) has the engine as if it had loaded
 * it itself.
 */

#define _XOPEN_SOURCE 700

#include "load.h"
#include "platform.h"

#include <sys/stat.h>

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

static struct loaded_engine engine;
static void *loaded; /* from dlopen(3), or NULL; engine is valid if it is set */

/* If the engine cannot be used, errno and the reason. */
static int spoilt;
static char spoilt_text[FRONT_TEXT_SIZE];

void
front_spoil(struct failure *f, const char *text)
{
	spoilt = f->error = ENOEXEC;
	(void)snprintf(spoilt_text, sizeof(spoilt_text), "%s does not belong to this version of libgssapi: %s", ENGINE_FILE, text);
	memcpy(f->text, spoilt_text, sizeof(f->text));
}

/* A function of the engine: its name, and where to store its address. */
struct function {
	const char *name;
	void *place;
};

/* find stores the addresses of an engine's functions. */
static int
find(void *handle, const struct function *functions, size_t count, struct failure *f)
{
	char text[128];
	size_t i;

	for (i = 0; i < count; i++) {
		void *p = dlsym(handle, functions[i].name);

		if (p == NULL) {
			(void)snprintf(text, sizeof(text), "it lacks %s", functions[i].name);
			front_spoil(f, text);
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
	    {"gssapi_engine_prepare", &engine.control.prepare},
	    {"gssapi_engine_begin", &engine.control.begin},
	    {"gssapi_engine_start", &engine.control.start},
	    {"gssapi_engine_join", &engine.control.join},
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
 * claim returns 0 if the engine is not ours: if another front in this process has loaded it, the linker returns the same
 * instance again. An engine without the function is of another version, which find_functions reports.
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

/* open_engine returns a handle for dlsym(3) of an engine that no other front has claimed. */
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
		platform_linker_reason("dlopen", reason, sizeof(reason));
		(void)snprintf(f->text, sizeof(f->text), "cannot load the engine of libgssapi: %.800s", reason);
	} else if (!claim(handle)) {
		handle = platform_second_instance(fd, claim, reason, sizeof(reason));
		if (handle == NULL)
			(void)snprintf(f->text, sizeof(f->text), "another libgssapi in this process has loaded the engine, "
			    "and a second instance cannot be loaded: %s", reason);
	}
	platform_close(fd, &opened);
	return handle;
}

const struct loaded_engine *
front_load_engine(struct failure *f)
{
	void *handle;

	if (spoilt != 0) {
		f->error = spoilt;
		memcpy(f->text, spoilt_text, sizeof(f->text));
		return NULL;
	}
	if (loaded != NULL)
		return &engine;
	handle = open_engine(f);
	if (handle == NULL || find_functions(handle, f) != 0)
		return NULL;
	__atomic_store_n(&loaded, handle, __ATOMIC_RELEASE);
	return &engine;
}

const struct loaded_engine *
front_loaded(void)
{
	return __atomic_load_n(&loaded, __ATOMIC_ACQUIRE) != NULL ? &engine : NULL;
}
