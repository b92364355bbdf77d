/* SPDX-License-Identifier: BSD-2-Clause */
/* Credential caches in memory are found by name within the process and in children after fork(2), and nowhere else. */
#include "harness.h"

#include <gssapi/gssapi_ext.h>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static gss_key_value_element_desc element = { "ccache", NULL };
static gss_key_value_set_desc store = { 1, &element };

/* there prints the client of the cache. */
static void there(const char *label, const char *name)
{
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	gss_name_t whose = GSS_C_NO_NAME;
	OM_uint32 major, minor;

	element.value = name;
	major = gss_acquire_cred_from(&minor, GSS_C_NO_NAME, 0, GSS_C_NO_OID_SET, GSS_C_INITIATE, &store, &cred, NULL, NULL);
	if (!GSS_ERROR(major))
		need("inquire_cred", gss_inquire_cred(&minor, cred, &whose, NULL, NULL, NULL), minor);
	fact("%s: %s", label, GSS_ERROR(major) ? major_text(major) : name_text(whose));
	gss_release_name(&minor, &whose);
	gss_release_cred(&minor, &cred);
}

static void put(const char *label, gss_cred_id_t cred, const char *name, int overwrite)
{
	OM_uint32 major, minor;

	element.value = name;
	major = gss_store_cred_into(&minor, cred, GSS_C_INITIATE, &krb5_mech, overwrite, 0, &store, NULL, NULL);
	fact("%s: %s", label, major_text(major));
}

/* in_child looks in a child, which its own alarm ends if it hangs. */
static void in_child(const char *label, const char *name)
{
	pid_t pid;
	int status = -1;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		signal(SIGALRM, SIG_DFL);
		alarm(60);
		there(label, name);
		fflush(stdout);
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
		fact("%s: the child fails", label);
}

int main(void)
{
	struct options as_usual = { .flags = ALL_FLAGS };
	gss_cred_id_t alice = GSS_C_NO_CREDENTIAL;
	struct pair pair;
	OM_uint32 major, minor;

	begin(60);
	with_login("cc.tgt");
	major = gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, GSS_C_NO_OID_SET, GSS_C_INITIATE, &alice, NULL, NULL);
	need("acquire_cred", major, minor);

	there("before", "MEMORY:one");
	put("stored", alice, "MEMORY:one", 0);
	there("after", "MEMORY:one");
	there("another name", "MEMORY:two");
	put("the same again", alice, "MEMORY:one", 0);
	put("over it", alice, "MEMORY:one", 1);
	gss_release_cred(&minor, &alice);
	there("when the credential is released", "MEMORY:one");
	in_child("in a child", "MEMORY:one");
	in_child("another name, in a child", "MEMORY:two");

	setenv("KRB5CCNAME", "MEMORY:one", 1);
	need_pair(&pair, &as_usual);
	fact("a context from there: %s", name_text(pair.source));
	release_pair(&pair);
	in_child("after a ticket for a service", "MEMORY:one");
	setenv("KRB5CCNAME", "MEMORY:two", 1);
	fact("the default one is not there: %d", !establish(&pair, &as_usual));
	release_pair(&pair);
	return end();
}
