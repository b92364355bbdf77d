/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * limit SECONDS COMMAND [ARGUMENT...]: runs a command in a process group of its own and exits with its status, 128 and
 * the signal if one ended it. When it ends, when the time is over, or when a signal ends this program, what is left of
 * the group is killed. timeout(1) is not everywhere, and spares the children of a command that has ended.
 */
#define _POSIX_C_SOURCE 200809L

#include <sys/types.h>
#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static volatile pid_t group;

static void end(int signal)
{
	(void)kill(-group, SIGKILL);
	_exit(128 + (signal == SIGALRM ? SIGKILL : signal));
}

static void handle(int signal, void (*handler)(int))
{
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	action.sa_handler = handler;
	(void)sigaction(signal, &action, NULL);
}

int main(int argc, char **argv)
{
	static const int signals[] = {SIGALRM, SIGHUP, SIGINT, SIGTERM};
	sigset_t mask, before;
	unsigned seconds = argc > 2 ? (unsigned)strtoul(argv[1], NULL, 10) : 0;
	size_t i;
	int status;

	if (seconds == 0) {
		fprintf(stderr, "usage: limit SECONDS COMMAND [ARGUMENT...]\n");
		return 125;
	}
	(void)sigemptyset(&mask);
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		(void)sigaddset(&mask, signals[i]);
		handle(signals[i], SIG_DFL); /* a shell has its background commands ignore SIGINT */
	}
	(void)sigprocmask(SIG_BLOCK, &mask, &before);
	group = fork();
	if (group < 0) {
		perror("limit: fork");
		return 125;
	}
	if (group == 0) {
		(void)setpgid(0, 0);
		(void)sigprocmask(SIG_SETMASK, &before, NULL);
		(void)execvp(argv[2], argv + 2);
		fprintf(stderr, "limit: %s: %s\n", argv[2], strerror(errno));
		_exit(errno == ENOENT ? 127 : 126);
	}
	(void)setpgid(group, group); /* whichever is first */
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		handle(signals[i], end);
	(void)alarm(seconds);
	(void)sigprocmask(SIG_UNBLOCK, &mask, NULL);
	while (waitpid(group, &status, 0) < 0)
		if (errno != EINTR)
			return 125;
	(void)kill(-group, SIGKILL);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
