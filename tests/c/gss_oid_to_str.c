/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_oid_to_str: "{ 1 2 840 ... }", and malformed OIDs. */
#include "harness.h"

static void text_of(const char *label, const char *octets, size_t length)
{
	gss_OID_desc oid;
	gss_buffer_desc copy = copy_of(octets, length), text = GSS_C_EMPTY_BUFFER;
	OM_uint32 major, minor;

	oid.length = (OM_uint32)length;
	oid.elements = copy.value;
	major = gss_oid_to_str(&minor, &oid, &text);
	fact("%s: %s %s", label, major_text(major), GSS_ERROR(major) ? "" : quoted(&text));
	gss_release_buffer(&minor, &text);
	free(copy.value);
}

#define OCTETS(s) s, sizeof(s) - 1

int main(void)
{
	gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
	OM_uint32 minor;

	begin(30);
	text_of("krb5", OCTETS("\x2a\x86\x48\x86\xf7\x12\x01\x02\x02"));
	text_of("spnego", OCTETS("\x2b\x06\x01\x05\x05\x02"));
	text_of("one octet", OCTETS("\x2a"));
	text_of("0.0", OCTETS("\x00"));
	text_of("0.39", OCTETS("\x27"));
	text_of("1.0", OCTETS("\x28"));
	text_of("2.0", OCTETS("\x50"));
	text_of("an arc of 32 bits", OCTETS("\x2a\x8f\xff\xff\xff\x7f"));
	text_of("an arc of 64 bits", OCTETS("\x2a\x81\xff\xff\xff\xff\xff\xff\xff\xff\x7f"));
	text_of("an arc that does not end", OCTETS("\x2a\x86\x86"));
	result("no OID", gss_oid_to_str(&minor, GSS_C_NO_OID, &text));
	result("no output", gss_oid_to_str(&minor, &krb5_mech, NULL));
	return end();
}
