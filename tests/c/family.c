/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A server of root that makes no calls prepares the engine for its children if these make calls, once, and not before.
 */
#include "harness.h"

#include <sys/wait.h>

#include <unistd.h>

#ifdef __linux__

/* private_kib is the memory that is the process's own, or -1. */
static long private_kib(void)
{
	char line[512];
	long value = -1;
	FILE *f = fopen("/proc/self/smaps_rollup", "r");

	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		(void)sscanf(line, "Anonymous: %ld", &value);
	if (f != NULL)
		fclose(f);
	return value;
}

static void works(void)
{
	struct pair p;

	need_pair(&p, NULL);
	release_pair(&p);
}

static void nothing(void)
{
}

static void child(void (*body)(void))
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		alarm(60);
		body();
		_exit(end());
	}
	check(pid > 0 && waitpid(pid, &status, 0) == pid && status == 0, "a child: %#x", (unsigned)status);
}

/* grows returns by how many KiB the process has grown after a child, and another one. */
static long grows(void (*body)(void))
{
	long before = private_kib();

	child(body);
	child(body);
	return private_kib() - before;
}

/* family reports in a process of its own how much the first children make it grow, and further ones. */
static void family(void (*body)(void), int least, int most)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		long first, later;

		first = grows(body);
		later = grows(body);
		check(first >= least && first <= most, "after two children: %ld KiB more", first);
		check(later <= 64, "after two more: %ld KiB more", later);
		_exit(end());
	}
	check(pid > 0 && waitpid(pid, &status, 0) == pid && status == 0, "a family: %#x", (unsigned)status);
}

int main(void)
{
	begin(100);
	if (geteuid() == 0 && private_kib() >= 0) {
		family(nothing, 0, 64);
		family(works, 300, 1000);
	}
	fact("families: done");
	return end();
}

#else

int main(void)
{
	fact("families: done");
	return 0;
}

#endif
