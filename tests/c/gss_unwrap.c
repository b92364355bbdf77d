/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_unwrap: good, rotated, changed and reflected tokens, orders, outputs that are not wanted. */
#include "harness.h"

static OM_uint32 unwrap(gss_ctx_id_t context, const gss_buffer_desc *token, const char *expected)
{
	gss_buffer_desc input = copy_of(token->value, token->length), message = GSS_C_EMPTY_BUFFER;
	gss_buffer_desc wanted = buffer(expected);
	OM_uint32 major, minor;
	int conf = -1;

	major = gss_unwrap(&minor, context, &input, &message, &conf, NULL);
	if (!GSS_ERROR(major))
		check(same(&message, &wanted), "unwrapped %s, expected %s", quoted(&message), expected);
	else
		check(message.value == NULL && message.length == 0, "an error and a message");
	gss_release_buffer(&minor, &message);
	free(input.value);
	return major;
}

/* rotate rotates the body of a token right by n octets, as a sender may do (RFC 4121, Section 4.2.5). */
static gss_buffer_desc rotate(const gss_buffer_desc *token, size_t n)
{
	gss_buffer_desc turned = copy_of(token->value, token->length);
	unsigned char *from = token->value, *to = turned.value;
	size_t body = token->length - 16, rrc = ((size_t)from[6] << 8 | from[7]) + n, i;

	for (i = 0; i < body; i++)
		to[16 + (i + n) % body] = from[16 + i];
	to[6] = (unsigned char)(rrc >> 8);
	to[7] = (unsigned char)rrc;
	return turned;
}

static void all_bits(const char *label, int conf)
{
	gss_buffer_desc token, other;
	struct pair p;
	OM_uint32 minor, major;
	size_t i, taken = 0, other_error = 0;

	need_pair(&p, NULL);
	token = wrapped(p.init, conf, "a message to protect");
	for (i = 0; i < token.length * 8; i++) {
		if (i / 8 == 6 || i / 8 == 7)
			continue; /* RRC is not protected: adding a multiple of the body's length gives the same message */
		other = copy_of(token.value, token.length);
		((unsigned char *)other.value)[i / 8] ^= (unsigned char)(1 << i % 8);
		major = unwrap(p.accept, &other, "a message to protect");
		if (!GSS_ERROR(major))
			taken++;
		else if (GSS_ERROR(major) != GSS_S_BAD_SIG && GSS_ERROR(major) != GSS_S_DEFECTIVE_TOKEN)
			other_error++;
		free(other.value);
	}
	fact("%s, one bit changed: taken %lu, refused as something else than bad or defective %lu", label,
	    (unsigned long)taken, (unsigned long)other_error);
	for (i = taken = 0; i < token.length; i++) {
		other = copy_of(token.value, i);
		taken += !GSS_ERROR(unwrap(p.accept, &other, "a message to protect"));
		free(other.value);
	}
	fact("%s, cut off: taken %lu", label, (unsigned long)taken);
	fact("%s, after all that the good one: %s", label,
	    major_text(unwrap(p.accept, &token, "a message to protect")));
	gss_release_buffer(&minor, &token);
	release_pair(&p);
}

int main(void)
{
	static const size_t turns[] = { 0, 1, 12, 16, 28, 29, 60 };
	gss_buffer_desc token, other, message;
	struct pair p, q;
	OM_uint32 major, minor;
	gss_qop_t qop = 77;
	size_t i;
	int conf;

	begin(90);
	need_pair(&p, NULL);
	need_pair(&q, NULL);
	for (conf = 0; conf <= 1; conf++) {
		for (i = 0; i < COUNT(turns); i++) {
			token = wrapped(p.init, conf, "turn me round");
			other = rotate(&token, turns[i]);
			fact("conf %d, turned by %lu: %s", conf, (unsigned long)turns[i],
			    major_text(unwrap(p.accept, &other, "turn me round")));
			gss_release_buffer(&minor, &token);
			free(other.value);
		}
		token = wrapped(p.init, conf, "turn me round");
		other = rotate(&token, 1);
		((unsigned char *)other.value)[6] = 0xff; /* the count no longer matches the rotation */
		fact("conf %d, a wrong count: %s", conf, major_text(unwrap(p.accept, &other, "turn me round")));
		fact("conf %d, the right one: %s", conf, major_text(unwrap(p.accept, &token, "turn me round")));
		gss_release_buffer(&minor, &token);
		free(other.value);
	}
	all_bits("signed", 0);
	all_bits("encrypted", 1);

	token = wrapped(p.init, 1, "text");
	fact("reflected: %s", major_text(unwrap(p.init, &token, "text")));
	fact("another context: %s", major_text(unwrap(q.accept, &token, "text")));
	fact("the right one: %s", major_text(unwrap(p.accept, &token, "text")));
	fact("once more: %s", major_text(unwrap(p.accept, &token, "text")));
	gss_release_buffer(&minor, &token);
	token = mic_of(p.init, "text");
	fact("a MIC as wrap token: %s", major_text(unwrap(p.accept, &token, "text")));
	gss_release_buffer(&minor, &token);
	token = wrapped(p.init, 1, "text");
	other = wrapped(p.init, 1, "more text");
	fact("the second first: %s", major_text(unwrap(p.accept, &other, "more text")));
	fact("the first then: %s", major_text(unwrap(p.accept, &token, "text")));
	gss_release_buffer(&minor, &token);
	gss_release_buffer(&minor, &other);
	token = wrapped(p.init, 1, "");
	fact("an empty message: %s", major_text(unwrap(p.accept, &token, "")));
	gss_release_buffer(&minor, &token);

	token = wrapped(p.init, 0, "text");
	major = gss_unwrap(&minor, p.accept, &token, &message, NULL, &qop);
	fact("without conf_state: %s, qop %lu", major_text(major), (unsigned long)qop);
	gss_release_buffer(&minor, &message);
	gss_release_buffer(&minor, &token);
	token = wrapped(p.init, 0, "text");
	result("no output", gss_unwrap(&minor, p.accept, &token, NULL, NULL, NULL));
	result("no context", gss_unwrap(&minor, GSS_C_NO_CONTEXT, &token, &message, NULL, NULL));
	result("no token", gss_unwrap(&minor, p.accept, GSS_C_NO_BUFFER, &message, NULL, NULL));
	gss_release_buffer(&minor, &token);
	release_pair(&p);
	release_pair(&q);
	return end();
}
