/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_duplicate_name: a copy is equal and lives on. */
#include "harness.h"

static void duplicate(const char *text, gss_OID type, int canonical)
{
	gss_name_t name = import(text, type), mn, copy = GSS_C_NO_NAME;
	OM_uint32 major, minor;
	int equal = -1;

	if (canonical) {
		major = gss_canonicalize_name(&minor, name, &krb5_mech, &mn);
		need("gss_canonicalize_name", major, minor);
		gss_release_name(&minor, &name);
		name = mn;
	}
	major = gss_duplicate_name(&minor, name, &copy);
	need("gss_duplicate_name", major, minor);
	check(copy != name, "the copy is the same handle");
	gss_compare_name(&minor, name, copy, &equal);
	gss_release_name(&minor, &name);
	fact("%s%s: equal %d, %s", canonical ? "canonical " : "", text, equal, name_text(copy));
	gss_release_name(&minor, &copy);
}

int main(void)
{
	gss_name_t name = GSS_C_NO_NAME, output;
	OM_uint32 minor;

	begin(30);
	duplicate("alice", GSS_C_NT_USER_NAME, 0);
	duplicate("alice", GSS_C_NT_USER_NAME, 1);
	duplicate(SERVICE, GSS_C_NT_HOSTBASED_SERVICE, 0);
	duplicate(SERVICE, GSS_C_NT_HOSTBASED_SERVICE, 1);
	duplicate("a\\/b@R", &principal_name, 0);
	result("no name", gss_duplicate_name(&minor, GSS_C_NO_NAME, &output));
	name = import("alice", GSS_C_NT_USER_NAME);
	result("no output", gss_duplicate_name(&minor, name, NULL));
	gss_release_name(&minor, &name);
	return end();
}
