/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * gss_inquire_sec_context_by_oid: the session key that SSPI peers ask for, the strength that Cyrus SASL asks for, what
 * MIT's own functions ask for, and unknown OIDs.
 */
#include "harness.h"

#include <gssapi/gssapi_krb5.h>

#define INQUIRY(last) { sizeof(MIT_ARC last) - 1, (void *)MIT_ARC last }
#define MIT_ARC "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x05"

static gss_OID_desc ticket_flags = INQUIRY("\x01");
static gss_OID_desc session_key = INQUIRY("\x05");
static gss_OID_desc lucid_1 = INQUIRY("\x06\x01");
static gss_OID_desc lucid_2 = INQUIRY("\x06\x02");
static gss_OID_desc relevant = INQUIRY("\x0a\x01");         /* AD-IF-RELEVANT */
static gss_OID_desc in_relevant = INQUIRY("\x0a\x87\x67");  /* ad-type 999, which is inside of it */
static gss_OID_desc no_such_data = INQUIRY("\x0a\x81\x00"); /* the PAC */
static gss_OID_desc auth_time = INQUIRY("\x0c");
static gss_OID_desc strength = INQUIRY("\x0f");
static gss_OID_desc nonsense = { 3, (void *)"\x2a\x03\x04" };

/* ask prints the status of an inquiry and returns the set, which the caller releases, or an empty one. */
static gss_buffer_set_t ask(const char *label, gss_ctx_id_t context, gss_OID what)
{
	gss_buffer_set_t set = GSS_C_NO_BUFFER_SET;
	OM_uint32 major, minor;

	major = gss_inquire_sec_context_by_oid(&minor, context, what, &set);
	if (set == GSS_C_NO_BUFFER_SET)
		fact("%s: %s, no set", label, major_text(major));
	else
		fact("%s: %s, %lu elements, the first of %lu octets", label, major_text(major), (unsigned long)set->count,
		    set->count > 0 ? (unsigned long)set->elements[0].length : 0);
	return set;
}

/* number reads a result in this machine's byte order. */
static OM_uint32 number(gss_buffer_set_t set)
{
	OM_uint32 v = 0;

	if (set != GSS_C_NO_BUFFER_SET && set->count == 1 && set->elements[0].length == sizeof(v))
		memcpy(&v, set->elements[0].value, sizeof(v));
	return v;
}

/* strength_of prints the strength of the context according to both sides. */
static void strength_of(const char *label, const struct pair *p)
{
	gss_buffer_set_t set;
	char text[128];
	OM_uint32 minor;

	snprintf(text, sizeof(text), "strength, %s, initiator", label);
	set = ask(text, p->init, &strength);
	if (set != GSS_C_NO_BUFFER_SET)
		fact("strength in octets, %s, initiator: %s", label, hex(set->elements[0].value, set->elements[0].length));
	gss_release_buffer_set(&minor, &set);
	snprintf(text, sizeof(text), "strength, %s, acceptor", label);
	set = ask(text, p->accept, &strength);
	if (set != GSS_C_NO_BUFFER_SET)
		fact("strength in octets, %s, acceptor: %s", label, hex(set->elements[0].value, set->elements[0].length));
	gss_release_buffer_set(&minor, &set);
}

/* as_wrappers makes the inquiries behind functions of gssapi_krb5.h. */
static void as_wrappers(const char *mech, const struct options *o)
{
	gss_krb5_lucid_context_v1_t *lucid = NULL;
	gss_buffer_set_t set;
	OM_uint32 minor, flags, time;
	char label[64];
	struct pair p;

	need_pair(&p, o);
	strength_of(mech, &p);
#define LABEL(what) (snprintf(label, sizeof(label), "%s, %s", mech, what), label)
	set = ask(LABEL("ticket flags"), p.init, &ticket_flags);
	flags = number(set);
	gss_release_buffer_set(&minor, &set);
	set = ask(LABEL("ticket flags, acceptor"), p.accept, &ticket_flags);
	fact("%s: %s, the other side's: %s", LABEL("forwardable"), flags & 0x40000000 ? "yes" : "no",
	    flags == number(set) ? "the same" : "others");
	gss_release_buffer_set(&minor, &set);
	set = ask(LABEL("time of the first ticket"), p.init, &auth_time);
	time = number(set);
	gss_release_buffer_set(&minor, &set);
	set = ask(LABEL("time of the first ticket, acceptor"), p.accept, &auth_time);
	fact("%s: %s", LABEL("it is the same"), time != 0 && time == number(set) ? "yes" : "no");
	gss_release_buffer_set(&minor, &set);
	set = ask(LABEL("data if relevant"), p.accept, &relevant);
	gss_release_buffer_set(&minor, &set);
	set = ask(LABEL("data in it"), p.accept, &in_relevant);
	gss_release_buffer_set(&minor, &set);
	set = ask(LABEL("data that is not there"), p.accept, &no_such_data);
	gss_release_buffer_set(&minor, &set);
	set = ask(LABEL("data, initiator"), p.init, &relevant);
	gss_release_buffer_set(&minor, &set);
	set = ask(LABEL("lucid, version 2"), p.accept, &lucid_2);
	gss_release_buffer_set(&minor, &set);
	set = ask(LABEL("lucid"), p.accept, &lucid_1);
	if (set != GSS_C_NO_BUFFER_SET && set->elements[0].length == sizeof(lucid)) {
		memcpy(&lucid, set->elements[0].value, sizeof(lucid));
		fact("%s: version %lu, initiate %lu, protocol %lu, key of %lu octets", LABEL("lucid structure"),
		    (unsigned long)lucid->version, (unsigned long)lucid->initiate, (unsigned long)lucid->protocol,
		    (unsigned long)lucid->cfx_kd.ctx_key.length);
		gss_krb5_free_lucid_sec_context(&minor, lucid);
	}
	gss_release_buffer_set(&minor, &set);
	set = ask(LABEL("after that"), p.accept, &auth_time);
	gss_release_buffer_set(&minor, &set);
	release_pair(&p);
}

int main(void)
{
	struct options o = { .flags = ALL_FLAGS };
	gss_buffer_set_t init, accept;
	gss_buffer_desc token;
	gss_ctx_id_t context;
	OM_uint32 major, minor;
	struct pair p;
	size_t i;

	begin(60);
	for (i = 0; i < COUNT(enctypes); i++) {
		with_enctype(&enctypes[i]);
		o.target = enctypes[i].service;
		need_pair(&p, &o);
		init = accept = GSS_C_NO_BUFFER_SET;
		major = gss_inquire_sec_context_by_oid(&minor, p.init, &session_key, &init);
		gss_inquire_sec_context_by_oid(&minor, p.accept, &session_key, &accept);
		fact("session key, %s: %s", enctypes[i].name, major_text(major));
		if (init != GSS_C_NO_BUFFER_SET && accept != GSS_C_NO_BUFFER_SET) {
			fact("session key, %s: %lu elements, %lu octets, %s", enctypes[i].name,
			    (unsigned long)init->count, (unsigned long)init->elements[0].length,
			    same(&init->elements[0], &accept->elements[0]) ? "both sides agree" : "both sides differ");
			if (init->count > 1)
				fact("session key, %s, second element: %s", enctypes[i].name,
				    hex(init->elements[1].value, init->elements[1].length));
		}
		strength_of(enctypes[i].name, &p);
		gss_release_buffer_set(&minor, &init);
		gss_release_buffer_set(&minor, &accept);
		release_pair(&p);
	}
	with_enctype(NULL);
	o.target = "big@localhost"; /* a service whose tickets have authorization data */
	as_wrappers("krb5", &o);
	o.mech = &spnego_mech;
	as_wrappers("spnego", &o);
	need_pair(&p, NULL);
	init = GSS_C_NO_BUFFER_SET;
	result("an unknown OID", gss_inquire_sec_context_by_oid(&minor, p.init, &nonsense, &init));
	check(init == GSS_C_NO_BUFFER_SET, "an error and a set");
	result("no output", gss_inquire_sec_context_by_oid(&minor, p.init, &session_key, NULL));
	release_pair(&p);
	token = first_token(&context, GSS_C_MUTUAL_FLAG);
	result("half-open", gss_inquire_sec_context_by_oid(&minor, context, &session_key, &init));
	gss_release_buffer_set(&minor, &init);
	gss_release_buffer(&minor, &token);
	result("half-open, strength", gss_inquire_sec_context_by_oid(&minor, context, &strength, &init));
	result("half-open, lucid", gss_inquire_sec_context_by_oid(&minor, context, &lucid_1, &init));
	gss_delete_sec_context(&minor, &context, GSS_C_NO_BUFFER);
	result("no context", gss_inquire_sec_context_by_oid(&minor, GSS_C_NO_CONTEXT, &session_key, &init));
	return end();
}
