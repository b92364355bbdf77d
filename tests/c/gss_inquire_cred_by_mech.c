/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_inquire_cred_by_mech: the element of one mechanism. */
#include "harness.h"

static void inquire(const char *label, gss_cred_id_t cred, gss_OID mech)
{
	gss_name_t name = GSS_C_NO_NAME;
	gss_cred_usage_t usage = -1;
	OM_uint32 major, minor, ignored, initiate = 77, accept = 77;

	major = gss_inquire_cred_by_mech(&minor, cred, mech, &name, &initiate, &accept, &usage);
	if (GSS_ERROR(major))
		fact("%s: %s", label, major_text(major));
	else
		fact("%s: %s, %s, initiator %s, acceptor %s, usage %d", label, major_text(major), name_text(name),
		    lifetime_text(initiate), lifetime_text(accept), (int)usage);
	gss_release_name(&ignored, &name);
}

static void usage_of(const char *label, gss_cred_usage_t usage)
{
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	gss_OID_set krb5;
	OM_uint32 major, minor;
	char text[80];

	gss_create_empty_oid_set(&minor, &krb5);
	gss_add_oid_set_member(&minor, &krb5_mech, &krb5);
	major = gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, krb5, usage, &cred, NULL, NULL);
	need("gss_acquire_cred", major, minor);
	inquire(label, cred, &krb5_mech);
	snprintf(text, sizeof(text), "%s, an unknown mechanism", label);
	inquire(text, cred, &unknown_mech);
	gss_release_cred(&minor, &cred);
	gss_release_oid_set(&minor, &krb5);
}

int main(void)
{
	OM_uint32 minor;

	begin(60);
	usage_of("initiator", GSS_C_INITIATE);
	usage_of("acceptor", GSS_C_ACCEPT);
	usage_of("both", GSS_C_BOTH);
	inquire("default", GSS_C_NO_CREDENTIAL, &krb5_mech);
	inquire("default, an unknown mechanism", GSS_C_NO_CREDENTIAL, &unknown_mech);
	result("no outputs", gss_inquire_cred_by_mech(&minor, GSS_C_NO_CREDENTIAL, &krb5_mech, NULL, NULL, NULL, NULL));
	return end();
}
