/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_export_name: the octets of RFC 2743, Section 3.2, and their import. */
#include "harness.h"

static void export(const char *text, gss_OID type)
{
	gss_name_t name = import(text, type), mn = GSS_C_NO_NAME, back = GSS_C_NO_NAME;
	gss_buffer_desc exported = GSS_C_EMPTY_BUFFER, again = GSS_C_EMPTY_BUFFER;
	OM_uint32 major, minor;
	int equal = -1;

	major = gss_canonicalize_name(&minor, name, &krb5_mech, &mn);
	need("gss_canonicalize_name", major, minor);
	major = gss_export_name(&minor, mn, &exported);
	if (GSS_ERROR(major)) {
		fact("%s: %s", text, major_text(major));
	} else {
		fact("%s: %s", text, hex(exported.value, exported.length));
		major = gss_import_name(&minor, &exported, GSS_C_NT_EXPORT_NAME, &back);
		fact("%s imported again: %s", text, GSS_ERROR(major) ? major_text(major) : name_text(back));
		if (!GSS_ERROR(major)) {
			gss_compare_name(&minor, mn, back, &equal);
			fact("%s imported again is equal: %d", text, equal);
			major = gss_export_name(&minor, back, &again);
			fact("%s exported again: %s, %s", text, major_text(major),
			    same(&exported, &again) ? "the same octets" : "other octets");
			gss_release_buffer(&minor, &again);
			gss_release_name(&minor, &back);
		}
		gss_release_buffer(&minor, &exported);
	}
	gss_release_name(&minor, &name);
	gss_release_name(&minor, &mn);
}

static void import_octets(const char *label, const char *octets, size_t length)
{
	gss_buffer_desc input = copy_of(octets, length);
	gss_name_t name = GSS_C_NO_NAME;
	OM_uint32 major, minor;

	major = gss_import_name(&minor, &input, GSS_C_NT_EXPORT_NAME, &name);
	if (!GSS_ERROR(major) && name != GSS_C_NO_NAME) {
		fact("%s: %s", label, name_text(name));
		gss_release_name(&minor, &name);
	} else {
		fact("%s: %s", label, major_text(major));
	}
	free(input.value);
}

#define KRB5 "\x00\x0b\x06\x09\x2a\x86\x48\x86\xf7\x12\x01\x02\x02"
#define OCTETS(s) s, sizeof(s) - 1

int main(void)
{
	gss_buffer_desc output = GSS_C_EMPTY_BUFFER;
	gss_name_t name;
	OM_uint32 minor;

	begin(30);
	export("alice", GSS_C_NT_USER_NAME);
	export(SERVICE, GSS_C_NT_HOSTBASED_SERVICE);
	export("a\\/b\\@c\\\\d@R", &principal_name);
	export("0", GSS_C_NT_STRING_UID_NAME);

	name = import("alice", GSS_C_NT_USER_NAME);
	result("a name that is no mechanism name", gss_export_name(&minor, name, &output));
	result("no output", gss_export_name(&minor, name, NULL));
	gss_release_name(&minor, &name);
	result("no name", gss_export_name(&minor, GSS_C_NO_NAME, &output));

	import_octets("good octets", OCTETS("\x04\x01" KRB5 "\x00\x00\x00\x0d" "bob@DEMO.TEST"));
	import_octets("no realm", OCTETS("\x04\x01" KRB5 "\x00\x00\x00\x03" "bob"));
	import_octets("no name", OCTETS("\x04\x01" KRB5 "\x00\x00\x00\x00"));
	import_octets("a length too long by one", OCTETS("\x04\x01" KRB5 "\x00\x00\x00\x0e" "bob@DEMO.TEST"));
#ifndef PEER_MIT /* 1.20 ends the process: Assertion `cp == end' failed */
	{
		gss_buffer_desc input = copy_of(OCTETS("\x04\x01" KRB5 "\x00\x00\x00\x0c" "bob@DEMO.TEST"));

		check(GSS_ERROR(gss_import_name(&minor, &input, GSS_C_NT_EXPORT_NAME, &name)) == GSS_S_BAD_NAME,
		    "a length too short by one is no GSS_S_BAD_NAME");
		free(input.value);
	}
#endif
	import_octets("a length of 4 GiB", OCTETS("\x04\x01" KRB5 "\xff\xff\xff\xff" "bob@DEMO.TEST"));
	import_octets("another token id", OCTETS("\x04\x03" KRB5 "\x00\x00\x00\x0d" "bob@DEMO.TEST"));
	import_octets("an OID length that does not fit its frame",
	    OCTETS("\x04\x01\x00\x0b\x06\x0a\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x00\x00\x00\x0d" "bob@DEMO.TEST"));
	import_octets("another tag", OCTETS("\x04\x01\x00\x0b\x05\x09\x2a\x86\x48\x86\xf7\x12\x01\x02\x02"
	    "\x00\x00\x00\x0d" "bob@DEMO.TEST"));
	import_octets("an unknown mechanism",
	    OCTETS("\x04\x01\x00\x05\x06\x03\x2a\x03\x04\x00\x00\x00\x0d" "bob@DEMO.TEST"));
	import_octets("nothing", OCTETS(""));
	import_octets("one octet", OCTETS("\x04"));
	import_octets("a NUL within", OCTETS("\x04\x01" KRB5 "\x00\x00\x00\x0d" "b\x00" "b@DEMO.TEST"));
	return end();
}
