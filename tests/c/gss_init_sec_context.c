/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_init_sec_context: every combination of flags, the initiator's errors, unexpected tokens. */
#include "harness.h"

static void combination(OM_uint32 flags)
{
	struct options o = { .flags = flags };
	struct pair p;
	char label[64];

	snprintf(label, sizeof(label), "asked for %s", flags_text(flags));
	if (establish(&p, &o)) {
		fact("%s: tokens %d, %s", label, p.tokens, oid_text(p.init_mech));
		fact("%s, initiator: %s", label, flags_text(p.init_flags & ~(OM_uint32)GSS_C_PROT_READY_FLAG));
		fact("%s, acceptor: %s", label, flags_text(p.accept_flags & ~(OM_uint32)GSS_C_PROT_READY_FLAG));
	} else {
		fact("%s: %s, %s", label, major_text(p.init_major), major_text(p.accept_major));
	}
	release_pair(&p);
}

/* first makes the first call with only these arguments. */
static void first(const char *label, gss_cred_id_t cred, const char *target, gss_OID type, gss_OID mech,
    gss_buffer_t input)
{
	gss_ctx_id_t context = GSS_C_NO_CONTEXT;
	gss_buffer_desc output = GSS_C_EMPTY_BUFFER;
	gss_name_t name = target == NULL ? GSS_C_NO_NAME : import(target, type);
	OM_uint32 major, minor, flags = 0;

	major = gss_init_sec_context(&minor, cred, &context, name, mech, GSS_C_MUTUAL_FLAG, 0,
	    GSS_C_NO_CHANNEL_BINDINGS, input, NULL, &output, &flags, NULL);
	fact("%s: %s, %s", label, major_text(major), output.length > 0 ? "a token" : "no token");
	check(!GSS_ERROR(major) || context == GSS_C_NO_CONTEXT, "%s: an error in the first call, and a context", label);
	gss_release_buffer(&minor, &output);
	if (context != GSS_C_NO_CONTEXT)
		gss_delete_sec_context(&minor, &context, GSS_C_NO_BUFFER);
	if (name != GSS_C_NO_NAME)
		gss_release_name(&minor, &name);
}

/* second passes this token to an initiator that waits for one. */
static void second(const char *label, const void *octets, size_t length)
{
	gss_buffer_desc input = copy_of(octets, length), output = GSS_C_EMPTY_BUFFER, token;
	gss_name_t target = import(SERVICE, GSS_C_NT_HOSTBASED_SERVICE);
	gss_ctx_id_t context;
	OM_uint32 major, minor, flags = 0;

	token = first_token(&context, GSS_C_MUTUAL_FLAG);
	major = gss_init_sec_context(&minor, GSS_C_NO_CREDENTIAL, &context, target, GSS_C_NO_OID, GSS_C_MUTUAL_FLAG, 0,
	    GSS_C_NO_CHANNEL_BINDINGS, &input, NULL, &output, &flags, NULL);
	fact("%s: %s, %s", label, major_text(major), output.length > 0 ? "a token" : "no token");
	gss_release_buffer(&minor, &output);
	if (context != GSS_C_NO_CONTEXT)
		fact("%s, delete: %s", label, major_text(gss_delete_sec_context(&minor, &context, GSS_C_NO_BUFFER)));
	else
		fact("%s, delete: nothing to delete", label);
	gss_release_buffer(&minor, &token);
	gss_release_name(&minor, &target);
	free(input.value);
}

int main(void)
{
	static const OM_uint32 single[] = {
		GSS_C_MUTUAL_FLAG, GSS_C_REPLAY_FLAG, GSS_C_SEQUENCE_FLAG, GSS_C_CONF_FLAG, GSS_C_INTEG_FLAG,
		GSS_C_DELEG_FLAG,
	};
	struct options o = { .flags = GSS_C_MUTUAL_FLAG };
	gss_cred_id_t cred;
	gss_ctx_id_t context;
	gss_buffer_desc token, own, mic;
	OM_uint32 major, minor, i, j, flags;
	struct pair p;

	begin(90);
	for (i = 0; i < 1u << COUNT(single); i++) {
		flags = 0;
		for (j = 0; j < COUNT(single); j++)
			flags |= (i & 1u << j) != 0 ? single[j] : 0;
		combination(flags);
	}
	combination(GSS_C_ANON_FLAG);
	combination(GSS_C_PROT_READY_FLAG | GSS_C_TRANS_FLAG);
	combination(GSS_C_MUTUAL_FLAG | 0x10000);

	first("default mechanism", GSS_C_NO_CREDENTIAL, SERVICE, GSS_C_NT_HOSTBASED_SERVICE, GSS_C_NO_OID, NULL);
	first("krb5", GSS_C_NO_CREDENTIAL, SERVICE, GSS_C_NT_HOSTBASED_SERVICE, &krb5_mech, NULL);
	first("a principal as target", GSS_C_NO_CREDENTIAL, PRINCIPAL, &principal_name, &krb5_mech, NULL);
	first("an unknown mechanism", GSS_C_NO_CREDENTIAL, SERVICE, GSS_C_NT_HOSTBASED_SERVICE, &unknown_mech, NULL);
	first("an unknown service", GSS_C_NO_CREDENTIAL, "nosuch@" HOST, GSS_C_NT_HOSTBASED_SERVICE, &krb5_mech, NULL);
	first("an unknown realm", GSS_C_NO_CREDENTIAL, "a/b@NOWHERE.TEST", &principal_name, &krb5_mech, NULL);
	first("a user as target", GSS_C_NO_CREDENTIAL, "nosuchuser", GSS_C_NT_USER_NAME, &krb5_mech, NULL);
	first("no target", GSS_C_NO_CREDENTIAL, NULL, NULL, &krb5_mech, NULL);
	token = buffer("");
	first("an empty token", GSS_C_NO_CREDENTIAL, SERVICE, GSS_C_NT_HOSTBASED_SERVICE, &krb5_mech, &token);
	major = gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, GSS_C_NO_OID_SET, GSS_C_ACCEPT, &cred, NULL, NULL);
	need("gss_acquire_cred", major, minor);
	first("an acceptor's credential", cred, SERVICE, GSS_C_NT_HOSTBASED_SERVICE, &krb5_mech, NULL);
	gss_release_cred(&minor, &cred);

	second("a second token of nothing", "", 0);
	second("a second token that is none", "hello", 5);
	own = first_token(&context, GSS_C_MUTUAL_FLAG);
	second("our own first token as second", own.value, own.length);
	gss_delete_sec_context(&minor, &context, GSS_C_NO_BUFFER);
	gss_release_buffer(&minor, &own);
	need_pair(&p, NULL);
	mic = mic_of(p.accept, "text");
	second("a MIC as second token", mic.value, mic.length);
	gss_release_buffer(&minor, &mic);
	release_pair(&p);

	/* A reply that belongs to another context. */
	{
		gss_ctx_id_t accept = GSS_C_NO_CONTEXT;
		gss_buffer_desc reply = GSS_C_EMPTY_BUFFER;

		own = first_token(&context, GSS_C_MUTUAL_FLAG);
		major = gss_accept_sec_context(&minor, &accept, GSS_C_NO_CREDENTIAL, &own, GSS_C_NO_CHANNEL_BINDINGS,
		    NULL, NULL, &reply, NULL, NULL, NULL);
		need("gss_accept_sec_context", major, minor);
		second("the reply to another context", reply.value, reply.length);
		gss_release_buffer(&minor, &reply);
		gss_release_buffer(&minor, &own);
		gss_delete_sec_context(&minor, &context, GSS_C_NO_BUFFER);
		gss_delete_sec_context(&minor, &accept, GSS_C_NO_BUFFER);
	}

	need_pair(&p, NULL);
	fact("prot-ready of a complete context: initiator %d, acceptor %d", (p.init_flags & GSS_C_PROT_READY_FLAG) != 0,
	    (p.accept_flags & GSS_C_PROT_READY_FLAG) != 0);
	release_pair(&p);

	/* A requested lifetime is at most an upper bound. */
	o.time = 1000;
	need_pair(&p, &o);
	fact("a lifetime of 1000 s asked for: initiator %s, acceptor %s", lifetime_text(p.init_time),
	    lifetime_text(p.accept_time));
	release_pair(&p);

	/* An established context expects no more tokens. */
	o.time = 0;
	need_pair(&p, &o);
	{
		gss_name_t target = import(SERVICE, GSS_C_NT_HOSTBASED_SERVICE);

		token.length = 0;
		token.value = NULL;
		major = gss_init_sec_context(&minor, GSS_C_NO_CREDENTIAL, &p.init, target, GSS_C_NO_OID,
		    GSS_C_MUTUAL_FLAG, 0, GSS_C_NO_CHANNEL_BINDINGS, GSS_C_NO_BUFFER, NULL, &token, NULL, NULL);
		fact("once more on an open context: %s", GSS_ERROR(major) ? "an error" : "no error");
		gss_release_buffer(&minor, &token);
		gss_release_name(&minor, &target);
	}
	release_pair(&p);

	with_login("cc.expired");
	first("an expired ticket", GSS_C_NO_CREDENTIAL, SERVICE, GSS_C_NT_HOSTBASED_SERVICE, &krb5_mech, NULL);
	setenv("KRB5CCNAME", "FILE:/nonexistent/cc", 1);
	first("no ccache", GSS_C_NO_CREDENTIAL, SERVICE, GSS_C_NT_HOSTBASED_SERVICE, &krb5_mech, NULL);
	return end();
}
