/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A variable of the environment that is set and empty names nothing: no default takes its place, nobody's tickets and no
 * keytab.
 */
#include "harness.h"

#include <stdlib.h>

static void initiate(const char *label)
{
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	OM_uint32 major, minor, ignored;

	major = gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, GSS_C_NO_OID_SET, GSS_C_INITIATE, &cred, NULL, NULL);
	fact("%s, gss_acquire_cred: %s, minor %u", label, major_text(major), (unsigned)minor);
	gss_release_cred(&ignored, &cred);
}

static void accept_with(const char *label)
{
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	OM_uint32 major, minor, ignored;

	major = gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, GSS_C_NO_OID_SET, GSS_C_ACCEPT, &cred, NULL, NULL);
	fact("%s, gss_acquire_cred for accepting: %s, minor %u", label, major_text(major), (unsigned)minor);
	gss_release_cred(&ignored, &cred);
}

/* accept_context accepts a context, because only that uses the replay cache. */
static void accept_context(const char *label)
{
	gss_ctx_id_t initiator = GSS_C_NO_CONTEXT, acceptor = GSS_C_NO_CONTEXT;
	gss_buffer_desc token = first_token(&initiator, 0), reply = GSS_C_EMPTY_BUFFER;
	OM_uint32 major, minor, ignored;

	major = gss_accept_sec_context(&minor, &acceptor, GSS_C_NO_CREDENTIAL, &token, GSS_C_NO_CHANNEL_BINDINGS, NULL, NULL, &reply,
	    NULL, NULL, NULL);
	fact("%s, gss_accept_sec_context: %s, minor %u", label, major_text(major), (unsigned)minor);
	gss_delete_sec_context(&ignored, &initiator, GSS_C_NO_BUFFER);
	gss_delete_sec_context(&ignored, &acceptor, GSS_C_NO_BUFFER);
	gss_release_buffer(&ignored, &token);
	gss_release_buffer(&ignored, &reply);
}

static void canonicalize(const char *label)
{
	gss_name_t name = import("alice", GSS_C_NT_USER_NAME), canonical = GSS_C_NO_NAME;
	OM_uint32 major, minor, ignored;

	major = gss_canonicalize_name(&minor, name, &krb5_mech, &canonical);
	fact("%s, gss_canonicalize_name: %s, minor %u", label, major_text(major), (unsigned)minor);
	gss_release_name(&ignored, &canonical);
	gss_release_name(&ignored, &name);
}

/* with calls try_it with the variable unset and with it empty. */
static void with(const char *variable, void (*try_it)(const char *label))
{
	char label[64];

	unsetenv(variable);
	snprintf(label, sizeof(label), "%s unset", variable);
	try_it(label);
	setenv(variable, "", 1);
	snprintf(label, sizeof(label), "%s empty", variable);
	try_it(label);
	unsetenv(variable);
}

int main(void)
{
	char config[8192];

	begin(60);
	/* These are found without the variables. */
	snprintf(config, sizeof(config), "[libdefaults]\ndefault_ccache_name = %s\ndefault_keytab_name = %s\n", getenv("KRB5CCNAME"),
	    getenv("KRB5_KTNAME"));
	with_config(config);
	unsetenv("KRB5_KTNAME");
	unsetenv("KRB5RCACHENAME");
	setenv("KRB5RCACHEDIR", scratch("."), 1);
	with("KRB5CCNAME", initiate);
	with("KRB5_KTNAME", accept_with);
	with("KRB5RCACHENAME", accept_context);
	with("KRB5RCACHETYPE", accept_context);
	setenv("KRB5_CONFIG", "", 1);
	canonicalize("KRB5_CONFIG empty");
	return end();
}
