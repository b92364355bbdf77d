/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_get_mic_iov_length: the length of the token, for each enctype. */
#include "harness.h"

#include <gssapi/gssapi_ext.h>

int main(void)
{
	struct options o = { .flags = ALL_FLAGS };
	gss_iov_buffer_desc iov[2];
	OM_uint32 major, minor;
	struct pair p;
	size_t i;

	begin(60);
	for (i = 0; i < COUNT(enctypes); i++) {
		with_enctype(&enctypes[i]);
		o.target = enctypes[i].service;
		need_pair(&p, &o);
		memset(iov, 0x55, sizeof(iov));
		iov[0].type = GSS_IOV_BUFFER_TYPE_DATA;
		iov[1].type = GSS_IOV_BUFFER_TYPE_MIC_TOKEN;
		major = gss_get_mic_iov_length(&minor, p.init, GSS_C_QOP_DEFAULT, iov, 2);
		fact("%s: %s, %lu, %s", enctypes[i].name, major_text(major), (unsigned long)iov[1].buffer.length,
		    iov[1].buffer.value == NULL ? "no value" : "a value");
		release_pair(&p);
	}
	with_enctype(NULL);
	need_pair(&p, NULL);
	result("no token", gss_get_mic_iov_length(&minor, p.init, GSS_C_QOP_DEFAULT, iov, 1));
	result("qop 1", gss_get_mic_iov_length(&minor, p.init, 1, iov, 2));
	result("no buffers", gss_get_mic_iov_length(&minor, p.init, GSS_C_QOP_DEFAULT, NULL, 1));
	result("no context", gss_get_mic_iov_length(&minor, GSS_C_NO_CONTEXT, GSS_C_QOP_DEFAULT, iov, 2));
	result("no minor", gss_get_mic_iov_length(NULL, p.init, GSS_C_QOP_DEFAULT, iov, 2));
	release_pair(&p);
	return end();
}
