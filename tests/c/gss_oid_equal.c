/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_oid_equal: RFC 6339. */
#include "harness.h"

int main(void)
{
	unsigned char octets[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02, 0x01 };
	gss_OID_desc copy, longer;

	begin(30);
	copy.length = 9;
	longer.length = 10;
	copy.elements = longer.elements = octets;
	fact("itself: %d", gss_oid_equal(&krb5_mech, &krb5_mech));
	fact("a copy: %d", gss_oid_equal(&krb5_mech, &copy));
	fact("one with more octets: %d", gss_oid_equal(&krb5_mech, &longer));
	fact("another: %d", gss_oid_equal(&krb5_mech, &spnego_mech));
	fact("one and none: %d", gss_oid_equal(&krb5_mech, GSS_C_NO_OID));
	fact("none and one: %d", gss_oid_equal(GSS_C_NO_OID, &krb5_mech));
	fact("none and none: %d", gss_oid_equal(GSS_C_NO_OID, GSS_C_NO_OID));
	return end();
}
