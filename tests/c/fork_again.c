/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The engine begins again in a child, however the child was made, and whether the first call comes from the thread that
 * forked, which the parent's engine knew, or from a new one. Everything of the parent's engine is gone.
 */
#define _GNU_SOURCE
#include "harness.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHILDREN 40

static pid_t plain_fork(void)
{
	return fork();
}

/* call uses the engine, and ends the program or child if that fails. */
static void *call(void *unused)
{
	gss_buffer_desc shown = GSS_C_EMPTY_BUFFER;
	gss_name_t name = import("alice", GSS_C_NT_USER_NAME);
	OM_uint32 minor;
	int i;

	for (i = 0; i < 20; i++) {
		if (gss_display_name(&minor, name, &shown, NULL) != GSS_S_COMPLETE || strcmp(shown.value, "alice") != 0)
			_exit(90);
		gss_release_buffer(&minor, &shown);
	}
	gss_release_name(&minor, &name);
	return unused;
}

static void in_thread(void *(*f)(void *))
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, f, NULL) != 0 || pthread_join(thread, NULL) != 0)
		_exit(91);
}

/* The signal stack that the engine gives to a thread, if any: an address in the engine's memory. */
static char *signal_stack(void)
{
	stack_t s;

	return sigaltstack(NULL, &s) == 0 && (s.ss_flags & SS_DISABLE) == 0 ? s.ss_sp : NULL;
}

static int is_mapped(const char *address)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);

	return msync((void *)((uintptr_t)address & ~(page - 1)), page, MS_ASYNC) == 0 || errno != ENOMEM;
}

static volatile sig_atomic_t handled;

static void handler(int signal)
{
	char room[2048];

	memset(room, signal, sizeof(room));
	handled += room[sizeof(room) - 1] == signal;
}

/*
 * on_stack has a handler run that wants another stack, if the thread has one. It is the only thread that takes the signal.
 * pthread_kill(3) does not find it in a child of FreeBSD's rfork(2).
 */
static void on_stack(void)
{
	struct sigaction action;
	int before = handled;

	memset(&action, 0, sizeof(action));
	action.sa_handler = handler;
	action.sa_flags = SA_ONSTACK;
	sigaction(SIGUSR1, &action, NULL);
	kill(getpid(), SIGUSR1);
	if (handled != before + 1)
		_exit(92);
}

static sigjmp_buf place;

static void leave(int signal)
{
	siglongjmp(place, signal);
}

/* caught reports whether the program's handler receives a fault of the program. */
static int caught(void)
{
	volatile int *nowhere = NULL;

	if (sigsetjmp(place, 1) != 0)
		return 1;
	*nowhere = 1;
	return 0;
}

static char *parents; /* the parent's signal stack */

/* gone checks that the memory of the parent's engine is unmapped. */
static int gone(void)
{
	return parents == NULL || (signal_stack() != parents && !is_mapped(parents));
}

static int first_by_old_thread(void)
{
	on_stack();
	if (!caught())
		return 10;
	call(NULL);
	on_stack();
	return caught() ? 0 : 11;
}

/* A new thread makes the first call, then the forking thread and others call at the same time. */
static int first_by_new_thread(void)
{
	pthread_t threads[3];
	size_t i;

	in_thread(call);
	on_stack();
	if (!caught())
		return 12;
	for (i = 0; i < COUNT(threads); i++)
		if (pthread_create(&threads[i], NULL, call, NULL) != 0)
			return 13;
	for (i = 0; i < 20; i++)
		call(NULL);
	for (i = 0; i < COUNT(threads); i++)
		pthread_join(threads[i], NULL);
	on_stack();
	return caught() ? 0 : 14;
}

static void *outlive(void *unused)
{
	call(unused);
	pause_for(0.05); /* the C library cannot join a thread in a child that it does not know about */
	call(unused);
	_exit(0);
}

/* The engine's threads would keep the process alive: a thread that outlives this one ends it. */
static void call_and_fork_child(void)
{
	pthread_t thread;

	alarm(60);
	in_thread(call);
	if (pthread_create(&thread, NULL, outlive, NULL) != 0)
		_exit(94);
	pthread_exit(NULL);
}

static void *call_and_fork(void *f)
{
	pid_t (*forks)(void);
	int status = -1;
	pid_t pid;

	memcpy(&forks, f, sizeof(forks));
	call(NULL);
	pid = forks();
	if (pid == 0)
		call_and_fork_child();
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
		_exit(93);
	return NULL;
}

/* The forking thread is not the first one, and ends in the child without a call. */
static int old_thread_ends(pid_t (*forks)(void))
{
	pthread_t thread;
	void *f = &forks;

	return pthread_create(&thread, NULL, call_and_fork, f) != 0 || pthread_join(thread, NULL) != 0;
}

static int in_child(pid_t (*forks)(void), int (*body)(void))
{
	int status = -1;
	pid_t pid = forks();

	if (pid == 0) {
		signal(SIGALRM, SIG_DFL);
		alarm(60);
		_exit(body());
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid ? status : -1;
}

static volatile int busy = 1;

static void *keep_calling(void *unused)
{
	while (busy)
		call(NULL);
	return unused;
}

static void all(const char *label, pid_t (*forks)(void))
{
	int i, status;

	fflush(stdout);
	for (i = 0; i < CHILDREN; i++) {
		status = in_child(forks, i % 2 == 0 ? first_by_old_thread : first_by_new_thread);
		if (status != 0)
			break;
	}
	check(i == CHILDREN, "%s: child %d ends with %#x", label, i, status);
	check(old_thread_ends(forks) == 0, "%s: the thread that forks does not end", label);
	fact("%s: done", label);
}

int main(void)
{
	struct sigaction action;
	pthread_t thread;

	begin(170);
	memset(&action, 0, sizeof(action));
	action.sa_handler = leave;
	sigaction(SIGSEGV, &action, NULL);
	call(NULL);
	check(caught(), "a handler that was there before");
	parents = signal_stack();
	fflush(stdout);
	check(in_child(plain_fork, gone) == 0x100, "a child has its parent's signal stack");
	all("fork", plain_fork);
	all("fork without handlers", raw_fork);
	if (pthread_create(&thread, NULL, keep_calling, NULL) != 0)
		return 2;
	all("fork beside calls", plain_fork);
	busy = 0;
	pthread_join(thread, NULL);
	return end();
}
