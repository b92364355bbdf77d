/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls work on stacks that the thread was not created with, as coroutines have, of which one may begin a context and another
 * be in the middle of its own; and on small stacks of threads.
 */
#include "harness.h"

#include <sys/mman.h>

#include <pthread.h>
#include <ucontext.h>
#include <unistd.h>

enum { COROUTINES = 6, ROUNDS = 20, SMALL = 32 << 10 };

static ucontext_t home, coroutine[COROUTINES];
static int running, ended[COROUTINES], good[COROUTINES];

/* pass lets the other coroutines run, or does nothing in a thread that has none. */
static void pass(int coroutines)
{
	if (coroutines)
		swapcontext(&coroutine[running], &home);
}

/* message_round returns whether a context is established and a message arrives. */
static int message_round(int coroutines)
{
	gss_buffer_desc message = buffer("on another stack"), wrapped = GSS_C_EMPTY_BUFFER, out = GSS_C_EMPTY_BUFFER;
	gss_buffer_desc token = GSS_C_EMPTY_BUFFER;
	gss_ctx_id_t begun = GSS_C_NO_CONTEXT;
	OM_uint32 minor;
	struct pair p;
	int ok;

	token = first_token(&begun, GSS_C_MUTUAL_FLAG);
	pass(coroutines);
	ok = establish(&p, NULL);
	pass(coroutines);
	ok = ok && gss_wrap(&minor, p.init, 1, GSS_C_QOP_DEFAULT, &message, NULL, &wrapped) == GSS_S_COMPLETE;
	pass(coroutines);
	ok = ok && gss_unwrap(&minor, p.accept, &wrapped, &out, NULL, NULL) == GSS_S_COMPLETE &&
	    out.length == message.length && memcmp(out.value, message.value, out.length) == 0;
	pass(coroutines);
	gss_release_buffer(&minor, &token);
	gss_release_buffer(&minor, &wrapped);
	gss_release_buffer(&minor, &out);
	ok = gss_delete_sec_context(&minor, &begun, GSS_C_NO_BUFFER) == GSS_S_COMPLETE && ok;
	release_pair(&p);
	return ok;
}

static void run(void)
{
	int self = running, i;

	for (i = 0; i < ROUNDS; i++)
		good[self] += message_round(1);
	ended[self] = 1;
	pass(1);
}

/* guarded returns a stack above a page that cannot be accessed. */
static void *guarded(size_t size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *stack = mmap(NULL, page + size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0);

	if (stack == MAP_FAILED || mprotect(stack, page, PROT_NONE) != 0)
		exit(2);
	return stack + page;
}

static void create(ucontext_t *c)
{
	if (getcontext(c) != 0)
		exit(2);
	c->uc_stack.ss_size = 2 * SMALL;
	c->uc_stack.ss_sp = guarded(2 * SMALL);
	c->uc_link = NULL;
	makecontext(c, run, 0);
}

static void coroutines(void)
{
	int i, left = COROUTINES;

	for (i = 0; i < COROUTINES; i++)
		create(&coroutine[i]);
	while (left > 0)
		for (i = left = 0; i < COROUTINES; i++)
			if (!ended[i]) {
				left++;
				running = i;
				swapcontext(&home, &coroutine[i]);
				check(message_round(0), "no message arrives on the thread's own stack");
			}
	for (i = 0; i < COROUTINES; i++)
		check(good[i] == ROUNDS, "coroutine %d: %d messages arrive", i, good[i]);
	fact("%d messages by %d coroutines in turn", COROUTINES * ROUNDS, COROUTINES);
}

static void *small_thread(void *arrived)
{
	*(int *)arrived += message_round(0);
	return NULL;
}

static void small_threads(void)
{
	pthread_attr_t attributes;
	pthread_t thread;
	int i, arrived = 0;

	pthread_attr_init(&attributes);
	if (pthread_attr_setstacksize(&attributes, SMALL) != 0)
		exit(2);
	for (i = 0; i < ROUNDS; i++) {
		if (pthread_create(&thread, &attributes, small_thread, &arrived) != 0)
			exit(2);
		pthread_join(thread, NULL);
	}
	pthread_attr_destroy(&attributes);
	check(arrived == ROUNDS, "threads with %d octets of stack: %d messages arrive", SMALL, arrived);
	fact("%d messages by threads with small stacks", ROUNDS);
}

int main(void)
{
	begin(60);
	coroutines();
	small_threads();
	return end();
}
