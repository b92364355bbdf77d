/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * fork LIBRARY: what a fork(2) costs a process that has the library, and what the first call costs its child. Times are
 * medians in microseconds. "handlers" is the time from the first handler of pthread_atfork(3) that runs before the fork
 * to the last, those of the library between them; the rest of a fork is the copying of the process's memory.
 *
 * The environment must have a realm: a ticket for demo@localhost in KRB5CCNAME, its key in KRB5_KTNAME.
 */

#define _DEFAULT_SOURCE
#define _XOPEN_SOURCE 700

#include "library.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS 41
#define CONTEXTS 10000

/* What an engine has when it has just been loaded. */
#define ENGINE_THREADS 3
#define ENGINE_MEMORY (3 << 19)

static struct library gss;

static void
fail(const char *what, OM_uint32 major, OM_uint32 minor)
{
	fprintf(stderr, "fork: %s: major %#lx minor %ld\n", what, (unsigned long)major, (long)(int)minor);
	exit(1);
}

static double
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

/* In a shared page: after each fork the first store to one of the process's own costs a fault. */
static struct {
	double before, after;
} *handlers_ran;

static void
first_handler(void)
{
	handlers_ran->before = now();
}

static void
last_handler(void)
{
	handlers_ran->after = now();
}

static int
ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
median(double *times)
{
	qsort(times, ROUNDS, sizeof(*times), ascending);
	return times[ROUNDS / 2];
}

/* call uses a context, or, without one, asks for what needs an engine and nothing else. */
static void
call(gss_ctx_id_t context)
{
	gss_buffer_desc text = { 4, "text" }, token;
	gss_OID_set mechs;
	OM_uint32 major, minor;

	if (context == GSS_C_NO_CONTEXT) {
		if ((major = gss.indicate_mechs(&minor, &mechs)) != GSS_S_COMPLETE)
			fail("gss_indicate_mechs", major, minor);
		gss.release_oid_set(&minor, &mechs);
		return;
	}
	if ((major = gss.wrap(&minor, context, 1, GSS_C_QOP_DEFAULT, &text, NULL, &token)) != GSS_S_COMPLETE)
		fail("gss_wrap", major, minor);
	gss.release_buffer(&minor, &token);
}

static void
measure(const char *what, gss_ctx_id_t context, int calls)
{
	double forks[ROUNDS], handlers[ROUNDS], firsts[ROUNDS];
	int i;

	for (i = 0; i < ROUNDS; i++) {
		int fds[2];
		double begin;
		pid_t pid;

		firsts[i] = 0;
		if (pipe(fds) != 0)
			exit(1);
		begin = now();
		pid = fork();
		if (pid == 0) {
			double first = now();

			if (calls)
				call(context);
			first = now() - first;
			_exit(write(fds[1], &first, sizeof(first)) == sizeof(first) ? 0 : 1);
		}
		forks[i] = now() - begin;
		handlers[i] = handlers_ran->after - handlers_ran->before;
		if (pid < 0 || read(fds[0], &firsts[i], sizeof(firsts[i])) != sizeof(firsts[i]))
			exit(1);
		(void)waitpid(pid, NULL, 0);
		(void)close(fds[0]);
		(void)close(fds[1]);
	}
	printf("%-28s %10.1f", what, median(forks));
	if (calls)
		printf(" %10.2f %14.0f", median(handlers), median(firsts));
	printf("\n");
	(void)fflush(stdout);
}

static void *
sleep_on(void *page)
{
	*(volatile char *)page = 1;
	for (;;)
		(void)pause();
	return NULL;
}

/*
 * What the kernel takes for any process with the threads and the memory of an engine, in a child that has no library:
 * its page tables are copied, and other processors are told that its pages are shared now.
 */
static void
without_library(void)
{
	size_t size = (size_t)ENGINE_MEMORY, i;
	char *memory;
	pthread_t thread;
	pid_t pid = fork();

	if (pid != 0) {
		(void)waitpid(pid, NULL, 0);
		return;
	}
	memory = malloc(size);
	if (memory == NULL)
		_exit(1);
	measure("no library", GSS_C_NO_CONTEXT, 0);
	for (i = 0; i < ENGINE_THREADS; i++)
		if (pthread_create(&thread, NULL, sleep_on, memory + i) != 0)
			_exit(1);
	measure("and three threads that sleep", GSS_C_NO_CONTEXT, 0);
	memset(memory, 1, size);
	measure("and 1.5 MiB of memory", GSS_C_NO_CONTEXT, 0);
	_exit(0);
}

int
main(int argc, char **argv)
{
	gss_buffer_desc text = { 14, "demo@localhost" };
	gss_ctx_id_t first = GSS_C_NO_CONTEXT, context;
	gss_name_t target;
	OM_uint32 major, minor;
	int i;

	handlers_ran = mmap(NULL, sizeof(*handlers_ran), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (handlers_ran == MAP_FAILED)
		return 1;
	/* Handlers of before the fork run in the reverse order of their registration. */
	if (argc < 2 || pthread_atfork(last_handler, NULL, NULL) != 0)
		return 2;
	library_open(&gss, argv[1]);

	printf("%-28s %10s %10s %14s\n", "microseconds", "fork", "handlers", "first call");
	(void)fflush(stdout);
	without_library();
	measure("library not used yet", GSS_C_NO_CONTEXT, 0);
	call(GSS_C_NO_CONTEXT);
	if (pthread_atfork(first_handler, NULL, NULL) != 0)
		return 1;
	measure("engine, no handle", GSS_C_NO_CONTEXT, 1);
	if ((major = gss.import_name(&minor, &text, *gss.hostbased, &target)) != GSS_S_COMPLETE)
		fail("gss_import_name", major, minor);
	for (i = 0; i < CONTEXTS; i++) {
		gss_buffer_desc token = GSS_C_EMPTY_BUFFER;

		context = GSS_C_NO_CONTEXT;
		major = gss.init_sec_context(&minor, GSS_C_NO_CREDENTIAL, &context, target, GSS_C_NO_OID, GSS_C_SEQUENCE_FLAG, 0,
		    GSS_C_NO_CHANNEL_BINDINGS, GSS_C_NO_BUFFER, NULL, &token, NULL, NULL);
		if (major != GSS_S_COMPLETE)
			fail("gss_init_sec_context", major, minor);
		gss.release_buffer(&minor, &token);
		if (first == GSS_C_NO_CONTEXT) {
			first = context;
			call(first);
			measure("1 context", first, 1);
		}
	}
	measure("10,000 contexts", first, 1);
	return 0;
}
