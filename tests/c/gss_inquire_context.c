/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_inquire_context: both sides, complete and half-open, each output alone. */
#include "harness.h"

static void inquire(const char *label, gss_ctx_id_t context)
{
	gss_name_t source = GSS_C_NO_NAME, target = GSS_C_NO_NAME;
	gss_OID mech = GSS_C_NO_OID;
	OM_uint32 major, minor, lifetime = 0, flags = 0;
	int local = -1, open = -1;

	major = gss_inquire_context(&minor, context, &source, &target, &lifetime, &mech, &flags, &local, &open);
	if (GSS_ERROR(major)) {
		fact("%s: %s", label, major_text(major));
	} else {
		fact("%s: %s, %s, local %d, open %d", label, major_text(major), oid_text(mech), local, open);
		fact("%s, source: %s", label, name_text(source));
		fact("%s, target: %s", label, name_text(target));
		fact("%s, lifetime: %s", label, lifetime_text(lifetime));
		fact("%s, flags: %s", label, flags_text(flags & ~(OM_uint32)GSS_C_PROT_READY_FLAG));
		fact("%s, prot-ready: %d", label, (flags & GSS_C_PROT_READY_FLAG) != 0);
	}
	gss_release_name(&minor, &source);
	gss_release_name(&minor, &target);
}

/* flags_of prints the flags of both sides, without the one that differs in MIT's initiators. */
static void flags_of(const char *label, struct pair *p)
{
	OM_uint32 minor = 0, initiator = 0, acceptor = 0;

	need("inquire", gss_inquire_context(&minor, p->init, NULL, NULL, NULL, NULL, &initiator, NULL, NULL), minor);
	need("inquire", gss_inquire_context(&minor, p->accept, NULL, NULL, NULL, NULL, &acceptor, NULL, NULL), minor);
	fact("%s, initiator: %s", label, flags_text(initiator & ~(OM_uint32)GSS_C_PROT_READY_FLAG));
	fact("%s, acceptor: %s", label, flags_text(acceptor & ~(OM_uint32)GSS_C_PROT_READY_FLAG));
}

int main(void)
{
	struct options none = { .flags = 0 }, deleg = { .flags = ALL_FLAGS | GSS_C_DELEG_FLAG };
	struct options told = { .flags = ALL_FLAGS | GSS_C_IDENTIFY_FLAG | GSS_C_EXTENDED_ERROR_FLAG };
	gss_name_t name = GSS_C_NO_NAME;
	gss_ctx_id_t context;
	gss_buffer_desc token, reply;
	gss_OID mech = GSS_C_NO_OID;
	OM_uint32 minor, value = 0;
	struct pair p;
	int flag = -1;

	begin(60);
	need_pair(&p, NULL);
	inquire("initiator", p.init);
	inquire("acceptor", p.accept);
	result("only the source", gss_inquire_context(&minor, p.init, &name, NULL, NULL, NULL, NULL, NULL, NULL));
	gss_release_name(&minor, &name);
	result("only the target", gss_inquire_context(&minor, p.init, NULL, &name, NULL, NULL, NULL, NULL, NULL));
	gss_release_name(&minor, &name);
	result("only the lifetime", gss_inquire_context(&minor, p.init, NULL, NULL, &value, NULL, NULL, NULL, NULL));
	result("only the mechanism", gss_inquire_context(&minor, p.init, NULL, NULL, NULL, &mech, NULL, NULL, NULL));
	result("only the flags", gss_inquire_context(&minor, p.init, NULL, NULL, NULL, NULL, &value, NULL, NULL));
	result("only who began", gss_inquire_context(&minor, p.init, NULL, NULL, NULL, NULL, NULL, &flag, NULL));
	result("only whether it is open",
	    gss_inquire_context(&minor, p.init, NULL, NULL, NULL, NULL, NULL, NULL, &flag));
	result("nothing", gss_inquire_context(&minor, p.init, NULL, NULL, NULL, NULL, NULL, NULL, NULL));
	release_pair(&p);
	need_pair(&p, &none);
	inquire("initiator without mutual", p.init);
	inquire("acceptor without mutual", p.accept);
	release_pair(&p);
	need_pair(&p, &deleg);
	inquire("initiator that delegates", p.init);
	inquire("acceptor with delegation", p.accept);
	release_pair(&p);
	need_pair(&p, &told);
	flags_of("to be identified", &p);
	release_pair(&p);
	told.mech = &spnego_mech;
	need_pair(&p, &told);
	flags_of("to be identified, negotiated", &p);
	release_pair(&p);
	token = first_token(&context, GSS_C_MUTUAL_FLAG);
	inquire("half-open", context);
	gss_release_buffer(&minor, &token);
	gss_delete_sec_context(&minor, &context, GSS_C_NO_BUFFER);
	token = first_token(&context, GSS_C_DCE_STYLE | GSS_C_MUTUAL_FLAG);
	inquire("half-open in DCE style", context);
	gss_delete_sec_context(&minor, &context, GSS_C_NO_BUFFER);
	need("gss_accept_sec_context", gss_accept_sec_context(&minor, &context, GSS_C_NO_CREDENTIAL, &token, NULL, NULL, NULL,
	    &reply, NULL, NULL, NULL), minor);
	inquire("half-open acceptor in DCE style", context);
	gss_release_buffer(&minor, &token);
	gss_release_buffer(&minor, &reply);
	gss_delete_sec_context(&minor, &context, GSS_C_NO_BUFFER);
	inquire("no context", GSS_C_NO_CONTEXT);
	return end();
}
