/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_inquire_name and gss_localname: properties of a name, and its account. */
#include "harness.h"

#include <gssapi/gssapi_ext.h>

static void inquire(const char *label, gss_name_t name)
{
	gss_buffer_set_t attrs = GSS_C_NO_BUFFER_SET;
	gss_buffer_desc account = GSS_C_EMPTY_BUFFER;
	gss_OID mech = GSS_C_NO_OID;
	OM_uint32 major, minor;
	int is_mn = 77;

	major = gss_inquire_name(&minor, name, &is_mn, &mech, &attrs);
	fact("%s: %s, MN %d, %s, attributes %zu", label, major_text(major), is_mn, oid_text(mech),
	    attrs == GSS_C_NO_BUFFER_SET ? 0 : attrs->count);
	gss_release_buffer_set(&minor, &attrs);
	major = gss_localname(&minor, name, GSS_C_NO_OID, &account);
	fact("%s, its account: %s", label, GSS_ERROR(major) ? major_text(major) : quoted(&account));
	gss_release_buffer(&minor, &account);
}

static gss_name_t canonical(gss_name_t name)
{
	gss_name_t mn = GSS_C_NO_NAME;
	OM_uint32 major, minor;

	major = gss_canonicalize_name(&minor, name, &krb5_mech, &mn);
	need("canonicalize_name", major, minor);
	gss_release_name(&minor, &name);
	return mn;
}

int main(void)
{
	begin(60);
	inquire("a user", import("alice", GSS_C_NT_USER_NAME));
	inquire("a user's MN", canonical(import("alice", GSS_C_NT_USER_NAME)));
	inquire("a user of another realm", canonical(import("dave@OTHER.TEST", GSS_C_NT_USER_NAME)));
	inquire("a service's MN", canonical(import(SERVICE, GSS_C_NT_HOSTBASED_SERVICE)));
	with_config("[realms]\n\tDEMO.TEST = {\n\t\tauth_to_local = RULE:[1:$1@$0](.*@OTHER.TEST)s/@.*/-other/\n"
	    "\t\tauth_to_local = DEFAULT\n\t}\n");
	inquire("with a rule, a user of another realm", canonical(import("dave@OTHER.TEST", GSS_C_NT_USER_NAME)));
	inquire("with a rule, a user", canonical(import("alice", GSS_C_NT_USER_NAME)));
	return end();
}
