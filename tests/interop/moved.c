/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * moved: contexts that one library exports and the other imports, in the form of MIT krb5, and back. Two libraries in one
 * process, ours and MIT's; krb5.conf asks for that form. Whoever has a context tells the same of it, goes on with the peer,
 * and knows what was received before.
 *
 *	moved OURS MITS SERVICE
 */
#define _GNU_SOURCE
#include "peers.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FUNCTION(l, f) ((__typeof__(&f))dlsym((l)->handle, #f))

static struct library *other(struct library *l)
{
	return l == &ours ? &mits : &ours;
}

/* described says what a context is like. Of its time some seconds may have passed. MIT's initiators do not say that they are
   ready for messages. */
static void described(struct side *s, char *text, size_t size, OM_uint32 *lifetime)
{
	gss_buffer_desc source, target;
	gss_name_t from, to;
	OM_uint32 minor, flags;
	int local, open;

	need(s->l, "gss_inquire_context", FUNCTION(s->l, gss_inquire_context)(&minor, s->context, &from, &to, lifetime, NULL,
	    &flags, &local, &open), minor);
	need(s->l, "gss_display_name", s->l->gss_display_name(&minor, from, &source, NULL), minor);
	need(s->l, "gss_display_name", s->l->gss_display_name(&minor, to, &target, NULL), minor);
	snprintf(text, size, "%.*s to %.*s, flags %x, local %d, open %d", (int)source.length, (char *)source.value,
	    (int)target.length, (char *)target.value, flags & ~(OM_uint32)GSS_C_PROT_READY_FLAG, local, open);
	s->l->gss_release_buffer(&minor, &source);
	s->l->gss_release_buffer(&minor, &target);
	s->l->gss_release_name(&minor, &from);
	s->l->gss_release_name(&minor, &to);
}

static void move(struct side *s)
{
	gss_buffer_desc token;
	char before[400], after[400];
	OM_uint32 minor, was, is;

	described(s, before, sizeof(before), &was);
	need(s->l, "gss_export_sec_context", FUNCTION(s->l, gss_export_sec_context)(&minor, &s->context, &token), minor);
	s->l = other(s->l);
	need(s->l, "gss_import_sec_context", FUNCTION(s->l, gss_import_sec_context)(&minor, &token, &s->context), minor);
	other(s->l)->gss_release_buffer(&minor, &token);
	described(s, after, sizeof(after), &is);
	if (strcmp(before, after) != 0)
		die("%s, imported: %s", before, after);
	if (is > was + 1 || was > is + 30)
		die("%u seconds, imported: %u", was, is);
}

/* unwrap wants a message, with a supplementary status. */
static void unwrap(struct side *s, gss_buffer_desc *token, OM_uint32 want)
{
	gss_buffer_desc text;
	OM_uint32 major, minor;

	major = s->l->gss_unwrap(&minor, s->context, token, &text, NULL, NULL);
	if (major != want)
		die("%s: gss_unwrap: %x, not %x", s->l->name, major, want);
	if (text.length != 5 || memcmp(text.value, "hello", 5) != 0)
		die("%s: another text", s->l->name);
	s->l->gss_release_buffer(&minor, &text);
}

static gss_buffer_desc wrap(struct side *s)
{
	gss_buffer_desc text = { 5, (void *)"hello" }, token;
	OM_uint32 minor;

	need(s->l, "gss_wrap", s->l->gss_wrap(&minor, s->context, 1, GSS_C_QOP_DEFAULT, &text, NULL, &token), minor);
	return token;
}

static void say(struct side *from, struct side *to, OM_uint32 want)
{
	gss_buffer_desc token = wrap(from);
	OM_uint32 minor;

	unwrap(to, &token, want);
	from->l->gss_release_buffer(&minor, &token);
}

static void journey(struct library *initiator, struct library *acceptor, const char *service, OM_uint32 flags)
{
	struct side i = { .l = initiator }, a = { .l = acceptor };
	gss_buffer_desc old, late;
	struct library *made;
	OM_uint32 minor;
	int n;

	establish(&i, &a, service, flags);
	made = i.l;
	old = wrap(&i);
	late = wrap(&i);
	unwrap(&a, &old, GSS_S_COMPLETE);
	for (n = 0; n < 4; n++) {
		int overtaken = n == 0 && (flags & GSS_C_SEQUENCE_FLAG) != 0;

		move(n % 2 == 0 ? &i : &a);
		say(&i, &a, overtaken ? GSS_S_GAP_TOKEN : GSS_S_COMPLETE);
		say(&a, &i, GSS_S_COMPLETE);
		if ((flags & GSS_C_REPLAY_FLAG) != 0)
			unwrap(&a, &old, GSS_S_DUPLICATE_TOKEN);
		if (overtaken)
			unwrap(&a, &late, GSS_S_UNSEQ_TOKEN);
	}
	made->gss_release_buffer(&minor, &old);
	made->gss_release_buffer(&minor, &late);
	drop(&i);
	drop(&a);
}

int main(int argc, char **argv)
{
	static const OM_uint32 flags[] = { FLAGS, GSS_C_MUTUAL_FLAG | GSS_C_REPLAY_FLAG, GSS_C_REPLAY_FLAG, GSS_C_MUTUAL_FLAG, 0,
		FLAGS | GSS_C_DCE_STYLE };
	struct library *const both[] = { &ours, &mits };
	unsigned k, i, a;

	if (argc != 4)
		return 2;
	load(&ours, argv[1]);
	load(&mits, argv[2]);
	for (k = 0; k < sizeof(flags) / sizeof(flags[0]); k++) {
		for (i = 0; i < 2; i++) {
			for (a = 0; a < 2; a++) {
				static char text[100];

				snprintf(text, sizeof(text), "initiator of %s, acceptor of %s, flags %x", both[i]->name, both[a]->name, flags[k]);
				label = text;
				journey(both[i], both[a], argv[3], flags[k]);
			}
		}
	}
	return 0;
}
