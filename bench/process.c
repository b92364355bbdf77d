/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * process OURS THEIRS: what it costs to authenticate once in a process of its own: a context from init to accept and ten
 * messages each way, from the fork(2) until the child is waited for. Medians in microseconds, the two libraries in turn.
 *
 *	cold	the parent has the library and has never called it (PostgreSQL)
 *	warm	the parent has a credential and a context (servers that fork beforehand)
 *	exec	a new program (sshd, psql, curl)
 *
 * Then what such a process has of memory while it holds the context.
 *
 * Each library has processes of its own, which do a round when they are asked to. The environment must have a realm, as
 * for fork.c.
 */

#define _DEFAULT_SOURCE
#define _XOPEN_SOURCE 700

#include "library.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS 61
#define MESSAGES 10

static struct library gss;

static void
must(const char *what, OM_uint32 major)
{
	if (!GSS_ERROR(major))
		return;
	fprintf(stderr, "process: %s: major %#lx\n", what, (unsigned long)major);
	_exit(1);
}

static void
message(gss_ctx_id_t from, gss_ctx_id_t to)
{
	gss_buffer_desc text = {4, "text"}, token, plain;
	OM_uint32 minor;

	must("gss_wrap", gss.wrap(&minor, from, 1, GSS_C_QOP_DEFAULT, &text, NULL, &token));
	must("gss_unwrap", gss.unwrap(&minor, to, &token, &plain, NULL, NULL));
	gss.release_buffer(&minor, &token);
	gss.release_buffer(&minor, &plain);
}

static void
authenticate(gss_cred_id_t cred)
{
	gss_buffer_desc text = {14, "demo@localhost"}, first, second = GSS_C_EMPTY_BUFFER;
	gss_ctx_id_t init = GSS_C_NO_CONTEXT, accept = GSS_C_NO_CONTEXT;
	OM_uint32 minor, flags = GSS_C_MUTUAL_FLAG | GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG;
	gss_name_t target;
	int i;

	must("gss_import_name", gss.import_name(&minor, &text, *gss.hostbased, &target));
	must("gss_init_sec_context", gss.init_sec_context(&minor, GSS_C_NO_CREDENTIAL, &init, target, GSS_C_NO_OID, flags, 0,
	    GSS_C_NO_CHANNEL_BINDINGS, GSS_C_NO_BUFFER, NULL, &first, NULL, NULL));
	must("gss_accept_sec_context", gss.accept_sec_context(&minor, &accept, cred, &first, GSS_C_NO_CHANNEL_BINDINGS, NULL,
	    NULL, &second, NULL, NULL, NULL));
	gss.release_buffer(&minor, &first);
	must("gss_init_sec_context", gss.init_sec_context(&minor, GSS_C_NO_CREDENTIAL, &init, target, GSS_C_NO_OID, flags, 0,
	    GSS_C_NO_CHANNEL_BINDINGS, &second, NULL, &first, NULL, NULL));
	gss.release_buffer(&minor, &second);
	gss.release_buffer(&minor, &first);
	gss.release_name(&minor, &target);
	for (i = 0; i < MESSAGES; i++) {
		message(init, accept);
		message(accept, init);
	}
}

static double
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

/* What a process may be asked for. */
enum { COLD = 'c', WARM = 'w', EXEC = 'e', PRIVATE = 'p', ADDRESSES = 'a', KINDS = 3 };

/* memory gives a figure of this process in KiB, or 0 where the system does not tell. */
static double
memory(int what)
{
	const char *file = what == PRIVATE ? "/proc/self/smaps_rollup" : "/proc/self/status";
	const char *label = what == PRIVATE ? "Anonymous:" : "VmSize:";
	char line[256];
	long kib = 0;
	FILE *f = fopen(file, "r");

	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, label, strlen(label)) == 0)
			kib = strtol(line + strlen(label), NULL, 10);
	if (f != NULL)
		fclose(f);
	return (double)kib;
}

/* round does what is asked for once and returns how long that took. */
static double
one_round(int what, char **argv, gss_cred_id_t cred)
{
	double begin = now();
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		if (what == EXEC)
			execl(argv[0], argv[0], "once", argv[2], (char *)NULL);
		else
			authenticate(cred);
		_exit(what == EXEC);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
		exit(1);
	return now() - begin;
}

/* serve is a parent: it does a round for each letter that it reads, and writes the figure. */
static int
serve(char **argv)
{
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	int prepared = 0;
	OM_uint32 minor;
	double figure;
	char what;

	library_open(&gss, argv[2]);
	while (read(0, &what, 1) == 1) {
		if (what != COLD && what != EXEC && !prepared) {
			if (what == WARM)
				must("gss_acquire_cred", gss.acquire_cred(&minor, GSS_C_NO_NAME, 0, GSS_C_NO_OID_SET, GSS_C_ACCEPT,
				    &cred, NULL, NULL));
			authenticate(cred);
			prepared = 1;
		}
		figure = what == PRIVATE || what == ADDRESSES ? memory(what) : one_round(what, argv, cred);
		if (write(1, &figure, sizeof(figure)) != sizeof(figure))
			return 1;
	}
	return 0;
}

struct parent {
	int ask, answer;
};

static struct parent
start(char **argv, const char *library)
{
	int to[2], from[2];
	struct parent p;

	if (pipe(to) != 0 || pipe(from) != 0)
		exit(1);
	switch (fork()) {
	case -1:
		exit(1);
	case 0:
		(void)dup2(to[0], 0);
		(void)dup2(from[1], 1);
		(void)close(to[1]);
		(void)close(from[0]);
		execl(argv[0], argv[0], "serve", library, (char *)NULL);
		_exit(1);
	}
	(void)close(to[0]);
	(void)close(from[1]);
	p.ask = to[1];
	p.answer = from[0];
	return p;
}

static double
ask(const struct parent *p, int what)
{
	char letter = (char)what;
	double figure;

	if (write(p->ask, &letter, 1) != 1 || read(p->answer, &figure, sizeof(figure)) != sizeof(figure)) {
		fprintf(stderr, "process: a process has ended\n");
		exit(1);
	}
	return figure;
}

static int
ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
median(double *figures)
{
	qsort(figures, ROUNDS, sizeof(*figures), ascending);
	return figures[ROUNDS / 2];
}

static void
row(const char *label, double ours, double theirs)
{
	printf("%-28s %10.0f %10.0f %9.2fx\n", label, ours, theirs, theirs > 0 ? ours / theirs : 0);
}

int
main(int argc, char **argv)
{
	static const struct {
		int what;
		const char *label;
	} kinds[KINDS] = {{COLD, "cold"}, {WARM, "warm"}, {EXEC, "exec"}};
	double ours[KINDS][ROUNDS], theirs[KINDS][ROUNDS];
	struct parent us[KINDS], them[KINDS];
	int i, k;

	if (argc < 3)
		return 2;
	if (strcmp(argv[1], "serve") == 0)
		return serve(argv);
	if (strcmp(argv[1], "once") == 0) {
		library_open(&gss, argv[2]);
		authenticate(GSS_C_NO_CREDENTIAL);
		return 0;
	}
	for (k = 0; k < KINDS; k++) {
		us[k] = start(argv, argv[1]);
		them[k] = start(argv, argv[2]);
	}
	for (i = -3; i < ROUNDS; i++) { /* the first ones are not counted */
		for (k = 0; k < KINDS; k++) {
			ours[k][i < 0 ? 0 : i] = ask(&us[k], kinds[k].what);
			theirs[k][i < 0 ? 0 : i] = ask(&them[k], kinds[k].what);
		}
	}
	printf("%-28s %10s %10s %10s\n", "a process, microseconds", "ours", "theirs", "ours/theirs");
	for (k = 0; k < KINDS; k++)
		row(kinds[k].label, median(ours[k]), median(theirs[k]));
	printf("%-28s %10s %10s %10s\n", "memory with a context, KiB", "ours", "theirs", "ours/theirs");
	row("private", ask(&us[1], PRIVATE), ask(&them[1], PRIVATE));
	row("addresses", ask(&us[1], ADDRESSES), ask(&them[1], ADDRESSES));
	return 0;
}
