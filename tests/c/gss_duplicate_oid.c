/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_duplicate_oid: FreeBSD's own; the copy is the caller's. */
#include "harness.h"

int main(void)
{
	gss_OID copy = GSS_C_NO_OID;
	OM_uint32 major, minor;

	begin(30);
	major = gss_duplicate_oid(&minor, &krb5_mech, &copy);
	check(major == GSS_S_COMPLETE, "a static OID: %s", major_text(major));
	check(copy != GSS_C_NO_OID && copy != &krb5_mech && gss_oid_equal(copy, &krb5_mech), "it is no copy");
	gss_release_oid(&minor, &copy);
	check(copy == GSS_C_NO_OID, "the copy was not released");
	major = gss_duplicate_oid(&minor, GSS_C_NO_OID, &copy);
	check(copy == GSS_C_NO_OID, "no OID: %s, and a copy", major_text(major));
	return end();
}
