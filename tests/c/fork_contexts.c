/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * After fork(2) contexts, established and half-open, credentials, names and the options of the process continue under the
 * same handles, in parent and child independently of each other. Only this library promises that.
 */
#include "harness.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

/* 1.2.752.43.13: .15, the default realm; .14, the enctypes of a credential; .8, a context's key; .12, its auth time. */
static gss_OID_desc default_realm = { 6, (void *)"\x2a\x85\x70\x2b\x0d\x0f" };
static gss_OID_desc allowable = { 6, (void *)"\x2a\x85\x70\x2b\x0d\x0e" };
static gss_OID_desc subkey = { 6, (void *)"\x2a\x85\x70\x2b\x0d\x08" };
static gss_OID_desc auth_time = { 6, (void *)"\x2a\x85\x70\x2b\x0d\x0c" };

/* in_child runs the body in a child and waits for it; checks that fail there fail here. */
static int child_failures;
#define expect(fact) \
	do { \
		if (!(fact)) { \
			printf("FAILED: line %d: %s\n", __LINE__, #fact); \
			child_failures++; \
		} \
	} while (0)

static void in_child(const char *label, void (*body)(void *), void *argument)
{
	int status = -1;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		signal(SIGALRM, SIG_DFL);
		alarm(60);
		child_failures = 0;
		body(argument);
		fflush(stdout);
		_exit(child_failures == 0 ? 0 : 1);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		exit(2);
	check(status == 0, "%s: status %#x", label, (unsigned)status);
	fact("%s: done", label);
}

static OM_uint32 unwrap(gss_ctx_id_t context, gss_buffer_desc token, const char *text)
{
	gss_buffer_desc message = GSS_C_EMPTY_BUFFER;
	OM_uint32 major, minor;

	major = gss_unwrap(&minor, context, &token, &message, NULL, NULL);
	if (!GSS_ERROR(major) && (message.length != strlen(text) || memcmp(message.value, text, message.length) != 0))
		major = GSS_S_FAILURE;
	gss_release_buffer(&minor, &message);
	return major;
}

static OM_uint32 verify(gss_ctx_id_t context, gss_buffer_desc mic, const char *text)
{
	gss_buffer_desc message = buffer(text);
	OM_uint32 minor;

	return gss_verify_mic(&minor, context, &message, &mic, NULL);
}

struct shared {
	struct pair pair;
	gss_buffer_desc seen, next, after;
};

/* Sequence numbers continue: a received message is a duplicate, the next one is in order, and so are sent ones. */
static void both_sides(void *argument)
{
	struct shared *s = argument;
	gss_buffer_desc token;

	expect(unwrap(s->pair.accept, s->seen, "seen") == GSS_S_DUPLICATE_TOKEN);
	expect(unwrap(s->pair.accept, s->next, "next") == GSS_S_COMPLETE);
	expect(unwrap(s->pair.accept, s->next, "next") == GSS_S_DUPLICATE_TOKEN);
	expect(unwrap(s->pair.accept, s->after, "after") == GSS_S_COMPLETE);
	token = wrapped(s->pair.init, 1, "from the child");
	expect(unwrap(s->pair.accept, token, "from the child") == GSS_S_COMPLETE);
	token = mic_of(s->pair.accept, "back");
	expect(verify(s->pair.init, token, "back") == GSS_S_COMPLETE);
	expect(verify(s->pair.init, token, "back") == GSS_S_DUPLICATE_TOKEN);
}

/* described returns everything that is known about a context in one line. */
static void described(gss_ctx_id_t context, char *line, size_t size)
{
	gss_name_t source = GSS_C_NO_NAME, target = GSS_C_NO_NAME;
	gss_buffer_set_t key = GSS_C_NO_BUFFER_SET, authtime = GSS_C_NO_BUFFER_SET;
	gss_buffer_desc octets = GSS_C_EMPTY_BUFFER, in = buffer("prf");
	OM_uint32 minor, lifetime, flags;
	gss_OID mech;
	int local, open;

	if (GSS_ERROR(gss_inquire_context(&minor, context, &source, &target, &lifetime, &mech, &flags, &local, &open)) ||
	    GSS_ERROR(gss_inquire_sec_context_by_oid(&minor, context, &subkey, &key)) ||
	    GSS_ERROR(gss_inquire_sec_context_by_oid(&minor, context, &auth_time, &authtime)) ||
	    GSS_ERROR(gss_pseudo_random(&minor, context, GSS_C_PRF_KEY_PARTIAL, &in, 20, &octets))) {
		snprintf(line, size, "cannot be inquired");
		return;
	}
	snprintf(line, size, "%s %s %s %s %s %d %d ", name_text(source), name_text(target), lifetime_text(lifetime),
	    oid_text(mech), flags_text(flags), local, open);
	snprintf(line + strlen(line), size - strlen(line), "%s ", hex(key->elements[0].value, key->elements[0].length));
	snprintf(line + strlen(line), size - strlen(line), "%s ",
	    hex(authtime->elements[0].value, authtime->elements[0].length));
	snprintf(line + strlen(line), size - strlen(line), "%s", hex(octets.value, octets.length));
	gss_release_buffer_set(&minor, &key);
	gss_release_buffer_set(&minor, &authtime);
	gss_release_buffer(&minor, &octets);
	gss_release_name(&minor, &source);
	gss_release_name(&minor, &target);
}

struct description {
	gss_ctx_id_t context;
	char line[2048];
};

static void same_description(void *argument)
{
	struct description *d = argument;
	char line[2048];

	described(d->context, line, sizeof(line));
	expect(strstr(line, "cannot") == NULL && strcmp(line, d->line) == 0);
}

/* accepted accepts a request and returns the reply. */
static gss_buffer_desc accepted(gss_buffer_desc request, gss_ctx_id_t *context)
{
	gss_buffer_desc reply = GSS_C_EMPTY_BUFFER;
	OM_uint32 major, minor;

	*context = GSS_C_NO_CONTEXT;
	major = gss_accept_sec_context(&minor, context, GSS_C_NO_CREDENTIAL, &request, GSS_C_NO_CHANNEL_BINDINGS, NULL, NULL,
	    &reply, NULL, NULL, NULL);
	need("gss_accept_sec_context", major, minor);
	return reply;
}

struct half {
	gss_ctx_id_t init, accept;
	gss_buffer_desc reply;
};

static OM_uint32 go_on(gss_ctx_id_t *context, gss_buffer_desc reply)
{
	gss_buffer_desc none = GSS_C_EMPTY_BUFFER;
	gss_name_t target = import(SERVICE, GSS_C_NT_HOSTBASED_SERVICE);
	OM_uint32 major, minor, ignored;

	major = gss_init_sec_context(&minor, GSS_C_NO_CREDENTIAL, context, target, GSS_C_NO_OID, ALL_FLAGS, 0,
	    GSS_C_NO_CHANNEL_BINDINGS, &reply, NULL, &none, NULL, NULL);
	gss_release_name(&ignored, &target);
	return major;
}

static void exchanges(void *argument)
{
	struct half *h = argument;
	gss_buffer_desc token;

	token = wrapped(h->init, 1, "there");
	expect(unwrap(h->accept, token, "there") == GSS_S_COMPLETE);
	token = wrapped(h->accept, 0, "and back");
	expect(unwrap(h->init, token, "and back") == GSS_S_COMPLETE);
}

/* An initiator that waits for the reply receives it in the child. */
static void finishes(void *argument)
{
	struct half *h = argument;

	expect(go_on(&h->init, h->reply) == GSS_S_COMPLETE);
	exchanges(h);
}

static void finishes_twice(void *argument)
{
	in_child("finished by a grandchild", finishes, argument);
	finishes(argument);
}

/* After a wrong reply the context can only be deleted, in a child as well. */
static void is_failed(void *argument)
{
	struct half *h = argument;
	OM_uint32 minor;

	expect(GSS_ERROR(go_on(&h->init, h->reply)) == GSS_S_NO_CONTEXT);
	expect(gss_delete_sec_context(&minor, &h->init, GSS_C_NO_BUFFER) == GSS_S_COMPLETE);
}

struct credentials {
	gss_cred_id_t initiate, accept, delegated, limited;
	char name[128];
};

static int initiates(gss_cred_id_t cred, gss_cred_id_t accept)
{
	struct options o = { .flags = ALL_FLAGS };
	struct pair p;
	int ok;

	o.init_cred = cred;
	o.accept_cred = accept;
	ok = establish(&p, &o);
	release_pair(&p);
	return ok;
}

/* owner returns the name of a credential. */
static const char *owner(gss_cred_id_t cred)
{
	gss_name_t name = GSS_C_NO_NAME;
	const char *text;
	OM_uint32 minor;

	if (GSS_ERROR(gss_inquire_cred(&minor, cred, &name, NULL, NULL, NULL)))
		return "cannot be inquired";
	text = name == GSS_C_NO_NAME ? "none" : name_text(name);
	gss_release_name(&minor, &name);
	return text;
}

static void uses_credentials(void *argument)
{
	struct credentials *c = argument;
	gss_cred_id_t cred = c->delegated;
	OM_uint32 minor;

	expect(strcmp(owner(c->initiate), c->name) == 0);
	expect(strcmp(owner(c->delegated), c->name) == 0);
	expect(initiates(c->initiate, c->accept));
	expect(!initiates(c->accept, c->accept));
	/* The delegated credential obtains a ticket for the host's service from the KDC. */
	expect(initiates(c->delegated, c->accept));
	expect(!initiates(c->limited, c->accept));
	expect(gss_release_cred(&minor, &cred) == GSS_S_COMPLETE);
	expect(strcmp(owner(c->delegated), "cannot be inquired") == 0);
}

struct names {
	gss_name_t user, service, mn, anonymous;
};

static void uses_names(void *argument)
{
	struct names *n = argument;
	gss_name_t again = import("alice", GSS_C_NT_USER_NAME);
	OM_uint32 minor;
	int equal = 0;

	expect(strstr(name_text(n->user), "alice") != NULL);
	expect(strstr(name_text(n->service), SERVICE) != NULL);
	expect(strstr(name_text(n->mn), PRINCIPAL) != NULL);
	expect(gss_compare_name(&minor, n->user, again, &equal) == GSS_S_COMPLETE && equal);
	expect(gss_compare_name(&minor, n->user, n->mn, &equal) == GSS_S_COMPLETE && !equal);
	expect(gss_compare_name(&minor, n->anonymous, n->anonymous, &equal) == GSS_S_COMPLETE && !equal);
}

/* The options of the process apply in the child, too. */
static void has_realm(void *argument)
{
	gss_name_t name = import("somebody", GSS_C_NT_USER_NAME), mn = GSS_C_NO_NAME;
	OM_uint32 minor;

	(void)argument;
	expect(gss_canonicalize_name(&minor, name, &krb5_mech, &mn) == GSS_S_COMPLETE);
	expect(strstr(name_text(mn), "somebody@OTHER.TEST") != NULL);
}

/* A handle that one process releases remains valid in the other, and new handles of both are different. */
static void is_on_its_own(void *argument)
{
	struct shared *s = argument;
	gss_buffer_desc text = buffer("text"), token = GSS_C_EMPTY_BUFFER;
	gss_ctx_id_t gone = s->pair.accept;
	struct pair fresh;
	OM_uint32 minor;

	expect(gss_delete_sec_context(&minor, &s->pair.init, GSS_C_NO_BUFFER) == GSS_S_COMPLETE);
	/* An export would end the parent's context, too: see fork_export.c. */
	expect(gss_delete_sec_context(&minor, &s->pair.accept, GSS_C_NO_BUFFER) == GSS_S_COMPLETE);
	expect(GSS_ERROR(gss_wrap(&minor, gone, 1, 0, &text, NULL, &token)) == GSS_S_NO_CONTEXT);
	need_pair(&fresh, NULL);
	expect(fresh.init != gone && fresh.accept != gone);
	expect(GSS_ERROR(gss_wrap(&minor, gone, 1, 0, &text, NULL, &token)) == GSS_S_NO_CONTEXT);
}

int main(void)
{
	struct options deleg = { .flags = ALL_FLAGS | GSS_C_DELEG_FLAG };
	struct shared s;
	struct description d;
	struct half h;
	struct credentials c;
	struct names n;
	struct pair p;
	gss_buffer_desc first, realm = buffer("OTHER.TEST"), none = buffer("");
	gss_ctx_id_t null = GSS_C_NO_CONTEXT;
	gss_name_t target;
	OM_uint32 major, minor;
	unsigned char etype[4] = { 0, 0, 0, 16 };
	gss_buffer_desc value = { sizeof(etype), etype };
	int i;

	begin(170);

	/* An established context after some messages. */
	need_pair(&s.pair, NULL);
	for (i = 0; i < 70; i++) {
		first = wrapped(s.pair.init, 1, "seen");
		check(unwrap(s.pair.accept, first, "seen") == GSS_S_COMPLETE, "message %d before the fork", i);
	}
	s.seen = first;
	s.next = wrapped(s.pair.init, 1, "next");
	s.after = wrapped(s.pair.init, 0, "after");
	in_child("an established context", both_sides, &s);
	in_child("and in a second child", both_sides, &s);
	both_sides(&s);
	check(child_failures == 0, "the parent does not go on by itself");

	d.context = s.pair.init;
	described(d.context, d.line, sizeof(d.line));
	in_child("what is known of the initiator", same_description, &d);
	d.context = s.pair.accept;
	described(d.context, d.line, sizeof(d.line));
	in_child("what is known of the acceptor", same_description, &d);

	in_child("ends of handles", is_on_its_own, &s);
	child_failures = 0;
	first = wrapped(s.pair.init, 1, "parent");
	check(unwrap(s.pair.accept, first, "parent") == GSS_S_COMPLETE, "the child's end of handles is the parent's");

	/* A context that is not established yet. */
	first = first_token(&h.init, ALL_FLAGS);
	h.reply = accepted(first, &h.accept);
	in_child("a half-open context", finishes, &h);
	in_child("and through a child", finishes_twice, &h);
	finishes(&h);
	check(child_failures == 0, "the parent does not establish its own");
	in_child("established since a child had it", exchanges, &h);
	first = first_token(&h.init, ALL_FLAGS);
	check(GSS_ERROR(go_on(&h.init, h.reply)) != 0, "the reply to another request is taken");
	in_child("a failed context", is_failed, &h);

	/* Credentials. */
	major = gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, GSS_C_NO_OID_SET, GSS_C_INITIATE, &c.initiate, NULL, NULL);
	need("gss_acquire_cred", major, minor);
	major = gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, GSS_C_NO_OID_SET, GSS_C_INITIATE, &c.limited, NULL, NULL);
	need("gss_acquire_cred", major, minor);
	major = gss_set_cred_option(&minor, &c.limited, &allowable, &value); /* an enctype that nobody supports */
	need("gss_set_cred_option", major, minor);
	target = import(SERVICE, GSS_C_NT_HOSTBASED_SERVICE);
	major = gss_acquire_cred(&minor, target, 0, GSS_C_NO_OID_SET, GSS_C_ACCEPT, &c.accept, NULL, NULL);
	need("gss_acquire_cred", major, minor);
	need_pair(&p, &deleg);
	c.delegated = p.delegated;
	snprintf(c.name, sizeof(c.name), "%s", owner(c.initiate));
	in_child("credentials", uses_credentials, &c);
	uses_credentials(&c);
	check(child_failures == 0, "the parent's credentials do not work");

	/* Names. */
	n.user = import("alice", GSS_C_NT_USER_NAME);
	n.service = import(SERVICE, GSS_C_NT_HOSTBASED_SERVICE);
	n.mn = import(PRINCIPAL, &principal_name);
	n.anonymous = import("", GSS_C_NT_ANONYMOUS);
	in_child("names", uses_names, &n);

	major = gss_set_sec_context_option(&minor, &null, &default_realm, &realm);
	need("gss_set_sec_context_option", major, minor);
	in_child("settings of the process", has_realm, NULL);
	gss_set_sec_context_option(&minor, &null, &default_realm, &none);
	return end();
}
