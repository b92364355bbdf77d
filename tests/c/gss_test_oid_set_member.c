/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_test_oid_set_member: compares by content. */
#include "harness.h"

int main(void)
{
	unsigned char octets[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02 };
	gss_OID_desc copy, shorter;
	gss_OID_set set;
	OM_uint32 minor;
	int present = -1;

	begin(30);
	copy.length = sizeof(octets);
	copy.elements = octets;
	shorter.length = sizeof(octets) - 1;
	shorter.elements = octets;
	gss_create_empty_oid_set(&minor, &set);
	result("empty set", gss_test_oid_set_member(&minor, &krb5_mech, set, &present));
	fact("present: %d", present);
	gss_add_oid_set_member(&minor, &krb5_mech, &set);
	result("a copy of a member", gss_test_oid_set_member(&minor, &copy, set, &present));
	fact("a copy is present: %d", present);
	gss_test_oid_set_member(&minor, &shorter, set, &present);
	fact("the beginning of a member is present: %d", present);
	gss_test_oid_set_member(&minor, &spnego_mech, set, &present);
	fact("another is present: %d", present);
	result("no set", gss_test_oid_set_member(&minor, &krb5_mech, GSS_C_NO_OID_SET, &present));
	result("no OID", gss_test_oid_set_member(&minor, GSS_C_NO_OID, set, &present));
	result("no output", gss_test_oid_set_member(&minor, &krb5_mech, set, NULL));
	gss_release_oid_set(&minor, &set);
	return end();
}
