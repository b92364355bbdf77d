/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Looking up an account in a directory service may take long. Meanwhile signal handlers run at once, and the call
 * continues; other threads are not delayed; pthread_cancel(3) ends the thread after the call.
 */
#define _GNU_SOURCE /* RTLD_NEXT */
#include "gate.h"

#include <dlfcn.h>
#include <pthread.h>
#include <pwd.h>
#include <signal.h>
#include <unistd.h>

/* Replaces libc's function, and has the same cancellation points. */
int getpwnam_r(const char *name, struct passwd *entry, char *strings, size_t size, struct passwd **found)
{
	static int (*next)(const char *, struct passwd *, char *, size_t, struct passwd **);

	pass_gate();
	*(void **)&next = dlsym(RTLD_NEXT, "getpwnam_r");
	return next(name, entry, strings, size, found);
}

static gss_name_t root;

static int is_root(void)
{
	OM_uint32 minor;
	uid_t uid = 4711;

	return gss_pname_to_uid(&minor, root, &krb5_mech, &uid) == GSS_S_COMPLETE && uid == 0;
}

static int returned;

static void *look_up(void *right)
{
	*(int *)right = is_root();
	__atomic_store_n(&returned, 1, __ATOMIC_RELEASE);
	return NULL;
}

/* start lets a thread begin a lookup that waits at the gate. */
static void start(pthread_t *thread, int *right)
{
	__atomic_store_n(&returned, 0, __ATOMIC_RELEASE);
	shut_gate();
	if (pthread_create(thread, NULL, look_up, right) != 0)
		exit(2);
	await_lookup();
	free_gate();
}

static volatile int handled;

static void note(int number)
{
	(void)number;
	handled = 1;
}

static void interrupted(int flags)
{
	struct sigaction action;
	pthread_t thread;
	double begun;
	int right = 0;

	memset(&action, 0, sizeof(action));
	action.sa_handler = note;
	action.sa_flags = flags;
	sigemptyset(&action.sa_mask);
	sigaction(SIGUSR1, &action, NULL);
	handled = 0;
	start(&thread, &right);
	begun = now();
	pthread_kill(thread, SIGUSR1);
	check(is_root() && now() - begun < GATE_BUSY, "another thread is held up");
	check(comes(&handled), "the handler does not run while the call waits");
	open_gate();
	pthread_join(thread, NULL);
	check(right, "the lookup that was interrupted failed");
}

static void cancelled(void)
{
	pthread_t thread;
	int i, right;

	for (i = 0; i < 3; i++) {
		right = 0;
		start(&thread, &right);
		pthread_cancel(thread);
		open_gate();
		pthread_join(thread, NULL);
		check(returned && right, "the thread ended within the call");
	}
	check(is_root(), "a lookup afterwards failed");
}

int main(void)
{
	struct pair p;

	begin(150);
	root = import("root", GSS_C_NT_USER_NAME);
	check(is_root(), "root is not found");
	interrupted(0);
	interrupted(SA_RESTART);
	fact("a handler: done");
	cancelled();
	need_pair(&p, NULL);
	release_pair(&p);
	fact("pthread_cancel: done");
	return end();
}
