/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * start.c: where a program begins, for those of the cross build. The start files that zig links call __libc_start1, which
 * FreeBSD 14's libc has and FreeBSD 13's lacks: the linker would refuse each program there. So it is in the program itself,
 * and does for a dynamic program what both releases do.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

extern char **environ;
extern const char *__progname;

void __libc_start1(int argc, char **argv, char **env, void (*cleanup)(void), int (*program)(int, char **, char **))
    __attribute__((visibility("hidden"), noreturn));

void
__libc_start1(int argc, char **argv, char **env, void (*cleanup)(void), int (*program)(int, char **, char **))
{
	if (environ == NULL)
		environ = env;
	if (argc > 0 && argv[0] != NULL) {
		const char *slash = strrchr(argv[0], '/');

		__progname = slash != NULL ? slash + 1 : argv[0];
	}
	(void)atexit(cleanup);
	errno = 0;
	exit(program(argc, argv, env));
}
