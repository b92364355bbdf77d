/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_inquire_mechs_for_name: the mechanisms that know a name of this type; here, whether krb5 is among them. */
#include "harness.h"

static void mechs(const char *label, gss_name_t name)
{
	gss_OID_set set = GSS_C_NO_OID_SET;
	OM_uint32 major, minor;
	int present = -1;

	major = gss_inquire_mechs_for_name(&minor, name, &set);
	if (result(label, major)) {
		gss_test_oid_set_member(&minor, &krb5_mech, set, &present);
		fact("%s, krb5: %d", label, present);
		gss_release_oid_set(&minor, &set);
	}
	if (name != GSS_C_NO_NAME)
		gss_release_name(&minor, &name);
}

int main(void)
{
	gss_name_t name, mn;
	OM_uint32 minor;

	begin(30);
	mechs("user", import("alice", GSS_C_NT_USER_NAME));
	mechs("hostbased", import(SERVICE, GSS_C_NT_HOSTBASED_SERVICE));
	mechs("principal", import(PRINCIPAL, &principal_name));
	mechs("string uid", import("0", GSS_C_NT_STRING_UID_NAME));
	mechs("no type", import("alice", GSS_C_NO_OID));
	name = import("alice", GSS_C_NT_USER_NAME);
	if (!GSS_ERROR(gss_canonicalize_name(&minor, name, &krb5_mech, &mn)))
		mechs("mechanism name", mn);
	gss_release_name(&minor, &name);
	mechs("no name", GSS_C_NO_NAME);
	return end();
}
