/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_unwrap_aead: other associated data, damage, replay. */
#include "harness.h"

#include <gssapi/gssapi_ext.h>

static OM_uint32 unwrap(gss_ctx_id_t context, const gss_buffer_desc *token, const char *assoc)
{
	gss_buffer_desc copy = copy_of(token->value, token->length), a, back = { 0, NULL };
	OM_uint32 major, minor;

	if (assoc != NULL)
		a = buffer(assoc);
	major = gss_unwrap_aead(&minor, context, &copy, assoc == NULL ? GSS_C_NO_BUFFER : &a, &back, NULL, NULL);
	if (major == GSS_S_COMPLETE) {
		check(back.length == 9 && memcmp(back.value, "some text", 9) == 0, "another text comes back");
		gss_release_buffer(&minor, &back);
	}
	free(copy.value);
	return major;
}

int main(void)
{
	gss_buffer_desc assoc = buffer("associated"), text = buffer("some text"), token, other, back;
	OM_uint32 minor;
	struct pair p;
	size_t i, taken;
	int conf;

	begin(60);
	need_pair(&p, NULL);
	for (conf = 0; conf <= 1; conf++) {
		need("gss_wrap_aead", gss_wrap_aead(&minor, p.init, conf, GSS_C_QOP_DEFAULT, &assoc, &text, NULL, &token), minor);
		fact("conf %d, other associated data: %s", conf, major_text(unwrap(p.accept, &token, "associateD")));
		fact("conf %d, less of it: %s", conf, major_text(unwrap(p.accept, &token, "associate")));
		fact("conf %d, none: %s", conf, major_text(unwrap(p.accept, &token, NULL)));
		fact("conf %d, reflected: %s", conf, major_text(unwrap(p.init, &token, "associated")));
		taken = 0;
		for (i = 0; i < token.length * 8; i++) {
			if (i / 16 == 3)
				continue; /* the RRC is not protected */
			other = copy_of(token.value, token.length);
			((unsigned char *)other.value)[i / 8] ^= (unsigned char)(1 << i % 8);
			taken += !GSS_ERROR(unwrap(p.accept, &other, "associated"));
			free(other.value);
		}
		for (i = 0; i < token.length; i++) {
			other = copy_of(token.value, i);
			taken += !GSS_ERROR(unwrap(p.accept, &other, "associated"));
			free(other.value);
		}
		fact("conf %d, damaged: taken %lu", conf, (unsigned long)taken);
		fact("conf %d, the right one: %s", conf, major_text(unwrap(p.accept, &token, "associated")));
		fact("conf %d, once more: %s", conf, major_text(unwrap(p.accept, &token, "associated")));
		gss_release_buffer(&minor, &token);
		token = wrapped(p.init, conf, "some text");
		fact("conf %d, a token of gss_wrap: %s", conf, major_text(unwrap(p.accept, &token, NULL)));
		gss_release_buffer(&minor, &token);
	}
	token = wrapped(p.init, 1, "some text");
	result("no token", gss_unwrap_aead(&minor, p.accept, NULL, &assoc, &back, NULL, NULL));
	result("no output", gss_unwrap_aead(&minor, p.accept, &token, &assoc, NULL, NULL, NULL));
	result("no context", gss_unwrap_aead(&minor, GSS_C_NO_CONTEXT, &token, &assoc, &back, NULL, NULL));
	result("no minor", gss_unwrap_aead(NULL, p.accept, &token, &assoc, &back, NULL, NULL));
	gss_release_buffer(&minor, &token);
	release_pair(&p);
	return end();
}
