/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A thread that has used the library forks, and ends in the child. It was the only thread there, so the process ends.
 * Meanwhile threads of the parent start, make a call and end, so the child may inherit locks of the engine that they hold.
 */
#include "harness.h"

#include <sys/wait.h>

#include <pthread.h>
#include <unistd.h>

#define CROWDS 3
#define FORKS 1500
#define SECONDS 20 /* for all children, on a slow machine */

static int over;

static OM_uint32 call(void)
{
	gss_buffer_desc text = buffer("alice");
	gss_name_t name = GSS_C_NO_NAME;
	OM_uint32 minor, major = gss_import_name(&minor, &text, GSS_C_NT_USER_NAME, &name);

	gss_release_name(&minor, &name);
	return major;
}

static void *one_call(void *ignored)
{
	if (call() != GSS_S_COMPLETE)
		abort();
	return ignored;
}

static void *crowd(void *ignored)
{
	while (!__atomic_load_n(&over, __ATOMIC_ACQUIRE)) {
		pthread_t threads[4];
		size_t i;

		for (i = 0; i < COUNT(threads); i++)
			if (pthread_create(&threads[i], NULL, one_call, NULL) != 0)
				abort();
		for (i = 0; i < COUNT(threads); i++)
			pthread_join(threads[i], NULL);
	}
	return ignored;
}

static void *make_child(void *status)
{
	pid_t pid;

	if (call() != GSS_S_COMPLETE)
		abort();
	pid = fork();
	if (pid == 0) {
		(void)alarm(60); /* only a child that hangs takes so long */
		pthread_exit(NULL);
	}
	if (pid < 0 || waitpid(pid, status, 0) != pid)
		abort();
	return NULL;
}

int main(void)
{
	pthread_t crowds[CROWDS], thread;
	double until = now() + SECONDS;
	int i, status = 0, bad = 0;

	begin(120);
	for (i = 0; i < CROWDS; i++)
		if (pthread_create(&crowds[i], NULL, crowd, NULL) != 0)
			return 2;
	for (i = 0; i < FORKS && bad == 0 && now() < until; i++) {
		status = -1;
		if (pthread_create(&thread, NULL, make_child, &status) != 0)
			return 2;
		pthread_join(thread, NULL);
		bad += status != 0;
	}
	check(bad == 0, "child %d: the status is %#x", i, status);
	__atomic_store_n(&over, 1, __ATOMIC_RELEASE);
	for (i = 0; i < CROWDS; i++)
		pthread_join(crowds[i], NULL);
	fact("children: done");
	return end();
}
