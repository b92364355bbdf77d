/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_get_mic: lengths for each enctype, qop, messages of many lengths, contexts that are not established. */
#include "harness.h"

static void lengths(const struct enctype *e)
{
	static const size_t sizes[] = { 0, 1, 15, 16, 17, 1000, 65536, 1000000 };
	struct options o = { .target = e->service, .flags = ALL_FLAGS };
	gss_buffer_desc message, mic;
	OM_uint32 major, minor;
	struct pair p;
	size_t i;
	int good = 0;

	with_enctype(e);
	need_pair(&p, &o);
	for (i = 0; i < COUNT(sizes); i++) {
		message.length = sizes[i];
		message.value = calloc(1, sizes[i] + 1);
		if (message.value == NULL)
			exit(2);
		major = gss_get_mic(&minor, p.init, GSS_C_QOP_DEFAULT, &message, &mic);
		need("gss_get_mic", major, minor);
		if (i == 0)
			fact("%s: %lu octets, header %s", e->name, (unsigned long)mic.length, hex(mic.value, 8));
		good += gss_verify_mic(&minor, p.accept, &message, &mic, NULL) == GSS_S_COMPLETE;
		gss_release_buffer(&minor, &mic);
		free(message.value);
	}
	fact("%s: %d of %d verify", e->name, good, (int)COUNT(sizes));
	mic = mic_of(p.accept, "text");
	fact("%s, acceptor: %lu octets, header %s", e->name, (unsigned long)mic.length, hex(mic.value, 8));
	gss_release_buffer(&minor, &mic);
	release_pair(&p);
}

int main(void)
{
	struct options none = { .flags = 0 };
	gss_buffer_desc message = buffer("text"), mic = GSS_C_EMPTY_BUFFER, other;
	gss_ctx_id_t context;
	OM_uint32 minor;
	struct pair p;
	size_t i;

	begin(60);
	for (i = 0; i < COUNT(enctypes); i++)
		lengths(&enctypes[i]);
	with_enctype(NULL);
	need_pair(&p, NULL);
	result("qop 1", gss_get_mic(&minor, p.init, 1, &message, &mic));
	gss_release_buffer(&minor, &mic);
	result("qop 0x100", gss_get_mic(&minor, p.init, 0x100, &message, &mic));
	gss_release_buffer(&minor, &mic);
	mic = mic_of(p.init, "text");
	other = mic_of(p.init, "text");
	fact("the same message twice: %s", same(&mic, &other) ? "the same MIC" : "different MICs");
	gss_release_buffer(&minor, &mic);
	gss_release_buffer(&minor, &other);
	result("no message", gss_get_mic(&minor, p.init, GSS_C_QOP_DEFAULT, GSS_C_NO_BUFFER, &mic));
	result("no output", gss_get_mic(&minor, p.init, GSS_C_QOP_DEFAULT, &message, NULL));
	release_pair(&p);
	need_pair(&p, &none);
	result("without mutual, initiator", gss_get_mic(&minor, p.init, GSS_C_QOP_DEFAULT, &message, &mic));
	fact("without mutual, header %s", hex(mic.value, 8));
	gss_release_buffer(&minor, &mic);
	result("without mutual, acceptor", gss_get_mic(&minor, p.accept, GSS_C_QOP_DEFAULT, &message, &mic));
	fact("without mutual, acceptor, header %s", hex(mic.value, 8));
	gss_release_buffer(&minor, &mic);
	release_pair(&p);
	other = first_token(&context, GSS_C_MUTUAL_FLAG);
	result("half-open", gss_get_mic(&minor, context, GSS_C_QOP_DEFAULT, &message, &mic));
	gss_release_buffer(&minor, &mic);
	gss_release_buffer(&minor, &other);
	gss_delete_sec_context(&minor, &context, GSS_C_NO_BUFFER);
	result("no context", gss_get_mic(&minor, GSS_C_NO_CONTEXT, GSS_C_QOP_DEFAULT, &message, &mic));
	return end();
}
