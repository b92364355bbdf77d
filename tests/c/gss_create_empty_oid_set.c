/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_create_empty_oid_set: a set without elements that can be filled and released. */
#include "harness.h"

int main(void)
{
	gss_OID_set set = GSS_C_NO_OID_SET;
	OM_uint32 minor = 77;

	begin(30);
	result("create", gss_create_empty_oid_set(&minor, &set));
	fact("minor: %lu, set: %s", (unsigned long)minor, set_text(set));
	result("release", gss_release_oid_set(&minor, &set));
	result("no output", gss_create_empty_oid_set(&minor, NULL));
	return end();
}
