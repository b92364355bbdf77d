/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_set_name_attribute, gss_delete_name_attribute and gss_display_name_ext: names do not change. */
#include "harness.h"

#include <gssapi/gssapi_ext.h>

static void change(const char *label, gss_name_t name, const char *attribute)
{
	gss_buffer_desc attr = copy_of(attribute, strlen(attribute)), value = copy_of("value", 5);
	OM_uint32 minor;
	char what[100];

	snprintf(what, sizeof(what), "%s, set %s", label, attribute);
	result(what, gss_set_name_attribute(&minor, name, 1, &attr, &value));
	snprintf(what, sizeof(what), "%s, delete %s", label, attribute);
	result(what, gss_delete_name_attribute(&minor, name, &attr));
	free(attr.value);
	free(value.value);
}

static void display(const char *label, gss_name_t name, gss_OID type)
{
	gss_buffer_desc shown = { 77, NULL };
	OM_uint32 major, minor;

	major = gss_display_name_ext(&minor, name, type, &shown);
	fact("%s: %s, %s", label, major_text(major), GSS_ERROR(major) ? "nothing" : quoted(&shown));
	gss_release_buffer(&minor, &shown);
}

int main(void)
{
	struct options o = { .flags = ALL_FLAGS, .target = "attested@localhost" };
	gss_buffer_desc attr = copy_of("mail", 4), value = copy_of("value", 5), shown;
	gss_name_t name;
	OM_uint32 minor;
	struct pair p;

	begin(30);
	need_pair(&p, &o);
	change("a client", p.source, "mail");
	change("a client", p.source, "auth-indicators");
	change("a client", p.source, "urn:mspac:99");
	display("a client as a user", p.source, GSS_C_NT_USER_NAME);
	name = import("alice", GSS_C_NT_USER_NAME);
	change("a user", name, "mail");
	display("a user as a user", name, GSS_C_NT_USER_NAME);
	display("a user as a service", name, GSS_C_NT_HOSTBASED_SERVICE);
	result("set, no name", gss_set_name_attribute(&minor, GSS_C_NO_NAME, 1, &attr, &value));
	result("set, no attribute", gss_set_name_attribute(&minor, name, 1, GSS_C_NO_BUFFER, &value));
	result("set, no value", gss_set_name_attribute(&minor, name, 1, &attr, GSS_C_NO_BUFFER));
	result("delete, no name", gss_delete_name_attribute(&minor, GSS_C_NO_NAME, &attr));
	result("delete, no attribute", gss_delete_name_attribute(&minor, name, GSS_C_NO_BUFFER));
	result("display, no name", gss_display_name_ext(&minor, GSS_C_NO_NAME, GSS_C_NT_USER_NAME, &shown));
	result("display, no type", gss_display_name_ext(&minor, name, GSS_C_NO_OID, &shown));
	result("display, no output", gss_display_name_ext(&minor, name, GSS_C_NT_USER_NAME, NULL));
	gss_release_name(&minor, &name);
	release_pair(&p);
	free(attr.value);
	free(value.value);
	return end();
}
