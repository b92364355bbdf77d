/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A program with much thread-local data, for which each thread must have room, the library's own, too: beside it there is
 * enough for the modules of the system's databases, and not the 8 MiB that programs have by default.
 */
#define _GNU_SOURCE /* RTLD_NEXT, pthread_getattr_np */
#include "harness.h"

#include <dlfcn.h>
#include <pthread.h>
#ifdef __FreeBSD__
#include <pthread_np.h>
#define pthread_getattr_np pthread_attr_get_np
#endif
#include <sys/wait.h>
#include <unistd.h>

static __thread volatile unsigned char large[600 << 10];

typedef int create_fn(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);

/* The function of a thread of the library. There are few such threads, and they stay. */
static struct start {
	void *(*run)(void *);
	void *argument;
} starts[64];
static unsigned started, narrow, wide;

/* measure runs at the start of a thread of the library. */
static void *measure(void *start)
{
	struct start *s = start;
	pthread_attr_t attributes;
	void *lowest = NULL;
	size_t size = 0, room = 0;

	if (pthread_attr_init(&attributes) == 0 && pthread_getattr_np(pthread_self(), &attributes) == 0 &&
	    pthread_attr_getstack(&attributes, &lowest, &size) == 0)
		room = (size_t)((char *)&room - (char *)lowest);
	(void)pthread_attr_destroy(&attributes);
	if (room < (size_t)512 << 10)
		(void)__atomic_add_fetch(&narrow, 1, __ATOMIC_RELAXED);
	if (size > sizeof(large) + ((size_t)1 << 20))
		(void)__atomic_add_fetch(&wide, 1, __ATOMIC_RELAXED);
	return s->run(s->argument);
}

static create_fn *create;

/* The library calls this one; the program creates its own threads with create. */
int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *argument)
{
	unsigned n = __atomic_fetch_add(&started, 1, __ATOMIC_RELAXED);

	if (n >= COUNT(starts))
		return create(thread, attributes, run, argument);
	starts[n].run = run;
	starts[n].argument = argument;
	return create(thread, attributes, measure, &starts[n]);
}

static void *work(void *number)
{
	struct pair p;
	size_t i;

	memset((void *)large, (int)(size_t)number, sizeof(large));
	need_pair(&p, NULL);
	release_pair(&p);
	for (i = 0; i < sizeof(large) && large[i] == (unsigned char)(size_t)number; i++)
		continue;
	check(i == sizeof(large), "thread-local data of thread %d has changed", (int)(size_t)number);
	return NULL;
}

static void in_threads(void)
{
	pthread_t threads[4];
	size_t i;

	for (i = 0; i < COUNT(threads); i++)
		if (create(&threads[i], NULL, work, (void *)(i + 1)) != 0)
			exit(2);
	for (i = 0; i < COUNT(threads); i++)
		pthread_join(threads[i], NULL);
}

int main(void)
{
	int status = 0;
	pid_t pid;

	void *p = dlsym(RTLD_NEXT, "pthread_create");

	if (p == NULL)
		return 2;
	memcpy(&create, &p, sizeof(create));
	begin(60);
	work((void *)9);
	in_threads();
	fact("in threads: done");
	check(started >= 3, "the library has started %u threads", started);
	check(narrow == 0 && wide == 0, "of %u threads %u have too small a stack, %u too large a one", started, narrow, wide);
	pid = fork();
	if (pid == 0) {
		work((void *)10);
		in_threads();
		_exit(end());
	}
	check(waitpid(pid, &status, 0) == pid && status == 0, "a child: status %#x", (unsigned)status);
	fact("in a child: done");
	return end();
}
