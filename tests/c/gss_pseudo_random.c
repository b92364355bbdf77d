/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_pseudo_random: RFC 4401; both sides agree, for each enctype, on any length. */
#include "harness.h"

static OM_uint32 prf(gss_ctx_id_t context, int key, const char *in, ssize_t length, gss_buffer_t out)
{
	gss_buffer_desc input = buffer(in);
	OM_uint32 minor;

	out->length = 0;
	out->value = NULL;
	return gss_pseudo_random(&minor, context, key, &input, length, out);
}

static void agree(const char *label, const struct options *o)
{
	static const ssize_t lengths[] = { 1, 16, 20, 32, 33, 1000 };
	gss_buffer_desc a, b, shorter;
	OM_uint32 major, minor;
	struct pair p;
	size_t i;
	int key;

	need_pair(&p, o);
	for (key = GSS_C_PRF_KEY_FULL; key <= GSS_C_PRF_KEY_PARTIAL; key++) {
		for (i = 0; i < COUNT(lengths); i++) {
			major = prf(p.init, key, "input", lengths[i], &a);
			prf(p.accept, key, "input", lengths[i], &b);
			fact("%s, key %d, %ld octets: %s, %lu, %s", label, key, (long)lengths[i], major_text(major),
			    (unsigned long)a.length, same(&a, &b) ? "both sides agree" : "both sides differ");
			prf(p.init, key, "input", 1, &shorter);
			check(a.length == 0 || (shorter.length == 1 && memcmp(a.value, shorter.value, 1) == 0),
			    "%s: a shorter output is another one", label);
			gss_release_buffer(&minor, &shorter);
			gss_release_buffer(&minor, &a);
			gss_release_buffer(&minor, &b);
		}
	}
	prf(p.init, GSS_C_PRF_KEY_FULL, "input", 32, &a);
	prf(p.init, GSS_C_PRF_KEY_PARTIAL, "input", 32, &b);
	fact("%s, full and partial key: %s", label, same(&a, &b) ? "the same" : "different");
	gss_release_buffer(&minor, &b);
	prf(p.init, GSS_C_PRF_KEY_FULL, "inpuT", 32, &b);
	fact("%s, another input: %s", label, same(&a, &b) ? "the same" : "different");
	gss_release_buffer(&minor, &a);
	gss_release_buffer(&minor, &b);
	prf(p.init, GSS_C_PRF_KEY_FULL, "", 32, &a);
	fact("%s, an empty input: %lu octets", label, (unsigned long)a.length);
	gss_release_buffer(&minor, &a);
	release_pair(&p);
}

int main(void)
{
	struct options o = { .flags = GSS_C_MUTUAL_FLAG }, none = { .flags = 0 };
	gss_buffer_desc out, token, input = buffer("input");
	gss_ctx_id_t context;
	OM_uint32 minor;
	struct pair p;
	size_t i;

	begin(60);
	for (i = 0; i < COUNT(enctypes); i++) {
		with_enctype(&enctypes[i]);
		o.target = enctypes[i].service;
		agree(enctypes[i].name, &o);
	}
	with_enctype(NULL);
	agree("without mutual", &none);
	need_pair(&p, NULL);
	result("no octets", prf(p.init, GSS_C_PRF_KEY_FULL, "input", 0, &out));
	gss_release_buffer(&minor, &out);
	result("key 7", prf(p.init, 7, "input", 16, &out));
	gss_release_buffer(&minor, &out);
	result("no output", gss_pseudo_random(&minor, p.init, GSS_C_PRF_KEY_FULL, &input, 16, NULL));
	release_pair(&p);
	token = first_token(&context, GSS_C_MUTUAL_FLAG);
	fact("half-open, the acceptor's key: %s",
	    GSS_ERROR(prf(context, GSS_C_PRF_KEY_FULL, "input", 16, &out)) ? "an error" : "no error");
	gss_release_buffer(&minor, &out);
	gss_release_buffer(&minor, &token);
	gss_delete_sec_context(&minor, &context, GSS_C_NO_BUFFER);
	result("no context", gss_pseudo_random(&minor, GSS_C_NO_CONTEXT, GSS_C_PRF_KEY_FULL, &input, 16, &out));
	return end();
}
