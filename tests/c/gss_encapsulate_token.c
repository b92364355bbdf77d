/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_encapsulate_token: RFC 2743, Section 3.1, with every form of the DER length. */
#include "harness.h"

static void encapsulate(size_t length)
{
	gss_buffer_desc input, output = GSS_C_EMPTY_BUFFER;
	OM_uint32 major, minor;

	input.length = length;
	input.value = calloc(1, length + 1);
	if (input.value == NULL)
		exit(2);
	major = gss_encapsulate_token(&input, &krb5_mech, &output);
	fact("%lu octets: %s, %lu octets, %s", (unsigned long)length, major_text(major), (unsigned long)output.length,
	    hex(output.value, output.length < 18 ? output.length : 18));
	free(input.value);
	gss_release_buffer(&minor, &output);
}

int main(void)
{
	static const size_t lengths[] = { 0, 1, 2, 116, 117, 244, 245, 255, 256, 65523, 65524, 65525, 1000000 };
	gss_buffer_desc input = buffer("text"), output = GSS_C_EMPTY_BUFFER;
	size_t i;

	begin(30);
	for (i = 0; i < COUNT(lengths); i++)
		encapsulate(lengths[i]);
	result("no input", gss_encapsulate_token(GSS_C_NO_BUFFER, &krb5_mech, &output));
	result("no OID", gss_encapsulate_token(&input, GSS_C_NO_OID, &output));
	result("no output", gss_encapsulate_token(&input, &krb5_mech, NULL));
	return end();
}
