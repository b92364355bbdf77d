/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Threads that end in unusual ways: by pthread_exit(3) after calls, with calls in the destructors of their own data, which
 * may run after the library's, and the main thread before all others.
 */
#include "harness.h"

#include <pthread.h>
#include <stdint.h>
#include <unistd.h>

#define THREADS 200
#define LAPS 3 /* rounds of a destructor that sets its data again; POSIX guarantees four */

static pthread_key_t early, late; /* created before and after the library's first call */
static int calls, wrong;

/* call makes a call that fails, so that there is a text, and one that succeeds. */
static void call(void)
{
	gss_buffer_desc text = buffer("alice"), said = GSS_C_EMPTY_BUFFER;
	gss_name_t name = GSS_C_NO_NAME;
	OM_uint32 minor, ignored, lifetime, more = 0;
	gss_ctx_id_t none = (gss_ctx_id_t)&text;
	int ok;

	ok = gss_context_time(&minor, none, &lifetime) == GSS_S_NO_CONTEXT &&
	    gss_display_status(&ignored, minor, GSS_C_MECH_CODE, GSS_C_NO_OID, &more, &said) == GSS_S_COMPLETE &&
	    gss_import_name(&minor, &text, GSS_C_NT_USER_NAME, &name) == GSS_S_COMPLETE;
	gss_release_buffer(&ignored, &said);
	gss_release_name(&ignored, &name);
	(void)__atomic_add_fetch(&calls, 1, __ATOMIC_RELAXED);
	if (!ok)
		(void)__atomic_add_fetch(&wrong, 1, __ATOMIC_RELAXED);
}

static void again(pthread_key_t key, void *laps)
{
	call();
	if (laps != (void *)1)
		pthread_setspecific(key, (char *)laps - 1);
}

static void end_early(void *laps) { again(early, laps); }
static void end_late(void *laps) { again(late, laps); }

static void *ends(void *n)
{
	pthread_setspecific(early, (void *)(uintptr_t)LAPS);
	pthread_setspecific(late, (void *)(uintptr_t)LAPS);
	if ((size_t)n % 3 != 0)
		call(); /* the other threads make their first call in a destructor */
	pthread_exit(NULL);
}

static void *last(void *main_thread)
{
	struct pair p;

	/* The main thread has ended, and the process continues. */
	pthread_join(*(pthread_t *)main_thread, NULL);
	need_pair(&p, NULL);
	release_pair(&p);
	fact("after the main thread: a context");
	fflush(stdout);
	_exit(end());
}

int main(void)
{
	static pthread_t self;
	pthread_t id[THREADS], next;
	size_t i;

	begin(120);
	if (pthread_key_create(&early, end_early) != 0)
		return 2;
	call();
	if (pthread_key_create(&late, end_late) != 0)
		return 2;
	for (i = 0; i < THREADS; i++) {
		if (pthread_create(&id[i], NULL, ends, (void *)i) != 0)
			return 2;
	}
	for (i = 0; i < THREADS; i++)
		pthread_join(id[i], NULL);
	check(wrong == 0, "%d of %d calls went wrong", wrong, calls);
	check(calls > THREADS * 2 * LAPS, "only %d calls were made", calls);
	fact("threads that end: done");
	self = pthread_self();
	if (pthread_create(&next, NULL, last, &self) != 0)
		return 2;
	pthread_exit(NULL);
}
