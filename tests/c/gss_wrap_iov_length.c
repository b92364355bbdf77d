/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_wrap_iov_length: the lengths that gss_wrap_iov needs, for each enctype and layout; buffers need no values. */
#include "harness.h"

#include <gssapi/gssapi_ext.h>

#define DCE_STYLE 0x1000

static void lengths(const char *label, gss_ctx_id_t context, int conf, int trailer, int padding, size_t data)
{
	gss_iov_buffer_desc iov[4];
	OM_uint32 major, minor;
	int n = 0, i, state = -1;
	char text[200];

	memset(iov, 0x55, sizeof(iov));
	iov[n++].type = GSS_IOV_BUFFER_TYPE_HEADER;
	iov[n].buffer.length = data;
	iov[n++].type = GSS_IOV_BUFFER_TYPE_DATA;
	if (padding)
		iov[n++].type = GSS_IOV_BUFFER_TYPE_PADDING;
	if (trailer)
		iov[n++].type = GSS_IOV_BUFFER_TYPE_TRAILER | GSS_IOV_BUFFER_FLAG_ALLOCATE;
	major = gss_wrap_iov_length(&minor, context, conf, GSS_C_QOP_DEFAULT, &state, iov, n);
	text[0] = '\0';
	for (i = 0; i < n; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), " %lx:%lu%s", (unsigned long)iov[i].type,
		    (unsigned long)iov[i].buffer.length, iov[i].buffer.value == NULL ? "" : "*");
	fact("%s, conf %d, %lu octets%s%s: %s, conf %d,%s", label, conf, (unsigned long)data, padding ? ", padding" : "",
	    trailer ? ", trailer" : "", major_text(major), state, text);
}

int main(void)
{
	static const size_t sizes[] = { 0, 1, 16, 1000 };
	struct options o = { .flags = ALL_FLAGS }, dce = { .flags = ALL_FLAGS | DCE_STYLE };
	gss_iov_buffer_desc iov[2];
	char label[100];
	OM_uint32 minor;
	struct pair p;
	size_t i, k;
	int bits;

	begin(60);
	for (i = 0; i < COUNT(enctypes); i++) {
		with_enctype(&enctypes[i]);
		o.target = dce.target = enctypes[i].service;
		need_pair(&p, &o);
		for (k = 0; k < COUNT(sizes); k++)
			for (bits = 0; bits < 8; bits++)
				lengths(enctypes[i].name, p.init, bits & 1, bits & 2, bits & 4, sizes[k]);
		release_pair(&p);
		need_pair(&p, &dce);
		snprintf(label, sizeof(label), "DCE style, %s", enctypes[i].name);
		for (k = 0; k < COUNT(sizes); k++)
			for (bits = 0; bits < 8; bits++)
				lengths(label, p.init, bits & 1, bits & 2, bits & 4, sizes[k]);
		release_pair(&p);
	}
	with_enctype(NULL);
	need_pair(&p, NULL);
	memset(iov, 0, sizeof(iov));
	iov[0].type = GSS_IOV_BUFFER_TYPE_DATA;
	result("no header", gss_wrap_iov_length(&minor, p.init, 1, GSS_C_QOP_DEFAULT, NULL, iov, 1));
	iov[1].type = GSS_IOV_BUFFER_TYPE_HEADER;
	result("header behind the data", gss_wrap_iov_length(&minor, p.init, 1, GSS_C_QOP_DEFAULT, NULL, iov, 2));
	result("qop 1", gss_wrap_iov_length(&minor, p.init, 1, 1, NULL, iov, 2));
	result("no buffers", gss_wrap_iov_length(&minor, p.init, 1, GSS_C_QOP_DEFAULT, NULL, NULL, 2));
	result("no minor", gss_wrap_iov_length(NULL, p.init, 1, GSS_C_QOP_DEFAULT, NULL, iov, 2));
	result("no context", gss_wrap_iov_length(&minor, GSS_C_NO_CONTEXT, 1, GSS_C_QOP_DEFAULT, NULL, iov, 2));
	release_pair(&p);
	return end();
}
