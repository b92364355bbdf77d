/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_inquire_names_for_mech: the name types of a mechanism. */
#include "harness.h"

static void names(const char *label, gss_OID mech)
{
	gss_OID_set set = GSS_C_NO_OID_SET;
	gss_OID types[8];
	OM_uint32 major, minor;
	size_t i;
	int present;

	types[0] = GSS_C_NT_USER_NAME;
	types[1] = GSS_C_NT_MACHINE_UID_NAME;
	types[2] = GSS_C_NT_STRING_UID_NAME;
	types[3] = GSS_C_NT_HOSTBASED_SERVICE;
	types[4] = GSS_C_NT_HOSTBASED_SERVICE_X;
	types[5] = GSS_C_NT_ANONYMOUS;
	types[6] = GSS_C_NT_EXPORT_NAME;
	types[7] = &principal_name;
	major = gss_inquire_names_for_mech(&minor, mech, &set);
	if (!result(label, major))
		return;
	for (i = 0; i < COUNT(types); i++) {
		present = -1;
		gss_test_oid_set_member(&minor, types[i], set, &present);
		fact("%s, %s: %d", label, oid_text(types[i]), present);
	}
	gss_release_oid_set(&minor, &set);
}

int main(void)
{
	OM_uint32 minor;

	begin(30);
	names("krb5", &krb5_mech);
	names("an unknown mechanism", &unknown_mech);
	names("no mechanism", GSS_C_NO_OID);
	result("no output", gss_inquire_names_for_mech(&minor, &krb5_mech, NULL));
	return end();
}
