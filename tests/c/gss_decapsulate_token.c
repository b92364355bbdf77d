/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_decapsulate_token: tokens from gss_encapsulate_token, and every kind of malformed one. */
#include "harness.h"

static void decapsulate(const char *label, const char *octets, size_t length, gss_OID oid)
{
	gss_buffer_desc input = copy_of(octets, length), output = GSS_C_EMPTY_BUFFER;
	OM_uint32 major, minor;

	major = gss_decapsulate_token(&input, oid, &output);
	fact("%s: %s%s%s", label, major_text(major), GSS_ERROR(major) ? "" : " ",
	    GSS_ERROR(major) ? "" : quoted(&output));
	check(!GSS_ERROR(major) || output.value == NULL, "%s: an error and a buffer", label);
	free(input.value);
	gss_release_buffer(&minor, &output);
}

#define KRB5 "\x06\x09\x2a\x86\x48\x86\xf7\x12\x01\x02\x02"
#define OCTETS(s) s, sizeof(s) - 1

int main(void)
{
	static const size_t lengths[] = { 0, 1, 116, 117, 244, 245, 65524, 65525, 1000000 };
	gss_buffer_desc input, token, output;
	OM_uint32 major, minor;
	size_t i;

	begin(30);
	for (i = 0; i < COUNT(lengths); i++) {
		input.length = lengths[i];
		input.value = malloc(lengths[i] + 1);
		if (input.value == NULL)
			return 2;
		memset(input.value, 'x', input.length);
		major = gss_encapsulate_token(&input, &krb5_mech, &token);
		if (GSS_ERROR(major))
			return 2;
		output.length = 0;
		output.value = NULL;
		major = gss_decapsulate_token(&token, &krb5_mech, &output);
		fact("%lu octets there and back: %s, %s", (unsigned long)lengths[i], major_text(major),
		    same(&input, &output) ? "the same" : "different");
		gss_release_buffer(&minor, &token);
		gss_release_buffer(&minor, &output);
		free(input.value);
	}
	decapsulate("good", OCTETS("\x60\x0d" KRB5 "ab"), &krb5_mech);
	decapsulate("another mechanism", OCTETS("\x60\x0d" KRB5 "ab"), &spnego_mech);
	decapsulate("nothing", OCTETS(""), &krb5_mech);
	decapsulate("one octet", OCTETS("\x60"), &krb5_mech);
	decapsulate("another tag", OCTETS("\x61\x0d" KRB5 "ab"), &krb5_mech);
	decapsulate("length too long by one", OCTETS("\x60\x0e" KRB5 "ab"), &krb5_mech);
	decapsulate("length too short by one", OCTETS("\x60\x0c" KRB5 "ab"), &krb5_mech);
	decapsulate("indefinite length", OCTETS("\x60\x80" KRB5 "ab\0\0"), &krb5_mech);
	decapsulate("four octets of length, all ones", OCTETS("\x60\x84\xff\xff\xff\xff" KRB5 "ab"), &krb5_mech);
	decapsulate("one octet of length more than needed", OCTETS("\x60\x81\x0d" KRB5 "ab"), &krb5_mech);
	decapsulate("four octets of length", OCTETS("\x60\x84\x00\x00\x00\x0d" KRB5 "ab"), &krb5_mech);
	decapsulate("an octet of the OID's length more than needed",
	    OCTETS("\x60\x0e\x06\x81\x09\x2a\x86\x48\x86\xf7\x12\x01\x02\x02" "ab"), &krb5_mech);
	decapsulate("five octets of length", OCTETS("\x60\x85\x00\x00\x00\x00\x0d" KRB5 "ab"), &krb5_mech);
	decapsulate("no OID within", OCTETS("\x60\x02" "ab"), &krb5_mech);
	decapsulate("OID longer than the token", OCTETS("\x60\x04\x06\x09\x2a\x86"), &krb5_mech);
	decapsulate("OID of no length", OCTETS("\x60\x04\x06\x00" "ab"), &krb5_mech);
	decapsulate("only the frame", OCTETS("\x60\x0b" KRB5), &krb5_mech);
	input = buffer("\x60");
	result("no input", gss_decapsulate_token(GSS_C_NO_BUFFER, &krb5_mech, &output));
	result("no OID", gss_decapsulate_token(&input, GSS_C_NO_OID, &output));
	result("no output", gss_decapsulate_token(&input, &krb5_mech, NULL));
	return end();
}
