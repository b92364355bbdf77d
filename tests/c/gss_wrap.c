/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_wrap: lengths and headers for each enctype, with and without confidentiality, qop. */
#include "harness.h"

static void lengths(const struct enctype *e)
{
	static const size_t sizes[] = { 0, 1, 15, 16, 17, 31, 32, 1000, 65536, 1000000 };
	struct options o = { .target = e->service, .flags = ALL_FLAGS };
	gss_buffer_desc message, token, back;
	OM_uint32 major, minor;
	char text[300];
	struct pair p;
	size_t i;
	int conf, state, good;

	with_enctype(e);
	need_pair(&p, &o);
	for (conf = 0; conf <= 1; conf++) {
		text[0] = '\0';
		good = 0;
		for (i = 0; i < COUNT(sizes); i++) {
			message.length = sizes[i];
			message.value = malloc(sizes[i] + 1);
			if (message.value == NULL)
				exit(2);
			memset(message.value, 'm', sizes[i]);
			state = -1;
			major = gss_wrap(&minor, p.init, conf, GSS_C_QOP_DEFAULT, &message, &state, &token);
			need("gss_wrap", major, minor);
			check(state == conf, "conf_state is %d", state);
			if (i == 0)
				fact("%s, conf %d: flags %s", e->name, conf, hex(token.value, 4));
			snprintf(text + strlen(text), sizeof(text) - strlen(text), " %lu:+%lu", (unsigned long)sizes[i],
			    (unsigned long)(token.length - sizes[i]));
			major = gss_unwrap(&minor, p.accept, &token, &back, &state, NULL);
			good += major == GSS_S_COMPLETE && state == conf && same(&back, &message);
			if (!GSS_ERROR(major))
				gss_release_buffer(&minor, &back);
			gss_release_buffer(&minor, &token);
			free(message.value);
		}
		fact("%s, conf %d:%s", e->name, conf, text);
		fact("%s, conf %d: %d of %d unwrap", e->name, conf, good, (int)COUNT(sizes));
	}
	release_pair(&p);
}

int main(void)
{
	static const OM_uint32 asked[] = { 0, GSS_C_CONF_FLAG, GSS_C_INTEG_FLAG, GSS_C_MUTUAL_FLAG };
	gss_buffer_desc message = buffer("text"), token = GSS_C_EMPTY_BUFFER, other;
	struct options o = { .flags = 0 };
	gss_ctx_id_t context;
	OM_uint32 major, minor;
	struct pair p;
	size_t i;
	int state = -1;

	begin(60);
	for (i = 0; i < COUNT(enctypes); i++)
		lengths(&enctypes[i]);
	with_enctype(NULL);
	for (i = 0; i < COUNT(asked); i++) {
		o.flags = asked[i];
		need_pair(&p, &o);
		major = gss_wrap(&minor, p.init, 1, GSS_C_QOP_DEFAULT, &message, &state, &token);
		fact("a context with %s: %s, conf %d", flags_text(asked[i]), major_text(major), state);
		gss_release_buffer(&minor, &token);
		release_pair(&p);
	}
	need_pair(&p, NULL);
	major = gss_wrap(&minor, p.init, 77, GSS_C_QOP_DEFAULT, &message, &state, &token);
	fact("conf_req_flag 77: %s, conf %d", major_text(major), state);
	gss_release_buffer(&minor, &token);
	result("qop 1", gss_wrap(&minor, p.init, 1, 1, &message, NULL, &token));
	gss_release_buffer(&minor, &token);
	result("qop 0x100, not encrypted", gss_wrap(&minor, p.init, 0, 0x100, &message, NULL, &token));
	gss_release_buffer(&minor, &token);
	token = wrapped(p.init, 1, "text");
	other = wrapped(p.init, 1, "text");
	fact("the same message twice: %s", same(&token, &other) ? "the same token" : "different tokens");
	fact("the message can be read in it: %s", memcmp((char *)token.value + 16, "text", 4) == 0 ? "yes" : "no");
	gss_release_buffer(&minor, &token);
	gss_release_buffer(&minor, &other);
	token = wrapped(p.init, 0, "text");
	fact("the message can be read in it without conf: %s",
	    memcmp((char *)token.value + 16, "text", 4) == 0 ? "yes" : "no");
	gss_release_buffer(&minor, &token);
	result("no message", gss_wrap(&minor, p.init, 1, GSS_C_QOP_DEFAULT, GSS_C_NO_BUFFER, NULL, &token));
	result("no output", gss_wrap(&minor, p.init, 1, GSS_C_QOP_DEFAULT, &message, NULL, NULL));
	release_pair(&p);
	other = first_token(&context, GSS_C_MUTUAL_FLAG);
	result("half-open", gss_wrap(&minor, context, 1, GSS_C_QOP_DEFAULT, &message, NULL, &token));
	gss_release_buffer(&minor, &token);
	gss_release_buffer(&minor, &other);
	gss_delete_sec_context(&minor, &context, GSS_C_NO_BUFFER);
	result("no context", gss_wrap(&minor, GSS_C_NO_CONTEXT, 1, GSS_C_QOP_DEFAULT, &message, NULL, &token));
	return end();
}
