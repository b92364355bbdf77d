/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Services that look up hosts may not answer. Meanwhile signal handlers run at once and may leave the call;
 * pthread_cancel(3) ends it; children and other threads are not delayed; and the time is limited. Lookups work even if no
 * other thread can be created.
 */
#define _GNU_SOURCE /* RTLD_NEXT */
#include "gate.h"

#include <sys/socket.h>
#include <sys/types.h>
#include <sys/wait.h>

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <unistd.h>

static int asked;

/* Replaces libc's function: all hosts have the same name. */
int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **list)
{
	int (*next)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
	struct addrinfo mine;
	int error;

	(void)node;
	(void)service;
	__atomic_add_fetch(&asked, 1, __ATOMIC_RELAXED);
	pass_gate();
	*(void **)&next = dlsym(RTLD_NEXT, "getaddrinfo");
	mine = *hints;
	mine.ai_flags |= AI_NUMERICHOST;
	error = next("127.0.0.5", NULL, &mine, list);
	if (error == 0) {
		free((*list)->ai_canonname);
		(*list)->ai_canonname = strdup("canonical.demo.test");
	}
	return error;
}

static int denied;

/* No more threads can be created. */
int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *argument)
{
	int (*next)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);

	if (__atomic_load_n(&denied, __ATOMIC_ACQUIRE))
		return EAGAIN;
	*(void **)&next = dlsym(RTLD_NEXT, "pthread_create");
	return next(thread, attributes, run, argument);
}

static gss_name_t host;

/* named reports whether the host has that name. */
static int named(const char *wanted)
{
	gss_name_t canonical = GSS_C_NO_NAME;
	gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
	OM_uint32 minor;
	int right;

	if (gss_canonicalize_name(&minor, host, &krb5_mech, &canonical) != GSS_S_COMPLETE ||
	    gss_display_name(&minor, canonical, &text, NULL) != GSS_S_COMPLETE)
		return 0;
	right = text.length == strlen(wanted) && memcmp(text.value, wanted, text.length) == 0;
	gss_release_buffer(&minor, &text);
	gss_release_name(&minor, &canonical);
	return right;
}

#define FOUND "host/canonical.demo.test@DEMO.TEST"
#define GIVEN "host/given.demo.test@DEMO.TEST"

static void *look_up(void *right)
{
	*(int *)right = named(FOUND);
	return NULL;
}

static void on_signal(void (*handler)(int), int flags)
{
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	action.sa_handler = handler;
	action.sa_flags = flags;
	sigemptyset(&action.sa_mask);
	sigaction(SIGUSR1, &action, NULL);
}

static volatile int handled;

static void note(int number)
{
	(void)number;
	handled = 1;
}

static void interrupted(int flags)
{
	pthread_t thread;
	double begun;
	int right = 0;

	on_signal(note, flags);
	handled = 0;
	shut_gate();
	if (pthread_create(&thread, NULL, look_up, &right) != 0)
		exit(2);
	await_lookup();
	free_gate();
	begun = now();
	pthread_kill(thread, SIGUSR1);
	check(named(FOUND) && now() - begun < GATE_BUSY, "another thread is held up");
	check(comes(&handled), "the handler does not run while the call waits");
	open_gate();
	pthread_join(thread, NULL);
	check(right, "the lookup that was interrupted failed");
}

static sigjmp_buf place;

static void leave(int number)
{
	(void)number;
	siglongjmp(place, 1);
}

static int threads(void)
{
	DIR *d = opendir("/proc/self/task");
	int n = 0;

	if (d == NULL)
		return 0; /* FreeBSD */
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n;
}

static void *interrupt(void *target)
{
	pause_for(0.03);
	pthread_kill(*(pthread_t *)target, SIGUSR1);
	return NULL;
}

/* Abandoned lookups continue for a while, but there are never many. */
static void left(int times)
{
	pthread_t self = pthread_self(), sender;
	volatile int i, many = 0, before = threads();

	on_signal(leave, 0);
	shut_gate();
	for (i = 0; i < times; i++) {
		if (sigsetjmp(place, 1) == 0) {
			if (pthread_create(&sender, NULL, interrupt, &self) != 0)
				exit(2);
			pthread_detach(sender);
			check(!named(FOUND), "the call returned");
		}
		if (threads() - before > many)
			many = threads() - before;
	}
	open_gate();
	check(named(FOUND), "the lookup afterwards failed");
	check(many < 80, "%d threads more", many);
	on_signal(note, 0);
}

static void cancelled(void)
{
	pthread_t thread;
	void *result;
	double begun;
	int i, right;

	for (i = 0; i < 5; i++) {
		right = 0;
		shut_gate();
		if (pthread_create(&thread, NULL, look_up, &right) != 0)
			exit(2);
		await_lookup();
		begun = now();
		pthread_cancel(thread);
		pthread_join(thread, &result);
		check(result == PTHREAD_CANCELED && now() - begun < GATE_BUSY, "pthread_cancel took %.2f s", now() - begun);
	}
	open_gate();
	check(named(FOUND), "the lookup afterwards failed");
}

static volatile pid_t child;

static void make_child(int number)
{
	(void)number;
	child = fork();
	if (child == 0)
		free_gate(); /* for the question that is asked again there */
}

/* fork_and_open lets the call continue after its handler has forked. */
static void *fork_and_open(void *target)
{
	await_lookup();
	pause_for(0.03);
	pthread_kill(*(pthread_t *)target, SIGUSR1);
	while (child == 0)
		pause_for(0.001);
	open_gate();
	return NULL;
}

/* waited returns a child's exit status. */
static int waited(pid_t pid)
{
	int status = -1;

	return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* The handler forks while the call waits. It returns in both processes, and so does the call. */
static void forked(void)
{
	pthread_t self = pthread_self(), sender;
	pid_t pid = getpid();
	int right;

	fflush(stdout);
	child = 0;
	on_signal(make_child, 0);
	shut_gate();
	if (pthread_create(&sender, NULL, fork_and_open, &self) != 0)
		exit(2);
	right = named(FOUND);
	if (getpid() != pid)
		_exit(right ? 7 : 1);
	pthread_join(sender, NULL);
	check(right, "the parent's lookup failed");
	check(waited(child) == 7, "the child's lookup failed");
	on_signal(note, 0);
}

/* A service that never answers: after its time limit the call continues with the name as given. */
static void limited(void)
{
	double begun = now();

	with_config("[libdefaults]\n\tdns_canonicalize_hostname = true\n\trdns = false\n\trequest_timeout = 1\n");
	shut_gate();
	check(named(GIVEN), "another name");
	check(now() - begun > 0.5 && now() - begun < GATE_BUSY, "%.2f s", now() - begun);
	free_gate();
	check(named(FOUND), "the lookup afterwards failed");

	/* The lookup continues, and does not affect a child. */
	fflush(stdout);
	child = fork();
	if (child == 0)
		_exit(named(FOUND) ? 7 : 1);
	check(waited(child) == 7, "a child's lookup failed");
}

static void alone(void)
{
	int i;

	denied = 1;
	for (i = 0; i < 20; i++)
		check(named(FOUND), "lookup %d without a thread failed", i);
	denied = 0;
}

int main(void)
{
	begin(170);
	with_config("[libdefaults]\n\tdns_canonicalize_hostname = true\n\trdns = false\n");
	host = import("host@given.demo.test", GSS_C_NT_HOSTBASED_SERVICE);
	check(named(FOUND) && asked == 1, "the host is not found, or was looked up %d times", asked);
	alone();
	fact("no thread to be had: done");
	interrupted(0);
	interrupted(SA_RESTART);
	fact("a handler: done");
	left(120);
	fact("a handler that leaves the call: done");
	cancelled();
	fact("pthread_cancel: done");
	forked();
	fact("a fork in a handler: done");
	limited();
	fact("a service that does not answer: done");
	return end();
}
