/* SPDX-License-Identifier: BSD-2-Clause */

/* child.h: waits for a child that may hang with all signals blocked. */

#ifndef CHILD_H
#define CHILD_H

#include <sys/types.h>
#include <sys/wait.h>

#include <signal.h>
#include <time.h>
#include <unistd.h>

#define CHILD_SECONDS 100

/* ends_well reports whether the child exits with 0 in time; otherwise it kills the child. */
static inline int
ends_well(pid_t pid)
{
	struct timespec tick = {0, 10000000};
	int ticks, status;

	for (ticks = 0; ticks < CHILD_SECONDS * 100; ticks++) {
		if (waitpid(pid, &status, WNOHANG) == pid)
			return status == 0;
		(void)nanosleep(&tick, NULL);
	}
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, &status, 0);
	return 0;
}

#endif
