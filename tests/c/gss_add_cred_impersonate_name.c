/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_add_cred_impersonate_name: an element with which a service acts for a user. */
#include "harness.h"

#include <gssapi/gssapi_ext.h>

static void add(const char *label, gss_cred_id_t *to, gss_cred_id_t by, gss_name_t user, gss_OID mech, gss_cred_usage_t usage,
    gss_cred_id_t *out)
{
	gss_OID_set mechs = GSS_C_NO_OID_SET;
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	gss_name_t name = GSS_C_NO_NAME;
	OM_uint32 major, minor, init = 77, accept = 77;

	major = gss_add_cred_impersonate_name(&minor, *to, by, user, mech, usage, 0, 0, out, &mechs, &init, &accept);
	if (GSS_ERROR(major)) {
		fact("%s: %s", label, major_text(major));
		return;
	}
	cred = out == NULL ? *to : *out;
	major = gss_inquire_cred(&minor, cred, &name, NULL, NULL, NULL);
	if (GSS_ERROR(major)) {
		fact("%s, then: %s", label, major_text(major));
		*to = GSS_C_NO_CREDENTIAL; /* the caller has nothing to release */
		return;
	}
	fact("%s: of %s, initiates %s, accepts %s", label, name_text(name), lifetime_text(init), lifetime_text(accept));
	gss_release_name(&minor, &name);
	gss_release_oid_set(&minor, &mechs);
}

int main(void)
{
	gss_name_t service = import("demo@localhost", GSS_C_NT_HOSTBASED_SERVICE), alice = import("alice", GSS_C_NT_USER_NAME);
	gss_cred_id_t demo = GSS_C_NO_CREDENTIAL, none = GSS_C_NO_CREDENTIAL, cred = GSS_C_NO_CREDENTIAL,
	    more = GSS_C_NO_CREDENTIAL;
	gss_OID_set_desc one = { 1, &krb5_mech };
	OM_uint32 major, minor;
	char path[4096];

	begin(60);
	snprintf(path, sizeof(path), "FILE:%s", scratch("service"));
	setenv("KRB5CCNAME", path, 1);
	setenv("KRB5_CLIENT_KTNAME", getenv("KRB5_KTNAME"), 1);
	major = gss_acquire_cred(&minor, service, 0, GSS_C_NO_OID_SET, GSS_C_INITIATE, &demo, NULL, NULL);
	need("acquire_cred", major, minor);

	add("a new one", &none, demo, alice, &krb5_mech, GSS_C_INITIATE, &cred);
	add("the same mechanism again", &cred, demo, alice, &krb5_mech, GSS_C_INITIATE, &more);
	add("another mechanism", &cred, demo, alice, &unknown_mech, GSS_C_INITIATE, &more);
	add("with one to negotiate", &cred, demo, alice, &spnego_mech, GSS_C_INITIATE, &more);
	gss_release_cred(&minor, &more);
	add("as acceptor", &none, demo, alice, &krb5_mech, GSS_C_ACCEPT, &cred);
	add("nobody acts", &none, GSS_C_NO_CREDENTIAL, alice, &krb5_mech, GSS_C_INITIATE, &cred);
	add("for nobody", &none, demo, GSS_C_NO_NAME, &krb5_mech, GSS_C_INITIATE, &cred);
	add("to nothing", &none, demo, alice, &krb5_mech, GSS_C_INITIATE, NULL);
	major = gss_acquire_cred_impersonate_name(&minor, demo, alice, 0, &one, GSS_C_INITIATE, &cred, NULL, NULL);
	need("acquire_cred_impersonate_name", major, minor);
	add("in place", &cred, demo, alice, &spnego_mech, GSS_C_INITIATE, NULL);
	gss_release_cred(&minor, &cred);
	gss_release_cred(&minor, &demo);
	gss_release_name(&minor, &service);
	gss_release_name(&minor, &alice);
	return end();
}
