/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A context that parent and child share by fork(2) is exported once; then the copies of all others are dead. Only this
 * library promises that.
 */
#include "harness.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static OM_uint32 wrap(gss_ctx_id_t context)
{
	gss_buffer_desc text = buffer("text"), token = GSS_C_EMPTY_BUFFER;
	OM_uint32 major, minor;

	major = gss_wrap(&minor, context, 1, 0, &text, NULL, &token);
	gss_release_buffer(&minor, &token);
	return major;
}

static OM_uint32 export(gss_ctx_id_t *context)
{
	gss_buffer_desc token = GSS_C_EMPTY_BUFFER;
	OM_uint32 major, minor;

	major = gss_export_sec_context(&minor, context, &token);
	gss_release_buffer(&minor, &token);
	return major;
}

static void expect(const char *what, OM_uint32 major, OM_uint32 wanted)
{
	fact("%s: %s", what, major_text(major));
	check(major == wanted, "%s: %s, not %s", what, major_text(major), major_text(wanted));
}

static char turn(int fd)
{
	char c = 0;

	return read(fd, &c, 1) == 1 ? c : 0;
}

/* The child uses both contexts, then the parent exports one of them, and the child the other. */
static int child(struct pair *p, int from, int to)
{
	OM_uint32 minor, lifetime;
	int n = 0;

	alarm(60);
	n += wrap(p->init) != GSS_S_COMPLETE;
	n += wrap(p->accept) != GSS_S_COMPLETE;
	if (write(to, "1", 1) != 1 || turn(from) != '2')
		return 100;
	n += 2 * (wrap(p->init) != GSS_S_NO_CONTEXT);
	n += 4 * (gss_context_time(&minor, p->init, &lifetime) != GSS_S_NO_CONTEXT);
	n += 8 * (export(&p->init) != GSS_S_NO_CONTEXT);
	n += 16 * (wrap(p->accept) != GSS_S_COMPLETE);
	n += 32 * (export(&p->accept) != GSS_S_COMPLETE);
	return write(to, "3", 1) == 1 ? n : 100;
}

/* race makes all children of one parent export the same context at once. */
static void race(int children)
{
	int gate[2], won = 0, status, i;
	struct pair p;
	char c;

	need_pair(&p, NULL);
	if (pipe(gate) != 0)
		exit(2);
	fflush(stdout);
	for (i = 0; i < children; i++) {
		if (fork() != 0)
			continue;
		alarm(60);
		close(gate[1]);
		wrap(p.accept); /* loads the engine */
		if (read(gate[0], &c, 1) != 0)
			_exit(2);
		_exit(export(&p.accept) == GSS_S_COMPLETE);
	}
	close(gate[0]);
	close(gate[1]);
	for (i = 0; i < children; i++) {
		if (wait(&status) < 0 || !WIFEXITED(status) || WEXITSTATUS(status) > 1)
			check(0, "a child ended with status %#x", (unsigned)status);
		else
			won += WEXITSTATUS(status);
	}
	check(won == 1, "%d of %d children exported the context", won, children);
	expect("the parent's copy after the race", wrap(p.accept), GSS_S_NO_CONTEXT);
	release_pair(&p);
}

int main(void)
{
	int to_child[2], to_parent[2], status = -1;
	struct pair p;
	pid_t pid;

	begin(120);
	need_pair(&p, NULL);
	if (pipe(to_child) != 0 || pipe(to_parent) != 0)
		return 2;
	fflush(stdout);
	pid = fork();
	if (pid == 0)
		_exit(child(&p, to_child[0], to_parent[1]));
	check(turn(to_parent[0]) == '1', "the child cannot use the contexts");
	expect("the parent, before", wrap(p.init), GSS_S_COMPLETE);
	expect("the parent exports", export(&p.init), GSS_S_COMPLETE);
	check(write(to_child[1], "2", 1) == 1 && turn(to_parent[0]) == '3', "the child has ended");
	expect("the parent's copy of what the child exported", wrap(p.accept), GSS_S_NO_CONTEXT);
	expect("and once more", export(&p.accept), GSS_S_NO_CONTEXT);
	check(waitpid(pid, &status, 0) == pid && WIFEXITED(status), "the child was killed");
	check(WEXITSTATUS(status) == 0, "the child saw %#x", (unsigned)WEXITSTATUS(status));
	release_pair(&p);
	race(8);
	return end();
}
