/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_process_context_token: tokens that end a context no longer exist in practice; everything else is refused. */
#include "harness.h"

static void process(const char *label, gss_ctx_id_t context, const void *octets, size_t length)
{
	gss_buffer_desc token = copy_of(octets, length);
	OM_uint32 minor;

	result(label, gss_process_context_token(&minor, context, &token));
	free(token.value);
}

int main(void)
{
	gss_ctx_id_t context;
	gss_buffer_desc mic, token;
	OM_uint32 minor;
	struct pair p;

	begin(60);
	need_pair(&p, NULL);
	process("nothing", p.accept, "", 0);
	process("a text", p.accept, "hello", 5);
	mic = mic_of(p.init, "text");
	process("a MIC", p.accept, mic.value, mic.length);
	gss_release_buffer(&minor, &mic);
	token = wrapped(p.init, 1, "text");
	process("a wrap token", p.accept, token.value, token.length);
	gss_release_buffer(&minor, &token);
	token = wrapped(p.accept, 1, "still here");
	fact("the context lives: %s", token.length > 0 ? "yes" : "no");
	gss_release_buffer(&minor, &token);
	release_pair(&p);
	token = first_token(&context, GSS_C_MUTUAL_FLAG);
	process("half-open", context, "hello", 5);
	gss_release_buffer(&minor, &token);
	gss_delete_sec_context(&minor, &context, GSS_C_NO_BUFFER);
	process("no context", GSS_C_NO_CONTEXT, "hello", 5);
	return end();
}
