/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_unseal does the same as gss_unwrap. */
#include "harness.h"

int main(void)
{
	gss_buffer_desc token, message = GSS_C_EMPTY_BUFFER;
	OM_uint32 minor;
	struct pair p;
	int conf = -1, qop = 77;

	begin(60);
	need_pair(&p, NULL);
	token = wrapped(p.init, 1, "text");
	result("gss_unseal", gss_unseal(&minor, p.accept, &token, &message, &conf, &qop));
	fact("message: %s, conf %d, qop %d", quoted(&message), conf, qop);
	gss_release_buffer(&minor, &message);
	((unsigned char *)token.value)[token.length - 1] ^= 1;
	result("a changed token", gss_unseal(&minor, p.accept, &token, &message, &conf, &qop));
	gss_release_buffer(&minor, &token);
	release_pair(&p);
	return end();
}
