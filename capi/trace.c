/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * trace.c: lines of the trace. The file is opened for each line, because programs close descriptors that they do not know
 * and reuse the numbers for other files.
 */

#include <sys/resource.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "glue.h"

/*
 * Standard output and error are not opened by name: a socket cannot be, and a file that is opened again has an offset of
 * its own.
 */
static int
standard(const char *name)
{
	if (strcmp(name, "/dev/stderr") == 0)
		return STDERR_FILENO;
	if (strcmp(name, "/dev/stdout") == 0)
		return STDOUT_FILENO;
	return -1;
}

/*
 * may_write reports whether a file may become so many octets longer. FreeBSD sends SIGXFSZ to the process, and so to a
 * thread that has not blocked it; Linux writes as much of a line as fits.
 */
static int
may_write(int fd, size_t length)
{
	struct rlimit limit;
	struct stat st;

	return getrlimit(RLIMIT_FSIZE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY || fstat(fd, &st) != 0 ||
	    !S_ISREG(st.st_mode) || (rlim_t)st.st_size + length <= limit.rlim_cur;
}

/* put writes a line. If nobody reads it, from a pipe for instance, or there is no room for it, it is lost. */
static void
put(const char *name, const char *line, size_t length)
{
	int fd = standard(name), opened = fd < 0;

	while (fd < 0) {
		fd = open(name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600);
		if (fd < 0 && errno != EINTR)
			return;
	}
	while (may_write(fd, length) && write(fd, line, length) < 0 && errno == EINTR)
		continue;
	if (opened)
		(void)close(fd);
}

/*
 * Writing to a pipe without a reader raises SIGPIPE, and writing past the limit on file size SIGXFSZ, if another process has
 * just lengthened the file. A trace must not end the program, so a signal that its line has raised is consumed.
 */
void
engine_trace(const char *name, const char *line, size_t length)
{
	static const int unwanted[] = {SIGPIPE, SIGXFSZ};
	const struct timespec now = {0, 0};
	int cancellation = engine_defer_cancellation();
	sigset_t set, before, pending;
	size_t i;

	(void)sigemptyset(&set);
	for (i = 0; i < sizeof(unwanted) / sizeof(unwanted[0]); i++)
		(void)sigaddset(&set, unwanted[i]);
	(void)pthread_sigmask(SIG_BLOCK, &set, &before);
	(void)sigpending(&pending);
	put(name, line, length);
	for (i = 0; i < sizeof(unwanted) / sizeof(unwanted[0]); i++) {
		if (sigismember(&pending, unwanted[i]))
			continue;
		(void)sigemptyset(&set);
		(void)sigaddset(&set, unwanted[i]);
		while (sigtimedwait(&set, NULL, &now) < 0 && errno == EINTR)
			continue;
	}
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	engine_restore_cancellation(cancellation);
}
