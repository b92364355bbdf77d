/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Many threads make the first call, forks happen meanwhile, and each thread has its own texts. NO_FORK omits the forks, for
 * sanitizers that do not survive them.
 */

#define _XOPEN_SOURCE 700

#include "check.h"
#include "child.h"

#include <pthread.h>

#define THREADS 16
#define CHILDREN 20

static pthread_barrier_t barrier;

static void
call(void)
{
	OM_uint32 minor, rec = 0;

	CHECK(gss_context_time(&minor, GSS_C_NO_CONTEXT, &rec) == GSS_S_COMPLETE);
	CHECK(rec > 1000 && rec < 2000);
}

static void *
first_call(void *ignored)
{
	(void)pthread_barrier_wait(&barrier);
	call();
	return ignored;
}

static void
forks(void)
{
	pid_t pids[CHILDREN];
	int i;

	for (i = 0; i < CHILDREN; i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			call();
			_exit(failures != 0);
		}
	}
	for (i = 0; i < CHILDREN; i++)
		CHECK(ends_well(pids[i]));
}

/* text reports whether the text of a minor code is the letter, n times. */
static int
text(OM_uint32 minor_status, char letter, size_t n)
{
	gss_buffer_desc b = {0, NULL};
	OM_uint32 minor, context = 0;
	OM_uint32 major = gss_display_status(&minor, minor_status, GSS_C_MECH_CODE, NULL, &context, &b);
	int right = major == GSS_S_COMPLETE && b.length == n && ((char *)b.value)[0] == letter &&
	    ((char *)b.value)[n - 1] == letter;

	(void)gss_release_buffer(&minor, &b);
	return right;
}

#define CODE 26000 /* whose texts begin with an a; larger than those of errno */

static int
is_fixed(OM_uint32 minor_status)
{
	gss_buffer_desc b = {0, NULL};
	OM_uint32 minor, context = 0;
	OM_uint32 major = gss_display_status(&minor, minor_status, GSS_C_MECH_CODE, NULL, &context, &b);
	int right = major == GSS_S_COMPLETE && b.length == 5 && memcmp(b.value, "fixed", 5) == 0;

	(void)gss_release_buffer(&minor, &b);
	return right;
}

static void
fail(OM_uint32 minor_status, int verbose)
{
	OM_uint32 minor;

	CHECK(gss_wrap(&minor, GSS_C_NO_CONTEXT, verbose, minor_status, NULL, NULL, NULL) == GSS_S_FAILURE);
	CHECK(minor == minor_status);
}

static void *
own_texts(void *ignored)
{
	OM_uint32 i, minor, context = 1;
	gss_buffer_desc b = {0, NULL};

	CHECK(is_fixed(CODE + 1));
	for (i = 1; i <= 9; i++)
		fail(CODE + i, 0);
	for (i = 2; i <= 9; i++)
		CHECK(text(CODE + i, (char)('a' + i), 5));
	CHECK(is_fixed(CODE + 1));
	fail(CODE + 2, 1);
	CHECK(text(CODE + 2, 'c', 1023) && text(CODE + 3, 'd', 5));
	CHECK(gss_display_status(&minor, CODE + 2, GSS_C_MECH_CODE, NULL, &context, &b) == GSS_S_FAILURE && context == 0);
	return ignored;
}

static void
run(void *(*body)(void *), int with_forks)
{
	pthread_t threads[THREADS];
	int i;

	for (i = 0; i < THREADS; i++)
		CHECK(pthread_create(&threads[i], NULL, body, NULL) == 0);
	if (body == first_call)
		(void)pthread_barrier_wait(&barrier);
	if (with_forks)
		forks();
	for (i = 0; i < THREADS; i++)
		CHECK(pthread_join(threads[i], NULL) == 0);
}

int
main(void)
{
	CHECK(pthread_barrier_init(&barrier, NULL, THREADS + 1) == 0);
#ifdef NO_FORK
	run(first_call, 0);
#else
	run(first_call, 1);
#endif
	fail(1, 0);
	run(own_texts, 0);
	CHECK(text(1, 'b', 5));
	return finish("threads");
}
