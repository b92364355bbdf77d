/* SPDX-License-Identifier: BSD-2-Clause */
/* spelling: tokens whose lengths and INTEGERs have more octets than DER needs, octets after messages, tokens of NTLM. */
#include "harness.h"

/* How respell changes each element: the octets of its length (0: as in DER), and the octets added to an INTEGER. */
struct spelling {
	const char *name;
	size_t length, integer;
};

struct writer {
	unsigned char *p;
	size_t n;
};

static void put(struct writer *w, const void *octets, size_t n)
{
	memcpy(w->p + w->n, octets, n);
	w->n += n;
}

static void put_header(struct writer *w, unsigned char tag, size_t length, size_t octets)
{
	if (octets == 0 && length >= 0x80)
		octets = length < 0x100 ? 1 : length < 0x10000 ? 2 : 3;
	w->p[w->n++] = tag;
	w->p[w->n++] = (unsigned char)(octets == 0 ? length : 0x80 | octets);
	while (octets-- > 0)
		w->p[w->n++] = octets < sizeof(length) ? (unsigned char)(length >> (8 * octets)) : 0;
}

/* header reads a tag and a length as either library writes them. */
static const unsigned char *header(const unsigned char *p, size_t *length)
{
	size_t octets = p[1] < 0x80 ? 0 : p[1] & 0x7f;

	*length = octets == 0 ? p[1] : 0;
	for (p += 2; octets > 0; octets--)
		*length = *length << 8 | *p++;
	return p;
}

static void respell(struct writer *w, const unsigned char *p, size_t n, const struct spelling *s)
{
	const unsigned char *end = p + n;
	struct writer inner;
	size_t length;
	unsigned char tag;

	while (p < end) {
		tag = *p;
		p = header(p, &length);
		inner.p = malloc(16 * length + 32);
		inner.n = 0;
		if (inner.p == NULL)
			exit(2);
		if (tag & 0x20) {
			respell(&inner, p, length, s);
		} else {
			if (tag == 0x02) {
				memset(inner.p, *p & 0x80 ? 0xff : 0, s->integer);
				inner.n = s->integer;
			}
			put(&inner, p, length);
		}
		put_header(w, tag, inner.n, s->length);
		put(w, inner.p, inner.n);
		free(inner.p);
		p += length;
	}
}

/*
 * respelled gives a token in another spelling, with tail after its message. id is the number of octets between the
 * frame's OID and the message. The lengths of the frame have four octets at most: MIT's library takes no more there.
 */
static gss_buffer_desc respelled(const gss_buffer_desc *token, const struct spelling *s, size_t id, const char *tail)
{
	const unsigned char *p = token->value, *end = p + token->length, *oid;
	gss_buffer_desc out;
	struct writer w, inner;
	size_t length;

	w.n = inner.n = 0;
	w.p = malloc(16 * token->length + 64);
	inner.p = malloc(16 * token->length + 64);
	if (w.p == NULL || inner.p == NULL)
		exit(2);
	if (*p != 0x60) {
		respell(&w, p, (size_t)(end - p), s);
		put(&w, tail, strlen(tail));
	} else {
		oid = header(p, &length);
		p = header(oid, &length) + length + id;
		put(&inner, oid, (size_t)(p - oid));
		respell(&inner, p, (size_t)(end - p), s);
		put(&inner, tail, strlen(tail));
		put_header(&w, 0x60, inner.n, s->length < 4 ? s->length : 4);
		put(&w, inner.p, inner.n);
	}
	out = copy_of(w.p, w.n);
	free(w.p);
	free(inner.p);
	return out;
}

/* exchange establishes a context, each token in another spelling. */
static void exchange(const char *label, gss_OID mech, const struct spelling *s, const char *tail)
{
	gss_ctx_id_t init = GSS_C_NO_CONTEXT, accept = GSS_C_NO_CONTEXT;
	gss_buffer_desc token, ours, theirs = GSS_C_EMPTY_BUFFER, text;
	gss_name_t name = import(SERVICE, GSS_C_NT_HOSTBASED_SERVICE);
	OM_uint32 i, a = GSS_S_CONTINUE_NEEDED, minor;
	size_t id = gss_oid_equal(mech, &krb5_mech) ? 2 : 0;
	int conf;

	do {
		i = gss_init_sec_context(&minor, GSS_C_NO_CREDENTIAL, &init, name, mech, ALL_FLAGS, 0, NULL, &theirs,
		    NULL, &token, NULL, NULL);
		if (theirs.value != NULL)
			free(theirs.value);
		theirs.value = NULL;
		theirs.length = 0;
		if (GSS_ERROR(i) || token.length == 0)
			break;
		ours = respelled(&token, s, id, tail);
		gss_release_buffer(&minor, &token);
		a = gss_accept_sec_context(&minor, &accept, GSS_C_NO_CREDENTIAL, &ours, NULL, NULL, NULL, &token, NULL,
		    NULL, NULL);
		free(ours.value);
		if (!GSS_ERROR(a) && token.length > 0)
			theirs = respelled(&token, s, id, tail);
		gss_release_buffer(&minor, &token);
	} while (!GSS_ERROR(a) && i == GSS_S_CONTINUE_NEEDED && theirs.length > 0);
	fact("%s: %s, %s", label, major_text(i), major_text(a));
	if (i == GSS_S_COMPLETE && a == GSS_S_COMPLETE) {
		token = wrapped(init, 1, "text");
		a = gss_unwrap(&minor, accept, &token, &text, &conf, NULL);
		fact("%s, a message: %s", label, major_text(a));
		gss_release_buffer(&minor, &token);
		gss_release_buffer(&minor, &text);
	}
	free(theirs.value);
	gss_release_name(&minor, &name);
	gss_delete_sec_context(&minor, &init, GSS_C_NO_BUFFER);
	gss_delete_sec_context(&minor, &accept, GSS_C_NO_BUFFER);
}

static void accept_token(const char *label, const void *octets, size_t length)
{
	gss_ctx_id_t context = GSS_C_NO_CONTEXT;
	gss_buffer_desc input = copy_of(octets, length), output;
	OM_uint32 major, minor;

	major = gss_accept_sec_context(&minor, &context, GSS_C_NO_CREDENTIAL, &input, NULL, NULL, NULL, &output, NULL,
	    NULL, NULL);
	fact("%s: %s", label, major_text(major));
	gss_release_buffer(&minor, &output);
	gss_delete_sec_context(&minor, &context, GSS_C_NO_BUFFER);
	free(input.value);
}

int main(void)
{
	static const struct spelling spellings[] = {
		{ "DER", 0, 0 }, { "lengths of two octets", 2, 0 }, { "lengths of four octets", 4, 0 },
		{ "lengths of eight octets", 8, 0 }, { "INTEGERs with an octet more", 0, 1 },
		{ "INTEGERs with three octets more", 0, 3 }, { "all of it", 4, 3 },
	};
	static const char ntlm[] = "NTLMSSP\0\1\0\0\0\7\202\10\242";
	char label[120];
	size_t i;

	begin(60);
	for (i = 0; i < COUNT(spellings); i++) {
		snprintf(label, sizeof(label), "krb5, %s", spellings[i].name);
		exchange(label, &krb5_mech, &spellings[i], "");
		snprintf(label, sizeof(label), "SPNEGO, %s", spellings[i].name);
		exchange(label, &spnego_mech, &spellings[i], "");
	}
	exchange("krb5, octets after the messages", &krb5_mech, &spellings[0], "ab");
	exchange("SPNEGO, octets after the messages", &spnego_mech, &spellings[0], "ab");
	accept_token("NTLM", ntlm, sizeof(ntlm) - 1);
	accept_token("NTLM, cut off", ntlm, 7);
	return end();
}
