/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tokens of a hostile peer that establish a context: truncated, oversized, of another mechanism, and those of published
 * flaws, with the numbers that these have. tests/c/hostile.c changes every bit; here the error is looked at.
 */
#include "condition.h"

#define KRB5_OID "\6\11\x2a\x86\x48\x86\xf7\x12\1\2\2"

/* accept_refuses and init_refuses give a token to a new acceptor and to an initiator that waits for a reply. */
static void accept_refuses(const char *name, const void *token, size_t length, OM_uint32 major, OM_uint32 minor,
    const char *list)
{
	struct answer a = try_accept(token, length);
	OM_uint32 ignored;

	gss_release_buffer(&ignored, &a.token);
	expect(name, &a, major, minor, list);
}

static void init_refuses(const char *name, const void *token, size_t length, OM_uint32 major, OM_uint32 minor,
    const char *list)
{
	gss_ctx_id_t context;
	gss_buffer_desc first = first_token(&context, ALL_FLAGS);
	struct answer a = try_reply(&context, token, length);
	OM_uint32 ignored;

	gss_release_buffer(&ignored, &first);
	gss_release_buffer(&ignored, &a.token);
	gss_delete_sec_context(&ignored, &context, GSS_C_NO_BUFFER);
	expect(name, &a, major, minor, list);
}

static void both(const char *name, const void *token, size_t length, OM_uint32 major, const char *list)
{
	char title[128];

	snprintf(title, sizeof(title), "%s-acceptor", name);
	accept_refuses(title, token, length, major, ANY_MINOR, list);
	snprintf(title, sizeof(title), "%s-initiator", name);
	init_refuses(title, token, length, major, ANY_MINOR, list);
}

/* DER, made back to front into the end of a buffer. */
struct der {
	unsigned char octets[2048];
	size_t left;
};

static void header(struct der *d, unsigned tag, size_t end)
{
	size_t n = end - d->left;

	d->octets[--d->left] = (unsigned char)n;
	if (n > 255)
		d->octets[--d->left] = (unsigned char)(n >> 8);
	if (n > 127)
		d->octets[--d->left] = n > 255 ? 0x82 : 0x81;
	d->octets[--d->left] = (unsigned char)tag;
}

static void octets(struct der *d, unsigned tag, const void *value, size_t n)
{
	size_t end = d->left;

	d->left -= n;
	memcpy(d->octets + d->left, value, n);
	header(d, tag, end);
}

/* number wraps an INTEGER of one octet into a context tag. */
static void number(struct der *d, unsigned context, int value)
{
	size_t end = d->left;
	unsigned char octet = (unsigned char)value;

	octets(d, 2, &octet, 1);
	header(d, context, end);
}

static void encrypted(struct der *d, unsigned context, int enctype, size_t cipher)
{
	static const unsigned char zeros[256];
	size_t end = d->left, inner = d->left;

	octets(d, 4, zeros, cipher);
	header(d, 0xa2, inner);
	number(d, 0xa0, enctype);
	header(d, 0x30, end);
	header(d, context, end);
}

/* request makes an AP-REQ for host/server.demo.test@DEMO.TEST with ciphers of zeros. */
static gss_buffer_desc request(struct der *d, int enctype, size_t ticket_cipher, size_t authenticator_cipher)
{
	gss_buffer_desc token;
	size_t end, ticket, name, part;

	d->left = end = sizeof(d->octets);
	encrypted(d, 0xa4, enctype, authenticator_cipher);
	ticket = d->left;
	encrypted(d, 0xa3, enctype, ticket_cipher);
	name = part = d->left;
	octets(d, 0x1b, HOST, strlen(HOST));
	octets(d, 0x1b, "host", 4);
	header(d, 0x30, part);
	header(d, 0xa1, part);
	number(d, 0xa0, 3);
	header(d, 0x30, name);
	header(d, 0xa2, name);
	part = d->left;
	octets(d, 0x1b, REALM, strlen(REALM));
	header(d, 0xa1, part);
	number(d, 0xa0, 5);
	header(d, 0x30, ticket);
	header(d, 0x61, ticket);
	header(d, 0xa3, ticket);
	part = d->left;
	octets(d, 3, "\0\0\0\0\0", 5);
	header(d, 0xa2, part);
	number(d, 0xa1, 14);
	number(d, 0xa0, 5);
	header(d, 0x30, end);
	header(d, 0x6e, end);
	d->left -= 2;
	memcpy(d->octets + d->left, "\1\0", 2);
	d->left -= 11;
	memcpy(d->octets + d->left, KRB5_OID, 11);
	header(d, 0x60, end);
	token.value = d->octets + d->left;
	token.length = end - d->left;
	return token;
}

/* A ticket or authenticator shorter than what its enctype puts around the text (gokrb5 indexes beyond it). */
static void short_ciphers(void)
{
	static const int enctypes_tried[] = { 17, 18, 19, 20, 23, 16, 1, 3, 0, 99 };
	const char *wrong = NULL;
	gss_buffer_desc token;
	struct answer a;
	struct der d;
	OM_uint32 ignored;
	size_t i, n = 0;

	for (i = 0; i < COUNT(enctypes_tried) && wrong == NULL; i++) {
		for (n = 0; n <= 64 && wrong == NULL; n++) {
			token = request(&d, enctypes_tried[i], n, 64 - n);
			a = try_accept(token.value, token.length);
			gss_release_buffer(&ignored, &a.token);
			wrong = judge(&a, GSS_S_FAILURE, ANY_MINOR, "host/server.demo.test@DEMO.TEST");
		}
	}
	verdict("ap-req-ticket-cipher-shorter-than-mac", wrong == NULL, "enctype %d, %lu octets: %s",
	    enctypes_tried[i == 0 ? 0 : i - 1], (unsigned long)n, wrong == NULL ? "" : wrong);
}

static void cut(void)
{
	gss_ctx_id_t context, other;
	gss_buffer_desc token = first_token(&context, ALL_FLAGS), reply, first;
	const char *wrong = NULL;
	struct answer a;
	OM_uint32 ignored;
	size_t n;

	for (n = 1; n < token.length && wrong == NULL; n++) {
		gss_buffer_desc copy = copy_of(token.value, n);

		a = try_accept(copy.value, n);
		gss_release_buffer(&ignored, &a.token);
		wrong = judge(&a, GSS_S_DEFECTIVE_TOKEN, ANY_MINOR, "");
		free(copy.value);
	}
	verdict("ap-req-every-truncation", wrong == NULL, "%lu of %lu octets: %s", (unsigned long)n - 1,
	    (unsigned long)token.length, wrong == NULL ? "" : wrong);
	for (n = 0; n < token.length && wrong == NULL; n++) {
		((unsigned char *)token.value)[n] ^= 0xff;
		a = try_accept(token.value, token.length);
		((unsigned char *)token.value)[n] ^= 0xff;
		gss_release_buffer(&ignored, &a.token);
		if (GSS_ERROR(a.major) || a.dirty != NULL)
			wrong = judge(&a, a.major, ANY_MINOR, "");
	}
	verdict("ap-req-every-octet-flipped", wrong == NULL, "octet %lu: %s", (unsigned long)n - 1,
	    wrong == NULL ? "" : wrong);
	sane();
	gss_release_buffer(&ignored, &token);
	gss_delete_sec_context(&ignored, &context, GSS_C_NO_BUFFER);

	token = first_token(&context, ALL_FLAGS);
	a = try_accept(token.value, token.length);
	reply = a.token;
	for (n = 0; n < reply.length && wrong == NULL; n++) {
		first = first_token(&other, ALL_FLAGS);
		a = try_reply(&other, reply.value, n);
		gss_release_buffer(&ignored, &a.token);
		wrong = judge(&a, GSS_S_DEFECTIVE_TOKEN, ANY_MINOR, "");
		gss_release_buffer(&ignored, &first);
		gss_delete_sec_context(&ignored, &other, GSS_C_NO_BUFFER);
	}
	verdict("ap-rep-every-truncation", wrong == NULL, "%lu of %lu octets: %s", (unsigned long)n - 1,
	    (unsigned long)reply.length, wrong == NULL ? "" : wrong);
	init_refuses("ap-rep-of-another-exchange", reply.value, reply.length, GSS_S_FAILURE, ANY_MINOR, PRINCIPAL);
	gss_release_buffer(&ignored, &reply);
	gss_release_buffer(&ignored, &token);
	gss_delete_sec_context(&ignored, &context, GSS_C_NO_BUFFER);
}

static void oversized(void)
{
	size_t n = 100 << 20, i;
	unsigned char *large = calloc(1, n);
	long before;
	struct pair p;
	gss_buffer_desc token, text = GSS_C_EMPTY_BUFFER, good;
	OM_uint32 ignored, major, minor;
	int k;

	if (large == NULL) {
		skip("100-mib", "no memory");
		return;
	}
	for (i = 0; i < n; i += 4096)
		((volatile unsigned char *)large)[i] = 0; /* all of it is there before we look */
	before = peak();
	both("100-mib-of-zeros", large, n, GSS_S_DEFECTIVE_TOKEN, "");
	memcpy(large, "\x60\x84\x06\x3f\xff\xfa" KRB5_OID "\1\0\x6e\x84\x06\x3f\xff\xe7\x30\x84\x06\x3f\xff\xe1", 31);
	accept_refuses("100-mib-ap-req-acceptor", large, n, GSS_S_DEFECTIVE_TOKEN, ANY_MINOR, "");
	memcpy(large + 17, "\2\0\x6f", 3);
	init_refuses("100-mib-ap-rep-initiator", large, n, GSS_S_DEFECTIVE_TOKEN, ANY_MINOR, "");
	memset(large, 0, 64);

	/* The right token with 100 MiB behind it. */
	{
		gss_ctx_id_t context;

		good = first_token(&context, ALL_FLAGS);
		memcpy(large, good.value, good.length);
		accept_refuses("100-mib-behind-an-ap-req", large, n, GSS_S_DEFECTIVE_TOKEN, ANY_MINOR, "");
		memset(large, 0, good.length);
		gss_release_buffer(&ignored, &good);
		gss_delete_sec_context(&ignored, &context, GSS_C_NO_BUFFER);
	}
	need_pair(&p, NULL);
	token.value = large;
	token.length = n;
	for (k = 0; k < 2; k++) {
		const char *name = k == 0 ? "100-mib-wrap-token-of-zeros" : "100-mib-import-of-zeros";
		gss_ctx_id_t context = GSS_C_NO_CONTEXT;
		struct answer a = { 0, 0, NULL, { 0, NULL }, 0 };

		a.seconds = now();
		if (k == 0)
			a.major = gss_unwrap(&a.minor, p.accept, &token, &text, NULL, NULL);
		else
			a.major = gss_import_sec_context(&a.minor, &token, &context);
		a.seconds = now() - a.seconds;
		if (context != GSS_C_NO_CONTEXT || text.value != NULL)
			a.dirty = "the output";
		expect(name, &a, GSS_ERROR(a.major), ANY_MINOR, "token");
	}
	verdict("100-mib-tokens-are-not-copied", peak() - before < 16 << 10, "%ld KiB more", peak() - before);
	good = mic_of(p.init, "text");
	major = gss_verify_mic(&minor, p.accept, &token, &good, NULL);
	verdict("100-mib-message-with-another-mic", major == GSS_S_BAD_SIG && peak() - before < 16 << 10,
	    "%s; %ld KiB more",
	    status_text(major, minor), peak() - before);
	gss_release_buffer(&ignored, &good);
	release_pair(&p);
	free(large);
}

static void mechanisms(void)
{
	static const char spnego[] = "\x60\x27\6\6\x2b\6\1\5\5\2\xa0\x1d\x30\x1b\xa0\x0d\x30\x0b"
	    "\6\11\x2a\x86\x48\x86\xf7\x12\1\2\2\xa2\x0a\4\10NTLMSSP\0";
	static const char iakerb[] = "\x60\x0d\6\6\x2b\6\1\5\2\5\5\1\x30\0";
	static const char unknown[] = "\x60\x0b\6\7\x2b\6\1\4\1\x87\x67\1\0";
	struct pair p;
	gss_buffer_desc mic, wrap;
	OM_uint32 ignored;

	both("mechanism-unknown", unknown, sizeof(unknown) - 1, GSS_S_BAD_MECH, "1.3.6.1.4.1.999");
	both("f0230605c4-mechanism-iakerb", iakerb, sizeof(iakerb) - 1, GSS_S_DEFECTIVE_TOKEN, "");
	accept_refuses("cve-2021-44758-spnego-with-another-token", spnego, sizeof(spnego) - 1, GSS_S_BAD_MECH, ANY_MINOR,
	    "NTLM");
	init_refuses("f0230605c4-mechanism-spnego", spnego, sizeof(spnego) - 1, GSS_S_BAD_MECH, ANY_MINOR,
	    "1.3.6.1.5.5.2");
	accept_refuses("ntlmssp-acceptor", "NTLMSSP\0\1\0\0\0", 12, GSS_S_BAD_MECH, ANY_MINOR, "NTLM");
	init_refuses("ntlmssp-initiator", "NTLMSSP\0\1\0\0\0", 12, GSS_S_DEFECTIVE_TOKEN, ANY_MINOR, "");
	both("http", "GET / HTTP/1.1\r\n", 16, GSS_S_DEFECTIVE_TOKEN, "");
	both("64f4b75a22-oid-length-in-long-form", "\x60\x0e\6\x81\11\x2a\x86\x48\x86\xf7\x12\1\2\2\1\0", 16,
	    GSS_S_DEFECTIVE_TOKEN, "");
	both("unknown-token-id", "\x60\x0d" KRB5_OID "\7\7", 15, GSS_S_DEFECTIVE_TOKEN, "0x0707");
	accept_refuses("ap-rep-to-an-acceptor", "\x60\x0d" KRB5_OID "\2\0", 15, GSS_S_DEFECTIVE_TOKEN, G_WRONG_TOKID,
	    "0x0200");
	init_refuses("ap-req-to-an-initiator", "\x60\x0d" KRB5_OID "\1\0", 15, GSS_S_DEFECTIVE_TOKEN, G_WRONG_TOKID,
	    "0x0100");
	need_pair(&p, NULL);
	mic = mic_of(p.init, "text");
	wrap = wrapped(p.init, 1, "text");
	both("mic-token", mic.value, mic.length, GSS_S_DEFECTIVE_TOKEN, "");
	both("wrap-token", wrap.value, wrap.length, GSS_S_DEFECTIVE_TOKEN, "");
	gss_release_buffer(&ignored, &mic);
	gss_release_buffer(&ignored, &wrap);
	release_pair(&p);
}

static void published(void)
{
	static const struct {
		const char *name, *octets;
		size_t length;
	} frames[] = {
		{ "cve-2022-3437-60", "\x60", 1 },
		{ "cve-2022-3437-60-7f", "\x60\x7f", 2 },
		{ "cve-2022-3437-60-84-7f-ff-ff-ff", "\x60\x84\x7f\xff\xff\xff", 6 },
		{ "cve-2022-3437-60-84-ff-ff-ff-ff", "\x60\x84\xff\xff\xff\xff", 6 },
		{ "cve-2022-3437-60-88-ff", "\x60\x88\xff\xff\xff\xff\xff\xff\xff\xff", 10 },
		{ "cve-2022-3437-oid-longer-than-token", "\x60\x0b\6\x7f\x2a\x86\x48\x86\xf7\x12\1\2\2", 13 },
		{ "cve-2022-3437-oid-length-0xffffffff", "\x60\x0b\6\x84\xff\xff\xff\xff\xf7\x12\1\2\2", 13 },
		{ "cve-2022-3437-nothing-behind-the-oid", "\x60\x0b" KRB5_OID, 13 },
		{ "cve-2022-3437-half-a-token-id", "\x60\x0c" KRB5_OID "\1", 14 },
		{ "indefinite-length", "\x60\x80" KRB5_OID "\1\0\0\0", 17 },
	};
	size_t i;
	unsigned char *nested;
	size_t n = 1 << 20;
	long before = peak();

	for (i = 0; i < COUNT(frames); i++)
		both(frames[i].name, frames[i].octets, frames[i].length, GSS_S_DEFECTIVE_TOKEN, "");
	/* An empty token, with and without memory behind it. (An acceptor's first one may be empty: see c/spnego.c.) */
	init_refuses("cve-2014-4344-empty-reply", "", 0, GSS_S_DEFECTIVE_TOKEN, ANY_MINOR, "");
	init_refuses("cve-2014-4344-empty-reply-at-null", NULL, 0, GSS_S_DEFECTIVE_TOKEN, ANY_MINOR, "");

	nested = malloc(n);
	if (nested == NULL)
		abort();
	for (i = 0; i < n; i++)
		nested[i] = i % 2 == 0 ? 0x30 : 0x80;
	both("cve-2020-28196-nested", nested, n, GSS_S_DEFECTIVE_TOKEN, "");
	memcpy(nested, "\x60\x83\x0f\xff\xfb" KRB5_OID "\1\0\x6e\x80", 20);
	accept_refuses("cve-2020-28196-nested-ap-req", nested, n, GSS_S_DEFECTIVE_TOKEN, ANY_MINOR, "");
	memcpy(nested + 16, "\2\0\x6f\x80", 4);
	init_refuses("cve-2020-28196-nested-ap-rep", nested, n, GSS_S_DEFECTIVE_TOKEN, ANY_MINOR, "");
	memcpy(nested + 16, "\3\0\x7e\x80", 4);
	init_refuses("cve-2020-28196-nested-krb-error", nested, n, GSS_S_DEFECTIVE_TOKEN, ANY_MINOR, "");
	verdict("cve-2020-28196-memory", peak() - before < 16 << 10, "%ld KiB more", peak() - before);
	free(nested);
}

int main(void)
{
	start(240);
	cut();
	short_ciphers();
	mechanisms();
	published();
	oversized();
	return finish(224L << 10);
}
