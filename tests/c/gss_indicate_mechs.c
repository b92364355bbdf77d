/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_indicate_mechs: krb5 is a member, and the set is the caller's. */
#include "harness.h"

int main(void)
{
	gss_OID_set set = GSS_C_NO_OID_SET;
	OM_uint32 minor = 77;
	int present = -1;

	begin(30);
	result("indicate", gss_indicate_mechs(&minor, &set));
	gss_test_oid_set_member(&minor, &krb5_mech, set, &present);
	fact("minor: %lu, krb5: %d", (unsigned long)minor, present);
	gss_test_oid_set_member(&minor, &unknown_mech, set, &present);
	fact("an unknown one: %d", present);
	result("a member can be added", gss_add_oid_set_member(&minor, &unknown_mech, &set));
	gss_release_oid_set(&minor, &set);
	gss_indicate_mechs(&minor, &set);
	gss_test_oid_set_member(&minor, &unknown_mech, set, &present);
	fact("and does not come back: %d", present);
	gss_release_oid_set(&minor, &set);
	result("no output", gss_indicate_mechs(&minor, NULL));
	return end();
}
