/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * KRB5_TRACE in processes of all kinds: children, many threads, programs that close all descriptors, and traces that nobody
 * reads or that may not grow. Each line stays whole, and no other file and no program is harmed.
 */
#include "harness.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#define THREADS 8
#define CALLS 25

static const char *trace_to(const char *path)
{
	setenv("KRB5_TRACE", path, 1);
	return path;
}

/* fails makes a call that traces some lines, the last with a name in it. */
static void fails(void)
{
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	OM_uint32 minor;

	check(gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, GSS_C_NO_OID_SET, GSS_C_INITIATE, &cred, NULL, NULL) ==
	    GSS_S_NO_CRED, "the call does not fail");
}

/* fails_at_once makes one that asks no KDC, so that signals are not blocked. */
static void fails_at_once(void)
{
	static long long nothing[2];
	OM_uint32 minor, lifetime;

	check(gss_context_time(&minor, (gss_ctx_id_t)nothing, &lifetime) == GSS_S_NO_CONTEXT, "the call does not fail");
}

/* lines counts the complete lines of a file, and those that report a failure of the process. */
static int lines(const char *path, pid_t pid, int *failures)
{
	static char line[65536];
	char begin[64];
	FILE *f = fopen(path, "r");
	int n = 0;
	size_t length;

	*failures = 0;
	snprintf(begin, sizeof(begin), "[%ld] ", (long)pid);
	while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
		length = strlen(line);
		check(line[0] == '[' && line[length - 1] == '\n' && strchr(line + 1, '[') == NULL, "not whole: %.80s", line);
		if (strncmp(line, begin, strlen(begin)) == 0 && strstr(line, "gss_acquire_cred fails: ") != NULL)
			++*failures;
		n++;
	}
	if (f != NULL)
		fclose(f);
	return n;
}

static int ended_well(pid_t pid)
{
	int status = -1;

	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void *many(void *ignored)
{
	int i;

	for (i = 0; i < CALLS; i++)
		fails();
	return ignored;
}

/* together lets threads, and their children, trace at the same time. */
static void together(void)
{
	const char *path = trace_to(scratch("together"));
	pthread_t threads[THREADS];
	pid_t children[THREADS];
	int i, failures;

	for (i = 0; i < THREADS; i++) {
		children[i] = fork();
		if (children[i] == 0) {
			(void)many(NULL);
			_exit(end());
		}
		if (pthread_create(&threads[i], NULL, many, NULL) != 0)
			exit(2);
	}
	for (i = 0; i < THREADS; i++) {
		(void)pthread_join(threads[i], NULL);
		check(ended_well(children[i]), "a child");
	}
	check(lines(path, getpid(), &failures) >= 2 * THREADS * CALLS, "lines are missing");
	check(failures == THREADS * CALLS, "%d failures of the parent", failures);
	for (i = 0; i < THREADS; i++) {
		(void)lines(path, children[i], &failures);
		check(failures == CALLS, "%d failures of a child", failures);
	}
}

/* closed closes all descriptors between two calls, and reuses their numbers for a file of its own. */
static void closed(void)
{
	const char *path = trace_to(scratch("closed"));
	struct stat st;
	pid_t pid = fork();
	int fd, failures;

	if (pid == 0) {
		fails();
		for (fd = 3; fd < 256; fd++)
			(void)close(fd);
		fd = open(scratch("own"), O_RDWR | O_CREAT, 0600);
		while (fd >= 0 && fd < 255)
			fd = dup(fd);
		fails();
		_exit(end());
	}
	check(ended_well(pid), "a program that closes all");
	(void)lines(path, pid, &failures);
	check(failures == 2, "%d failures", failures);
	check(stat(scratch("own"), &st) == 0 && st.st_size == 0, "its own file has the trace");
}

static volatile sig_atomic_t signals;

static void count_signal(int number)
{
	(void)number;
	signals = signals + 1;
}

/* in_child runs body in a process of its own, with default signals (0) or counting them. */
static void in_child(const char *what, void (*body)(void), int counted)
{
	pid_t pid = fork();

	if (pid == 0) {
		alarm(30);
		signal(SIGPIPE, counted ? count_signal : SIG_DFL);
		signal(SIGXFSZ, counted ? count_signal : SIG_DFL);
		body();
		check(signals == 0, "%s: %d signals", what, (int)signals);
		_exit(end());
	}
	check(ended_well(pid), "%s", what);
}

/* unread: nobody reads standard error. */
static void unread(void)
{
	int ends[2];

	if (pipe(ends) != 0 || dup2(ends[1], STDERR_FILENO) < 0 || close(ends[0]) != 0 || close(ends[1]) != 0)
		_exit(80);
	trace_to("/dev/stderr");
	fails();
	fails_at_once();
	/* A pending signal of the program's own is preserved. */
	if (signals == 0) {
		sigset_t set, before;

		sigemptyset(&set);
		sigaddset(&set, SIGPIPE);
		sigprocmask(SIG_BLOCK, &set, &before);
		raise(SIGPIPE);
		fails();
		fails_at_once();
		sigpending(&set);
		check(sigismember(&set, SIGPIPE), "the program's own SIGPIPE is gone");
		signal(SIGPIPE, SIG_IGN);
		sigprocmask(SIG_SETMASK, &before, NULL);
	}
}

/* named: nobody has opened the named pipe. */
static void named(void)
{
	if (mkfifo(scratch("fifo"), 0600) != 0)
		_exit(80);
	trace_to(scratch("fifo"));
	fails();
}

static void *sleeps(void *ignored)
{
	for (;;)
		pause();
	return ignored;
}

/* limited: the file must not grow by a line. Another thread would receive a signal sent to the process. */
static void limited(void)
{
	struct rlimit limit;
	struct stat before, after;
	pthread_t other;

	trace_to(scratch("limited"));
	fails();
	if (stat(scratch("limited"), &before) != 0 || pthread_create(&other, NULL, sleeps, NULL) != 0)
		_exit(80);
	limit.rlim_cur = limit.rlim_max = (rlim_t)before.st_size + 10;
	if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
		_exit(80);
	fails();
	fails_at_once();
	check(stat(scratch("limited"), &after) == 0 && after.st_size == before.st_size, "a part of a line was written");
}

/* standard: /dev/stderr is the program's own standard error, with its position in the file. */
static void standard(void)
{
	const char *path = scratch("stderr");
	pid_t pid = fork();
	char first[64];
	int fd, failures;
	FILE *f;

	if (pid == 0) {
		fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
		if (fd < 0 || dup2(fd, STDERR_FILENO) < 0)
			_exit(80);
		dprintf(STDERR_FILENO, "[the program's own line\n");
		trace_to("/dev/stderr");
		fails();
		dprintf(STDERR_FILENO, "[the program's other line\n");
		_exit(end());
	}
	check(ended_well(pid), "standard error");
	check(lines(path, pid, &failures) >= 4 && failures == 1, "standard error has other lines");
	f = fopen(path, "r");
	check(f != NULL && fgets(first, sizeof(first), f) != NULL && strcmp(first, "[the program's own line\n") == 0,
	    "the program's line was overwritten");
	if (f != NULL)
		fclose(f);
}

int main(void)
{
	struct stat st;
	int counted;

	begin(120);
	setenv("KRB5CCNAME", "FILE:/nonexistent/ccache", 1);
	together();
	check(stat(scratch("together"), &st) == 0 && (st.st_mode & 0777) == 0600, "others can read the trace");
	closed();
	standard();
	for (counted = 0; counted < 2; counted++) {
		unlink(scratch("fifo"));
		unlink(scratch("limited"));
		in_child("a pipe without a reader", unread, counted);
		in_child("a named pipe", named, counted);
		in_child("a limit of the size", limited, counted);
	}
	fact("traces of processes: done");
	return end();
}
