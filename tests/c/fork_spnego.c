/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Negotiations continue across fork(2): from each point where a side waits, a child continues with the same handle, and
 * its parent afterwards. The program itself plays the peer that prefers another mechanism, so that both sides must prove
 * what was offered.
 */
#include "harness.h"

#include <sys/wait.h>
#include <unistd.h>

/* A MechTypeList: a mechanism that nobody has, then krb5. */
static const unsigned char list[] = {
	0x30, 0x14, 0x06, 0x07, 0x2b, 0x06, 0x01, 0x04, 0x01, 0x87, 0x67,
	0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02,
};

static int child_failures;

#define expect(holds) expected(holds, #holds, __LINE__)

static void expected(int holds, const char *what, int line)
{
	if (holds)
		return;
	child_failures++;
	fact("FAILED in line %d: %s", line, what);
}

/* forked runs body in a child, and then in the parent. */
static void forked(const char *label, void (*body)(void *), void *argument)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		alarm(30);
		child_failures = 0;
		body(argument);
		fflush(stdout);
		_exit(child_failures > 0);
	}
	check(waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0, "%s: in the child", label);
	child_failures = 0;
	body(argument);
	check(child_failures == 0, "%s: in the parent", label);
	fact("%s: both go on", label);
}

/* wrap puts tag and length before the octets of b, which it frees. */
static gss_buffer_desc wrap(unsigned tag, gss_buffer_desc b)
{
	unsigned char head[5];
	size_t n = 0;
	gss_buffer_desc out;

	head[n++] = (unsigned char)tag;
	if (b.length >= 256)
		head[n++] = 0x82, head[n++] = (unsigned char)(b.length >> 8);
	else if (b.length >= 128)
		head[n++] = 0x81;
	head[n++] = (unsigned char)b.length;
	out = copy_of(head, n + b.length);
	memcpy((char *)out.value + n, b.value, b.length);
	free(b.value);
	return out;
}

/* join concatenates a and b, and frees both. */
static gss_buffer_desc join(gss_buffer_desc a, gss_buffer_desc b)
{
	gss_buffer_desc out = copy_of("", 0);

	free(out.value);
	out.length = a.length + b.length;
	out.value = malloc(out.length + 1);
	if (out.value == NULL)
		abort();
	memcpy(out.value, a.value, a.length);
	memcpy((char *)out.value + a.length, b.value, b.length);
	free(a.value);
	free(b.value);
	return out;
}

/* response returns a NegTokenResp with a token or a MIC, which it frees. */
static gss_buffer_desc response(gss_buffer_desc token, gss_buffer_desc mic)
{
	gss_buffer_desc out = copy_of("\xa0\x03\x0a\x01\x01", 5);

	if (token.length > 0)
		out = join(out, wrap(0xa2, wrap(0x04, copy_of(token.value, token.length))));
	if (mic.length > 0)
		out = join(out, wrap(0xa3, wrap(0x04, copy_of(mic.value, mic.length))));
	return wrap(0xa1, wrap(0x30, out));
}

/* field finds [n] OCTET STRING in a NegTokenResp. */
static gss_buffer_desc field(gss_buffer_desc message, unsigned tag)
{
	const unsigned char *p = message.value;
	size_t at = 0, end = message.length, length;
	gss_buffer_desc none = GSS_C_EMPTY_BUFFER;
	int depth = 0;

	while (at + 2 <= end) {
		unsigned found = p[at++];

		length = p[at++];
		if (length == 0x81)
			length = p[at++];
		else if (length == 0x82)
			length = (size_t)p[at] << 8 | p[at + 1], at += 2;
		if (depth < 2) { /* [1], SEQUENCE */
			depth++;
			continue;
		}
		if (found == tag) {
			at += length < 128 + 2 ? 2 : length < 256 + 3 ? 3 : 4;
			return copy_of(p + at, length - (length < 128 + 2 ? 2 : length < 256 + 3 ? 3 : 4));
		}
		at += length;
	}
	return none;
}

struct side {
	gss_ctx_id_t context, peer;
	gss_buffer_desc token;
	OM_uint32 flags;
};

/* talk sends a message in each direction. */
static void talk(struct side *s)
{
	gss_buffer_desc token, message = GSS_C_EMPTY_BUFFER;
	OM_uint32 minor;

	token = wrapped(s->context, 1, "there");
	expect(gss_unwrap(&minor, s->peer, &token, &message, NULL, NULL) == GSS_S_COMPLETE);
	gss_release_buffer(&minor, &message);
	gss_release_buffer(&minor, &token);
	token = wrapped(s->peer, 1, "and back");
	expect(gss_unwrap(&minor, s->context, &token, &message, NULL, NULL) == GSS_S_COMPLETE);
	gss_release_buffer(&minor, &message);
	gss_release_buffer(&minor, &token);
}

/* initiate returns an initiator's next token. */
static gss_buffer_desc initiate(gss_ctx_id_t *context, gss_OID mech, OM_uint32 flags, gss_buffer_desc input,
    OM_uint32 wanted)
{
	gss_name_t target = import(SERVICE, GSS_C_NT_HOSTBASED_SERVICE);
	gss_buffer_desc out = GSS_C_EMPTY_BUFFER;
	OM_uint32 major, minor, ignored;

	major = gss_init_sec_context(&minor, GSS_C_NO_CREDENTIAL, context, target, mech, flags, 0,
	    GSS_C_NO_CHANNEL_BINDINGS, &input, NULL, &out, NULL, NULL);
	need("gss_init_sec_context", major, minor);
	expect(major == wanted);
	gss_release_name(&ignored, &target);
	return out;
}

static int have_delegated; /* whether the last accept returned a delegated credential */

static gss_buffer_desc accept(gss_ctx_id_t *context, gss_buffer_desc input, OM_uint32 wanted)
{
	gss_buffer_desc out = GSS_C_EMPTY_BUFFER;
	gss_cred_id_t delegated = GSS_C_NO_CREDENTIAL;
	OM_uint32 major, minor, ignored, flags = 0;

	major = gss_accept_sec_context(&minor, context, GSS_C_NO_CREDENTIAL, &input, GSS_C_NO_CHANNEL_BINDINGS, NULL, NULL,
	    &out, &flags, NULL, &delegated);
	need("gss_accept_sec_context", major, minor);
	expect(major == wanted);
	expect((delegated != GSS_C_NO_CREDENTIAL) == (major == GSS_S_COMPLETE && (flags & GSS_C_DELEG_FLAG) != 0));
	have_delegated = delegated != GSS_C_NO_CREDENTIAL;
	gss_release_cred(&ignored, &delegated);
	return out;
}

static const gss_buffer_desc nothing = GSS_C_EMPTY_BUFFER;

static void still_refuses(gss_ctx_id_t context)
{
	gss_buffer_desc in = buffer("text"), out = GSS_C_EMPTY_BUFFER;
	OM_uint32 minor;

	expect(gss_wrap(&minor, context, 1, 0, &in, NULL, &out) == GSS_S_NO_CONTEXT);
	expect(GSS_ERROR(gss_export_sec_context(&minor, &context, &out)) == GSS_S_NO_CONTEXT);
}

/* An initiator waits for the acceptor's answer. */
static void answered(void *argument)
{
	struct side *s = argument;

	still_refuses(s->context);
	initiate(&s->context, &spnego_mech, s->flags, s->token, GSS_S_COMPLETE);
	talk(s);
}

/* An acceptor has returned hints. */
static void offered(void *argument)
{
	struct side *s = argument;

	s->peer = GSS_C_NO_CONTEXT;
	still_refuses(s->context);
	s->token = accept(&s->context, initiate(&s->peer, &spnego_mech, ALL_FLAGS, nothing, GSS_S_CONTINUE_NEEDED),
	    GSS_S_COMPLETE);
	initiate(&s->peer, &spnego_mech, ALL_FLAGS, s->token, GSS_S_COMPLETE);
	talk(s);
}

static void proves(void *argument);

/* An acceptor has requested MICs and waits for the mechanism's token. */
static void requested(void *argument)
{
	struct side *s = argument;
	gss_buffer_desc reply, token, mic, text;
	OM_uint32 minor;

	s->peer = GSS_C_NO_CONTEXT;
	still_refuses(s->context);
	token = initiate(&s->peer, &krb5_mech, ALL_FLAGS, nothing, GSS_S_CONTINUE_NEEDED);
	reply = accept(&s->context, response(token, nothing), GSS_S_CONTINUE_NEEDED);
	initiate(&s->peer, &krb5_mech, ALL_FLAGS, field(reply, 0xa2), GSS_S_COMPLETE);
	mic = field(reply, 0xa3);
	text = copy_of(list, sizeof(list));
	expect(gss_verify_mic(&minor, s->peer, &text, &mic, NULL) == GSS_S_COMPLETE);
	expect(gss_get_mic(&minor, s->peer, 0, &text, &mic) == GSS_S_COMPLETE);
	s->token = response(nothing, mic);
	proves(s);
}

/* An acceptor waits for the peer's MIC. */
static void proves(void *argument)
{
	struct side *s = argument;

	still_refuses(s->context);
	expect(accept(&s->context, s->token, GSS_S_COMPLETE).length == 0);
	expect(have_delegated == ((s->flags & GSS_C_DELEG_FLAG) != 0));
	talk(s);
}

/* half_way establishes a context as far as an acceptor that waits for the MIC. */
static void half_way(struct side *s)
{
	gss_buffer_desc reply, mic, text = copy_of(list, sizeof(list));
	OM_uint32 minor;

	reply = accept(&s->context, response(initiate(&s->peer, &krb5_mech, s->flags, nothing, GSS_S_CONTINUE_NEEDED),
	    nothing), GSS_S_CONTINUE_NEEDED);
	initiate(&s->peer, &krb5_mech, s->flags, field(reply, 0xa2), GSS_S_COMPLETE);
	mic = field(reply, 0xa3);
	expect(gss_verify_mic(&minor, s->peer, &text, &mic, NULL) == GSS_S_COMPLETE);
	expect(gss_get_mic(&minor, s->peer, 0, &text, &mic) == GSS_S_COMPLETE);
	s->token = response(nothing, mic);
}

/* The offer of a peer that prefers the mechanism that nobody has. */
static gss_buffer_desc other_first(void)
{
	gss_buffer_desc offer = wrap(0xa0, copy_of(list, sizeof(list)));

	offer = wrap(0xa0, wrap(0x30, join(offer, wrap(0xa2, wrap(0x04, copy_of("guess", 5))))));
	return wrap(0x60, join(copy_of("\x06\x06\x2b\x06\x01\x05\x05\x02", 8), offer));
}

int main(void)
{
	static const OM_uint32 flags[] = { ALL_FLAGS, GSS_C_INTEG_FLAG | GSS_C_REPLAY_FLAG };
	struct side s = { GSS_C_NO_CONTEXT, GSS_C_NO_CONTEXT, { 0, NULL }, 0 };
	size_t i;

	begin(90);
	for (i = 0; i < COUNT(flags); i++) {
		s.context = s.peer = GSS_C_NO_CONTEXT;
		s.flags = flags[i];
		s.token = accept(&s.peer, initiate(&s.context, &spnego_mech, s.flags, nothing, GSS_S_CONTINUE_NEEDED),
		    GSS_S_COMPLETE);
		forked(i == 0 ? "an initiator, mutual" : "an initiator, one way", answered, &s);
	}
	s.context = GSS_C_NO_CONTEXT;
	accept(&s.context, nothing, GSS_S_CONTINUE_NEEDED);
	forked("an acceptor that gave hints", offered, &s);
	s.context = GSS_C_NO_CONTEXT;
	s.flags = ALL_FLAGS;
	accept(&s.context, other_first(), GSS_S_CONTINUE_NEEDED);
	forked("an acceptor that asked for MICs", requested, &s);
	s.context = s.peer = GSS_C_NO_CONTEXT;
	accept(&s.context, other_first(), GSS_S_CONTINUE_NEEDED);
	s.flags = ALL_FLAGS | GSS_C_DELEG_FLAG;
	half_way(&s);
	forked("an acceptor that waits for the MIC, and has a credential", proves, &s);
	check(child_failures == 0, "what comes before a fork");
	return end();
}
