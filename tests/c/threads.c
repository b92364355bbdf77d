/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Threads use contexts of their own while a signal handler without SA_ONSTACK, with a deep frame, interrupts them; all
 * outputs hold what earlier calls left on the stack, the engine's own addresses among it, and dead and forged handles
 * go in between. Then threads race for one context: a single one may delete it, a single one may export it.
 */
#include "harness.h"

#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <time.h>

#define THREADS 4
#define CONTEXTS 10 /* for each thread, one after the other */
#define MESSAGES 2000
#define RACES 50

static gss_name_t target;
static volatile sig_atomic_t handled;

/* Threads stay until all are done, so that each can be sent signals. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t done;
static int working = THREADS;

/* volatile keeps the compiler from omitting the frame. */
static void
deep_handler(int signal)
{
	volatile char frame[16 * 1024];
	size_t i;

	for (i = 0; i < sizeof(frame); i++)
		frame[i] = (char)signal;
	handled = 1;
}

/* A thread counts its failures and keeps the name of the first one, because the harness is for the main thread. */
struct thread {
	pthread_t id;
	uintptr_t random;
	int failures;
	const char *first;
};

static void
must(struct thread *t, int holds, const char *what)
{
	if (!holds && t->failures++ == 0)
		t->first = what;
}

static uintptr_t
some(struct thread *t, uintptr_t below)
{
	t->random = t->random * 1103515245 + 12345;
	return (t->random >> 8) % below;
}

/* Remains of earlier calls on the stack: the worst contents of an uninitialized variable. */
static uintptr_t
leftover(struct thread *t)
{
	uintptr_t here = (uintptr_t)&t / sizeof(here) * sizeof(here);

	return *(volatile uintptr_t *)(here - sizeof(here) * (64 + some(t, 1024)));
}

static gss_buffer_desc
uninitialized(struct thread *t)
{
	gss_buffer_desc b;

	b.length = leftover(t);
	b.value = (void *)leftover(t);
	return b;
}

static void
make_contexts(struct thread *t, gss_ctx_id_t *init, gss_ctx_id_t *accept)
{
	gss_buffer_desc token = uninitialized(t), answer = uninitialized(t), none = {0, NULL};
	OM_uint32 minor;

	*init = *accept = GSS_C_NO_CONTEXT;
	must(t, gss_init_sec_context(&minor, GSS_C_NO_CREDENTIAL, init, target, GSS_C_NO_OID, GSS_C_MUTUAL_FLAG, 0,
	    GSS_C_NO_CHANNEL_BINDINGS, &none, NULL, &token, NULL, NULL) == GSS_S_CONTINUE_NEEDED, "the initiator's token");
	must(t, gss_accept_sec_context(&minor, accept, GSS_C_NO_CREDENTIAL, &token, GSS_C_NO_CHANNEL_BINDINGS, NULL, NULL,
	    &answer, NULL, NULL, NULL) == GSS_S_COMPLETE, "the acceptor");
	gss_release_buffer(&minor, &token);
	must(t, gss_init_sec_context(&minor, GSS_C_NO_CREDENTIAL, init, target, GSS_C_NO_OID, GSS_C_MUTUAL_FLAG, 0,
	    GSS_C_NO_CHANNEL_BINDINGS, &answer, NULL, &token, NULL, NULL) == GSS_S_COMPLETE, "the initiator");
	gss_release_buffer(&minor, &answer);
	gss_release_buffer(&minor, &token);
}

static void
exchange(struct thread *t, gss_ctx_id_t init, gss_ctx_id_t accept)
{
	gss_buffer_desc message = buffer("a message"), token = uninitialized(t), plain = uninitialized(t);
	OM_uint32 minor;

	must(t, gss_wrap(&minor, init, 1, GSS_C_QOP_DEFAULT, &message, NULL, &token) == GSS_S_COMPLETE, "gss_wrap");
	must(t, gss_unwrap(&minor, accept, &token, &plain, NULL, NULL) == GSS_S_COMPLETE, "gss_unwrap");
	must(t, same(&message, &plain), "the message");
	gss_release_buffer(&minor, &token);
	gss_release_buffer(&minor, &plain);

	/* The value of an empty input is not read. */
	message = uninitialized(t);
	message.length = 0;
	token = uninitialized(t);
	must(t, gss_get_mic(&minor, init, GSS_C_QOP_DEFAULT, &message, &token) == GSS_S_COMPLETE, "gss_get_mic");
	must(t, gss_verify_mic(&minor, accept, &message, &token, NULL) == GSS_S_COMPLETE, "gss_verify_mic");
	gss_release_buffer(&minor, &token);
}

static void
misuse(struct thread *t, gss_ctx_id_t init)
{
	gss_name_t source = (gss_name_t)leftover(t), peer = source, released;
	gss_OID mech = (gss_OID)leftover(t);
	gss_ctx_id_t address = (gss_ctx_id_t)((leftover(t) & UINTPTR_MAX >> 1) | 1);
	gss_buffer_desc message = buffer("a message"), token = uninitialized(t);
	OM_uint32 minor;

	must(t, gss_inquire_context(&minor, init, &source, &peer, NULL, &mech, NULL, NULL, NULL) == GSS_S_COMPLETE,
	    "gss_inquire_context");
	must(t, gss_oid_equal(mech, &krb5_mech), "the mechanism");
	released = source;
	gss_release_name(&minor, &source);
	gss_release_name(&minor, &peer);
	must(t, gss_release_name(&minor, &released) == GSS_S_BAD_NAME, "a name that was released");
	must(t, gss_get_mic(&minor, address, GSS_C_QOP_DEFAULT, &message, &token) == GSS_S_NO_CONTEXT,
	    "a context that may be an address");
	must(t, gss_get_mic(&minor, (gss_ctx_id_t)(1 + some(t, 1 << 24)), GSS_C_QOP_DEFAULT, &message, &token) ==
	    GSS_S_NO_CONTEXT, "a context that is a small number");
	must(t, gss_get_mic(&minor, (gss_ctx_id_t)target, GSS_C_QOP_DEFAULT, &message, &token) == GSS_S_NO_CONTEXT,
	    "a context that is a name");
}

static void *
work(void *argument)
{
	struct thread *t = argument;
	gss_ctx_id_t init, accept, deleted;
	OM_uint32 minor;
	int context, message;

	for (context = 0; context < CONTEXTS; context++) {
		make_contexts(t, &init, &accept);
		for (message = 0; message < MESSAGES; message++) {
			exchange(t, init, accept);
			misuse(t, init);
		}
		deleted = init;
		must(t, gss_delete_sec_context(&minor, &init, GSS_C_NO_BUFFER) == GSS_S_COMPLETE, "gss_delete_sec_context");
		must(t, gss_delete_sec_context(&minor, &deleted, GSS_C_NO_BUFFER) == GSS_S_NO_CONTEXT,
		    "a context that was deleted");
		gss_delete_sec_context(&minor, &accept, GSS_C_NO_BUFFER);
	}
	pthread_mutex_lock(&lock);
	working--;
	pthread_mutex_unlock(&lock);
	pthread_barrier_wait(&done);
	return NULL;
}

/* Interrupts all threads, a few thousand times a second, until their work is done. */
static void
interrupt(struct thread *threads)
{
	const struct timespec pause = {0, 200000};
	int i, left;

	do {
		for (i = 0; i < THREADS; i++)
			pthread_kill(threads[i].id, SIGUSR1);
		nanosleep(&pause, NULL);
		pthread_mutex_lock(&lock);
		left = working;
		pthread_mutex_unlock(&lock);
	} while (left > 0);
	pthread_barrier_wait(&done);
}

struct racer {
	pthread_t id;
	gss_ctx_id_t context;
	int exports, won;
	pthread_barrier_t *start;
};

static void *
race(void *argument)
{
	struct racer *r = argument;
	gss_buffer_desc token = {0, NULL};
	OM_uint32 minor;

	pthread_barrier_wait(r->start);
	if (r->exports)
		r->won = gss_export_sec_context(&minor, &r->context, &token) == GSS_S_COMPLETE;
	else
		r->won = gss_delete_sec_context(&minor, &r->context, GSS_C_NO_BUFFER) == GSS_S_COMPLETE;
	gss_release_buffer(&minor, &token);
	return NULL;
}

/* Runs one race and returns how many threads won. */
static int
race_for(gss_ctx_id_t context, int exports)
{
	struct racer racers[THREADS];
	pthread_barrier_t start;
	int i, won = 0;

	pthread_barrier_init(&start, NULL, THREADS);
	for (i = 0; i < THREADS; i++) {
		racers[i].context = context;
		racers[i].exports = exports;
		racers[i].start = &start;
		pthread_create(&racers[i].id, NULL, race, &racers[i]);
	}
	for (i = 0; i < THREADS; i++) {
		pthread_join(racers[i].id, NULL);
		won += racers[i].won;
	}
	pthread_barrier_destroy(&start);
	return won;
}

int
main(void)
{
	struct thread threads[THREADS];
	struct sigaction action;
	struct thread self = {0};
	gss_ctx_id_t init, accept;
	OM_uint32 minor;
	int i;

	begin(120);
	target = import(SERVICE, GSS_C_NT_HOSTBASED_SERVICE);
	memset(&action, 0, sizeof(action));
	action.sa_handler = deep_handler;
	action.sa_flags = SA_RESTART;
	sigaction(SIGUSR1, &action, NULL);
	pthread_barrier_init(&done, NULL, THREADS + 1);
	for (i = 0; i < THREADS; i++) {
		memset(&threads[i], 0, sizeof(threads[i]));
		threads[i].random = (uintptr_t)i + 1;
		pthread_create(&threads[i].id, NULL, work, &threads[i]);
	}
	interrupt(threads);
	for (i = 0; i < THREADS; i++) {
		pthread_join(threads[i].id, NULL);
		check(threads[i].failures == 0, "%d calls failed, the first at: %s", threads[i].failures,
		    threads[i].first ? threads[i].first : "");
	}
	check(handled, "the handler never ran");

	for (i = 0; i < RACES; i++) {
		int won;

		make_contexts(&self, &init, &accept);
		won = race_for(accept, i % 2);
		check(won == 1, "%d of %d threads could %s one context", won, THREADS, i % 2 ? "export" : "delete");
		gss_delete_sec_context(&minor, &init, GSS_C_NO_BUFFER);
	}
	check(self.failures == 0, "%d calls failed, the first at: %s", self.failures, self.first ? self.first : "");
	gss_release_name(&minor, &target);
	return end();
}
