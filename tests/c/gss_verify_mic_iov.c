/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_verify_mic_iov: tokens of gss_get_mic over pieces; damage, replay, reflection. */
#include "harness.h"

#include <gssapi/gssapi_ext.h>

static OM_uint32 verify(gss_ctx_id_t context, const gss_buffer_desc *token, const char *a, OM_uint32 type, const char *b)
{
	gss_iov_buffer_desc iov[3];
	gss_qop_t qop = 77;
	OM_uint32 major, minor;

	iov[0].type = GSS_IOV_BUFFER_TYPE_DATA;
	iov[0].buffer = buffer(a);
	iov[1].type = type;
	iov[1].buffer = buffer(b);
	/* As gss_get_mic_iov leaves it; it is not an output here. */
	iov[2].type = GSS_IOV_BUFFER_TYPE_MIC_TOKEN | GSS_IOV_BUFFER_FLAG_ALLOCATE;
	iov[2].buffer = *token;
	major = gss_verify_mic_iov(&minor, context, &qop, iov, 3);
	check(GSS_ERROR(major) || qop == 0, "qop is %lu", (unsigned long)qop);
	return major;
}

int main(void)
{
	enum { DATA = GSS_IOV_BUFFER_TYPE_DATA, SIGN = GSS_IOV_BUFFER_TYPE_SIGN_ONLY };
	struct options o = { .flags = ALL_FLAGS };
	gss_buffer_desc token, other;
	gss_iov_buffer_desc iov[1];
	OM_uint32 minor;
	struct pair p;
	size_t i, taken;

	begin(60);
	for (i = 0; i < COUNT(enctypes); i++) {
		with_enctype(&enctypes[i]);
		o.target = enctypes[i].service;
		need_pair(&p, &o);
		token = mic_of(p.init, "some text");
		fact("%s: %s", enctypes[i].name, major_text(verify(p.accept, &token, "some", DATA, " text")));
		gss_release_buffer(&minor, &token);
		release_pair(&p);
	}
	with_enctype(NULL);
	need_pair(&p, NULL);
	token = mic_of(p.init, "some text");
	fact("another text: %s", major_text(verify(p.accept, &token, "some", DATA, " texT")));
	fact("less text: %s", major_text(verify(p.accept, &token, "some", DATA, " tex")));
	fact("pieces in another order: %s", major_text(verify(p.accept, &token, " text", DATA, "some")));
	fact("padding: %s", major_text(verify(p.accept, &token, "some", GSS_IOV_BUFFER_TYPE_PADDING, " text")));
	fact("reflected: %s", major_text(verify(p.init, &token, "some", DATA, " text")));
	taken = 0;
	for (i = 0; i < token.length * 8; i++) {
#ifdef PEER_MIT
		if (i < 64)
			continue; /* assertions of MIT's library end the process */
#endif
		other = copy_of(token.value, token.length);
		((unsigned char *)other.value)[i / 8] ^= (unsigned char)(1 << i % 8);
		taken += !GSS_ERROR(verify(p.accept, &other, "some", DATA, " text"));
		free(other.value);
	}
#ifndef PEER_MIT
	for (i = 0; i < token.length; i++) {
		other = copy_of(token.value, i);
		taken += !GSS_ERROR(verify(p.accept, &other, "some", DATA, " text"));
		free(other.value);
	}
#endif
	fact("damaged tokens: taken %lu", (unsigned long)taken);
	other.length = 0;
	other.value = NULL;
	fact("an empty token: %s", major_text(verify(p.accept, &other, "some", DATA, " text")));
	fact("the right one, sign-only: %s", major_text(verify(p.accept, &token, "some", SIGN, " text")));
	fact("once more: %s", major_text(verify(p.accept, &token, "some text", SIGN, "")));
	gss_release_buffer(&minor, &token);
	token = wrapped(p.init, 0, "some text");
	fact("a wrap token: %s", major_text(verify(p.accept, &token, "some", DATA, " text")));
	gss_release_buffer(&minor, &token);
	iov[0].type = GSS_IOV_BUFFER_TYPE_DATA;
	iov[0].buffer = buffer("text");
	result("no token", gss_verify_mic_iov(&minor, p.accept, NULL, iov, 1));
	result("no buffers", gss_verify_mic_iov(&minor, p.accept, NULL, NULL, 1));
	result("no context", gss_verify_mic_iov(&minor, GSS_C_NO_CONTEXT, NULL, iov, 1));
	result("no minor", gss_verify_mic_iov(NULL, p.accept, NULL, iov, 1));
	release_pair(&p);
	return end();
}
