/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_add_cred: new credentials, additions to others, duplicates. */
#include "harness.h"

static void describe(const char *label, gss_cred_id_t cred)
{
	gss_name_t name = GSS_C_NO_NAME;
	gss_cred_usage_t usage = -1;
	OM_uint32 major, minor;

	major = gss_inquire_cred_by_mech(&minor, cred, &krb5_mech, &name, NULL, NULL, &usage);
	fact("%s holds: %s, usage %d, %s", label, major_text(major), (int)usage, name_text(name));
	gss_release_name(&minor, &name);
}

static void add(const char *label, gss_cred_id_t input, gss_name_t name, gss_OID mech, gss_cred_usage_t usage)
{
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	gss_OID_set mechs = GSS_C_NO_OID_SET;
	OM_uint32 major, minor, initiate = 77, accept = 77;

	major = gss_add_cred(&minor, input, name, mech, usage, 0, 0, &cred, &mechs, &initiate, &accept);
	if (GSS_ERROR(major)) {
		fact("%s: %s", label, major_text(major));
	} else {
		fact("%s: %s, %s, initiator %s, acceptor %s", label, major_text(major), set_text(mechs),
		    lifetime_text(initiate), lifetime_text(accept));
		describe(label, cred);
	}
	gss_release_cred(&minor, &cred);
	gss_release_oid_set(&minor, &mechs);
}

int main(void)
{
	gss_name_t user, bob, service;
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	gss_OID_set krb5;
	OM_uint32 major, minor;

	begin(60);
	user = import(USER, GSS_C_NT_USER_NAME);
	bob = import("bob", GSS_C_NT_USER_NAME);
	service = import(SERVICE, GSS_C_NT_HOSTBASED_SERVICE);
	gss_create_empty_oid_set(&minor, &krb5);
	gss_add_oid_set_member(&minor, &krb5_mech, &krb5);

	add("default initiator", GSS_C_NO_CREDENTIAL, GSS_C_NO_NAME, &krb5_mech, GSS_C_INITIATE);
	add("default acceptor", GSS_C_NO_CREDENTIAL, GSS_C_NO_NAME, &krb5_mech, GSS_C_ACCEPT);
	add("default of both", GSS_C_NO_CREDENTIAL, GSS_C_NO_NAME, &krb5_mech, GSS_C_BOTH);
	add("our user", GSS_C_NO_CREDENTIAL, user, &krb5_mech, GSS_C_INITIATE);
	add("another user", GSS_C_NO_CREDENTIAL, bob, &krb5_mech, GSS_C_INITIATE);
	add("our service", GSS_C_NO_CREDENTIAL, service, &krb5_mech, GSS_C_ACCEPT);
	add("an unknown mechanism", GSS_C_NO_CREDENTIAL, GSS_C_NO_NAME, &unknown_mech, GSS_C_INITIATE);

	major = gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, krb5, GSS_C_INITIATE, &cred, NULL, NULL);
	need("gss_acquire_cred", major, minor);
	add("to a credential that has one", cred, GSS_C_NO_NAME, &krb5_mech, GSS_C_INITIATE);
	add("an acceptor to an initiator", cred, GSS_C_NO_NAME, &krb5_mech, GSS_C_ACCEPT);
	add("a negotiating acceptor to an initiator", cred, GSS_C_NO_NAME, &spnego_mech, GSS_C_ACCEPT);
	add("a negotiating initiator to an initiator", cred, GSS_C_NO_NAME, &spnego_mech, GSS_C_INITIATE);
	describe("the credential, afterwards,", cred);
	result("without an output: to itself", gss_add_cred(&minor, cred, GSS_C_NO_NAME, &krb5_mech, GSS_C_INITIATE, 0,
	    0, NULL, NULL, NULL, NULL));
	describe("it still", cred);
	gss_release_cred(&minor, &cred);

	result("neither input nor output", gss_add_cred(&minor, GSS_C_NO_CREDENTIAL, GSS_C_NO_NAME, &krb5_mech,
	    GSS_C_INITIATE, 0, 0, NULL, NULL, NULL, NULL));
	gss_release_name(&minor, &user);
	gss_release_name(&minor, &bob);
	gss_release_name(&minor, &service);
	gss_release_oid_set(&minor, &krb5);
	return end();
}
