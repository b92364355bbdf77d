/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_export_name_composite: names for other processes, in MIT krb5's encoding, and their way back. */
#include "harness.h"

#include <gssapi/gssapi_ext.h>

static void import_as(const char *label, const gss_buffer_desc *octets, gss_OID type, gss_name_t like)
{
	gss_name_t name = GSS_C_NO_NAME;
	OM_uint32 major, minor;
	int equal = -1;

	major = gss_import_name(&minor, (gss_buffer_t)octets, type, &name);
	if (GSS_ERROR(major)) {
		fact("%s: %s", label, major_text(major));
		return;
	}
	if (like != GSS_C_NO_NAME)
		gss_compare_name(&minor, name, like, &equal);
	fact("%s: %s, equal %d", label, name_text(name), equal);
	gss_release_name(&minor, &name);
}

static void both(const char *text, gss_OID type)
{
	gss_name_t name = import(text, type), mn = GSS_C_NO_NAME;
	gss_buffer_desc octets = GSS_C_EMPTY_BUFFER, plain = GSS_C_EMPTY_BUFFER;
	OM_uint32 major, minor;
	char label[100];

	major = gss_canonicalize_name(&minor, name, &krb5_mech, &mn);
	need("gss_canonicalize_name", major, minor);
	major = gss_export_name_composite(&minor, mn, &octets);
	fact("%s: %s, %s", text, major_text(major), hex(octets.value, octets.length));
	need("gss_export_name", gss_export_name(&minor, mn, &plain), minor);
	snprintf(label, sizeof(label), "%s, imported", text);
	import_as(label, &octets, GSS_C_NT_COMPOSITE_EXPORT, mn);
	snprintf(label, sizeof(label), "%s, without attributes, imported", text);
	import_as(label, &plain, GSS_C_NT_COMPOSITE_EXPORT, mn);
	gss_release_buffer(&minor, &octets);
	gss_release_buffer(&minor, &plain);
	gss_release_name(&minor, &mn);
	gss_release_name(&minor, &name);
}

static void octets(const char *label, const char *text, size_t length)
{
	gss_buffer_desc input = copy_of(text, length);

	import_as(label, &input, GSS_C_NT_COMPOSITE_EXPORT, GSS_C_NO_NAME);
	free(input.value);
}

#define BOB "\x04\x02\x00\x0b\x06\x09\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x00\x00\x00\x0d" "bob@DEMO.TEST"
#define OCTETS(s) s, sizeof(s) - 1

/* from_context exports the initiator's name, as the acceptor knows it. */
static void from_context(void)
{
	gss_buffer_desc exported = GSS_C_EMPTY_BUFFER;
	OM_uint32 major, minor;
	struct pair p;

	need_pair(&p, NULL);
	major = gss_export_name_composite(&minor, p.source, &exported);
	fact("of a context: %s", major_text(major));
	import_as("of a context, imported", &exported, GSS_C_NT_COMPOSITE_EXPORT, p.source);
	gss_release_buffer(&minor, &exported);
	release_pair(&p);
}

int main(void)
{
	gss_buffer_desc output = GSS_C_EMPTY_BUFFER;
	gss_OID_set types = GSS_C_NO_OID_SET;
	OM_uint32 minor;
	gss_name_t name;
	int present = -1;

	begin(30);
	both("alice@" REALM, &principal_name);
	both(SERVICE, GSS_C_NT_HOSTBASED_SERVICE);
	from_context();
	name = import("alice", GSS_C_NT_USER_NAME);
	result("a name that is no mechanism name", gss_export_name_composite(&minor, name, &output));
	result("no output", gss_export_name_composite(&minor, name, NULL));
	gss_release_name(&minor, &name);
	result("no name", gss_export_name_composite(&minor, GSS_C_NO_NAME, &output));
	octets("good octets", OCTETS(BOB "\x00\x00\x00\x00"));
	octets("no attributes, not even a length", OCTETS(BOB));
	octets("attributes that are cut", OCTETS(BOB "\x00\x00\x00\x02" "x"));
	octets("attributes of 4 GiB", OCTETS(BOB "\xff\xff\xff\xff"));
	octets("another token id", OCTETS("\x04\x03" BOB "\x00\x00\x00\x00"));
	octets("nothing", OCTETS(""));
	gss_inquire_names_for_mech(&minor, &krb5_mech, &types);
	gss_test_oid_set_member(&minor, GSS_C_NT_COMPOSITE_EXPORT, types, &present);
	fact("a name type of krb5: %d", present);
	gss_release_oid_set(&minor, &types);
	return end();
}
