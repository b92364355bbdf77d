/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A program with much thread-local data, for which each thread must have room, the library's own, too.
 */
#include "harness.h"

#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

static __thread volatile unsigned char large[600 << 10];

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
		if (pthread_create(&threads[i], NULL, work, (void *)(i + 1)) != 0)
			exit(2);
	for (i = 0; i < COUNT(threads); i++)
		pthread_join(threads[i], NULL);
}

int main(void)
{
	int status = 0;
	pid_t pid;

	begin(60);
	work((void *)9);
	in_threads();
	fact("in threads: done");
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
