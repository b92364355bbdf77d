/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_release_name: the handle is gone afterwards, and a null handle is no error. */
#include "harness.h"

int main(void)
{
	gss_name_t name = import("alice", GSS_C_NT_USER_NAME);
	OM_uint32 minor = 77;
	int i;

	begin(30);
	result("a name", gss_release_name(&minor, &name));
	fact("minor: %lu, handle: %s", (unsigned long)minor, name == GSS_C_NO_NAME ? "GSS_C_NO_NAME" : "still there");
	result("GSS_C_NO_NAME", gss_release_name(&minor, &name));
	result("no handle", gss_release_name(&minor, NULL));
	for (i = 0; i < 20000; i++) {
		name = import("someone@DEMO.TEST", &principal_name);
		gss_release_name(&minor, &name);
	}
	fact("20000 names came and went");
	return end();
}
