/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_inquire_cred: properties of credentials, including the default one. */
#include "harness.h"

static void inquire(const char *label, gss_cred_id_t cred)
{
	gss_name_t name = GSS_C_NO_NAME;
	gss_OID_set mechs = GSS_C_NO_OID_SET;
	gss_cred_usage_t usage = -1;
	OM_uint32 major, minor, ignored, lifetime = 77;
	int present = 0;

	major = gss_inquire_cred(&minor, cred, &name, &lifetime, &usage, &mechs);
	if (!GSS_ERROR(major)) {
		gss_test_oid_set_member(&ignored, &krb5_mech, mechs, &present);
		fact("%s: %s, %s, lifetime %s, usage %d, krb5 %d", label, major_text(major), name_text(name),
		    lifetime_text(lifetime), (int)usage, present);
	} else {
		fact("%s: %s", label, major_text(major));
		check(name == GSS_C_NO_NAME && mechs == GSS_C_NO_OID_SET, "%s: an error and outputs", label);
	}
	gss_release_name(&ignored, &name);
	gss_release_oid_set(&ignored, &mechs);
}

static gss_cred_id_t acquired(gss_name_t name, gss_cred_usage_t usage)
{
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	gss_OID_set krb5;
	OM_uint32 major, minor, ignored;

	gss_create_empty_oid_set(&minor, &krb5);
	gss_add_oid_set_member(&minor, &krb5_mech, &krb5);
	major = gss_acquire_cred(&minor, name, 0, krb5, usage, &cred, NULL, NULL);
	need("gss_acquire_cred", major, minor);
	gss_release_oid_set(&ignored, &krb5);
	if (name != GSS_C_NO_NAME)
		gss_release_name(&ignored, &name);
	return cred;
}

int main(void)
{
	gss_cred_id_t cred;
	OM_uint32 minor;

	begin(60);
	inquire("default", GSS_C_NO_CREDENTIAL);
	cred = acquired(GSS_C_NO_NAME, GSS_C_INITIATE);
	inquire("initiator", cred);
	inquire("initiator once more", cred);
	result("no outputs", gss_inquire_cred(&minor, cred, NULL, NULL, NULL, NULL));
	gss_release_cred(&minor, &cred);
	cred = acquired(import(USER, GSS_C_NT_USER_NAME), GSS_C_INITIATE);
	inquire("initiator by name", cred);
	gss_release_cred(&minor, &cred);
	cred = acquired(GSS_C_NO_NAME, GSS_C_ACCEPT);
	inquire("acceptor", cred);
	gss_release_cred(&minor, &cred);
	cred = acquired(import(SERVICE, GSS_C_NT_HOSTBASED_SERVICE), GSS_C_ACCEPT);
	inquire("acceptor by name", cred);
	gss_release_cred(&minor, &cred);
	cred = acquired(import("host", GSS_C_NT_HOSTBASED_SERVICE), GSS_C_ACCEPT);
	result("acceptor by service without host", gss_inquire_cred(&minor, cred, NULL, NULL, NULL, NULL));
	gss_release_cred(&minor, &cred);
	cred = acquired(GSS_C_NO_NAME, GSS_C_BOTH);
	inquire("both", cred);
	gss_release_cred(&minor, &cred);

	with_login("cc.expired");
	inquire("default, expired", GSS_C_NO_CREDENTIAL);
	cred = acquired(GSS_C_NO_NAME, GSS_C_INITIATE);
	inquire("initiator, expired", cred);
	gss_release_cred(&minor, &cred);

	setenv("KRB5CCNAME", "FILE:/nonexistent/cc", 1);
	inquire("default, no ccache", GSS_C_NO_CREDENTIAL);
	setenv("KRB5_KTNAME", "FILE:/nonexistent/kt", 1);
	inquire("default, no ccache and no keytab", GSS_C_NO_CREDENTIAL);
	return end();
}
