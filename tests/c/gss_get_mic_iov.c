/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_get_mic_iov: the token equals that of gss_get_mic over the pieces; where it is stored. */
#include "harness.h"

#include <gssapi/gssapi_ext.h>

static void mic(const char *label, struct pair *p, OM_uint32 first, OM_uint32 second, size_t room)
{
	gss_buffer_desc text = buffer("some text in pieces");
	gss_iov_buffer_desc iov[3];
	OM_uint32 major, minor;

	memset(iov, 0, sizeof(iov));
	iov[0].type = first;
	iov[0].buffer = buffer("some text");
	iov[1].type = GSS_IOV_BUFFER_TYPE_MIC_TOKEN;
	if (room == 0) {
		iov[1].type |= GSS_IOV_BUFFER_FLAG_ALLOCATE;
	} else {
		iov[1].buffer.value = calloc(1, room);
		iov[1].buffer.length = room;
	}
	iov[2].type = second;
	iov[2].buffer = buffer(" in pieces");
	major = gss_get_mic_iov(&minor, p->init, GSS_C_QOP_DEFAULT, iov, 3);
	if (GSS_ERROR(major))
		fact("%s: %s", label, major_text(major));
	else
		fact("%s: %s, %lx, %lu octets, %s, gss_verify_mic: %s", label, major_text(major), (unsigned long)iov[1].type,
		    (unsigned long)iov[1].buffer.length, hex(iov[1].buffer.value, 8),
		    major_text(gss_verify_mic(&minor, p->accept, &text, &iov[1].buffer, NULL)));
	gss_release_iov_buffer(&minor, iov, 3);
	free(iov[1].buffer.value);
}

int main(void)
{
	enum { DATA = GSS_IOV_BUFFER_TYPE_DATA, SIGN = GSS_IOV_BUFFER_TYPE_SIGN_ONLY };
	struct options o = { .flags = ALL_FLAGS };
	gss_iov_buffer_desc iov[2];
	OM_uint32 minor;
	struct pair p;
	size_t i;

	begin(60);
	for (i = 0; i < COUNT(enctypes); i++) {
		with_enctype(&enctypes[i]);
		o.target = enctypes[i].service;
		need_pair(&p, &o);
		mic(enctypes[i].name, &p, DATA, DATA, 0);
		release_pair(&p);
	}
	with_enctype(NULL);
	need_pair(&p, NULL);
	mic("data, sign-only", &p, DATA, SIGN, 0);
	mic("sign-only, sign-only", &p, SIGN, SIGN, 0);
	mic("sign-only, empty", &p, SIGN, GSS_IOV_BUFFER_TYPE_EMPTY, 0);
	mic("data, header", &p, DATA, GSS_IOV_BUFFER_TYPE_HEADER, 0);
	mic("data, padding", &p, DATA, GSS_IOV_BUFFER_TYPE_PADDING, 0);
	mic("a second token", &p, DATA, GSS_IOV_BUFFER_TYPE_MIC_TOKEN, 0);
	mic("room for 27 octets", &p, DATA, DATA, 27);
	mic("room for 28 octets", &p, DATA, DATA, 28);
	mic("room for 100 octets", &p, DATA, DATA, 100);
	memset(iov, 0, sizeof(iov));
	iov[0].type = GSS_IOV_BUFFER_TYPE_MIC_TOKEN | GSS_IOV_BUFFER_FLAG_ALLOCATE;
	result("no data", gss_get_mic_iov(&minor, p.init, GSS_C_QOP_DEFAULT, iov, 1));
	gss_release_iov_buffer(&minor, iov, 1);
	result("no token", gss_get_mic_iov(&minor, p.init, GSS_C_QOP_DEFAULT, &iov[1], 1));
	result("qop 1", gss_get_mic_iov(&minor, p.init, 1, iov, 1));
	result("no buffers", gss_get_mic_iov(&minor, p.init, GSS_C_QOP_DEFAULT, NULL, 1));
	result("no context", gss_get_mic_iov(&minor, GSS_C_NO_CONTEXT, GSS_C_QOP_DEFAULT, iov, 1));
	result("no minor", gss_get_mic_iov(NULL, p.init, GSS_C_QOP_DEFAULT, iov, 1));
	release_pair(&p);
	return end();
}
