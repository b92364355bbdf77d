/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_unwrap_iov: pieces and streams, rotated and damaged ones, replay and order, the state of the data afterwards. */
#include "harness.h"

#include <gssapi/gssapi_ext.h>

/* in_pieces unwraps a token of gss_wrap as header, data and trailer. */
static OM_uint32 in_pieces(gss_ctx_id_t context, const gss_buffer_desc *token, size_t header, size_t trailer,
    const char *text, int *state)
{
	gss_iov_buffer_desc iov[3];
	unsigned char *t = token->value;
	OM_uint32 major, minor;
	int i;

	if (token->length < header + trailer)
		return 77;
	iov[0].type = GSS_IOV_BUFFER_TYPE_HEADER;
	iov[0].buffer = copy_of(t, header);
	iov[1].type = GSS_IOV_BUFFER_TYPE_DATA;
	iov[1].buffer = copy_of(t + header, token->length - header - trailer);
	iov[2].type = GSS_IOV_BUFFER_TYPE_TRAILER;
	iov[2].buffer = copy_of(t + token->length - trailer, trailer);
	major = gss_unwrap_iov(&minor, context, state, NULL, iov, 3);
	if (!GSS_ERROR(major))
		check(iov[1].buffer.length == strlen(text) && memcmp(iov[1].buffer.value, text, strlen(text)) == 0,
		    "another text comes back");
	for (i = 0; i < 3; i++)
		free(iov[i].buffer.value);
	return major;
}

/* as_stream unwraps a token as a stream; with allocate the message is copied. */
static OM_uint32 as_stream(gss_ctx_id_t context, const gss_buffer_desc *token, int allocate, const char *text)
{
	gss_iov_buffer_desc iov[2];
	OM_uint32 major, minor;
	size_t at;

	memset(iov, 0x55, sizeof(iov));
	iov[0].type = GSS_IOV_BUFFER_TYPE_STREAM;
	iov[0].buffer = copy_of(token->value, token->length);
	iov[1].type = GSS_IOV_BUFFER_TYPE_DATA | (allocate ? GSS_IOV_BUFFER_FLAG_ALLOCATE : 0);
	major = gss_unwrap_iov(&minor, context, NULL, NULL, iov, 2);
	if (!GSS_ERROR(major) && major == GSS_S_COMPLETE) {
		check(iov[1].buffer.length == strlen(text) && memcmp(iov[1].buffer.value, text, strlen(text)) == 0,
		    "another text comes back from a stream");
		at = (size_t)((char *)iov[1].buffer.value - (char *)iov[0].buffer.value);
		check(allocate || at < token->length, "the data is not in the stream");
		check(!!(iov[1].type & GSS_IOV_BUFFER_FLAG_ALLOCATED) == allocate, "the flag says another thing");
	}
	if (allocate)
		gss_release_iov_buffer(&minor, iov, 2);
	free(iov[0].buffer.value);
	return major;
}

static gss_buffer_desc rotated(const gss_buffer_desc *token, size_t by)
{
	gss_buffer_desc out = copy_of(token->value, token->length);
	size_t n = token->length - 16, i;
	unsigned char *o = out.value, *t = token->value;

	for (i = 0; i < n; i++)
		o[16 + (i + by) % n] = t[16 + i];
	o[6] = (unsigned char)(by >> 8);
	o[7] = (unsigned char)by;
	return out;
}

static void bits(const char *label, int conf, size_t header, size_t trailer)
{
	gss_buffer_desc token, other;
	OM_uint32 major, minor;
	size_t i, wrong = 0;
	struct pair p;
	int way;

	need_pair(&p, NULL);
	token = wrapped(p.init, conf, "a message");
	for (i = 0; i < token.length * 8; i++) {
		if (i / 16 == 3)
			continue; /* the RRC is not protected */
		for (way = 0; way <= 1; way++) {
			other = copy_of(token.value, token.length);
			((unsigned char *)other.value)[i / 8] ^= (unsigned char)(1 << i % 8);
			major = way ? as_stream(p.accept, &other, 0, "a message") :
			    in_pieces(p.accept, &other, header, trailer, "a message", NULL);
			wrong += !GSS_ERROR(major);
			free(other.value);
		}
	}
	fact("%s, any bit flipped: taken %lu", label, (unsigned long)wrong);
	for (i = 0; i < token.length; i++) {
		other = copy_of(token.value, i);
		wrong += !GSS_ERROR(as_stream(p.accept, &other, 0, "a message"));
		free(other.value);
	}
	fact("%s, cut off: taken %lu", label, (unsigned long)wrong);
	fact("%s, after all that: %s", label, major_text(in_pieces(p.accept, &token, header, trailer, "a message", NULL)));
	gss_release_buffer(&minor, &token);
	release_pair(&p);
}

int main(void)
{
	static const size_t turns[] = { 0, 1, 12, 16, 28, 29, 60, 65535 };
	gss_buffer_desc token, other;
	gss_iov_buffer_desc iov[4];
	OM_uint32 major, minor;
	struct pair p;
	int conf, state, k;
	size_t i;

	begin(90);
	need_pair(&p, NULL);
	for (conf = 0; conf <= 1; conf++) {
		size_t header = conf ? 32 : 16, trailer = conf ? 28 : 12;

		state = -1;
		token = wrapped(p.init, conf, "a message");
		fact("conf %d, in pieces: %s", conf, major_text(in_pieces(p.accept, &token, header, trailer, "a message", &state)));
		fact("conf %d, conf_state: %d", conf, state);
		fact("conf %d, once more: %s", conf, major_text(in_pieces(p.accept, &token, header, trailer, "a message", NULL)));
		fact("conf %d, reflected: %s", conf, major_text(in_pieces(p.init, &token, header, trailer, "a message", NULL)));
		gss_release_buffer(&minor, &token);
		for (i = 0; i < COUNT(turns); i++) {
			token = wrapped(p.init, conf, "a message");
			other = rotated(&token, turns[i]);
			fact("conf %d, a stream turned by %lu: %s", conf, (unsigned long)turns[i],
			    major_text(as_stream(p.accept, &other, (int)(i & 1), "a message")));
			gss_release_buffer(&minor, &token);
			free(other.value);
		}
		token = wrapped(p.init, conf, "a message");
		for (k = -1; k <= 1; k += 2) {
			fact("conf %d, a header of %+d octets: %s", conf, k,
			    major_text(in_pieces(p.accept, &token, header + (size_t)k, trailer, "a message", NULL)));
			fact("conf %d, a trailer of %+d octets: %s", conf, k,
			    major_text(in_pieces(p.accept, &token, header, trailer + (size_t)k, "a message", NULL)));
		}
		fact("conf %d, no header to speak of: %s", conf, major_text(in_pieces(p.accept, &token, 15, trailer, "", NULL)));
		fact("conf %d, an empty header: %s", conf, major_text(in_pieces(p.accept, &token, 0, trailer, "", NULL)));
		gss_release_buffer(&minor, &token);
		token = wrapped(p.init, conf, "");
		fact("conf %d, nothing: %s", conf, major_text(as_stream(p.accept, &token, 0, "")));
		gss_release_buffer(&minor, &token);
		bits(conf ? "sealed" : "signed", conf, header, trailer);
	}
	for (conf = 0; conf <= 1; conf++) {
		/* These tokens have no padding, not even in a buffer that the checksum covers. */
		for (k = 0; k <= 1; k++) {
			memset(iov, 0, sizeof(iov));
			iov[0].type = GSS_IOV_BUFFER_TYPE_HEADER | GSS_IOV_BUFFER_FLAG_ALLOCATE;
			iov[1].type = GSS_IOV_BUFFER_TYPE_DATA;
			iov[1].buffer = copy_of("a message", 9);
			iov[2].type = GSS_IOV_BUFFER_TYPE_TRAILER | GSS_IOV_BUFFER_FLAG_ALLOCATE;
			major = gss_wrap_iov(&minor, p.init, conf, GSS_C_QOP_DEFAULT, NULL, iov, 3);
			need("gss_wrap_iov", major, minor);
			iov[3].type = GSS_IOV_BUFFER_TYPE_PADDING;
			iov[3].buffer.value = (char *)iov[1].buffer.value + 9 - k;
			iov[3].buffer.length = (size_t)k;
			iov[1].buffer.length -= (size_t)k;
			fact("conf %d, padding of %d octets: %s", conf, k, major_text(gss_unwrap_iov(&minor, p.accept, NULL, NULL, iov, 4)));
			free(iov[1].buffer.value);
			gss_release_iov_buffer(&minor, iov, 3);
		}
	}
	memset(iov, 0, sizeof(iov));
	token = mic_of(p.init, "a message");
	fact("a MIC token as stream: %s", major_text(as_stream(p.accept, &token, 0, "a message")));
	gss_release_buffer(&minor, &token);
	memset(iov, 0, sizeof(iov));
	iov[0].type = GSS_IOV_BUFFER_TYPE_HEADER;
	iov[0].buffer = copy_of("\x60\x88", 2);
	iov[1].type = GSS_IOV_BUFFER_TYPE_DATA;
	iov[1].buffer = copy_of("0123456789", 10);
	result("a frame longer than its header", gss_unwrap_iov(&minor, p.accept, NULL, NULL, iov, 2));
	result("no header", gss_unwrap_iov(&minor, p.accept, NULL, NULL, &iov[1], 1));
	token = wrapped(p.init, 1, "a message");
	iov[2].type = GSS_IOV_BUFFER_TYPE_STREAM;
	iov[2].buffer = copy_of(token.value, token.length);
	result("a stream without data", gss_unwrap_iov(&minor, p.accept, NULL, NULL, &iov[2], 1));
	iov[3].type = GSS_IOV_BUFFER_TYPE_DATA;
	result("a stream with data twice", gss_unwrap_iov(&minor, p.accept, NULL, NULL, &iov[1], 3));
	iov[2].buffer.length = 0;
	result("an empty stream", gss_unwrap_iov(&minor, p.accept, NULL, NULL, &iov[2], 2));
	result("no buffers", gss_unwrap_iov(&minor, p.accept, NULL, NULL, NULL, 0));
	result("no context", gss_unwrap_iov(&minor, GSS_C_NO_CONTEXT, NULL, NULL, iov, 2));
	result("no minor", gss_unwrap_iov(NULL, p.accept, NULL, NULL, iov, 2));
	gss_release_buffer(&minor, &token);
	for (k = 0; k < 3; k++)
		free(iov[k].buffer.value);
	release_pair(&p);
	return end();
}
