/* SPDX-License-Identifier: BSD-2-Clause */

/* Calls that wait: answers, handlers that return, leave or call, cancelled threads, children (not with NO_FORK). */

#define _XOPEN_SOURCE 700

#include "check.h"
#include "child.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <time.h>

#define THREADS 8

static OM_uint32
wait_for(OM_uint32 milliseconds, OM_uint32 *cancelled)
{
	OM_uint32 minor = 77, ignored;

	return gss_acquire_cred(&minor, GSS_C_NO_NAME, milliseconds, GSS_C_NO_OID_SET, GSS_C_BOTH, NULL, NULL,
	    cancelled != NULL ? cancelled : &ignored);
}

static void *
answered(void *ignored)
{
	int i;

	for (i = 0; i < 20; i++) {
		errno = 4711;
		CHECK(wait_for((OM_uint32)i % 4, NULL) == GSS_S_COMPLETE);
		CHECK(errno == 4711);
	}
	return ignored;
}

static void *
never(void *ignored)
{
	(void)wait_for(GSS_C_INDEFINITE, NULL);
	CHECK(0);
	return ignored;
}

static sigjmp_buf place;
static volatile sig_atomic_t handled;

static void
leave(int signal)
{
	(void)signal;
	siglongjmp(place, 1);
}

static void
come_back(int signal)
{
	(void)signal;
	handled++;
}

static void
on(int signal, void (*handler)(int), int flags)
{
	struct sigaction sa;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = handler;
	sa.sa_flags = flags;
	CHECK(sigaction(signal, &sa, NULL) == 0);
}

static void
pause_for(long milliseconds)
{
	struct timespec t;

	t.tv_sec = 0;
	t.tv_nsec = milliseconds * 1000000;
	(void)nanosleep(&t, NULL);
}

/* comes waits until a handler has run; on a busy machine that may be after the call. */
static int
comes(volatile sig_atomic_t *flag)
{
	while (*flag == 0)
		pause_for(20);
	return *flag == 1;
}

static pthread_t target;

static void
target_self(void)
{
	__atomic_store_n(&target, pthread_self(), __ATOMIC_RELEASE);
}

static void *
signal_target(void *argument)
{
	pause_for(30);
	(void)pthread_kill(__atomic_load_n(&target, __ATOMIC_ACQUIRE), *(int *)argument);
	return NULL;
}

static void
send(int *signal)
{
	pthread_t thread;

	CHECK(pthread_create(&thread, NULL, signal_target, signal) == 0);
	CHECK(pthread_detach(thread) == 0);
}

static void
leaving(void)
{
	static int signal = SIGUSR1;
	volatile int i, round;
	OM_uint32 before = 0, after = 0;

	on(SIGUSR1, leave, 0);
	CHECK(wait_for(0, NULL) == GSS_S_COMPLETE && wait_for(0, &before) == GSS_S_COMPLETE);
	/* On a busy machine, a signal may arrive before its call has begun, and there is nothing to cancel. */
	after = before;
	for (round = 0; round < 100 && after == before; round++) {
		for (i = 0; i < 5; i++) {
			if (sigsetjmp(place, 1) == 0) {
				send(&signal);
				(void)never(NULL);
			}
		}
		CHECK(wait_for(0, &after) == GSS_S_COMPLETE);
	}
	CHECK(after > before);
}

/* AddressSanitizer considers the frames of a thread live after pthread_exit(3) or pthread_cancel(3) has ended it. */
#ifndef __SANITIZE_ADDRESS__
/* A thread that has left calls ends, in each possible way. */
static void *
leaving_thread(void *ignored)
{
	target_self();
	leaving();
	pthread_exit(ignored);
}

static void *
leaving_and_cancelled(void *ignored)
{
	int before;

	target_self();
	leaving();
	/* FreeBSD's libthr disables cancellation while a handler runs, and for good if that is left by longjmp(3). */
	(void)pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &before);
	(void)pthread_cancel(pthread_self());
	return never(ignored);
}

static void
leaving_in_threads(void)
{
	pthread_t thread;
	void *result = &thread;

	CHECK(pthread_create(&thread, NULL, leaving_thread, NULL) == 0);
	CHECK(pthread_join(thread, &result) == 0 && result == NULL);
	CHECK(pthread_create(&thread, NULL, leaving_and_cancelled, NULL) == 0);
	CHECK(pthread_join(thread, &result) == 0 && result == PTHREAD_CANCELED);
	target_self();
}
#endif

static void
returning(int flags)
{
	static int signal = SIGUSR2;

	on(SIGUSR2, come_back, flags);
	handled = 0;
#ifdef NO_THREAD
	send(&signal);
	pause_for(60);
	CHECK(wait_for(0, NULL) == GSS_S_COMPLETE);
#else
	send(&signal);
	CHECK(wait_for(60, NULL) == GSS_S_COMPLETE);
#endif
	CHECK(comes(&handled));
}

static void
call(int signal)
{
	(void)signal;
	handled++;
	CHECK(wait_for(60, NULL) == GSS_S_COMPLETE);
}

/* A handler that calls the library gives up the question of the interrupted call, which asks it again. */
static void
calling(int flags)
{
	static int signal = SIGUSR2;

	on(SIGUSR2, call, flags);
	handled = 0;
	send(&signal);
#ifdef NO_THREAD
	pause_for(60);
#endif
	CHECK(wait_for(60, NULL) == GSS_S_COMPLETE);
	CHECK(comes(&handled));
}

static void
in_threads(void *(*body)(void *), int cancel)
{
	pthread_t threads[THREADS];
	void *result;
	int i;

	for (i = 0; i < THREADS; i++)
		CHECK(pthread_create(&threads[i], NULL, body, NULL) == 0);
	if (cancel) {
		pause_for(50);
		for (i = 0; i < THREADS; i++)
			CHECK(pthread_cancel(threads[i]) == 0);
	}
	for (i = 0; i < THREADS; i++) {
		CHECK(pthread_join(threads[i], &result) == 0);
		CHECK(result == (cancel ? PTHREAD_CANCELED : NULL));
	}
}

#ifndef NO_FORK
static volatile pid_t child;
static volatile sig_atomic_t made;

static void
make_child(int signal)
{
	(void)signal;
	child = fork();
	made = 1;
}

/* A handler forks while its thread waits, and the question is asked again in the child. */
static void
fork_in_handler(int flags)
{
	static int signal = SIGALRM;

	on(SIGALRM, make_child, flags);
	made = 0;
	send(&signal);
#ifdef NO_THREAD
	pause_for(60);
#endif
	CHECK(wait_for(60, NULL) == GSS_S_COMPLETE);
	CHECK(comes(&made));
	if (child == 0)
		_exit(failures != 0);
	CHECK(child > 0 && ends_well(child));
}
#endif

int
main(void)
{
	target_self();
	(void)answered(NULL);
	in_threads(answered, 0);
	leaving();
#ifndef __SANITIZE_ADDRESS__
	in_threads(never, 1);
	leaving_in_threads();
#endif
	returning(0);
	returning(SA_RESTART);
	calling(0);
	calling(SA_RESTART);
#ifndef NO_FORK
	fork_in_handler(0);
	fork_in_handler(SA_RESTART);
#endif
	return finish("wait");
}
