/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_canonicalize_name: mechanism names of each name type, and unknown mechanisms. */
#include "harness.h"

static void canonical(const char *text, gss_OID type, gss_OID mech)
{
	gss_name_t name = import(text, type), output = GSS_C_NO_NAME;
	OM_uint32 major, minor;

	major = gss_canonicalize_name(&minor, name, mech, &output);
	fact("%s %s for %s: %s", oid_text(type), text, oid_text(mech),
	    GSS_ERROR(major) ? major_text(major) : name_text(output));
	gss_release_name(&minor, &name);
	if (output != GSS_C_NO_NAME)
		gss_release_name(&minor, &output);
}

int main(void)
{
	gss_name_t name, mn, again, output;
	OM_uint32 major, minor;
	int equal = -1;

	begin(30);
	canonical("alice", GSS_C_NT_USER_NAME, &krb5_mech);
	canonical("alice@OTHER.TEST", GSS_C_NT_USER_NAME, &krb5_mech);
	canonical(SERVICE, GSS_C_NT_HOSTBASED_SERVICE, &krb5_mech);
	canonical("host@SERVER.DEMO.TEST", GSS_C_NT_HOSTBASED_SERVICE, &krb5_mech);
	canonical("host@server.other.test", GSS_C_NT_HOSTBASED_SERVICE, &krb5_mech);
	canonical(PRINCIPAL, &principal_name, &krb5_mech);
	canonical("0", GSS_C_NT_STRING_UID_NAME, &krb5_mech);
	canonical("alice", GSS_C_NT_USER_NAME, &unknown_mech);
	canonical("alice", GSS_C_NO_OID, &krb5_mech);
	canonical("alice@OTHER.TEST/admin", GSS_C_NT_USER_NAME, &krb5_mech);
	canonical("alice@OTHER.TEST\\/admin", GSS_C_NT_USER_NAME, &krb5_mech);

	name = import("alice", GSS_C_NT_USER_NAME);
	major = gss_canonicalize_name(&minor, name, &krb5_mech, &mn);
	need("gss_canonicalize_name", major, minor);
	major = gss_canonicalize_name(&minor, mn, &krb5_mech, &again);
	if (result("a mechanism name once more", major)) {
		gss_compare_name(&minor, mn, again, &equal);
		fact("it is the same: %d", equal);
		gss_release_name(&minor, &again);
	}
	output = GSS_C_NO_NAME;
	result("a mechanism name for another mechanism", gss_canonicalize_name(&minor, mn, &unknown_mech, &output));
	result("no mechanism", gss_canonicalize_name(&minor, name, GSS_C_NO_OID, &output));
	result("no name", gss_canonicalize_name(&minor, GSS_C_NO_NAME, &krb5_mech, &output));
	check(output == GSS_C_NO_NAME, "a failing call gave a name");
	gss_release_name(&minor, &name);
	fact("the mechanism name outlives the name: %s", name_text(mn));
	gss_release_name(&minor, &mn);
	return end();
}
