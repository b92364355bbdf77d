/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_inquire_names_for_mech: the name types of a mechanism. */
#include "harness.h"

static void names(const char *label, gss_OID mech)
{
	gss_OID_set set = GSS_C_NO_OID_SET;
	gss_OID_desc composite = { 6, (void *)"\x2b\x06\x01\x05\x06\x06" };
	gss_OID_desc object = { 10, (void *)"\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x02" };
	gss_OID_desc enterprise = { 10, (void *)"\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x06" };
	gss_OID types[11];
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
	types[8] = &composite;
	types[9] = &object; /* a krb5_principal of libkrb5: programs that use libkrb5 have another library of ours */
	types[10] = &enterprise;
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
	names("spnego", &spnego_mech);
	names("an unknown mechanism", &unknown_mech);
	names("no mechanism", GSS_C_NO_OID);
	result("no output", gss_inquire_names_for_mech(&minor, &krb5_mech, NULL));
	return end();
}
