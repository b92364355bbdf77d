/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * wait.c: waiting in C for what a thread of the engine asks a KDC or the DNS.
 *
 * A waiting thread holds no lock and no memory of the engine. So a signal handler runs at once and may leave the call with
 * longjmp(3) or siglongjmp(3), and pthread_cancel(3) and fatal signals take effect. The operation of a call that was left
 * is given up by the thread's next call that asks something, when the thread ends, or when its time is up.
 *
 * A program cannot know at which moment a call waits, so signals are blocked during the rest of the call. There is no
 * pthread_cleanup_push(3), because a handler could not leave it: what a thread holds is given up when it ends (thread.c).
 *
 * The thread waits for a semaphore and not for a descriptor, because programs run out of descriptors, and close those that
 * they do not know.
 */

#define _XOPEN_SOURCE 700 /* SIGTRAP, SIGSYS */

#include "call.h"
#include "thread.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/*
 * After so many seconds without an answer the engine is taken for dead. Its own time limits are lower: a question takes up
 * to request_timeout of krb5.conf, or some minutes.
 */
#ifndef FRONT_PATIENCE
#define FRONT_PATIENCE 3600
#endif

#define WAITS (int)(sizeof(((struct front_waits *)0)->held) / sizeof(struct gssapi_operation *))

void (*front_cancel)(uint64_t serial);

/* my_waits returns the calling thread's waits, or NULL if there is no memory for them. */
static struct front_waits *
my_waits(void)
{
	struct front_thread *thread = front_thread(1);

	return thread != NULL ? &thread->waits : NULL;
}

void
front_release_operation(struct gssapi_operation *operation)
{
	if (__atomic_sub_fetch(&operation->references, 1, __ATOMIC_ACQ_REL) != 0)
		return;
	(void)sem_destroy(&operation->answered);
	free(operation);
}

/* is_ours reports whether the engine that knows the operation runs in this process. In a child after fork(2) it does not. */
static int
is_ours(const struct gssapi_operation *operation)
{
	return operation->process == (int)getpid() && front_started() != NULL;
}

static void
give_up(struct gssapi_operation *operation)
{
	if (operation == NULL)
		return;
	if (!is_ours(operation))
		return; /* references stayed with the parent: it is never freed here */
	front_cancel(operation->serial);
	front_release_operation(operation);
}

/* resumes reports whether the operation's call is being repeated, in the process that began it. */
static int
resumes(const struct gssapi_operation *operation)
{
	return operation != NULL && operation->resumed && operation->process == (int)getpid();
}

uint64_t
front_resumed(void)
{
	struct front_waits *waits = my_waits();

	return waits != NULL && resumes(waits->operation) ? waits->operation->serial : 0;
}

struct gssapi_operation *
front_operation(void)
{
	static uint64_t serials;
	struct front_waits *waits = my_waits();
	struct gssapi_operation *operation;

	if (waits == NULL)
		return NULL;
	operation = waits->operation;
	if (resumes(operation)) {
		operation->resumed = 0;
		return operation;
	}
	waits->operation = NULL;
	give_up(operation); /* a call that was left by longjmp(3) */
	operation = calloc(1, sizeof(*operation));
	if (operation == NULL || sem_init(&operation->answered, 0, 0) != 0) {
		free(operation);
		return NULL;
	}
	operation->references = 1;
	operation->serial = __atomic_add_fetch(&serials, 1, __ATOMIC_RELAXED);
	operation->process = (int)getpid();
	waits->operation = operation;
	return operation;
}

static void
abandon(struct front_waits *waits)
{
	struct gssapi_operation *operation = waits->operation;

	waits->operation = NULL;
	give_up(operation);
}

/*
 * A handler that calls the library gives up the operation for which its thread is waiting. Therefore a wait holds a
 * reference of its own. If the wait is left by longjmp(3), the reference is given back when an outer wait ends, when there
 * are too many, or when the thread ends.
 */

static void
let_go(struct gssapi_operation *operation)
{
	if (is_ours(operation))
		front_release_operation(operation); /* otherwise the references stayed with the parent */
}

static void
hold(struct front_waits *waits, struct gssapi_operation *operation)
{
	if (waits->count == WAITS) {
		let_go(waits->held[0]);
		memmove(&waits->held[0], &waits->held[1], (WAITS - 1) * sizeof(waits->held[0]));
		waits->count--;
	}
	(void)__atomic_add_fetch(&operation->references, 1, __ATOMIC_RELAXED);
	waits->held[waits->count++] = operation;
}

/* end_wait lets go of an operation and of those that were held after it. */
static void
end_wait(struct front_waits *waits, const struct gssapi_operation *operation)
{
	int i = waits->count;

	while (i > 0 && waits->held[i - 1] != operation)
		i--;
	if (i == 0)
		return;
	while (waits->count >= i)
		let_go(waits->held[--waits->count]);
}

void
front_end_waits(struct front_waits *waits)
{
	abandon(waits);
	while (waits->count > 0)
		let_go(waits->held[--waits->count]);
}

/*
 * The engine's own checks cause some of these signals; a fault whose signal is blocked ends the process. A thread's first
 * call therefore unblocks them for good. SIGSYS stays unblocked because filters of seccomp(2) call the program's handler
 * with it.
 */
static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP};

static void
remove_faults(sigset_t *mask)
{
	size_t i;

	for (i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		(void)sigdelset(mask, faults[i]);
}

/* block stores the previous mask, without the signals of faults. */
static void
block(sigset_t *mask)
{
	sigset_t all;

	(void)sigfillset(&all);
	remove_faults(&all);
	(void)sigdelset(&all, SIGSYS);
	(void)pthread_sigmask(SIG_SETMASK, &all, mask);
	remove_faults(mask);
}

static void
unblock(const sigset_t *mask)
{
	(void)pthread_sigmask(SIG_SETMASK, mask, NULL);
}

/*
 * wait_for_answer returns 1 when the call can go on, or 0 if there was no answer in FRONT_PATIENCE seconds. A handler that
 * returns does not end the wait. But it may have forked, and in the child nobody will answer: so is_ours is checked about
 * once a second.
 */
static int
wait_for_answer(struct gssapi_operation *operation)
{
	struct timespec until, now, begin;

	(void)clock_gettime(CLOCK_MONOTONIC, &begin);
	while (is_ours(operation)) {
		(void)clock_gettime(CLOCK_REALTIME, &until);
		until.tv_sec++;
		if (sem_timedwait(&operation->answered, &until) == 0 || (errno != EINTR && errno != ETIMEDOUT))
			break;
		(void)clock_gettime(CLOCK_MONOTONIC, &now);
		if (now.tv_sec - begin.tv_sec >= FRONT_PATIENCE)
			return 0;
	}
	return 1;
}

void
front_begin_call(struct front_call *call)
{
	call->waited = 0;
	block(&call->mask);
}

int
front_wait(struct front_call *call, OM_uint32 *minor_status)
{
	static const char gave_up[] = "the engine of libgssapi does not answer";
	struct front_waits *waits = my_waits();
	struct gssapi_operation *operation = waits != NULL ? waits->operation : NULL;
	int error = errno, answered;
	sigset_t ours;

	call->waited = 1;
	if (operation == NULL)
		return 1; /* there was no memory for an operation: the engine reports that */
	hold(waits, operation);
	unblock(&call->mask);
	answered = wait_for_answer(operation);
	block(&ours);
	if (answered && waits->operation == operation)
		operation->resumed = 1; /* otherwise a handler has called the library, and the question is asked again */
	end_wait(waits, operation);
	if (!answered) {
		front_set_minor(minor_status, ETIMEDOUT);
		front_record_status(minor_status, GSS_S_FAILURE, gave_up, sizeof(gave_up) - 1);
	}
	errno = error;
	return answered;
}

OM_uint32
front_end_call(struct front_call *call, OM_uint32 major)
{
	struct front_waits *waits = call->waited ? my_waits() : NULL;

	if (waits != NULL)
		abandon(waits);
	unblock(&call->mask);
	return major;
}
