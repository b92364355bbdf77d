/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_display_name: the text and type of names as imported and of mechanism names. */
#include "harness.h"

static void show(const char *text, gss_OID type)
{
	gss_name_t name = import(text, type), canonical = GSS_C_NO_NAME;
	OM_uint32 major, minor;

	fact("%s %s as imported: %s", oid_text(type), text, name_text(name));
	major = gss_canonicalize_name(&minor, name, &krb5_mech, &canonical);
	if (GSS_ERROR(major))
		fact("%s %s canonical: %s", oid_text(type), text, major_text(major));
	else
		fact("%s %s canonical: %s", oid_text(type), text, name_text(canonical));
	gss_release_name(&minor, &name);
	if (canonical != GSS_C_NO_NAME)
		gss_release_name(&minor, &canonical);
}

int main(void)
{
	gss_buffer_desc text;
	gss_name_t name;
	OM_uint32 major, minor;
	gss_OID type;

	begin(30);
	show("alice", GSS_C_NT_USER_NAME);
	show("alice/admin", GSS_C_NT_USER_NAME);
	show("alice@OTHER.TEST", GSS_C_NT_USER_NAME);
	show("a\\@b", GSS_C_NT_USER_NAME);
	show(SERVICE, GSS_C_NT_HOSTBASED_SERVICE);
	show("HTTP@Server.Demo.Test", GSS_C_NT_HOSTBASED_SERVICE);
	show("HTTP@server.other.test", GSS_C_NT_HOSTBASED_SERVICE);
	show("HTTP@server.nowhere.test", GSS_C_NT_HOSTBASED_SERVICE);
	show(PRINCIPAL, &principal_name);
	show("a\\/b\\@c\\\\d\\n\\t\\b@R\\@S", &principal_name);
	show("0", GSS_C_NT_STRING_UID_NAME);
	show("nobody at all", GSS_C_NT_ANONYMOUS);

	name = import("alice", GSS_C_NT_USER_NAME);
	major = gss_display_name(&minor, name, &text, NULL);
	fact("without a type: %s %s", major_text(major), quoted(&text));
	check(((char *)text.value)[text.length] == '\0', "no NUL behind the text");
	gss_release_buffer(&minor, &text);
	result("without a buffer", gss_display_name(&minor, name, NULL, &type));
	gss_release_name(&minor, &name);
	result("no name", gss_display_name(&minor, GSS_C_NO_NAME, &text, &type));
	return end();
}
