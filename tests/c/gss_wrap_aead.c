/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_wrap_aead: the tokens' lengths, and what they protect. */
#include "harness.h"

#include <gssapi/gssapi_ext.h>

int main(void)
{
	struct options o = { .flags = ALL_FLAGS };
	gss_buffer_desc assoc = buffer("associated"), text = buffer("some text"), none = { 0, NULL }, token, back;
	OM_uint32 major, minor;
	struct pair p;
	size_t i;
	int conf, state;

	begin(60);
	for (i = 0; i < COUNT(enctypes); i++) {
		with_enctype(&enctypes[i]);
		o.target = enctypes[i].service;
		need_pair(&p, &o);
		for (conf = 0; conf <= 1; conf++) {
			state = -1;
			major = gss_wrap_aead(&minor, p.init, conf, GSS_C_QOP_DEFAULT, &assoc, &text, &state, &token);
			fact("%s, conf %d: %s, conf %d, %lu octets, %s", enctypes[i].name, conf, major_text(major), state,
			    (unsigned long)token.length, hex(token.value, 8));
			major = gss_unwrap_aead(&minor, p.accept, &token, &assoc, &back, &state, NULL);
			fact("%s, conf %d, unwrapped: %s, conf %d, %s", enctypes[i].name, conf, major_text(major), state,
			    same(&back, &text) ? "the same" : "another");
			gss_release_buffer(&minor, &back);
			gss_release_buffer(&minor, &token);
		}
		release_pair(&p);
	}
	with_enctype(NULL);
	need_pair(&p, NULL);
	for (conf = 0; conf <= 1; conf++) {
		need("gss_wrap_aead", gss_wrap_aead(&minor, p.init, conf, GSS_C_QOP_DEFAULT, GSS_C_NO_BUFFER, &text, NULL, &token),
		    minor);
		fact("nothing associated, conf %d: %s", conf, major_text(gss_unwrap(&minor, p.accept, &token, &back, NULL, NULL)));
		gss_release_buffer(&minor, &back);
		gss_release_buffer(&minor, &token);
		need("gss_wrap_aead", gss_wrap_aead(&minor, p.init, conf, GSS_C_QOP_DEFAULT, &none, &none, NULL, &token), minor);
		fact("nothing at all, conf %d: %s", conf, major_text(gss_unwrap(&minor, p.accept, &token, &back, NULL, NULL)));
		gss_release_buffer(&minor, &back);
		gss_release_buffer(&minor, &token);
		need("gss_wrap_aead", gss_wrap_aead(&minor, p.init, conf, GSS_C_QOP_DEFAULT, &assoc, &none, NULL, &token), minor);
		fact("associated data alone, conf %d: %lu octets, gss_unwrap says %s", conf, (unsigned long)token.length,
		    major_text(gss_unwrap(&minor, p.accept, &token, &back, NULL, NULL)));
		gss_release_buffer(&minor, &token);
	}
	result("qop 1", gss_wrap_aead(&minor, p.init, 1, 1, &assoc, &text, NULL, &token));
	result("no payload", gss_wrap_aead(&minor, p.init, 1, GSS_C_QOP_DEFAULT, &assoc, NULL, NULL, &token));
	result("no output", gss_wrap_aead(&minor, p.init, 1, GSS_C_QOP_DEFAULT, &assoc, &text, NULL, NULL));
	result("no context", gss_wrap_aead(&minor, GSS_C_NO_CONTEXT, 1, GSS_C_QOP_DEFAULT, &assoc, &text, NULL, &token));
	result("no minor", gss_wrap_aead(NULL, p.init, 1, GSS_C_QOP_DEFAULT, &assoc, &text, NULL, &token));
	release_pair(&p);
	return end();
}
