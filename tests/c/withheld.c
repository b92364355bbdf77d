/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a program withholds from children after fork(2): one context, one credential, or all of them. The child finds no
 * such handle, and the key is not in its memory; the parent goes on. Only this library has the option.
 */
#include "harness.h"

#include <gssapi/gssapi_ext.h>

#include <sys/wait.h>
#include <unistd.h>

static gss_OID_desc withhold = { GSS_WITHHOLD_OID_LENGTH, (void *)GSS_WITHHOLD_OID };

static struct pair given, kept;
static gss_cred_id_t given_cred = GSS_C_NO_CREDENTIAL, kept_cred = GSS_C_NO_CREDENTIAL;
static gss_name_t name;
static unsigned char masked[64], given_masked[64];
static size_t length;

static int alive(struct pair *p)
{
	gss_buffer_desc text = buffer("text"), token = GSS_C_EMPTY_BUFFER;
	OM_uint32 minor, major = gss_wrap(&minor, p->init, 1, GSS_C_QOP_DEFAULT, &text, NULL, &token);

	gss_release_buffer(&minor, &token);
	return major == GSS_S_COMPLETE ? 1 : major == GSS_S_NO_CONTEXT ? 0 : -1;
}

static int usable(gss_cred_id_t cred)
{
	OM_uint32 minor, major = gss_inquire_cred(&minor, cred, NULL, NULL, NULL, NULL);

	return major == GSS_S_COMPLETE ? 1 : GSS_ROUTINE_ERROR(major) == GSS_S_NO_CRED ? 0 : -1;
}

static gss_cred_id_t acceptor(void)
{
	gss_cred_id_t cred;
	OM_uint32 major, minor;

	major = gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, GSS_C_NO_OID_SET, GSS_C_ACCEPT, &cred, NULL, NULL);
	need("gss_acquire_cred", major, minor);
	return cred;
}

/* in_child examines the memory of a child and of its children. */
static void in_child(const char *label, void (*body)(const char *))
{
	int status = -1;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		alarm(60);
		body(label);
		_exit(end());
	}
	waitpid(pid, &status, 0);
	check(status == 0, "%s: status %#x", label, (unsigned)status);
	fact("%s: done", label);
}

static void one_withheld(const char *label)
{
	check(copies_in_memory(masked, length) == 0, "%s: the key is there", label);
#ifdef __linux__
	check(copies_in_memory(given_masked, length) > 0, "%s: the key of the other context cannot be seen", label);
#endif
	check(alive(&given) == 1, "%s: the other context is not there", label);
	check(alive(&kept) == 0, "%s: the context is there", label);
	check(usable(given_cred) == 1, "%s: the other credential is not there", label);
	check(usable(kept_cred) == 0, "%s: the credential is there", label);
	check(copies_in_memory(masked, length) == 0, "%s: the key has come back", label);
}

static void all_withheld(const char *label)
{
	check(copies_in_memory(masked, length) == 0, "%s: a key is there", label);
	check(alive(&given) == 0 && alive(&kept) == 0, "%s: a context is there", label);
	check(usable(given_cred) == 0 && usable(kept_cred) == 0, "%s: a credential is there", label);
	check(strcmp(name_text(name), "\"alice@DEMO.TEST\" (krb5-principal)") == 0, "%s: the name is %s", label, name_text(name));
}

/* The option also applies to children of children, and to the objects that they create. */
static void grandchild(const char *label)
{
	all_withheld(label);
	need_pair(&given, NULL);
	given_cred = acceptor();
	check(alive(&given) == 1 && usable(given_cred) == 1, "%s: what a child makes does not work", label);
	length = masked_key(given.init, masked);
	in_child("a child's child", all_withheld);
}

int main(void)
{
	OM_uint32 major, minor;
	gss_name_t text;

	begin(60);
	need_pair(&given, NULL);
	need_pair(&kept, NULL);
	given_cred = acceptor();
	kept_cred = acceptor();
	text = import(USER, GSS_C_NT_USER_NAME);
	major = gss_canonicalize_name(&minor, text, &krb5_mech, &name);
	need("gss_canonicalize_name", major, minor);
	gss_release_name(&minor, &text);
	masked_key(given.init, given_masked);
	length = masked_key(kept.init, masked);

	result("withhold a context", gss_set_sec_context_option(&minor, &kept.init, &withhold, GSS_C_NO_BUFFER));
	result("withhold its peer", gss_set_sec_context_option(&minor, &kept.accept, &withhold, GSS_C_NO_BUFFER));
	result("withhold a credential", gss_set_cred_option(&minor, &kept_cred, &withhold, GSS_C_NO_BUFFER));
	in_child("one withheld", one_withheld);
	check(alive(&kept) == 1 && usable(kept_cred) == 1, "the parent cannot go on");

	length = masked_key(given.init, masked);
	result("withhold all", gss_set_sec_context_option(&minor, NULL, &withhold, GSS_C_NO_BUFFER));
	in_child("all withheld", all_withheld);
	check(alive(&given) == 1 && alive(&kept) == 1 && usable(given_cred) == 1 && usable(kept_cred) == 1,
	    "the parent cannot go on");
	release_pair(&given);
	need_pair(&given, NULL);
	length = masked_key(given.init, masked);
	in_child("a later one", all_withheld);
	in_child("a child", grandchild);

	release_pair(&given);
	release_pair(&kept);
	gss_release_cred(&minor, &given_cred);
	gss_release_cred(&minor, &kept_cred);
	gss_release_name(&minor, &name);
	return end();
}
