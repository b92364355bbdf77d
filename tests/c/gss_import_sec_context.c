/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_import_sec_context: contexts of both sides and all enctypes continue where they were; bad tokens are refused. */
#include "harness.h"

/* move exports and imports a context. */
static void move(const char *label, gss_ctx_id_t *context)
{
	gss_buffer_desc token = GSS_C_EMPTY_BUFFER;
	OM_uint32 major, minor;

	major = gss_export_sec_context(&minor, context, &token);
	need("gss_export_sec_context", major, minor);
	major = gss_import_sec_context(&minor, &token, context);
	if (major != GSS_S_COMPLETE)
		fact("%s: %s", label, major_text(major));
	need("gss_import_sec_context", major, minor);
	gss_release_buffer(&minor, &token);
}

static OM_uint32 pass(gss_ctx_id_t from, gss_ctx_id_t to, const char *text)
{
	gss_buffer_desc token = wrapped(from, 1, text), message = GSS_C_EMPTY_BUFFER, wanted = buffer(text);
	OM_uint32 major, minor;

	major = gss_unwrap(&minor, to, &token, &message, NULL, NULL);
	check(GSS_ERROR(major) || same(&message, &wanted), "another text: %s", quoted(&message));
	gss_release_buffer(&minor, &token);
	gss_release_buffer(&minor, &message);
	return major;
}

static void describe(const char *label, gss_ctx_id_t context)
{
	gss_name_t source = GSS_C_NO_NAME, target = GSS_C_NO_NAME;
	gss_OID mech = GSS_C_NO_OID;
	OM_uint32 major, minor, lifetime = 0, flags = 0;
	int local = -1, open = -1;

	major = gss_inquire_context(&minor, context, &source, &target, &lifetime, &mech, &flags, &local, &open);
	fact("%s: %s, %s, local %d, open %d, lifetime %s", label, major_text(major), oid_text(mech), local, open,
	    lifetime_text(lifetime));
	fact("%s, source: %s", label, name_text(source));
	fact("%s, target: %s", label, name_text(target));
	fact("%s, flags: %s", label, flags_text(flags & ~(OM_uint32)GSS_C_PROT_READY_FLAG));
	gss_release_name(&minor, &source);
	gss_release_name(&minor, &target);
}

static void round_trip(const char *label, const struct options *o)
{
	struct pair p;

	need_pair(&p, o);
	pass(p.init, p.accept, "before");
	pass(p.accept, p.init, "before");
	move(label, &p.init);
	fact("%s, initiator moved, to acceptor: %s", label, major_text(pass(p.init, p.accept, "one")));
	fact("%s, initiator moved, to initiator: %s", label, major_text(pass(p.accept, p.init, "two")));
	move(label, &p.accept);
	fact("%s, acceptor moved, to acceptor: %s", label, major_text(pass(p.init, p.accept, "three")));
	fact("%s, acceptor moved, to initiator: %s", label, major_text(pass(p.accept, p.init, "four")));
	move(label, &p.init);
	move(label, &p.accept);
	move(label, &p.accept);
	fact("%s, moved again, to acceptor: %s", label, major_text(pass(p.init, p.accept, "five")));
	fact("%s, moved again, to initiator: %s", label, major_text(pass(p.accept, p.init, "six")));
	release_pair(&p);
}

/* unwrap works on a copy, because MIT's library unrotates a token in place. */
static OM_uint32 unwrap(gss_ctx_id_t context, const gss_buffer_desc *token)
{
	gss_buffer_desc input = copy_of(token->value, token->length), message = GSS_C_EMPTY_BUFFER;
	OM_uint32 major, minor;

	major = gss_unwrap(&minor, context, &input, &message, NULL, NULL);
	gss_release_buffer(&minor, &message);
	free(input.value);
	return major;
}

/* The window of sequence numbers is preserved, too. */
static void window(void)
{
	gss_buffer_desc tokens[6];
	struct pair p;
	OM_uint32 minor;
	char text[8];
	size_t i;

	need_pair(&p, NULL);
	for (i = 0; i < COUNT(tokens); i++) {
		snprintf(text, sizeof(text), "%lu", (unsigned long)i);
		tokens[i] = wrapped(p.init, 0, text);
	}
	unwrap(p.accept, &tokens[0]);
	unwrap(p.accept, &tokens[3]); /* 1 and 2 are missing */
	move("window", &p.accept);
	for (i = 0; i < COUNT(tokens); i++)
		fact("0 and 3 before the move, then %lu: %s", (unsigned long)i,
		    major_text(unwrap(p.accept, &tokens[i])));
	for (i = 0; i < COUNT(tokens); i++)
		gss_release_buffer(&minor, &tokens[i]);
	release_pair(&p);
}

static void bad(const char *label, const void *octets, size_t length)
{
	gss_buffer_desc token = copy_of(octets, length);
	gss_ctx_id_t context = GSS_C_NO_CONTEXT;
	OM_uint32 major, minor;

	major = gss_import_sec_context(&minor, &token, &context);
	fact("%s: %s", label, GSS_ERROR(major) ? "an error" : "no error");
	check(!GSS_ERROR(major) || context == GSS_C_NO_CONTEXT, "%s: an error and a context", label);
	if (context != GSS_C_NO_CONTEXT)
		gss_delete_sec_context(&minor, &context, GSS_C_NO_BUFFER);
	free(token.value);
}

int main(void)
{
	struct options o = { .flags = ALL_FLAGS };
	gss_buffer_desc token;
	gss_ctx_id_t context;
	OM_uint32 major, minor;
	struct pair p;
	size_t i;

	begin(90);
	round_trip("all flags", &o);
	o.flags = 0;
	round_trip("no flags", &o);
	o.flags = GSS_C_MUTUAL_FLAG;
	round_trip("mutual", &o);
	o.flags = ALL_FLAGS;
	for (i = 0; i < COUNT(enctypes); i++) {
		with_enctype(&enctypes[i]);
		o.target = enctypes[i].service;
		round_trip(enctypes[i].name, &o);
	}
	with_enctype(NULL);
	window();

	need_pair(&p, NULL);
	move("describe", &p.init);
	move("describe", &p.accept);
	describe("imported initiator", p.init);
	describe("imported acceptor", p.accept);

	major = gss_export_sec_context(&minor, &p.init, &token);
	need("gss_export_sec_context", major, minor);
	for (i = 0; i < token.length - 200; i += 37) { /* the end may be data that an importer may ignore */
		gss_buffer_desc cut = copy_of(token.value, i);

		context = GSS_C_NO_CONTEXT;
		major = gss_import_sec_context(&minor, &cut, &context);
		check(GSS_ERROR(major) && context == GSS_C_NO_CONTEXT, "%lu octets of a token make a context",
		    (unsigned long)i);
		free(cut.value);
	}
	gss_release_buffer(&minor, &token);
	release_pair(&p);
	bad("nothing", "", 0);
	bad("a text", "hello, this is no token", 23);
	bad("only a mechanism", "\x00\x09\x2a\x86\x48\x86\xf7\x12\x01\x02\x02", 11);
	bad("only a mechanism, with a long length", "\x00\x00\x00\x09\x2a\x86\x48\x86\xf7\x12\x01\x02\x02", 13);
	bad("an unknown mechanism", "\x00\x03\x2a\x03\x04" "0123456789", 15);
	context = GSS_C_NO_CONTEXT;
	result("no token", gss_import_sec_context(&minor, GSS_C_NO_BUFFER, &context));
	token = buffer("text");
	result("no output", gss_import_sec_context(&minor, &token, NULL));
	return end();
}
