/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * exchange.c: a context is established twice, once with our library on the tested side and once with MIT's there, and in
 * both exchanges the same change is made to the same one of the tokens that go to that side.
 */
#include "exchange.h"

#include <stdio.h>
#include <string.h>

static gss_OID_desc krb5 = { 9, (void *)"\x2a\x86\x48\x86\xf7\x12\x01\x02\x02" };
static gss_OID_desc spnego = { 6, (void *)"\x2b\x06\x01\x05\x05\x02" };
static gss_OID_desc hostbased = { 10, (void *)"\x2a\x86\x48\x86\xf7\x12\x01\x02\x01\x04" };

/* What is asked for. */
struct wish {
	int negotiated;
	OM_uint32 flags;
	gss_channel_bindings_t bindings, others; /* of the initiator, of the acceptor */
	const char *service;
};

/* What came of it. */
enum level { REFUSED, CONTINUES, COMPLETE };
struct outcome {
	enum level level;    /* of the tested side */
	enum level peer;
	OM_uint32 major, minor, flags;
	char source[200];
	int delegated, mutated;
	char mutation[NAME_SIZE];
	size_t length;       /* of the token as it was */
	struct octets token; /* as it was changed */
};

static enum level level_of(OM_uint32 major)
{
	return GSS_ERROR(major) ? REFUSED : (major & GSS_S_CONTINUE_NEEDED) != 0 ? CONTINUES : COMPLETE;
}

/* keep copies a token that a library gave, and releases it. */
static void keep(struct library *l, gss_buffer_t from, struct octets *to)
{
	OM_uint32 minor;

	to->length = 0;
	insert(to, 0, from->value, from->length);
	l->gss_release_buffer(&minor, from);
}

/* A step of one side. */
struct step {
	struct library *l;
	gss_ctx_id_t *context;
	gss_name_t target; /* of an initiator */
	const struct wish *w;
	struct octets *token; /* what came, and then what goes */
	OM_uint32 major;
	struct outcome *o; /* of the tested side */
};

static void initiate(void *argument)
{
	struct step *s = argument;
	gss_buffer_desc in = { s->token->length, s->token->at }, out = GSS_C_EMPTY_BUFFER;
	OM_uint32 minor = 0, flags = 0;

	s->major = s->l->gss_init_sec_context(&minor, GSS_C_NO_CREDENTIAL, s->context, s->target,
	    s->w->negotiated ? &spnego : &krb5, s->w->flags, 0, s->w->bindings, &in, NULL, &out, &flags, NULL);
	if (s->o != NULL) {
		s->o->minor = minor;
		s->o->flags = flags;
	}
	keep(s->l, &out, s->token);
}

static void accept(void *argument)
{
	struct step *s = argument;
	gss_buffer_desc in = { s->token->length, s->token->at }, out = GSS_C_EMPTY_BUFFER, text = GSS_C_EMPTY_BUFFER;
	gss_cred_id_t delegated = GSS_C_NO_CREDENTIAL;
	gss_name_t source = GSS_C_NO_NAME;
	OM_uint32 minor = 0, ignored, flags = 0;

	s->major = s->l->gss_accept_sec_context(&minor, s->context, GSS_C_NO_CREDENTIAL, &in, s->w->others, &source, NULL, &out,
	    &flags, NULL, &delegated);
	if (s->o != NULL) {
		s->o->minor = minor;
		s->o->flags = flags;
		s->o->delegated |= delegated != GSS_C_NO_CREDENTIAL;
		if (s->major == GSS_S_COMPLETE && source != GSS_C_NO_NAME) {
			if (GSS_ERROR(s->l->gss_display_name(&ignored, source, &text, NULL)))
				die("the name that %s gives cannot be displayed", s->l->name);
			snprintf(s->o->source, sizeof(s->o->source), "%.*s", (int)text.length, (char *)text.value);
			s->l->gss_release_buffer(&ignored, &text);
		}
	}
	if (source != GSS_C_NO_NAME)
		s->l->gss_release_name(&ignored, &source);
	if (delegated != GSS_C_NO_CREDENTIAL)
		s->l->gss_release_cred(&ignored, &delegated);
	keep(s->l, &out, s->token);
}

static void make(struct step *s, void (*how)(void *))
{
	guarded(s->l, how, s, &s->major);
	if (s->o != NULL)
		s->o->major = s->major;
}

/* change is made to a token for the tested side, if its turn has come. */
static void change(struct outcome *o, struct octets *token, int turn, int which, uint64_t from)
{
	uint64_t now = state;

	if (turn != which || token->length == 0)
		return;
	o->length = token->length;
	state = from;
	mutate(token, DER, o->mutation);
	state = now;
	o->mutated = 1;
	o->token = *token;
}

/* exchange runs one to its end. The tested side is the initiator or the acceptor. */
static void exchange(struct library *i, struct library *a, int test_initiator, const struct wish *w, int which, uint64_t from,
    struct outcome *o)
{
	static struct octets token;
	gss_buffer_desc text = { strlen(w->service), (void *)(uintptr_t)w->service };
	gss_ctx_id_t init = GSS_C_NO_CONTEXT, acc = GSS_C_NO_CONTEXT;
	struct step is = { i, &init, GSS_C_NO_NAME, w, &token, GSS_S_CONTINUE_NEEDED, test_initiator ? o : NULL };
	struct step as = { a, &acc, GSS_C_NO_NAME, w, &token, GSS_S_CONTINUE_NEEDED, test_initiator ? NULL : o };
	OM_uint32 minor;
	int leg;

	memset(o, 0, sizeof(*o));
	token.length = 0;
	need(i, "gss_import_name", i->gss_import_name(&minor, &text, &hostbased, &is.target), minor);
	for (leg = 0; leg < 5 && is.major == GSS_S_CONTINUE_NEEDED; leg++) {
		make(&is, initiate);
		if (token.length == 0 || as.major != GSS_S_CONTINUE_NEEDED)
			break;
		if (!test_initiator)
			change(o, &token, leg, which, from);
		make(&as, accept);
		if (token.length == 0)
			break;
		if (test_initiator)
			change(o, &token, leg, which, from);
	}
	o->level = level_of(test_initiator ? is.major : as.major);
	o->peer = level_of(test_initiator ? as.major : is.major);
	if (init != GSS_C_NO_CONTEXT)
		i->gss_delete_sec_context(&minor, &init, GSS_C_NO_BUFFER);
	if (acc != GSS_C_NO_CONTEXT)
		a->gss_delete_sec_context(&minor, &acc, GSS_C_NO_BUFFER);
	i->gss_release_name(&minor, &is.target);
}

static void show(const char *who, const struct outcome *o)
{
	size_t i;

	printf("# %s: level %d, peer %d, major %#x, minor %u, flags %#x, source \"%s\", delegated %d\n# token:", who, (int)o->level,
	    (int)o->peer, o->major, o->minor, o->flags, o->source, o->delegated);
	for (i = 0; i < o->token.length; i++)
		printf("%s%02x", i % 64 == 0 ? "\n#   " : "", o->token.at[i]);
	printf("\n");
}

/* same_meaning compares what two accepted tokens mean. Two flags say something about the library itself, not about the
   exchange. In DCE style MIT's gives the delegated credential with the first step and forgets that it did so, or, under
   SPNEGO, forgets it. */
static int same_meaning(const struct wish *w, const struct outcome *a, const struct outcome *b)
{
	OM_uint32 own = GSS_C_TRANS_FLAG | GSS_C_PROT_READY_FLAG;
	int style = (w->flags & GSS_C_DCE_STYLE) != 0;

	if (style)
		own |= GSS_C_DELEG_FLAG;
	return strcmp(a->source, b->source) == 0 && ((a->flags ^ b->flags) & ~own) == 0 && (style || a->delegated == b->delegated);
}

void exchanges(const char *service, struct tally *t)
{
	static struct gss_channel_bindings_struct some = { .application_data = { 7, (void *)(uintptr_t)"channel" } };
	static struct outcome ours_o, mits_o;
	struct library *peer = below(2) ? &ours : &mits;
	struct wish w = { .service = service };
	int test_initiator = below(3) == 0, which;
	uint64_t from;
	char kind[40];

	w.negotiated = below(2);
	w.flags = (below(3) ? GSS_C_MUTUAL_FLAG : 0) | (below(4) ? 0 : GSS_C_DELEG_FLAG) | (rnd() & 0x3c);
	if (below(5) == 0)
		w.flags |= GSS_C_DCE_STYLE | GSS_C_MUTUAL_FLAG;
	if (below(6) == 0) {
		w.bindings = &some;
		w.others = below(2) ? &some : NULL;
	}
	if (test_initiator && !w.negotiated)
		w.flags |= GSS_C_MUTUAL_FLAG;
	which = below(6) == 0 ? 1 : 0;
	snprintf(kind, sizeof(kind), "%s-%s%s", test_initiator ? "init" : "accept", w.negotiated ? "spnego" : "krb5",
	    w.flags & GSS_C_DCE_STYLE ? "-dce" : "");
	label = kind;
	from = (uint64_t)rnd() << 32 | rnd() | 1;
	exchange(test_initiator ? &ours : peer, test_initiator ? peer : &ours, test_initiator, &w, which, from, &ours_o);
	exchange(test_initiator ? &mits : peer, test_initiator ? peer : &mits, test_initiator, &w, which, from, &mits_o);
	/* Where numbers have lengths of their own, octets at one place are not the same. */
	if (!ours_o.mutated || !mits_o.mutated || ours_o.length != mits_o.length ||
	    strcmp(ours_o.mutation, mits_o.mutation) != 0) {
		t->unlike++;
		return;
	}
	/* Who goes on has accepted nothing yet. */
	tally_count(t, kind, ours_o.mutation, ours_o.level == COMPLETE, mits_o.level == COMPLETE);
	if (ours_o.level == COMPLETE && (mits_o.level != COMPLETE || !same_meaning(&w, &ours_o, &mits_o))) {
		if (is_listed(kind, ours_o.mutation))
			return;
		printf("# asked for flags %#x, bindings %d and %d; the other side is %s\n", w.flags, w.bindings != NULL, w.others != NULL,
		    peer->name);
		show("ours", &ours_o);
		show("MIT's", &mits_o);
		die("%s", ours_o.mutation);
	}
}
