/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sandboxes of one thread (Linux): the library has no threads until there is work for them. They are in the sandbox of the
 * thread whose call starts them, if that is entered before, where a filter is for all threads, and in a child that is made
 * within. Contexts go on there.
 */
#define _GNU_SOURCE
#include "harness.h"

#ifdef __linux__
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

#include <dirent.h>
#include <pthread.h>
#include <unistd.h>

static void works(void)
{
	struct pair p;

	need_pair(&p, NULL);
	release_pair(&p);
}

static void *works_often(void *ignored)
{
	int i;

	for (i = 0; i < 20; i++)
		works();
	return ignored;
}

/* busy makes the library start as many threads as in a busy program. */
static void busy(void)
{
	pthread_t threads[8];
	size_t i;

	for (i = 0; i < COUNT(threads); i++)
		if (pthread_create(&threads[i], NULL, works_often, NULL) != 0)
			exit(2);
	for (i = 0; i < COUNT(threads); i++)
		pthread_join(threads[i], NULL);
}

/* filter installs a filter that allows everything. */
static int filter(unsigned flags)
{
	struct sock_filter allow[] = { BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW) };
	struct sock_fprog program = { COUNT(allow), allow };

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program) == 0;
}

static int no_capabilities(void)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct none[2];

	memset(none, 0, sizeof(none));
	return syscall(SYS_capset, &header, none) == 0;
}

/* outside counts the threads of this process that have capabilities, if these were given up, or that have no filter. */
static int outside(int capabilities, int *threads)
{
	DIR *tasks = opendir("/proc/self/task");
	struct dirent *task;
	int n = 0;

	*threads = 0;
	while (tasks != NULL && (task = readdir(tasks)) != NULL) {
		char path[300], line[256];
		unsigned long long caps = 0;
		int value, privileges = 0, filtered = 0;
		FILE *f;

		snprintf(path, sizeof(path), "/proc/self/task/%s/status", task->d_name);
		if (task->d_name[0] == '.' || (f = fopen(path, "r")) == NULL)
			continue; /* it has ended */
		while (fgets(line, sizeof(line), f) != NULL) {
			(void)sscanf(line, "CapEff: %llx", &caps);
			if (sscanf(line, "NoNewPrivs: %d", &value) == 1)
				privileges = !value;
			if (sscanf(line, "Seccomp: %d", &value) == 1)
				filtered = value == SECCOMP_MODE_FILTER;
		}
		fclose(f);
		n += (capabilities && caps != 0) || privileges || !filtered;
		++*threads;
	}
	if (tasks != NULL)
		closedir(tasks);
	return n;
}

/* expect_outside checks how many of the program's threads are outside. The library has none yet. */
static void expect_outside(int expected, const char *label, int capabilities)
{
	int threads, n = outside(capabilities, &threads);

	check(threads == 1 + expected && n == expected, "%s: %d of %d threads are outside", label, n, threads);
}

/* expect_outside_of_all checks how many threads are outside, when the library has three at least. */
static void expect_outside_of_all(int expected, const char *label, int capabilities)
{
	int threads, n = outside(capabilities, &threads);

	check(threads >= 4 + expected && n == expected, "%s: %d of %d threads are outside", label, n, threads);
}

static void before_the_first_call(void)
{
	check(no_capabilities() && filter(0), "no sandbox");
	works();
	expect_outside(0, "before the first call", 1);
	busy();
	expect_outside_of_all(0, "before the first call, when busy", 1);
}

static void after_calls_of_one_thread(void)
{
	works();
	check(no_capabilities() && filter(0), "no sandbox");
	works();
	expect_outside(0, "after calls of one thread", 1);
	busy();
	expect_outside_of_all(0, "after calls of one thread, when busy", 1);
}

static void *enter_and_call(void *ignored)
{
	check(no_capabilities() && filter(0), "no sandbox");
	works();
	expect_outside(1, "by another thread", 1);
	busy();
	expect_outside_of_all(1, "by another thread, when busy", 1);
	return ignored;
}

/* If the thread that makes the first call is not the main thread, only the main thread is outside. */
static void by_another_thread(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, enter_and_call, NULL);
	pthread_join(thread, NULL);
}

static void for_all_threads(void)
{
	busy();
	check(filter(SECCOMP_FILTER_FLAG_TSYNC), "no filter for all threads");
	expect_outside_of_all(0, "a filter for all threads", 0);
	busy();
	expect_outside_of_all(0, "a filter for all threads, when busy", 0);
}

static void in_a_child(void)
{
	struct pair p;
	gss_buffer_desc token, message = GSS_C_EMPTY_BUFFER;
	OM_uint32 major, minor;
	int status = -1;
	pid_t pid;

	need_pair(&p, NULL);
	busy();
	check(no_capabilities() && filter(0), "no sandbox");
	pid = fork();
	if (pid == 0) {
		token = wrapped(p.init, 1, "text");
		major = gss_unwrap(&minor, p.accept, &token, &message, NULL, NULL);
		check(major == GSS_S_COMPLETE, "a message in the child: %s", major_text(major));
		busy();
		expect_outside_of_all(0, "a child", 1);
		_exit(end());
	}
	(void)waitpid(pid, &status, 0);
	check(status == 0, "the child: %#x", (unsigned)status);
}

static void part(const char *label, void (*body)(void))
{
	int status = -1;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		alarm(60);
		body();
		fflush(stdout);
		_exit(end());
	}
	(void)waitpid(pid, &status, 0);
	check(status == 0, "%s: %#x", label, (unsigned)status);
	fact("%s: done", label);
}

int main(void)
{
	begin(150);
	works(); /* children find the tickets, and need no threads to ask for them */
	part("before the first call", before_the_first_call);
	part("after calls of one thread", after_calls_of_one_thread);
	part("by another thread", by_another_thread);
	part("for all threads", for_all_threads);
	part("in a child", in_a_child);
	return end();
}

#else

int main(void)
{
	fact("skipped: here sandboxes are the process's");
	return 0;
}

#endif
