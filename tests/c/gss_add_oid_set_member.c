/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_add_oid_set_member: the set gets a copy, each OID once, however many there are. */
#include "harness.h"

int main(void)
{
	gss_OID_set set;
	gss_OID_desc oid;
	unsigned char octets[3] = { 0x2a, 0x03, 0 };
	OM_uint32 minor;
	int i, present;

	begin(30);
	gss_create_empty_oid_set(&minor, &set);
	result("first", gss_add_oid_set_member(&minor, &krb5_mech, &set));
	result("second", gss_add_oid_set_member(&minor, &spnego_mech, &set));
	result("the first once more", gss_add_oid_set_member(&minor, &krb5_mech, &set));
	fact("set: %s", set_text(set));
	oid.length = sizeof(octets);
	oid.elements = octets;
	for (i = 0; i < 100; i++) {
		octets[2] = (unsigned char)i;
		if (GSS_ERROR(gss_add_oid_set_member(&minor, &oid, &set)))
			fact("%d: an error", i);
	}
	memset(octets, 0xff, sizeof(octets));
	fact("elements after 100 more: %lu", (unsigned long)set->count);
	octets[0] = 0x2a;
	octets[1] = 0x03;
	octets[2] = 50;
	gss_test_oid_set_member(&minor, &oid, set, &present);
	fact("the set has copies: %d", present);
	result("no set", gss_add_oid_set_member(&minor, &krb5_mech, NULL));
	result("no OID", gss_add_oid_set_member(&minor, GSS_C_NO_OID, &set));
	gss_release_oid_set(&minor, &set);
	return end();
}
