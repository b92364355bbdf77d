/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Plug-ins bring the library with them: it is opened and closed a thousand times, and used in between. One process has
 * several copies under different names, each with a Go runtime of its own.
 */
#define _GNU_SOURCE /* dladdr */
#include "harness.h"

#include <sys/wait.h>

#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <unistd.h>

/* A copy of the library other than the one with which the program is linked. */
struct library {
	void *handle;
	OM_uint32 (*import_name)(OM_uint32 *, gss_buffer_t, gss_OID, gss_name_t *);
	OM_uint32 (*release_name)(OM_uint32 *, gss_name_t *);
	OM_uint32 (*init_sec_context)(OM_uint32 *, gss_cred_id_t, gss_ctx_id_t *, gss_name_t, gss_OID, OM_uint32, OM_uint32,
	    gss_channel_bindings_t, gss_buffer_t, gss_OID *, gss_buffer_t, OM_uint32 *, OM_uint32 *);
	OM_uint32 (*delete_sec_context)(OM_uint32 *, gss_ctx_id_t *, gss_buffer_t);
	OM_uint32 (*wrap)(OM_uint32 *, gss_ctx_id_t, int, gss_qop_t, gss_buffer_t, int *, gss_buffer_t);
};

static void find(const struct library *l, const char *name, void *function)
{
	void *p = dlsym(l->handle, name);

	if (p == NULL) {
		fprintf(stderr, "%s\n", dlerror());
		exit(2);
	}
	memcpy(function, &p, sizeof(p));
}

static int open_library(struct library *l, const char *path)
{
	l->handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (l->handle == NULL) {
		check(0, "dlopen: %s", dlerror());
		return 0;
	}
	find(l, "gss_import_name", &l->import_name);
	find(l, "gss_release_name", &l->release_name);
	find(l, "gss_init_sec_context", &l->init_sec_context);
	find(l, "gss_delete_sec_context", &l->delete_sec_context);
	find(l, "gss_wrap", &l->wrap);
	return 1;
}

/* establish_with establishes a context with l as the initiator and the linked library as the acceptor. */
static int establish_with(const struct library *l, gss_ctx_id_t *init, gss_ctx_id_t *accept)
{
	gss_buffer_desc text = buffer(SERVICE), in = GSS_C_EMPTY_BUFFER, out = GSS_C_EMPTY_BUFFER;
	OM_uint32 major, minor;
	gss_name_t target;

	*init = *accept = GSS_C_NO_CONTEXT;
	if (l->import_name(&minor, &text, GSS_C_NT_HOSTBASED_SERVICE, &target) != GSS_S_COMPLETE)
		return 0;
	major = l->init_sec_context(&minor, GSS_C_NO_CREDENTIAL, init, target, GSS_C_NO_OID, ALL_FLAGS, 0,
	    GSS_C_NO_CHANNEL_BINDINGS, GSS_C_NO_BUFFER, NULL, &out, NULL, NULL);
	if (major != GSS_S_CONTINUE_NEEDED)
		return 0;
	major = gss_accept_sec_context(&minor, accept, GSS_C_NO_CREDENTIAL, &out, GSS_C_NO_CHANNEL_BINDINGS, NULL, NULL, &in,
	    NULL, NULL, NULL);
	gss_release_buffer(&minor, &out);
	if (major != GSS_S_COMPLETE)
		return 0;
	major = l->init_sec_context(&minor, GSS_C_NO_CREDENTIAL, init, target, GSS_C_NO_OID, ALL_FLAGS, 0,
	    GSS_C_NO_CHANNEL_BINDINGS, &in, NULL, &out, NULL, NULL);
	gss_release_buffer(&minor, &in);
	l->release_name(&minor, &target);
	return major == GSS_S_COMPLETE;
}

/* passes sends a message from l's context to that of the linked library. */
static int passes(const struct library *l, gss_ctx_id_t init, gss_ctx_id_t accept)
{
	gss_buffer_desc text = buffer("text"), token = GSS_C_EMPTY_BUFFER, out = GSS_C_EMPTY_BUFFER;
	OM_uint32 minor;
	int ok;

	ok = l->wrap(&minor, init, 1, GSS_C_QOP_DEFAULT, &text, NULL, &token) == GSS_S_COMPLETE &&
	    gss_unwrap(&minor, accept, &token, &out, NULL, NULL) == GSS_S_COMPLETE && out.length == 4;
	gss_release_buffer(&minor, &token);
	gss_release_buffer(&minor, &out);
	return ok;
}

static int lowest_descriptor(void)
{
	int fd = dup(0);

	close(fd);
	return fd;
}

static void thousand_times(const char *label, const char *path)
{
	struct library l;
	int i, before = lowest_descriptor();

	for (i = 0; i < 1000 && open_library(&l, path); i++)
		dlclose(l.handle);
	check(i == 1000, "%s: it could be opened %d times", label, i);
	check(lowest_descriptor() == before, "%s: descriptors are left", label);
	fact("%s: done", label);
}

/* The directory of the library. */
static const char *directory(void)
{
	static char path[4096];
	Dl_info info;
	OM_uint32 (*function)(OM_uint32 *, gss_name_t *) = gss_release_name;
	void *address;

	memcpy(&address, &function, sizeof(address));
	/* The address may be that of the program's own stub. */
	address = dlsym(RTLD_DEFAULT, "gss_release_name");
	if (address == NULL || dladdr(address, &info) == 0 || strlen(info.dli_fname) >= sizeof(path))
		exit(2);
	strcpy(path, info.dli_fname);
	*strrchr(path, '/') = '\0';
	return path;
}

static char *join(const char *dir, const char *name)
{
	char *path = malloc(strlen(dir) + strlen(name) + 2);

	sprintf(path, "%s/%s", dir, name);
	return path;
}

static void use(const char *label, const char *path)
{
	gss_ctx_id_t init, accept;
	struct library l;
	int status = -1;
	OM_uint32 minor;
	pid_t pid;

	if (!open_library(&l, path))
		return;
	check(establish_with(&l, &init, &accept), "%s: no context", label);
	dlclose(l.handle);
	/* That was the last reference, and the handles remain valid. */
	if (!open_library(&l, path))
		return;
	check(passes(&l, init, accept), "%s: no message", label);
	fflush(stdout);
	pid = fork();
	if (pid == 0)
		_exit(passes(&l, init, accept) && establish_with(&l, &init, &accept) && passes(&l, init, accept) ? 0 : 1);
	check(waitpid(pid, &status, 0) == pid && status == 0, "%s: in a child: %#x", label, status);
	l.delete_sec_context(&minor, &init, GSS_C_NO_BUFFER);
	gss_delete_sec_context(&minor, &accept, GSS_C_NO_BUFFER);
	dlclose(l.handle);
	fact("%s: done", label);
}

int main(void)
{
	char *copy = strdup(scratch("libgssapi.so.10"));
	char *other = join(directory(), "libgssapi_krb5.so.2");
	char *engine = strdup(scratch("libgssapi-engine.so"));

	begin(120);
	copy_file(join(directory(), "libgssapi.so.10"), copy);
	copy_file(join(directory(), "libgssapi-engine.so"), engine);
	thousand_times("opened and closed", copy);
	use("a library of a plug-in", copy);
	thousand_times("opened and closed when it was used", copy);
	if (access(other, R_OK) == 0) {
		use("a library of another name", other);
		use("the plug-in's again", copy);
	}
	return end();
}
