/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_sign does the same as gss_get_mic. */
#include "harness.h"

int main(void)
{
	gss_buffer_desc message = buffer("text"), mic = GSS_C_EMPTY_BUFFER;
	OM_uint32 minor;
	struct pair p;

	begin(60);
	need_pair(&p, NULL);
	result("gss_sign", gss_sign(&minor, p.init, GSS_C_QOP_DEFAULT, &message, &mic));
	fact("%lu octets, header %s", (unsigned long)mic.length, hex(mic.value, 8));
	result("gss_verify_mic takes it", gss_verify_mic(&minor, p.accept, &message, &mic, NULL));
	gss_release_buffer(&minor, &mic);
	result("no context", gss_sign(&minor, GSS_C_NO_CONTEXT, GSS_C_QOP_DEFAULT, &message, &mic));
	release_pair(&p);
	return end();
}
