/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_accept_sec_context: credentials, channel bindings, delegation, raw tokens, replays, bad tokens. */
#include "harness.h"

/* accept passes the token to a new acceptor and prints the result. */
static OM_uint32 accept(const char *label, gss_cred_id_t cred, gss_channel_bindings_t bindings,
    const gss_buffer_desc *token)
{
	gss_buffer_desc input = copy_of(token->value == NULL ? "" : token->value, token->length);
	gss_buffer_desc output = GSS_C_EMPTY_BUFFER;
	gss_ctx_id_t context = GSS_C_NO_CONTEXT;
	gss_name_t source = GSS_C_NO_NAME;
	gss_cred_id_t delegated = GSS_C_NO_CREDENTIAL;
	gss_OID mech = GSS_C_NO_OID;
	OM_uint32 major, minor, ignored, flags = 0, lifetime = 0;

	major = gss_accept_sec_context(&minor, &context, cred, &input, bindings, &source, &mech, &output, &flags,
	    &lifetime, &delegated);
	if (GSS_ERROR(major))
		fact("%s: %s, %s", label, major_text(major), output.length > 0 ? "a token" : "no token");
	else
		fact("%s: %s, %s, from %s, %s, %s", label, major_text(major),
		    output.length > 0 ? "a token" : "no token", name_text(source), oid_text(mech), flags_text(flags));
	check(!GSS_ERROR(major) || context == GSS_C_NO_CONTEXT, "%s: an error in the first call, and a context", label);
	check(!GSS_ERROR(major) || source == GSS_C_NO_NAME, "%s: an error and a name", label);
	if (context != GSS_C_NO_CONTEXT)
		gss_delete_sec_context(&ignored, &context, GSS_C_NO_BUFFER);
	gss_release_name(&ignored, &source);
	gss_release_cred(&ignored, &delegated);
	gss_release_buffer(&ignored, &output);
	free(input.value);
	return major;
}

/* token_for returns a first token for a target with these flags and bindings. */
static gss_buffer_desc token_for(const char *target, OM_uint32 flags, gss_channel_bindings_t bindings)
{
	gss_ctx_id_t context = GSS_C_NO_CONTEXT;
	gss_buffer_desc token = GSS_C_EMPTY_BUFFER;
	gss_name_t name = import(target, GSS_C_NT_HOSTBASED_SERVICE);
	OM_uint32 major, minor, ignored;

	major = gss_init_sec_context(&minor, GSS_C_NO_CREDENTIAL, &context, name, &krb5_mech, flags, 0, bindings,
	    GSS_C_NO_BUFFER, NULL, &token, NULL, NULL);
	need("gss_init_sec_context", major, minor);
	gss_delete_sec_context(&ignored, &context, GSS_C_NO_BUFFER);
	gss_release_name(&ignored, &name);
	return token;
}

static gss_cred_id_t acceptor_for(const char *service)
{
	gss_name_t name = import(service, GSS_C_NT_HOSTBASED_SERVICE);
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	OM_uint32 major, minor, ignored;

	major = gss_acquire_cred(&minor, name, 0, GSS_C_NO_OID_SET, GSS_C_ACCEPT, &cred, NULL, NULL);
	need("gss_acquire_cred", major, minor);
	gss_release_name(&ignored, &name);
	return cred;
}

/* An initiator reports the acceptor's reason. */
static void told_why(void)
{
	gss_ctx_id_t init, accepting = GSS_C_NO_CONTEXT;
	gss_buffer_desc token = first_token(&init, GSS_C_MUTUAL_FLAG), reply = GSS_C_EMPTY_BUFFER, more = GSS_C_EMPTY_BUFFER;
	gss_name_t target = import(SERVICE, GSS_C_NT_HOSTBASED_SERVICE);
	OM_uint32 major, minor, ignored;

	gss_accept_sec_context(&minor, &accepting, GSS_C_NO_CREDENTIAL, &token, GSS_C_NO_CHANNEL_BINDINGS, NULL, NULL, &reply,
	    NULL, NULL, NULL);
	if (reply.length == 0) {
		fact("the initiator is told nothing");
	} else {
		major = gss_init_sec_context(&minor, GSS_C_NO_CREDENTIAL, &init, target, GSS_C_NO_OID, GSS_C_MUTUAL_FLAG, 0,
		    GSS_C_NO_CHANNEL_BINDINGS, &reply, NULL, &more, NULL, NULL);
		fact("the initiator is told: %s, minor %lu, %d", major_text(major), (unsigned long)minor,
		    says(minor, "Generic error (Key table entry not found)"));
	}
	gss_release_buffer(&ignored, &token);
	gss_release_buffer(&ignored, &reply);
	gss_release_buffer(&ignored, &more);
	gss_release_name(&ignored, &target);
	gss_delete_sec_context(&ignored, &init, GSS_C_NO_BUFFER);
}

static void credentials(void)
{
	gss_cred_id_t ours = acceptor_for(SERVICE), other = acceptor_for(OTHER_SERVICE), any = acceptor_for("host");
	gss_cred_id_t initiator = GSS_C_NO_CREDENTIAL;
	gss_buffer_desc token;
	OM_uint32 minor;

	token = token_for(SERVICE, GSS_C_MUTUAL_FLAG, NULL);
	accept("any key of the keytab", GSS_C_NO_CREDENTIAL, NULL, &token);
	accept("the same token once more", GSS_C_NO_CREDENTIAL, NULL, &token);
	accept("and once more with a credential", ours, NULL, &token);
	gss_release_buffer(&minor, &token);
	token = token_for(SERVICE, GSS_C_MUTUAL_FLAG, NULL);
	accept("another service's credential", other, NULL, &token);
	accept("our service's credential, after that", ours, NULL, &token);
	gss_release_buffer(&minor, &token);
	token = token_for(OTHER_SERVICE, GSS_C_MUTUAL_FLAG, NULL);
	accept("the other service, its credential", other, NULL, &token);
	gss_release_buffer(&minor, &token);
	token = token_for(SERVICE, GSS_C_MUTUAL_FLAG, NULL);
	accept("our service, without a host", any, NULL, &token);
	gss_release_buffer(&minor, &token);
	token = token_for(SERVICE, GSS_C_MUTUAL_FLAG, NULL);
	gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, GSS_C_NO_OID_SET, GSS_C_INITIATE, &initiator, NULL, NULL);
	accept("an initiator's credential", initiator, NULL, &token);
	setenv("KRB5_KTNAME", "FILE:/nonexistent/keytab", 1);
	accept("no keytab", GSS_C_NO_CREDENTIAL, NULL, &token);
	told_why();
	setenv("KRB5_KTNAME", getenv("SAVED_KTNAME"), 1);
	gss_release_buffer(&minor, &token);
	gss_release_cred(&minor, &ours);
	gss_release_cred(&minor, &other);
	gss_release_cred(&minor, &any);
	gss_release_cred(&minor, &initiator);
}

static void bindings(void)
{
	struct gss_channel_bindings_struct b[7];
	static const char *const names[] = {
		"none", "empty", "data x", "data y", "data x and an address", "data x and another address",
		"data x and another address type",
	};
	gss_buffer_desc token;
	char label[160];
	OM_uint32 minor;
	size_t i, j;

	memset(b, 0, sizeof(b));
	b[2].application_data = b[4].application_data = b[5].application_data = b[6].application_data = buffer("x");
	b[3].application_data = buffer("y");
	b[4].initiator_addrtype = b[5].initiator_addrtype = GSS_C_AF_INET;
	b[6].initiator_addrtype = GSS_C_AF_LOCAL;
	b[4].initiator_address = b[6].initiator_address = buffer("\x7f\x01\x01\x01");
	b[5].initiator_address = buffer("\x7f\x01\x01\x02");
	for (i = 0; i < COUNT(b); i++) {
		for (j = 0; j < COUNT(b); j++) {
			token = token_for(SERVICE, GSS_C_MUTUAL_FLAG, i == 0 ? NULL : &b[i]);
			snprintf(label, sizeof(label), "bindings: initiator %s, acceptor %s", names[i], names[j]);
			accept(label, GSS_C_NO_CREDENTIAL, j == 0 ? NULL : &b[j], &token);
			gss_release_buffer(&minor, &token);
		}
	}
}

static void delegation(void)
{
	struct options o = { .flags = GSS_C_MUTUAL_FLAG | GSS_C_DELEG_FLAG };
	struct pair p, next;
	gss_name_t name = GSS_C_NO_NAME;
	gss_cred_usage_t usage = -1;
	OM_uint32 major, minor, lifetime = 0;

	need_pair(&p, &o);
	major = gss_inquire_cred(&minor, p.delegated, &name, &lifetime, &usage, NULL);
	fact("delegated credential: %s, %s, lifetime %s, usage %d", major_text(major), name_text(name),
	    lifetime_text(lifetime), (int)usage);
	gss_release_name(&minor, &name);
	o.flags = GSS_C_MUTUAL_FLAG;
	o.init_cred = p.delegated;
	o.target = OTHER_SERVICE;
	if (establish(&next, &o))
		fact("with it to another service: from %s", name_text(next.source));
	else
		fact("with it to another service: %s, %s", major_text(next.init_major), major_text(next.accept_major));
	release_pair(&next);
	release_pair(&p);
	o.flags = GSS_C_MUTUAL_FLAG | GSS_C_DELEG_FLAG;
	o.init_cred = GSS_C_NO_CREDENTIAL;
	o.target = NULL;
	need_pair(&p, &o);
	check(p.delegated != GSS_C_NO_CREDENTIAL, "delegated once, but not twice");
	release_pair(&p);
}

static void tokens(void)
{
	gss_buffer_desc token, raw, longer;
	unsigned char *octets;
	size_t head;
	OM_uint32 minor;

	/* A raw AP-REQ, without frame and token id (as SASL and HTTP peers send). */
	token = token_for(SERVICE, 0, NULL);
	octets = token.value;
	head = octets[1] < 0x80 ? 2 : 2 + (size_t)(octets[1] & 0x7f);
	head += 2 + octets[head + 1] + 2;
	raw = copy_of(octets + head, token.length - head);
	accept("a raw AP-REQ", GSS_C_NO_CREDENTIAL, NULL, &raw);
	accept("the framed one after it", GSS_C_NO_CREDENTIAL, NULL, &token);
	free(raw.value);
	gss_release_buffer(&minor, &token);

	token = token_for(SERVICE, GSS_C_MUTUAL_FLAG, NULL);
	longer.length = token.length + 1;
	longer.value = calloc(1, longer.length);
	if (longer.value == NULL)
		exit(2);
	memcpy(longer.value, token.value, token.length);
	accept("an octet too many", GSS_C_NO_CREDENTIAL, NULL, &longer);
	longer.length = token.length - 1;
	accept("an octet too few", GSS_C_NO_CREDENTIAL, NULL, &longer);
	free(longer.value);

	octets = token.value;
	octets[octets[1] < 0x80 ? 12 : 12 + (octets[1] & 0x7f)] ^= 1; /* the last octet of the OID */
	accept("another mechanism's OID", GSS_C_NO_CREDENTIAL, NULL, &token);
	gss_release_buffer(&minor, &token);

	token = buffer("");
	accept("nothing", GSS_C_NO_CREDENTIAL, NULL, &token);
	token = buffer("\x60");
	accept("one octet", GSS_C_NO_CREDENTIAL, NULL, &token);
	token = buffer("hello, acceptor, this is no token");
	accept("a text", GSS_C_NO_CREDENTIAL, NULL, &token);
	token = buffer("n\x01\x01");
	accept("the beginning of a raw AP-REQ", GSS_C_NO_CREDENTIAL, NULL, &token);
	token = buffer("\x60\x0b\x06\x09\x2a\x86\x48\x86\xf7\x12\x01\x02\x02");
	accept("a frame around nothing", GSS_C_NO_CREDENTIAL, NULL, &token);
	token = buffer("\x60\x0d\x06\x09\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x02\x01");
	accept("a token id that has no place here", GSS_C_NO_CREDENTIAL, NULL, &token);
}

static void enctype(const struct enctype *e)
{
	struct options o = { .target = e->service, .flags = ALL_FLAGS };
	gss_buffer_desc mic, token;
	OM_uint32 minor;
	struct pair p;

	with_enctype(e);
	if (!establish(&p, &o)) {
		fact("%s: %s, %s", e->name, major_text(p.init_major), major_text(p.accept_major));
	} else {
		mic = mic_of(p.init, "text");
		token = wrapped(p.accept, 1, "text");
		fact("%s: MIC %lu octets, wrap token %lu", e->name, (unsigned long)mic.length,
		    (unsigned long)token.length);
		gss_release_buffer(&minor, &mic);
		gss_release_buffer(&minor, &token);
	}
	release_pair(&p);
}

/* Services whose tickets or replies are wrong in one way each (tests/kdc). Minor codes are com_err numbers. */
static void wrong(void)
{
	static const char *const services[] = {
		"expired", "future", "invalid", "kvno", "damaged", "wrongkey", "spoofed", "elsewhere", "nonce", "sname",
		"refused", "big", "nosuch",
	};
	struct options o = { .flags = ALL_FLAGS };
	char target[64];
	struct pair p;
	size_t i;

	for (i = 0; i < COUNT(services); i++) {
		snprintf(target, sizeof(target), "%s@localhost", services[i]);
		o.target = target;
		establish(&p, &o);
		fact("service %s, initiator: %s, minor %lu", services[i], major_text(p.init_major),
		    (unsigned long)p.init_minor);
		if (p.tokens > 0)
			fact("service %s, acceptor: %s, minor %lu", services[i], major_text(p.accept_major),
			    (unsigned long)p.accept_minor);
		release_pair(&p);
	}
}

/* Across one and two realms. */
static void realms(void)
{
	static const struct {
		const char *target, *keytab;
	} list[] = {
		{ "demo@server.other.test", "other.keytab" }, { "demo@server.third.test", "third.keytab" },
		{ "nosuch@server.other.test", "other.keytab" },
	};
	struct options o = { .flags = ALL_FLAGS };
	struct pair p;
	size_t i;

	for (i = 0; i < COUNT(list); i++) {
		setenv("KRB5_KTNAME", scratch(list[i].keytab), 1);
		o.target = list[i].target;
		if (establish(&p, &o))
			fact("to %s: from %s, tokens %d", o.target, name_text(p.source), p.tokens);
		else
			fact("to %s: %s, minor %lu; %s, minor %lu", o.target, major_text(p.init_major),
			    (unsigned long)p.init_minor, major_text(p.accept_major), (unsigned long)p.accept_minor);
		release_pair(&p);
	}
	setenv("KRB5_KTNAME", getenv("SAVED_KTNAME"), 1);
}

int main(void)
{
	size_t i;

	begin(90);
	setenv("SAVED_KTNAME", getenv("KRB5_KTNAME") == NULL ? "" : getenv("KRB5_KTNAME"), 1);
	credentials();
	bindings();
	delegation();
	tokens();
	for (i = 0; i < COUNT(enctypes); i++)
		enctype(&enctypes[i]);
	with_enctype(NULL);
	wrong();
	realms();
	return end();
}
