/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_release_oid_set: the whole set is freed, and a null set is no error. */
#include "harness.h"

int main(void)
{
	gss_OID_set set = GSS_C_NO_OID_SET;
	OM_uint32 minor = 77;
	int i;

	begin(30);
	result("null set", gss_release_oid_set(&minor, &set));
	result("no pointer", gss_release_oid_set(&minor, NULL));
	gss_create_empty_oid_set(&minor, &set);
	gss_add_oid_set_member(&minor, &krb5_mech, &set);
	result("a set", gss_release_oid_set(&minor, &set));
	fact("minor: %lu, set: %s", (unsigned long)minor, set_text(set));
	for (i = 0; i < 10000; i++) {
		gss_create_empty_oid_set(&minor, &set);
		gss_add_oid_set_member(&minor, &krb5_mech, &set);
		gss_release_oid_set(&minor, &set);
	}
	fact("10000 sets came and went");
	return end();
}
