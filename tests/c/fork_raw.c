/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A child that was made without the handlers of pthread_atfork(3) inherits no handle, finds that out by itself, and can use
 * the library like any other process. Only this library promises that.
 */
#define _GNU_SOURCE
#include "harness.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static struct pair pair;
static gss_cred_id_t cred;
static gss_name_t name;

static int exchange(struct pair *p)
{
	gss_buffer_desc text = buffer("text"), token = GSS_C_EMPTY_BUFFER, message = GSS_C_EMPTY_BUFFER;
	OM_uint32 minor;
	int ok = gss_wrap(&minor, p->init, 1, GSS_C_QOP_DEFAULT, &text, NULL, &token) == GSS_S_COMPLETE &&
	    gss_unwrap(&minor, p->accept, &token, &message, NULL, NULL) == GSS_S_COMPLETE && same(&text, &message);

	gss_release_buffer(&minor, &token);
	gss_release_buffer(&minor, &message);
	return ok;
}

/* old counts the handles of the parent that do not behave like dead ones. */
static int old(void)
{
	gss_buffer_desc text = buffer("text"), token = GSS_C_EMPTY_BUFFER;
	gss_ctx_id_t context = pair.accept;
	OM_uint32 minor;
	int n = 0;

	n += gss_wrap(&minor, pair.init, 1, GSS_C_QOP_DEFAULT, &text, NULL, &token) != GSS_S_NO_CONTEXT;
	n += gss_delete_sec_context(&minor, &context, GSS_C_NO_BUFFER) != GSS_S_NO_CONTEXT;
	n += gss_inquire_cred(&minor, cred, NULL, NULL, NULL, NULL) != GSS_S_NO_CRED;
	n += gss_display_name(&minor, name, &token, NULL) != GSS_S_BAD_NAME;
	return n;
}

static int status_of(pid_t pid)
{
	int status = -1;

	return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : 99;
}

static int child(void)
{
	struct options o = { .flags = ALL_FLAGS };
	struct pair fresh;
	pid_t pid;

	if (old() != 0)
		return 1;
	if (!establish(&fresh, &o) || !exchange(&fresh))
		return 2;
	/* A child made as usual inherits its own handles, but not those that it has lost. */
	pid = fork();
	if (pid == 0)
		_exit(old() != 0 ? 3 : !exchange(&fresh) ? 4 : 0);
	return status_of(pid);
}

/* The process in between makes no call, and its child must not inherit from the grandparent. */
static int skipped(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(old() != 0 ? 5 : 0);
	return status_of(pid);
}

int main(void)
{
	OM_uint32 major, minor;
	pid_t pid;
	int i, status;

	begin(60);
	need_pair(&pair, NULL);
	major = gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, GSS_C_NO_OID_SET, GSS_C_INITIATE, &cred, NULL, NULL);
	need("gss_acquire_cred", major, minor);
	name = import("alice", GSS_C_NT_USER_NAME);
	fflush(stdout);
	for (i = 0; i < 2; i++) {
		pid = raw_fork();
		if (pid == 0)
			_exit(i == 0 ? child() : skipped());
		status = status_of(pid);
		check(status == 0, "raw child %d ends with %d", i, status);
	}
	fact("children of their own making: done");
	check(exchange(&pair), "the parent does not go on");
	return end();
}
