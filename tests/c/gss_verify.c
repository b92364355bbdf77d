/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_verify does the same as gss_verify_mic. */
#include "harness.h"

int main(void)
{
	gss_buffer_desc message = buffer("text"), mic;
	OM_uint32 minor;
	struct pair p;
	int qop = 77;

	begin(60);
	need_pair(&p, NULL);
	mic = mic_of(p.init, "text");
	result("gss_verify", gss_verify(&minor, p.accept, &message, &mic, &qop));
	fact("qop: %d", qop);
	result("once more", gss_verify(&minor, p.accept, &message, &mic, &qop));
	((unsigned char *)mic.value)[mic.length - 1] ^= 1;
	result("a changed MIC", gss_verify(&minor, p.accept, &message, &mic, &qop));
	gss_release_buffer(&minor, &mic);
	release_pair(&p);
	return end();
}
