/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls on contexts that are half open or dead, and message tokens that are not for them. */
#include "condition.h"

static gss_OID_desc some_option = { 11, (void *)"\x2a\x86\x48\x86\xf7\x12\1\2\2\5\1" };

/* every gives each per-context call to a context. It returns what is wrong with an answer, or NULL. */
static const char *every(gss_ctx_id_t *context, OM_uint32 due, OM_uint32 minor)
{
	gss_buffer_desc text = buffer("text"), out = GSS_C_EMPTY_BUFFER,
	    token = buffer("no token at all, but long enough");
	gss_buffer_set_t set = GSS_C_NO_BUFFER_SET;
	gss_name_t source = GSS_C_NO_NAME, target = GSS_C_NO_NAME;
	struct answer a = { 0, 0, NULL, { 0, NULL }, 0 };
	const char *wrong = NULL;
	static char where[6000];
	OM_uint32 number = 0, ignored;
	int call, conf, open = 1;

	for (call = 0; call < 11 && wrong == NULL; call++) {
		switch (call) {
		case 0:
			a.major = gss_wrap(&a.minor, *context, 1, GSS_C_QOP_DEFAULT, &text, &conf, &out);
			break;
		case 1:
			a.major = gss_unwrap(&a.minor, *context, &token, &out, &conf, NULL);
			break;
		case 2:
			a.major = gss_get_mic(&a.minor, *context, GSS_C_QOP_DEFAULT, &text, &out);
			break;
		case 3:
			a.major = gss_verify_mic(&a.minor, *context, &text, &token, NULL);
			break;
		case 4:
			a.major = gss_wrap_size_limit(&a.minor, *context, 1, GSS_C_QOP_DEFAULT, 100, &number);
			break;
		case 5:
			a.major = gss_context_time(&a.minor, *context, &number);
			break;
		case 6:
			/* A half-open context is described as one, without names. */
			a.major = gss_inquire_context(&a.minor, *context, &source, &target, NULL, NULL, NULL, NULL,
			    &open);
			if (a.major == GSS_S_COMPLETE && !open)
				continue;
			break;
		case 7:
			a.major = gss_inquire_sec_context_by_oid(&a.minor, *context, &some_option, &set);
			break;
		case 8:
			a.major = gss_pseudo_random(&a.minor, *context, GSS_C_PRF_KEY_FULL, &text, 32, &out);
			break;
		case 9:
			a.major = gss_process_context_token(&a.minor, *context, &token);
			break;
		case 10:
			/* One that waits for its peer moves, and comes back. */
			a.major = gss_export_sec_context(&a.minor, context, &out);
			if (a.major == GSS_S_COMPLETE && !open) {
				a.major = gss_import_sec_context(&a.minor, &out, context);
				gss_release_buffer(&ignored, &out);
				if (a.major == GSS_S_COMPLETE)
					continue;
			}
			break;
		}
		a.dirty = out.value != NULL ? "a buffer" : set != GSS_C_NO_BUFFER_SET ? "the set" :
		    source != GSS_C_NO_NAME || target != GSS_C_NO_NAME ? "a name" : number != 0 ? "a number" : NULL;
		wrong = judge(&a, due, minor, "");
		if (wrong != NULL) {
			snprintf(where, sizeof(where), "call %d: %s", call, wrong);
			wrong = where;
		}
	}
	gss_release_buffer(&ignored, &out);
	return wrong;
}

static void half_open(void)
{
	gss_ctx_id_t context;
	gss_buffer_desc token = first_token(&context, ALL_FLAGS);
	struct answer a;
	const char *wrong = every(&context, GSS_S_NO_CONTEXT, ANY_MINOR), *why;
	OM_uint32 ignored;

	verdict("cve-2015-2695-calls-on-a-half-open-context", wrong == NULL && context != GSS_C_NO_CONTEXT, "%s",
	    wrong == NULL ? "the context is gone" : wrong);
	/* It still can be completed. */
	a = try_accept(token.value, token.length);
	gss_release_buffer(&ignored, &token);
	if (!GSS_ERROR(a.major)) {
		token = a.token;
		a = try_reply(&context, token.value, token.length);
		gss_release_buffer(&ignored, &token);
	}
	verdict("cve-2015-2695-it-goes-on", a.major == GSS_S_COMPLETE, "%s", status_text(a.major, a.minor));
	gss_delete_sec_context(&ignored, &context, GSS_C_NO_BUFFER);

	/* After a reply that is wrong it is dead, and its owner deletes it. */
	token = first_token(&context, ALL_FLAGS);
	gss_release_buffer(&ignored, &token);
	a = try_reply(&context, "\x60\x12\6\11\x2a\x86\x48\x86\xf7\x12\1\2\2\2\0\x6f\3\x30\1\0", 20);
	verdict("cve-2017-11462-failed-reply-leaves-the-context", judge(&a, a.major, ANY_MINOR, "") == NULL &&
	    GSS_ERROR(a.major) && context != GSS_C_NO_CONTEXT, "%s", status_text(a.major, a.minor));
	wrong = every(&context, GSS_S_NO_CONTEXT, ANY_MINOR);
	verdict("cve-2015-2696-calls-on-a-failed-context", wrong == NULL, "%s", wrong == NULL ? "" : wrong);
	a.major = gss_delete_sec_context(&a.minor, &context, GSS_C_NO_BUFFER);
	verdict("cve-2017-11462-deleted-once", a.major == GSS_S_COMPLETE && context == GSS_C_NO_CONTEXT, "%s",
	    status_text(a.major, a.minor));
	verdict("half-open-afterwards", went_on(&why), "%s", why);
}

static void deletion(void)
{
	/* RFC 4121, 4.1 and RFC 1964, 1.2.3: both forms of a token that asks for the context's end. */
	static const struct {
		const char *name, *octets;
		size_t length;
	} tokens[] = {
		{ "cve-2014-5352-delete-token-rfc1964",
		    "\x60\x13\6\11\x2a\x86\x48\x86\xf7\x12\1\2\2\1\2\0\0\xff\xff\xff\xff", 21 },
		{ "cve-2014-5352-delete-token-rfc4121", "\4\5\0\xff\xff\xff\xff\xff\0\0\0\0\0\0\0\0aaaaaaaaaaaa", 28 },
	};
	struct pair p;
	struct answer a = { 0, 0, NULL, { 0, NULL }, 0 };
	gss_buffer_desc token, text = buffer("text"), out = GSS_C_EMPTY_BUFFER;
	OM_uint32 ignored;
	size_t i;

	for (i = 0; i < COUNT(tokens); i++) {
		need_pair(&p, NULL);
		token.value = (void *)tokens[i].octets;
		token.length = tokens[i].length;
		a.major = gss_process_context_token(&a.minor, p.accept, &token);
		expect(tokens[i].name, &a, GSS_S_DEFECTIVE_TOKEN, ANY_MINOR, "");
		/* One that nobody signed ends nothing. */
		a.major = gss_wrap(&a.minor, p.accept, 1, GSS_C_QOP_DEFAULT, &text, NULL, &out);
		gss_release_buffer(&ignored, &out);
		succeed("cve-2014-5352-the-context-goes-on", &a);
		release_pair(&p);
	}
}

/* message_refused gives a token to gss_unwrap and gss_verify_mic. */
static void message_refused(const char *name, struct pair *p, const void *octets, size_t length)
{
	struct answer a = { 0, 0, NULL, { 0, NULL }, 0 };
	gss_buffer_desc token, text = buffer("text"), out = GSS_C_EMPTY_BUFFER;
	char title[128];
	OM_uint32 ignored;

	token.value = (void *)octets;
	token.length = length;
	a.major = gss_unwrap(&a.minor, p->accept, &token, &out, NULL, NULL);
	a.dirty = out.value == NULL ? NULL : "output_message_buffer";
	snprintf(title, sizeof(title), "%s-unwrap", name);
	/* The lengths of RFC 4121's tokens are under its checksum: either error is right. */
	expect(title, &a, a.major == GSS_S_BAD_SIG ? GSS_S_BAD_SIG : GSS_S_DEFECTIVE_TOKEN, ANY_MINOR, "");
	gss_release_buffer(&ignored, &out);
	a.dirty = NULL;
	a.major = gss_verify_mic(&a.minor, p->accept, &text, &token, NULL);
	snprintf(title, sizeof(title), "%s-verify", name);
	expect(title, &a, GSS_S_DEFECTIVE_TOKEN, ANY_MINOR, "");
}

#define OLD "\x60\x2b\6\11\x2a\x86\x48\x86\xf7\x12\1\2\2"
static void messages(void)
{
	struct pair p;
	gss_buffer_desc mic, wrap, text = buffer("text"), out;
	struct answer a = { 0, 0, NULL, { 0, NULL }, 0 };
	const char *wrong = NULL;
	OM_uint32 ignored;
	size_t i;

	need_pair(&p, NULL);
	message_refused("cve-2022-3437-60", &p, "\x60", 1);
	message_refused("cve-2022-3437-60-7f", &p, "\x60\x7f", 2);
	message_refused("cve-2022-3437-60-84-ff-ff-ff-ff", &p, "\x60\x84\xff\xff\xff\xff", 6);
	message_refused("cve-2014-4341-rfc1964-wrap", &p, OLD "\2\1\0\0\xff\xff\xff\xff" "aaaaaaaabbbbbbbbccccccccc",
	    45);
	message_refused("cve-2014-4341-rfc1964-mic", &p, OLD "\1\1\0\0\xff\xff\xff\xff" "aaaaaaaabbbbbbbbccccccccc",
	    45);
	message_refused("cve-2014-4342-rfc1964-header-alone", &p, "\x60\x0d\6\11\x2a\x86\x48\x86\xf7\x12\1\2\2\2\1",
	    15);
	message_refused("cve-2024-37371-sealed-header-alone", &p, "\5\4\3\xff\0\0\0\0\0\0\0\0\0\0\0\0", 16);
	message_refused("cve-2024-37371-ec-beyond-the-token", &p, "\5\4\1\xff\xff\xff\0\0\0\0\0\0\0\0\0\0text", 20);
	message_refused("cve-2024-37371-wrap-half-a-header", &p, "\5\4\3\xff\0\0\0\34", 8);

	/* Whatever is changed: the integrity is gone, or the token is none; no text comes out. */
	wrap = wrapped(p.init, 1, "text");
	for (i = 0; i < wrap.length && wrong == NULL; i++) {
		((unsigned char *)wrap.value)[i] ^= 0x10;
		out.value = NULL;
		out.length = 0;
		a.major = gss_unwrap(&a.minor, p.accept, &wrap, &out, NULL, NULL);
		((unsigned char *)wrap.value)[i] ^= 0x10;
		a.dirty = out.value == NULL ? NULL : "output_message_buffer";
		wrong = judge(&a, a.major == GSS_S_DEFECTIVE_TOKEN ? GSS_S_DEFECTIVE_TOKEN : GSS_S_BAD_SIG, ANY_MINOR,
		    "");
	}
	verdict("cve-2025-57736-wrap-every-octet", wrong == NULL, "octet %lu: %s", (unsigned long)i - 1,
	    wrong == NULL ? "" : wrong);
	gss_release_buffer(&ignored, &wrap);
	mic = mic_of(p.init, "text");
	for (i = 0; i < mic.length && wrong == NULL; i++) {
		((unsigned char *)mic.value)[i] ^= 0x10;
		a.major = gss_verify_mic(&a.minor, p.accept, &text, &mic, NULL);
		((unsigned char *)mic.value)[i] ^= 0x10;
		a.dirty = NULL;
		wrong = judge(&a, a.major == GSS_S_DEFECTIVE_TOKEN ? GSS_S_DEFECTIVE_TOKEN : GSS_S_BAD_SIG, ANY_MINOR,
		    "");
	}
	verdict("cve-2025-57736-mic-every-octet", wrong == NULL, "octet %lu: %s", (unsigned long)i - 1,
	    wrong == NULL ? "" : wrong);
	a.major = gss_verify_mic(&a.minor, p.accept, &text, &mic, NULL);
	succeed("cve-2022-45142-the-good-mic", &a);
	a.major = gss_verify_mic(&a.minor, p.init, &text, &mic, NULL);
	expect("mic-sent-back-to-its-sender", &a, GSS_S_BAD_SIG, ANY_MINOR, "");
	gss_release_buffer(&ignored, &mic);
	release_pair(&p);
}

/* An interprocess token is from ourselves, and lay in somebody's hands. */
static void interprocess(void)
{
	struct pair p;
	gss_buffer_desc token, copy;
	gss_ctx_id_t context = GSS_C_NO_CONTEXT;
	struct answer a = { 0, 0, NULL, { 0, NULL }, 0 };
	const char *wrong = NULL;
	long before;
	OM_uint32 ignored;
	size_t i;

	need_pair(&p, NULL);
	a.major = gss_export_sec_context(&a.minor, &p.accept, &token);
	need("gss_export_sec_context", a.major, a.minor);
	before = peak();
	for (i = 1; i < token.length && wrong == NULL; i++) {
		copy = copy_of(token.value, i);
		a.major = gss_import_sec_context(&a.minor, &copy, &context);
		a.dirty = context == GSS_C_NO_CONTEXT ? NULL : "context_handle";
		wrong = GSS_ERROR(a.major) ? judge(&a, a.major, ANY_MINOR, "") : "it was taken";
		free(copy.value);
	}
	verdict("cve-2015-2698-interprocess-token-truncated", wrong == NULL, "%lu of %lu octets: %s",
	    (unsigned long)i - 1,
	    (unsigned long)token.length, wrong == NULL ? "" : wrong);
	for (i = 0; i + 4 <= token.length && wrong == NULL; i++) {
		copy = copy_of(token.value, token.length);
		memset((char *)copy.value + i, 0xff, 4);
		a.major = gss_import_sec_context(&a.minor, &copy, &context);
		free(copy.value);
		if (!GSS_ERROR(a.major)) {
			gss_delete_sec_context(&ignored, &context, GSS_C_NO_BUFFER);
			continue;
		}
		a.dirty = context == GSS_C_NO_CONTEXT ? NULL : "context_handle";
		wrong = judge(&a, a.major, ANY_MINOR, "");
	}
	verdict("63ae6a8d99-interprocess-token-with-huge-counts", wrong == NULL && peak() - before < 16 << 10,
	    "octet %lu: %s; %ld KiB more", (unsigned long)i - 1, wrong == NULL ? "" : wrong, peak() - before);
	gss_release_buffer(&ignored, &token);
	release_pair(&p);
}

int main(void)
{
	start(60);
	half_open();
	deletion();
	messages();
	interprocess();
	return finish(96L << 10);
}
