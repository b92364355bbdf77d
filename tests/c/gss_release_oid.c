/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_release_oid: static OIDs stay, the pointer is cleared. */
#include "harness.h"

int main(void)
{
	gss_OID oid = GSS_C_NO_OID;
	OM_uint32 minor = 77;

	begin(30);
	result("null OID", gss_release_oid(&minor, &oid));
	oid = GSS_C_NT_USER_NAME;
	result("a static OID", gss_release_oid(&minor, &oid));
	fact("the pointer afterwards: %s", oid_text(oid));
	fact("the static OID: %s", oid_text(GSS_C_NT_USER_NAME));
	return end();
}
