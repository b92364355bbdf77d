/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A child after fork(2): handles of the parent live on, new calls work, nothing hangs; the parent goes on.
 * Only this library promises that.
 */
#include "harness.h"

#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

/* in_child runs f in a child and waits for it; a child that hangs ends by its own alarm. */
static void in_child(const char *label, int (*f)(void *), void *argument)
{
	pid_t pid;
	int status = -1;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		signal(SIGALRM, SIG_DFL);
		alarm(60);
		_exit(f(argument));
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		exit(2);
	if (WIFSIGNALED(status))
		check(0, "%s: the child ended by signal %d", label, WTERMSIG(status));
	else
		check(WEXITSTATUS(status) == 0, "%s: the child exited with %d", label, WEXITSTATUS(status));
	fact("%s: done", label);
}

static int works(void)
{
	struct pair p;
	gss_buffer_desc token, message;
	OM_uint32 major, minor;
	struct options o = { .flags = ALL_FLAGS };

	if (!establish(&p, &o)) {
		fact("in the child: %s, minor %lu; %s, minor %lu", major_text(p.init_major),
		    (unsigned long)p.init_minor, major_text(p.accept_major), (unsigned long)p.accept_minor);
		return 0;
	}
	token = wrapped(p.init, 1, "text");
	major = gss_unwrap(&minor, p.accept, &token, &message, NULL, NULL);
	if (GSS_ERROR(major))
		return 0;
	gss_release_buffer(&minor, &message);
	gss_release_buffer(&minor, &token);
	release_pair(&p);
	return 1;
}

struct handles {
	struct pair pair;
	gss_cred_id_t cred;
	gss_name_t name;
};

static int old_handles(void *argument)
{
	struct handles *h = argument;
	gss_buffer_desc text = buffer("text"), token = GSS_C_EMPTY_BUFFER;
	gss_ctx_id_t context;
	gss_cred_id_t cred;
	gss_name_t copy = GSS_C_NO_NAME, name;
	OM_uint32 minor;
	int n = 0;

	n += gss_wrap(&minor, h->pair.init, 1, 0, &text, NULL, &token) != GSS_S_COMPLETE;
	gss_release_buffer(&minor, &token);
	n += gss_inquire_cred(&minor, h->cred, NULL, NULL, NULL, NULL) != GSS_S_COMPLETE;
	n += gss_duplicate_name(&minor, h->name, &copy) != GSS_S_COMPLETE;
	gss_release_name(&minor, &copy);
	/* Programs release in the child what they got in the parent. */
	context = h->pair.init;
	cred = h->cred;
	name = h->name;
	n += gss_delete_sec_context(&minor, &context, GSS_C_NO_BUFFER) != GSS_S_COMPLETE;
	n += gss_release_cred(&minor, &cred) != GSS_S_COMPLETE;
	n += gss_release_name(&minor, &name) != GSS_S_COMPLETE;
	n += works() ? 0 : 100;
	/* New handles differ from the old ones. */
	n += GSS_ERROR(gss_wrap(&minor, h->pair.init, 1, 0, &text, NULL, &token)) != GSS_S_NO_CONTEXT;
	n += GSS_ERROR(gss_inquire_cred(&minor, h->cred, NULL, NULL, NULL, NULL)) != GSS_S_NO_CRED;
	n += GSS_ERROR(gss_display_name(&minor, h->name, &token, NULL)) != GSS_S_BAD_NAME;
	return n;
}

static int new_calls(void *argument)
{
	(void)argument;
	return works() ? 0 : 1;
}

static int generations(void *argument)
{
	int *left = argument;
	pid_t pid;
	int status = -1;

	if (!works())
		return 1;
	if (--*left == 0)
		return 0;
	pid = fork();
	if (pid == 0)
		_exit(generations(argument));
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
		return 2;
	return works() ? 0 : 3;
}

static int ends_by_exit(void *argument)
{
	(void)argument;
	if (!works())
		return 1;
	exit(0);
}

static int only_data(void *argument)
{
	gss_buffer_desc text = buffer("text"), token = GSS_C_EMPTY_BUFFER;
	OM_uint32 minor;

	(void)argument;
	if (gss_encapsulate_token(&text, &krb5_mech, &token) != GSS_S_COMPLETE)
		return 1;
	gss_release_buffer(&minor, &token);
	return 0;
}

static volatile int stop;

static void *busy(void *argument)
{
	gss_buffer_desc text = buffer("text"), token;
	struct handles *h = argument;
	OM_uint32 minor;

	while (!stop) {
		if (!GSS_ERROR(gss_wrap(&minor, h->pair.init, 1, 0, &text, NULL, &token)))
			gss_release_buffer(&minor, &token);
	}
	return NULL;
}

int main(void)
{
	struct handles h;
	pthread_t thread;
	OM_uint32 major, minor;
	int i, left = 4;
	char label[64];

	begin(170);
	in_child("a child before the first call", new_calls, NULL);
	in_child("a child of data functions", only_data, NULL);

	need_pair(&h.pair, NULL);
	major = gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, GSS_C_NO_OID_SET, GSS_C_INITIATE, &h.cred, NULL, NULL);
	need("gss_acquire_cred", major, minor);
	h.name = import("alice", GSS_C_NT_USER_NAME);
	in_child("old handles", old_handles, &h);
	for (i = 0; i < 5; i++) {
		snprintf(label, sizeof(label), "child %d of many", i);
		in_child(label, new_calls, NULL);
	}
	in_child("four generations", generations, &left);
	in_child("a child that exits", ends_by_exit, NULL);

	if (pthread_create(&thread, NULL, busy, &h) != 0)
		return 2;
	for (i = 0; i < 5; i++) {
		snprintf(label, sizeof(label), "child %d while a thread is in a call", i);
		in_child(label, new_calls, NULL);
	}
	stop = 1;
	pthread_join(thread, NULL);

	check(works(), "the parent does not work any more");
	gss_release_name(&minor, &h.name);
	gss_release_cred(&minor, &h.cred);
	release_pair(&h.pair);
	return end();
}
