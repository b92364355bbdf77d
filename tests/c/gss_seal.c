/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_seal does the same as gss_wrap. */
#include "harness.h"

int main(void)
{
	gss_buffer_desc message = buffer("text"), token = GSS_C_EMPTY_BUFFER, back = GSS_C_EMPTY_BUFFER;
	OM_uint32 minor;
	struct pair p;
	int conf = -1;

	begin(60);
	need_pair(&p, NULL);
	result("gss_seal", gss_seal(&minor, p.init, 1, GSS_C_QOP_DEFAULT, &message, &conf, &token));
	fact("%lu octets, header %s, conf %d", (unsigned long)token.length, hex(token.value, 4), conf);
	result("gss_unwrap takes it", gss_unwrap(&minor, p.accept, &token, &back, &conf, NULL));
	fact("message: %s, conf %d", quoted(&back), conf);
	gss_release_buffer(&minor, &back);
	gss_release_buffer(&minor, &token);
	result("no context", gss_seal(&minor, GSS_C_NO_CONTEXT, 1, GSS_C_QOP_DEFAULT, &message, &conf, &token));
	release_pair(&p);
	return end();
}
