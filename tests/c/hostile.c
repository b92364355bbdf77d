/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whatever a peer sends is refused or harmless, in bounded time, and the process survives: every truncation and every
 * changed bit of each kind of token, random changes, tokens of the wrong kind. There is no comparison with other libraries,
 * which crash.
 */
#include "harness.h"

#include <time.h>

static unsigned long tried, taken;

/* chance returns the same sequence in each run. */
static unsigned chance(unsigned limit)
{
	static unsigned long state = 1;

	state = state * 6364136223846793005ul + 1442695040888963407ul;
	return (unsigned)(state >> 33) % limit;
}

typedef int (*judge)(const gss_buffer_desc *token, void *argument); /* returns true if the token was accepted */

static void one(judge f, const gss_buffer_desc *token, void *argument)
{
	gss_buffer_desc copy = copy_of(token->value, token->length);

	tried++;
	taken += f(&copy, argument) != 0;
	free(copy.value);
}

/* all passes f every truncation, every changed bit (or every step-th one) and some random changes of a token. */
static void all(const char *label, judge f, const gss_buffer_desc *token, void *argument, size_t step)
{
	gss_buffer_desc other;
	unsigned char *octets;
	size_t i, n;
	clock_t begun = clock();

	tried = taken = 0;
	for (i = 0; i < token->length; i++) {
		other.value = token->value;
		other.length = i;
		one(f, &other, argument);
	}
	other = copy_of(token->value, token->length);
	octets = other.value;
	for (i = 0; i < token->length * 8; i += step) {
		octets[i / 8] ^= (unsigned char)(1 << i % 8);
		one(f, &other, argument);
		octets[i / 8] ^= (unsigned char)(1 << i % 8);
	}
	for (i = 0; i < 300; i++) {
		memcpy(octets, token->value, token->length);
		for (n = 1 + chance(8); n > 0; n--)
			octets[chance((unsigned)token->length)] = (unsigned char)chance(256);
		if (!same(&other, token))
			one(f, &other, argument);
	}
	for (i = 0; i < 100; i++) { /* DER lengths, at likely places */
		memcpy(octets, token->value, token->length);
		n = chance((unsigned)(token->length < 200 ? token->length : 200));
		octets[n] = (unsigned char)(0x80 | chance(9));
		if (!same(&other, token))
			one(f, &other, argument);
	}
	other.length = token->length;
	free(other.value);
	other.length = token->length + 1000;
	other.value = calloc(1, other.length);
	if (other.value == NULL)
		exit(2);
	memcpy(other.value, token->value, token->length);
	one(f, &other, argument);
	free(other.value);
	fact("%s: %lu tried, %lu taken", label, tried, taken);
	check((double)(clock() - begun) / CLOCKS_PER_SEC < 60, "%s took too long", label);
}

/* An accepted initiator must be the one that sent the request. */
static int to_acceptor(const gss_buffer_desc *token, void *argument)
{
	gss_ctx_id_t context = GSS_C_NO_CONTEXT;
	gss_buffer_desc output = GSS_C_EMPTY_BUFFER, text;
	gss_name_t source = GSS_C_NO_NAME;
	OM_uint32 major, minor;

	(void)argument;
	major = gss_accept_sec_context(&minor, &context, GSS_C_NO_CREDENTIAL, (gss_buffer_t)token,
	    GSS_C_NO_CHANNEL_BINDINGS, &source, NULL, &output, NULL, NULL, NULL);
	if (major == GSS_S_COMPLETE) {
		gss_display_name(&minor, source, &text, NULL);
		check(strcmp(text.value, USER "@" REALM) == 0, "accepted %s", quoted(&text));
		gss_release_buffer(&minor, &text);
	}
	gss_release_name(&minor, &source);
	gss_release_buffer(&minor, &output);
	if (context != GSS_C_NO_CONTEXT)
		gss_delete_sec_context(&minor, &context, GSS_C_NO_BUFFER);
	return major == GSS_S_COMPLETE;
}

/* A reply is for one initiator: each attempt gets a new one, which waits for another one's reply. */
static int to_initiator(const gss_buffer_desc *token, void *argument)
{
	static gss_name_t target;
	gss_ctx_id_t context = GSS_C_NO_CONTEXT;
	gss_buffer_desc first, output = GSS_C_EMPTY_BUFFER;
	OM_uint32 major, minor;

	(void)argument;
	if (target == GSS_C_NO_NAME)
		target = import(SERVICE, GSS_C_NT_HOSTBASED_SERVICE);
	first = first_token(&context, GSS_C_MUTUAL_FLAG);
	gss_release_buffer(&minor, &first);
	major = gss_init_sec_context(&minor, GSS_C_NO_CREDENTIAL, &context, target, GSS_C_NO_OID, GSS_C_MUTUAL_FLAG, 0,
	    GSS_C_NO_CHANNEL_BINDINGS, (gss_buffer_t)token, NULL, &output, NULL, NULL);
	gss_release_buffer(&minor, &output);
	if (context != GSS_C_NO_CONTEXT)
		gss_delete_sec_context(&minor, &context, GSS_C_NO_BUFFER);
	return major == GSS_S_COMPLETE;
}

/* A message for one context, and what its text must be. */
struct message {
	gss_ctx_id_t context;
	const char *text;
};

static int to_verify(const gss_buffer_desc *token, void *argument)
{
	struct message *m = argument;
	gss_buffer_desc text = buffer(m->text);
	OM_uint32 minor;

	return !GSS_ERROR(gss_verify_mic(&minor, m->context, &text, (gss_buffer_t)token, NULL));
}

static int to_unwrap(const gss_buffer_desc *token, void *argument)
{
	struct message *m = argument;
	gss_buffer_desc text = buffer(m->text), message = GSS_C_EMPTY_BUFFER;
	OM_uint32 major, minor;

	major = gss_unwrap(&minor, m->context, (gss_buffer_t)token, &message, NULL, NULL);
	check(GSS_ERROR(major) || same(&text, &message), "unwrapped another text: %s", quoted(&message));
	gss_release_buffer(&minor, &message);
	return !GSS_ERROR(major);
}

static int to_process(const gss_buffer_desc *token, void *argument)
{
	struct message *m = argument;
	OM_uint32 minor;

	return !GSS_ERROR(gss_process_context_token(&minor, m->context, (gss_buffer_t)token));
}

/* An interprocess token comes from a trusted process, but may be damaged. An accepted one must work or fail, nothing else. */
static int to_import(const gss_buffer_desc *token, void *argument)
{
	gss_ctx_id_t context = GSS_C_NO_CONTEXT;
	gss_buffer_desc text = buffer("text"), output = GSS_C_EMPTY_BUFFER;
	gss_name_t name = GSS_C_NO_NAME;
	OM_uint32 major, minor, lifetime;

	(void)argument;
	major = gss_import_sec_context(&minor, (gss_buffer_t)token, &context);
	if (GSS_ERROR(major)) {
		check(context == GSS_C_NO_CONTEXT, "an error and a context");
		return 0;
	}
	gss_inquire_context(&minor, context, &name, NULL, &lifetime, NULL, NULL, NULL, NULL);
	gss_release_name(&minor, &name);
	if (!GSS_ERROR(gss_wrap(&minor, context, 1, GSS_C_QOP_DEFAULT, &text, NULL, &output))) {
		gss_buffer_desc message = GSS_C_EMPTY_BUFFER;

		gss_unwrap(&minor, context, &output, &message, NULL, NULL);
		gss_release_buffer(&minor, &message);
		gss_release_buffer(&minor, &output);
	}
	if (!GSS_ERROR(gss_export_sec_context(&minor, &context, &output)))
		gss_release_buffer(&minor, &output);
	if (context != GSS_C_NO_CONTEXT)
		gss_delete_sec_context(&minor, &context, GSS_C_NO_BUFFER);
	return 1;
}

static int to_name(const gss_buffer_desc *token, void *argument)
{
	gss_name_t name = GSS_C_NO_NAME;
	gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
	OM_uint32 major, minor;

	major = gss_import_name(&minor, (gss_buffer_t)token, argument, &name);
	if (GSS_ERROR(major))
		return 0;
	if (!GSS_ERROR(gss_display_name(&minor, name, &text, NULL)))
		gss_release_buffer(&minor, &text);
	if (!GSS_ERROR(gss_export_name(&minor, name, &text)))
		gss_release_buffer(&minor, &text);
	gss_release_name(&minor, &name);
	return 1;
}

static int to_decapsulate(const gss_buffer_desc *token, void *argument)
{
	gss_buffer_desc inner = GSS_C_EMPTY_BUFFER;
	OM_uint32 major, minor;

	(void)argument;
	major = gss_decapsulate_token((gss_buffer_t)token, &krb5_mech, &inner);
	check(GSS_ERROR(major) || inner.length < token->length, "more came out than went in");
	gss_release_buffer(&minor, &inner);
	return !GSS_ERROR(major);
}

static void establishment(void)
{
	gss_ctx_id_t init = GSS_C_NO_CONTEXT, accept = GSS_C_NO_CONTEXT;
	gss_buffer_desc request, reply = GSS_C_EMPTY_BUFFER, mic, error = GSS_C_EMPTY_BUFFER;
	OM_uint32 major, minor;
	struct pair p;

	request = first_token(&init, ALL_FLAGS | GSS_C_DELEG_FLAG);
	all("AP-REQ with delegation", to_acceptor, &request, NULL, 7);
	gss_release_buffer(&minor, &request);
	gss_delete_sec_context(&minor, &init, GSS_C_NO_BUFFER);
	request = first_token(&init, GSS_C_MUTUAL_FLAG);
	all("AP-REQ", to_acceptor, &request, NULL, 1);

	gss_release_buffer(&minor, &request);
	gss_delete_sec_context(&minor, &init, GSS_C_NO_BUFFER);
	request = first_token(&init, GSS_C_MUTUAL_FLAG);
	major = gss_accept_sec_context(&minor, &accept, GSS_C_NO_CREDENTIAL, &request, GSS_C_NO_CHANNEL_BINDINGS, NULL,
	    NULL, &reply, NULL, NULL, NULL);
	need("gss_accept_sec_context", major, minor);
	all("AP-REP", to_initiator, &reply, NULL, 1);
	check(taken == 0, "%lu of %lu changed AP-REPs were taken", taken, tried);
	gss_release_buffer(&minor, &reply);
	gss_delete_sec_context(&minor, &accept, GSS_C_NO_BUFFER);

	/* The same request again is a replay, so the answer is a KRB-ERROR. */
	major = gss_accept_sec_context(&minor, &accept, GSS_C_NO_CREDENTIAL, &request, GSS_C_NO_CHANNEL_BINDINGS, NULL,
	    NULL, &error, NULL, NULL, NULL);
	check(GSS_ERROR(major) != 0, "a replay was accepted");
	if (error.length > 0) {
		all("KRB-ERROR to the initiator", to_initiator, &error, NULL, 1);
		check(taken == 0, "%lu of %lu errors were taken", taken, tried);
		one(to_acceptor, &error, NULL);
	}
	gss_release_buffer(&minor, &error);
	gss_release_buffer(&minor, &request);
	gss_delete_sec_context(&minor, &init, GSS_C_NO_BUFFER);

	need_pair(&p, NULL);
	mic = mic_of(p.init, "text");
	one(to_acceptor, &mic, NULL);
	one(to_initiator, &mic, NULL);
	gss_release_buffer(&minor, &mic);
	release_pair(&p);
}

/* A reply changed in any place must not complete the exchange that it belongs to. After one the context is no more what it
   was, so each attempt is an exchange of its own. */
static void replies(void)
{
	gss_name_t target = import(SERVICE, GSS_C_NT_HOSTBASED_SERVICE);
	OM_uint32 major, minor;
	size_t place, length = 1;

	for (place = 0; place < length; place++) {
		gss_ctx_id_t init, accept = GSS_C_NO_CONTEXT;
		gss_buffer_desc request = first_token(&init, GSS_C_MUTUAL_FLAG), reply = GSS_C_EMPTY_BUFFER;
		gss_buffer_desc output = GSS_C_EMPTY_BUFFER;

		major = gss_accept_sec_context(&minor, &accept, GSS_C_NO_CREDENTIAL, &request,
		    GSS_C_NO_CHANNEL_BINDINGS, NULL, NULL, &reply, NULL, NULL, NULL);
		need("gss_accept_sec_context", major, minor);
		length = reply.length;
		if (place >= length)
			place = length - 1;
		((unsigned char *)reply.value)[place] ^= (unsigned char)(1 << chance(8));
		major = gss_init_sec_context(&minor, GSS_C_NO_CREDENTIAL, &init, target, GSS_C_NO_OID,
		    GSS_C_MUTUAL_FLAG, 0, GSS_C_NO_CHANNEL_BINDINGS, &reply, NULL, &output, NULL, NULL);
		check(GSS_ERROR(major) != 0, "a reply that was changed at %lu of %lu completes the exchange",
		    (unsigned long)place, (unsigned long)length);
		gss_release_buffer(&minor, &request);
		gss_release_buffer(&minor, &reply);
		gss_release_buffer(&minor, &output);
		gss_delete_sec_context(&minor, &accept, GSS_C_NO_BUFFER);
		if (init != GSS_C_NO_CONTEXT)
			gss_delete_sec_context(&minor, &init, GSS_C_NO_BUFFER);
	}
	gss_release_name(&minor, &target);
	fact("AP-REP in its own exchange: done");
}

static void messages(const struct enctype *e)
{
	struct options o = { .target = e->service, .flags = ALL_FLAGS };
	struct message m;
	struct pair p;
	gss_buffer_desc token;
	OM_uint32 minor;
	char label[100];

	with_enctype(e);
	need_pair(&p, &o);
	m.context = p.accept;
	m.text = "a text to protect";
	token = mic_of(p.init, m.text);
	snprintf(label, sizeof(label), "MIC, %s", e->name);
	all(label, to_verify, &token, &m, 1);
	check(taken == 0, "%s: %lu of %lu were taken", label, taken, tried);
	check(to_verify(&token, &m), "%s: the good one was not taken", label);
	one(to_unwrap, &token, &m);
	gss_release_buffer(&minor, &token);
	token = wrapped(p.init, 0, m.text);
	snprintf(label, sizeof(label), "wrap token, signed, %s", e->name);
	all(label, to_unwrap, &token, &m, 1);
	one(to_verify, &token, &m);
	all("process_context_token", to_process, &token, &m, 5);
	gss_release_buffer(&minor, &token);
	token = wrapped(p.init, 1, m.text);
	snprintf(label, sizeof(label), "wrap token, encrypted, %s", e->name);
	all(label, to_unwrap, &token, &m, 1);
	gss_release_buffer(&minor, &token);
	release_pair(&p);
}

int main(void)
{
	static const char *const garbage[] = {
		"\x60\x84\xff\xff\xff\xff", "\x60\x80", "\x60\x88\xff\xff\xff\xff\xff\xff\xff\xff", "\x60\x82\x01",
		"\x60\x0b\x06\x09\x2a\x86\x48\x86\xf7\x12\x01\x02\x02", "\x60\x04\x06\x82\x2a\x86", "NTLMSSP",
		"\x60\x0d\x06\x09\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x04\x05", "\x05\x04", "\x04\x04\x05",
		"\x6e\x80", "\x6e\x84\xff", "GET / HTTP/1.1",
	};
	gss_buffer_desc token, nested;
	struct message m = { GSS_C_NO_CONTEXT, "text" };
	OM_uint32 major, minor;
	struct pair p;
	gss_name_t name, mn;
	size_t i;

	begin(170);
	establishment();
	replies();
	for (i = 0; i < COUNT(enctypes); i++)
		messages(&enctypes[i]);
	with_enctype(NULL);

	need_pair(&p, NULL);
	m.context = p.accept;
	for (i = 0; i < COUNT(garbage); i++) {
		token = buffer(garbage[i]);
		check(!to_acceptor(&token, NULL), "garbage %lu was accepted", (unsigned long)i);
		check(!to_initiator(&token, NULL), "garbage %lu completes a context", (unsigned long)i);
		check(!to_unwrap(&token, &m) && !to_verify(&token, &m), "garbage %lu is a message", (unsigned long)i);
		check(!to_import(&token, NULL), "garbage %lu makes a context", (unsigned long)i);
		to_process(&token, &m);
		to_decapsulate(&token, NULL);
	}

	/* Deep nesting and great lengths must not cost depth or memory (CVE-2020-28196). */
	nested.length = 1000000;
	nested.value = malloc(nested.length);
	if (nested.value == NULL)
		return 2;
	for (i = 0; i < nested.length; i++)
		((char *)nested.value)[i] = i % 2 ? (char)0x80 : 0x30;
	check(!to_acceptor(&nested, NULL), "nested lengths were accepted");
	((unsigned char *)nested.value)[0] = 0x6e;
	check(!to_acceptor(&nested, NULL), "nested lengths as AP-REQ were accepted");
	((unsigned char *)nested.value)[0] = 0x60;
	check(!to_acceptor(&nested, NULL), "nested lengths as token were accepted");
	gss_encapsulate_token(&nested, &krb5_mech, &token);
	check(!to_acceptor(&token, NULL) && !to_initiator(&token, NULL), "framed nested lengths were accepted");
	gss_release_buffer(&minor, &token);
	check(!to_unwrap(&nested, &m) && !to_verify(&nested, &m), "nested lengths are a message");
	free(nested.value);

	major = gss_export_sec_context(&minor, &p.accept, &token);
	need("gss_export_sec_context", major, minor);
	all("interprocess token", to_import, &token, NULL, 1);
	gss_release_buffer(&minor, &token);
	release_pair(&p);

	name = import("al\\/ice/admin@REALM", &principal_name);
	major = gss_canonicalize_name(&minor, name, &krb5_mech, &mn);
	need("gss_canonicalize_name", major, minor);
	gss_export_name(&minor, mn, &token);
	all("exported name", to_name, &token, GSS_C_NT_EXPORT_NAME, 1);
	gss_release_buffer(&minor, &token);
	gss_release_name(&minor, &name);
	gss_release_name(&minor, &mn);
	token = buffer("a/b\\@c\\\\d@REALM");
	all("principal", to_name, &token, &principal_name, 1);
	token = buffer(SERVICE);
	all("hostbased service", to_name, &token, GSS_C_NT_HOSTBASED_SERVICE, 1);

	need_pair(&p, NULL);
	fact("after all that contexts are made as before");
	release_pair(&p);
	return end();
}
