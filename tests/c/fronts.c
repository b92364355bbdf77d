/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Several fronts in one process: a program is linked with libgssapi.so.10, and its plug-ins bring libgssapi_krb5.so.2 and
 * FreeBSD 15's libgssapi_krb5.so.122. Each works, also in a child and from threads, and none accepts another's handles.
 */
#include "harness.h"

#include <gssapi/gssapi_krb5.h>

#include <dlfcn.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

/* The functions of one front. */
#define FUNCTIONS \
	X(gss_import_name) X(gss_release_name) X(gss_display_name) X(gss_init_sec_context) X(gss_accept_sec_context) \
	X(gss_delete_sec_context) X(gss_wrap) X(gss_unwrap) X(gss_release_buffer) X(gss_display_status) \
	X(gss_krb5_export_lucid_sec_context) X(gss_krb5_free_lucid_sec_context)

struct front {
	const char *label;
#define X(name) __typeof__(&name) name;
	FUNCTIONS
#undef X
	gss_OID mech;
};

#define FRONTS 3

static struct front fronts[FRONTS] = {
#define X(name) .name = name,
	{ .label = "libgssapi.so.10", FUNCTIONS },
#undef X
	{ .label = "libgssapi_krb5.so.2" },
	{ .label = "libgssapi_krb5.so.122" },
};

static void find_other(struct front *front)
{
	void *handle = dlopen(front->label, RTLD_NOW | RTLD_LOCAL), *p;

	if (handle == NULL) {
		printf("cannot go on: %s\n", dlerror());
		exit(2);
	}
#define X(name) \
	p = dlsym(handle, #name); \
	memcpy(&front->name, &p, sizeof(p));
	FUNCTIONS
#undef X
	p = dlsym(handle, "gss_mech_krb5");
	memcpy(&front->mech, p, sizeof(gss_OID));
	p = dlsym(RTLD_DEFAULT, "gss_mech_krb5");
	memcpy(&fronts[0].mech, p, sizeof(gss_OID));
}

struct ends {
	const struct front *init_front, *accept_front;
	gss_ctx_id_t init, accept;
};

/* connect_ends establishes a context between two fronts. */
static void connect_ends(struct ends *e)
{
	gss_buffer_desc target = buffer(SERVICE), in = GSS_C_EMPTY_BUFFER, out;
	gss_name_t name = GSS_C_NO_NAME;
	gss_OID type = GSS_C_NT_HOSTBASED_SERVICE, mech = GSS_C_NO_OID;
	OM_uint32 major, minor;

	e->init = e->accept = GSS_C_NO_CONTEXT;
	major = e->init_front->gss_import_name(&minor, &target, type, &name);
	need("import_name", major, minor);
	do {
		major = e->init_front->gss_init_sec_context(&minor, GSS_C_NO_CREDENTIAL, &e->init, name, GSS_C_NO_OID,
		    ALL_FLAGS, 0, GSS_C_NO_CHANNEL_BINDINGS, &in, NULL, &out, NULL, NULL);
		need("init_sec_context", major, minor);
		e->accept_front->gss_release_buffer(&minor, &in);
		if (out.length == 0)
			break;
		major = e->accept_front->gss_accept_sec_context(&minor, &e->accept, GSS_C_NO_CREDENTIAL, &out,
		    GSS_C_NO_CHANNEL_BINDINGS, NULL, &mech, &in, NULL, NULL, NULL);
		need("accept_sec_context", major, minor);
		e->init_front->gss_release_buffer(&minor, &out);
	} while (in.length != 0);
	e->init_front->gss_release_name(&minor, &name);
	check(mech == e->accept_front->mech, "%s: the mechanism is that front's object", e->accept_front->label);
}

static void disconnect(struct ends *e)
{
	OM_uint32 minor;

	e->init_front->gss_delete_sec_context(&minor, &e->init, GSS_C_NO_BUFFER);
	e->accept_front->gss_delete_sec_context(&minor, &e->accept, GSS_C_NO_BUFFER);
}

/* talk sends a message in each direction, and returns 0 if both arrive unchanged. */
static int talk(struct ends *e)
{
	const struct front *f[2] = { e->init_front, e->accept_front };
	gss_ctx_id_t c[2] = { e->init, e->accept };
	gss_buffer_desc message = buffer("a message"), token, result;
	OM_uint32 minor;
	int i, failed = 0;

	for (i = 0; i < 2; i++) {
		if (f[i]->gss_wrap(&minor, c[i], 1, 0, &message, NULL, &token) != GSS_S_COMPLETE)
			return 1;
		if (f[!i]->gss_unwrap(&minor, c[!i], &token, &result, NULL, NULL) != GSS_S_COMPLETE)
			return 1;
		failed |= !same(&message, &result);
		f[i]->gss_release_buffer(&minor, &token);
		f[!i]->gss_release_buffer(&minor, &result);
	}
	return failed;
}

static void try_strangers(const struct front *a, const struct front *b)
{
	gss_buffer_desc text = buffer("alice"), shown = GSS_C_EMPTY_BUFFER;
	OM_uint32 major, minor, other, context = 0;
	gss_name_t name = GSS_C_NO_NAME;

	major = a->gss_import_name(&minor, &text, GSS_C_NT_USER_NAME, &name);
	need("import_name", major, minor);
	major = b->gss_display_name(&minor, name, &shown, NULL);
	fact("%s, a name of the other: %s", b->label, major_text(major));
	major = b->gss_display_status(&other, minor, GSS_C_MECH_CODE, GSS_C_NO_OID, &context, &shown);
	fact("%s, text of that: %s", b->label, major == GSS_S_COMPLETE ? quoted(&shown) : major_text(major));
	b->gss_release_buffer(&minor, &shown);
	context = 0;
	major = a->gss_display_name(&minor, name, &shown, NULL);
	fact("%s, the same name: %s", a->label, major == GSS_S_COMPLETE ? quoted(&shown) : major_text(major));
	a->gss_release_buffer(&minor, &shown);
	a->gss_release_name(&minor, &name);
}

/* try_lucid: exporting a lucid context deletes the context in MIT's library, but not in FreeBSD's. */
static void try_lucid(const struct front *f, int consumed)
{
	struct ends e = { f, f, GSS_C_NO_CONTEXT, GSS_C_NO_CONTEXT };
	OM_uint32 major, minor;
	void *lucid = NULL;

	connect_ends(&e);
	major = f->gss_krb5_export_lucid_sec_context(&minor, &e.init, 1, &lucid);
	need("export_lucid_sec_context", major, minor);
	f->gss_krb5_free_lucid_sec_context(&minor, lucid);
	check((e.init == GSS_C_NO_CONTEXT) == consumed, "%s: a context after it was exported in the clear", f->label);
	check((talk(&e) == 0) == !consumed, "%s: messages after that", f->label);
	disconnect(&e);
}

static void *talk_often(void *argument)
{
	int i, failures = 0;

	for (i = 0; i < 200; i++)
		failures += talk(argument);
	return failures == 0 ? NULL : argument;
}

int main(void)
{
	struct ends ends[FRONTS * FRONTS];
	pthread_t threads[FRONTS * FRONTS];
	void *failed;
	pid_t pid;
	int i, status = -1;

	begin(60);
	for (i = 1; i < FRONTS; i++)
		find_other(&fronts[i]);
	for (i = 0; i < FRONTS * FRONTS; i++) {
		ends[i].init_front = &fronts[i % FRONTS];
		ends[i].accept_front = &fronts[i / FRONTS];
		connect_ends(&ends[i]);
		fact("%s initiates, %s accepts: %s", ends[i].init_front->label, ends[i].accept_front->label,
		    talk(&ends[i]) == 0 ? "messages pass" : "messages are lost");
	}
	try_strangers(&fronts[0], &fronts[1]);
	try_strangers(&fronts[1], &fronts[0]);
	try_strangers(&fronts[2], &fronts[1]);
	try_lucid(&fronts[0], 0);
	try_lucid(&fronts[1], 1);
	try_lucid(&fronts[2], 1);
	for (i = 0; i < FRONTS * FRONTS; i++) {
		if (pthread_create(&threads[i], NULL, talk_often, &ends[i]) != 0)
			exit(2);
	}
	for (i = 0; i < FRONTS * FRONTS; i++) {
		pthread_join(threads[i], &failed);
		check(failed == NULL, "thread %d", i);
	}
	fact("threads in all: done");

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		struct ends fresh = { &fronts[2], &fronts[0], GSS_C_NO_CONTEXT, GSS_C_NO_CONTEXT };

		alarm(50);
		for (i = 0; i < FRONTS * FRONTS; i++) {
			if (talk(&ends[i]) != 0)
				_exit(10 + i);
		}
		connect_ends(&fresh);
		_exit(talk(&fresh) != 0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		exit(2);
	check(status == 0, "a child goes on with all: status %#x", (unsigned)status);
	for (i = 0; i < FRONTS * FRONTS; i++) {
		check(talk(&ends[i]) == 0, "context %d in the parent after fork", i);
		disconnect(&ends[i]);
	}
	fact("a child: done");
	return end();
}
