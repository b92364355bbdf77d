/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * protect.c: one sender, and two receivers of the same messages: ours and MIT's. Where the receivers accept the sender's
 * context without a reply, all three have the same keys, and both receivers get the same octets; else each has a sender
 * of its own, and the same change is made to both messages.
 */
#include "exchange.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A receiver, its sender, and what is sent to it. */
struct line {
	struct side from, to;
	struct octets token;
	OM_uint32 major, minor;
	int conf;
	gss_qop_t qop;
	unsigned char text[OCTETS]; /* what came out */
	size_t length;
	char mutation[NAME_SIZE];
};

static struct line lines[2]; /* of ours, of MIT's */
static int together;         /* both have the same sender */
static int dce;
/* What they say about the order of messages is not compared any more: one of them has accepted what the other has not; or
   numbers were left out that are more than MIT's library can bear, whose record of 64 is then wrong. */
static int apart;
static int left_out; /* messages since the last one that was accepted */

static gss_OID_desc krb5 = { 9, (void *)"\x2a\x86\x48\x86\xf7\x12\x01\x02\x02" };
static gss_OID_desc hostbased = { 10, (void *)"\x2a\x86\x48\x86\xf7\x12\x01\x02\x01\x04" };

/* establish_together makes one initiator's context, and both acceptors' of its only token. */
static void establish_together(struct library *i, const char *service)
{
	gss_buffer_desc name = { strlen(service), (void *)(uintptr_t)service }, token = GSS_C_EMPTY_BUFFER;
	gss_buffer_desc out = GSS_C_EMPTY_BUFFER;
	gss_name_t target = GSS_C_NO_NAME;
	OM_uint32 minor, flags = GSS_C_REPLAY_FLAG | GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG | (below(2) ? GSS_C_SEQUENCE_FLAG : 0);
	int n;

	lines[0].from.l = lines[1].from.l = i;
	lines[0].from.context = GSS_C_NO_CONTEXT;
	need(i, "gss_import_name", i->gss_import_name(&minor, &name, &hostbased, &target), minor);
	need(i, "gss_init_sec_context", i->gss_init_sec_context(&minor, GSS_C_NO_CREDENTIAL, &lines[0].from.context, target, &krb5,
	    flags, 0, GSS_C_NO_CHANNEL_BINDINGS, GSS_C_NO_BUFFER, NULL, &token, NULL, NULL), minor);
	lines[1].from.context = lines[0].from.context;
	for (n = 0; n < 2; n++) {
		struct side *to = &lines[n].to;

		to->context = GSS_C_NO_CONTEXT;
		need(to->l, "gss_accept_sec_context", to->l->gss_accept_sec_context(&minor, &to->context, GSS_C_NO_CREDENTIAL,
		    &token, GSS_C_NO_CHANNEL_BINDINGS, NULL, NULL, &out, NULL, NULL, NULL), minor);
		to->l->gss_release_buffer(&minor, &out);
	}
	i->gss_release_buffer(&minor, &token);
	i->gss_release_name(&minor, &target);
}

void protected_begin(const char *service)
{
	struct library *peer = below(2) ? &ours : &mits;
	OM_uint32 flags = FLAGS;
	int n, receiver_initiates = below(2);

	lines[0].to.l = &ours;
	lines[1].to.l = &mits;
	together = below(2);
	apart = left_out = 0;
	dce = !together && below(3) == 0;
	if (together) {
		establish_together(peer, service);
		return;
	}
	if (dce)
		flags |= GSS_C_DCE_STYLE;
	for (n = 0; n < 2; n++) {
		struct line *l = &lines[n];

		l->from.l = peer;
		if (receiver_initiates)
			establish(&l->to, &l->from, service, flags);
		else
			establish(&l->from, &l->to, service, flags);
	}
}

void protected_end(void)
{
	drop(&lines[0].to);
	drop(&lines[1].to);
	drop(&lines[0].from);
	if (!together)
		drop(&lines[1].from);
}

/* What can be sent and taken. */
enum kind { UNWRAP, VERIFY, AEAD, STREAM, PIECES, MIC_PIECES, KINDS };
static const char *const kind_names[KINDS] = { "unwrap", "verify", "aead", "stream", "pieces", "mic-pieces" };

/* The message, and data that is only signed. */
static unsigned char text[600], associated[100];
static size_t text_length, associated_length;

static void keep(struct library *l, gss_buffer_t from, struct octets *to)
{
	OM_uint32 minor;

	to->length = 0;
	insert(to, 0, from->value, from->length);
	l->gss_release_buffer(&minor, from);
}

/* send makes a token in one piece. */
static void send(struct line *l, enum kind kind, int conf)
{
	gss_buffer_desc in = { text_length, text }, more = { associated_length, associated }, out = GSS_C_EMPTY_BUFFER;
	struct library *from = l->from.l;
	OM_uint32 minor;

	switch (kind) {
	case VERIFY:
	case MIC_PIECES:
		need(from, "gss_get_mic", from->gss_get_mic(&minor, l->from.context, 0, &in, &out), minor);
		break;
	case AEAD:
		need(from, "gss_wrap_aead", from->gss_wrap_aead(&minor, l->from.context, conf, 0, &more, &in, NULL, &out), minor);
		break;
	default:
		need(from, "gss_wrap", from->gss_wrap(&minor, l->from.context, conf, 0, &in, NULL, &out), minor);
	}
	keep(from, &out, &l->token);
}

static void came(struct line *l, const void *octets, size_t length)
{
	l->length = length < sizeof(l->text) ? length : sizeof(l->text);
	memcpy(l->text, octets, l->length);
}

/* fresh gives memory of exactly this size, so that an octet too many is a fault where memory is watched. */
static void *fresh_copy(const void *octets, size_t length)
{
	void *p = malloc(length + !length);

	if (p == NULL)
		abort();
	return memcpy(p, octets, length);
}

static void take_stream(struct line *l)
{
	gss_iov_buffer_desc iov[2];
	void *copy = fresh_copy(l->token.at, l->token.length);
	OM_uint32 ignored;

	memset(iov, 0, sizeof(iov));
	iov[0].type = GSS_IOV_BUFFER_TYPE_STREAM;
	iov[0].buffer.length = l->token.length;
	iov[0].buffer.value = copy;
	iov[1].type = GSS_IOV_BUFFER_TYPE_DATA;
	l->major = l->to.l->gss_unwrap_iov(&l->minor, l->to.context, &l->conf, &l->qop, iov, 2);
	if (!GSS_ERROR(l->major))
		came(l, iov[1].buffer.value, iov[1].buffer.length);
	l->to.l->gss_release_iov_buffer(&ignored, iov, 2);
	free(copy);
}

/* take_pieces cuts a token: the header, what lies between, and the rest of it. How is chosen once for both. */
static void take_pieces(struct line *l, size_t header, size_t trailer)
{
	gss_iov_buffer_desc iov[4];
	size_t length = l->token.length, middle;
	unsigned char *copy[3];
	int i, n = 0;

	header = header < length ? header : length;
	trailer = trailer < length - header ? trailer : length - header;
	middle = length - header - trailer;
	copy[0] = fresh_copy(l->token.at, header);
	copy[1] = fresh_copy(l->token.at + header, middle);
	copy[2] = fresh_copy(l->token.at + header + middle, trailer);
	memset(iov, 0, sizeof(iov));
	iov[n].type = GSS_IOV_BUFFER_TYPE_HEADER;
	iov[n].buffer.length = header;
	iov[n++].buffer.value = copy[0];
	iov[n].type = GSS_IOV_BUFFER_TYPE_DATA;
	iov[n].buffer.length = middle;
	iov[n++].buffer.value = copy[1];
	iov[n++].type = GSS_IOV_BUFFER_TYPE_PADDING;
	iov[n].type = GSS_IOV_BUFFER_TYPE_TRAILER;
	iov[n].buffer.length = trailer;
	iov[n++].buffer.value = copy[2];
	l->major = l->to.l->gss_unwrap_iov(&l->minor, l->to.context, &l->conf, &l->qop, iov, n);
	if (!GSS_ERROR(l->major))
		came(l, iov[1].buffer.value, iov[1].buffer.length);
	for (i = 0; i < 3; i++)
		free(copy[i]);
}

static void take_mic_pieces(struct line *l)
{
	gss_iov_buffer_desc iov[3];
	size_t half = text_length / 2;

	memset(iov, 0, sizeof(iov));
	iov[0].type = GSS_IOV_BUFFER_TYPE_MIC_TOKEN;
	iov[0].buffer.length = l->token.length;
	iov[0].buffer.value = l->token.at;
	iov[1].type = GSS_IOV_BUFFER_TYPE_DATA;
	iov[1].buffer.length = half;
	iov[1].buffer.value = text;
	iov[2].type = GSS_IOV_BUFFER_TYPE_SIGN_ONLY;
	iov[2].buffer.length = text_length - half;
	iov[2].buffer.value = text + half;
	l->major = l->to.l->gss_verify_mic_iov(&l->minor, l->to.context, &l->qop, iov, 3);
}

/* A token to take, for guarded. */
struct taking {
	struct line *l;
	enum kind kind;
	size_t header, trailer;
};

static void take(void *argument)
{
	struct taking *t = argument;
	struct line *l = t->l;
	/* MIT's library decrypts some tokens where they lie. */
	gss_buffer_desc in = { l->token.length, fresh_copy(l->token.at, l->token.length) }, message = { text_length, text };
	gss_buffer_desc more = { associated_length, associated }, out = GSS_C_EMPTY_BUFFER;
	struct library *to = l->to.l;
	OM_uint32 ignored;

	l->conf = -1;
	l->qop = 0;
	l->length = 0;
	switch (t->kind) {
	case UNWRAP:
		l->major = to->gss_unwrap(&l->minor, l->to.context, &in, &out, &l->conf, &l->qop);
		break;
	case VERIFY:
		l->major = to->gss_verify_mic(&l->minor, l->to.context, &message, &in, &l->qop);
		break;
	case AEAD:
		l->major = to->gss_unwrap_aead(&l->minor, l->to.context, &in, &more, &out, &l->conf, &l->qop);
		break;
	case STREAM:
		take_stream(l);
		break;
	case PIECES:
		take_pieces(l, t->header, t->trailer);
		break;
	case MIC_PIECES:
		take_mic_pieces(l);
		break;
	case KINDS:
		break;
	}
	if (out.length > 0) {
		came(l, out.value, out.length);
		to->gss_release_buffer(&ignored, &out);
	}
	free(in.value);
}

static void show(const struct line *l)
{
	size_t i;

	printf("# %s: major %#x, minor %u, conf %d, qop %u, %zu octets\n# token:", l->to.l->name, l->major, l->minor, l->conf, l->qop,
	    l->length);
	for (i = 0; i < l->token.length; i++)
		printf("%s%02x", i % 64 == 0 ? "\n#   " : "", l->token.at[i]);
	printf("\n");
}

void protected_one(struct tally *t)
{
	static char name[60];
	enum kind kind = (enum kind)below(KINDS);
	enum format format = legacy ? LEGACY : MESSAGE;
	size_t header = below(3) ? (legacy ? 45 + below(20) : 32) : below(80), trailer = below(3) ? (legacy ? 0 : 28) : below(60), i;
	int conf = below(3) != 0, n, differ;
	uint64_t from, after;

	text_length = below(4) ? below(100) : below(sizeof(text));
	associated_length = below(2) ? 0 : below(sizeof(associated));
	for (i = 0; i < sizeof(text); i++)
		text[i] = (unsigned char)rnd();
	for (i = 0; i < sizeof(associated); i++)
		associated[i] = (unsigned char)rnd();
	if (dce && kind != VERIFY && kind != UNWRAP)
		kind = MIC_PIECES;
	snprintf(name, sizeof(name), "%s%s%s%s", legacy ? "legacy-" : "", kind_names[kind],
	    kind == VERIFY || kind == MIC_PIECES ? "" : conf ? "-sealed" : "-signed", dce ? "-dce" : "");
	label = name;
	from = (uint64_t)rnd() << 32 | rnd() | 1;
	after = state;
	for (n = 0; n < 2; n++) {
		struct line *l = &lines[n];

		if (together && n == 1)
			l->token = lines[0].token;
		else
			send(l, kind, conf);
		if (together && n == 1) {
			strcpy(l->mutation, lines[0].mutation);
		} else {
			state = from;
			mutate(&l->token, format, l->mutation);
		}
	}
	state = after;
	if (strcmp(lines[0].mutation, lines[1].mutation) != 0) {
		t->unlike++;
		return;
	}
	for (n = 0; n < 2; n++) {
		struct taking taking = { &lines[n], kind, header, trailer };

		guarded(lines[n].to.l, take, &taking, &lines[n].major);
	}
	tally_count(t, name, lines[0].mutation, !GSS_ERROR(lines[0].major), !GSS_ERROR(lines[1].major));
	apart = apart || !GSS_ERROR(lines[0].major) != !GSS_ERROR(lines[1].major) || ++left_out > 60;
	if (GSS_ERROR(lines[0].major))
		return;
	left_out = 0;
	/* With RC4 anybody can flip the bits of numbers (RFC 4757, Section 7.3); where that leads depends on the first one. */
	apart = apart || (legacy && (lines[0].major | lines[1].major) != GSS_S_COMPLETE);
	differ = GSS_ERROR(lines[1].major) || (!apart && lines[0].major != lines[1].major) || lines[0].conf != lines[1].conf ||
	    lines[0].qop != lines[1].qop;
	/* MIT's library gives no data of a stream that is out of sequence. */
	if (!differ && ((kind != STREAM && kind != AEAD) || lines[1].major == GSS_S_COMPLETE))
		differ = lines[0].length != lines[1].length || memcmp(lines[0].text, lines[1].text, lines[0].length) != 0;
	if (differ && !is_listed(name, lines[0].mutation)) {
		printf("# %s; header %zu, trailer %zu, associated data %zu, text %zu\n", together ? "one sender" : "two senders", header,
		    trailer, associated_length, text_length);
		show(&lines[0]);
		show(&lines[1]);
		die("%s", lines[0].mutation);
	}
}
