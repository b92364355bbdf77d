/* SPDX-License-Identifier: BSD-2-Clause */
/* SPNEGO (RFC 4178): both roles, half-open contexts, hints, offers of other mechanisms, invalid offers. */
#include "harness.h"

#include <gssapi/gssapi_ext.h>

/* The DER of a mechanism that nobody has, and of krb5. */
#define UNKNOWN "\x06\x07\x2b\x06\x01\x04\x01\x87\x67"
#define KRB5 "\x06\x09\x2a\x86\x48\x86\xf7\x12\x01\x02\x02"
#define FRAME "\x06\x06\x2b\x06\x01\x05\x05\x02"
#define OCTETS(s) s, sizeof(s) - 1

static const char *flags_but_ready(OM_uint32 flags)
{
	return flags_text(flags & ~(OM_uint32)GSS_C_PROT_READY_FLAG);
}

/* calls tries all functions for established contexts. */
static void calls(const char *label, gss_ctx_id_t context)
{
	gss_buffer_desc in = buffer("text"), out = GSS_C_EMPTY_BUFFER;
	gss_buffer_set_t set = GSS_C_NO_BUFFER_SET;
	gss_ctx_id_t copy = context;
	gss_name_t source = GSS_C_NO_NAME, target = GSS_C_NO_NAME;
	gss_OID mech = GSS_C_NO_OID;
	OM_uint32 major, minor, ignored, lifetime = 77, flags = 77;
	int local = -1, open = -1, conf = -1;
	gss_qop_t qop;

	major = gss_inquire_context(&minor, context, &source, &target, &lifetime, &mech, &flags, &local, &open);
	fact("%s, inquire: %s, %s, %s, %s, local %d, open %d", label, major_text(major), oid_text(mech),
	    flags_but_ready(flags), lifetime_text(lifetime), local, open);
	gss_release_name(&ignored, &source);
	gss_release_name(&ignored, &target);
	fact("%s, wrap: %s", label, major_text(gss_wrap(&minor, context, 1, 0, &in, &conf, &out)));
	gss_release_buffer(&ignored, &out);
	fact("%s, unwrap: %s", label, major_text(gss_unwrap(&minor, context, &in, &out, &conf, &qop)));
	fact("%s, get_mic: %s", label, major_text(gss_get_mic(&minor, context, 0, &in, &out)));
	gss_release_buffer(&ignored, &out);
	fact("%s, verify_mic: %s", label, major_text(gss_verify_mic(&minor, context, &in, &in, &qop)));
	fact("%s, time: %s", label, major_text(gss_context_time(&minor, context, &lifetime)));
	fact("%s, size limit: %s", label, major_text(gss_wrap_size_limit(&minor, context, 1, 0, 100, &lifetime)));
	fact("%s, prf: %s", label, major_text(gss_pseudo_random(&minor, context, GSS_C_PRF_KEY_FULL, &in, 16, &out)));
	gss_release_buffer(&ignored, &out);
	major = gss_process_context_token(&minor, context, &in);
	fact("%s, process: %s", label, GSS_ERROR(major) ? "an error" : "no error");
	major = gss_inquire_sec_context_by_oid(&minor, context, &unknown_mech, &set);
	fact("%s, by OID: %s", label, GSS_ERROR(major) ? "an error" : "no error");
	fact("%s, option: %s", label, major_text(gss_set_sec_context_option(&minor, &copy, &unknown_mech, &in)));
	check(copy == context, "%s: the option has changed the handle", label);
	major = gss_export_sec_context(&minor, &copy, &out);
	fact("%s, export: %s", label, GSS_ERROR(major) ? "an error" : "no error");
	check(GSS_ERROR(major) && copy == context, "%s: a half-open context is exported", label);
}

/*
 * exchange establishes a context and says what each token was; if half_open is set, what the sides are after their
 * first one, too. (MIT's protects messages as soon as the mechanism is complete. Here both must know that it is the
 * same.)
 */
static void exchange(const char *label, OM_uint32 wanted, gss_cred_id_t cred, int half_open)
{
	gss_ctx_id_t init = GSS_C_NO_CONTEXT, accept = GSS_C_NO_CONTEXT;
	gss_buffer_desc to_init = GSS_C_EMPTY_BUFFER, to_accept = GSS_C_EMPTY_BUFFER, token;
	gss_name_t target = import(SERVICE, GSS_C_NT_HOSTBASED_SERVICE), source = GSS_C_NO_NAME;
	OM_uint32 init_major, accept_major = GSS_S_CONTINUE_NEEDED, minor, ignored, flags, lifetime;
	gss_cred_id_t delegated = GSS_C_NO_CREDENTIAL;
	gss_OID mech;
	char step[100];
	int n = 0;

	do {
		n++;
		flags = lifetime = 0;
		mech = GSS_C_NO_OID;
		init_major = gss_init_sec_context(&minor, cred, &init, target, &spnego_mech, wanted, 0,
		    GSS_C_NO_CHANNEL_BINDINGS, &to_init, &mech, &to_accept, &flags, &lifetime);
		gss_release_buffer(&ignored, &to_init);
		fact("%s, initiator %d: %s, %s, %s, %s, %s", label, n, major_text(init_major), oid_text(mech),
		    flags_but_ready(flags), lifetime_text(lifetime), to_accept.length > 0 ? "a token" : "no token");
		if (half_open && n == 1) {
			snprintf(step, sizeof(step), "%s, initiator %d", label, n);
			calls(step, init);
		}
		if (GSS_ERROR(init_major) || to_accept.length == 0)
			break;
		flags = lifetime = 0;
		mech = GSS_C_NO_OID;
		accept_major = gss_accept_sec_context(&minor, &accept, GSS_C_NO_CREDENTIAL, &to_accept,
		    GSS_C_NO_CHANNEL_BINDINGS, &source, &mech, &to_init, &flags, &lifetime, &delegated);
		gss_release_buffer(&ignored, &to_accept);
		fact("%s, acceptor %d: %s, %s, %s, %s, %s, from %s, %s", label, n, major_text(accept_major), oid_text(mech),
		    flags_but_ready(flags), lifetime_text(lifetime), to_init.length > 0 ? "a token" : "no token",
		    name_text(source), delegated != GSS_C_NO_CREDENTIAL ? "a credential" : "no credential");
		if (half_open && n == 1 && accept_major == GSS_S_CONTINUE_NEEDED) {
			snprintf(step, sizeof(step), "%s, acceptor %d", label, n);
			calls(step, accept);
		}
		if (GSS_ERROR(accept_major) || to_init.length == 0)
			break;
	} while (n < 5);
	if (init_major == GSS_S_COMPLETE && accept_major == GSS_S_COMPLETE) {
		token = wrapped(init, 1, "there");
		fact("%s, a message: %s", label, major_text(gss_unwrap(&minor, accept, &token, &to_init, NULL, NULL)));
		gss_release_buffer(&ignored, &token);
		gss_release_buffer(&ignored, &to_init);
		token = mic_of(accept, "back");
		to_accept = buffer("back");
		fact("%s, a MIC: %s", label, major_text(gss_verify_mic(&minor, init, &to_accept, &token, NULL)));
		gss_release_buffer(&ignored, &token);
	}
	gss_delete_sec_context(&ignored, &init, GSS_C_NO_BUFFER);
	gss_delete_sec_context(&ignored, &accept, GSS_C_NO_BUFFER);
	gss_release_name(&ignored, &target);
	gss_release_name(&ignored, &source);
	gss_release_cred(&ignored, &delegated);
}

/* moved exports and imports both sides, and continues with them. */
static void moved(void)
{
	struct options o = { .flags = ALL_FLAGS, .mech = &spnego_mech };
	gss_buffer_desc token = GSS_C_EMPTY_BUFFER, message = GSS_C_EMPTY_BUFFER;
	gss_OID mech = GSS_C_NO_OID;
	OM_uint32 major, minor;
	struct pair p;

	need_pair(&p, &o);
	need("export", gss_export_sec_context(&minor, &p.accept, &token), minor);
	check(p.accept == GSS_C_NO_CONTEXT, "the exporter keeps a handle");
	need("import", gss_import_sec_context(&minor, &token, &p.accept), minor);
	gss_release_buffer(&minor, &token);
	major = gss_inquire_context(&minor, p.accept, NULL, NULL, NULL, &mech, NULL, NULL, NULL);
	fact("moved: %s, %s", major_text(major), oid_text(mech));
	token = wrapped(p.init, 1, "to the importer");
	major = gss_unwrap(&minor, p.accept, &token, &message, NULL, NULL);
	fact("moved, a message: %s, %s", major_text(major), quoted(&message));
	gss_release_buffer(&minor, &token);
	gss_release_buffer(&minor, &message);
	release_pair(&p);
}

/* accept passes an acceptor a first token, and then an empty one (CVE-2014-4344). */
static void accept(const char *label, const void *octets, size_t length, int second)
{
	gss_buffer_desc input = copy_of(octets, length), output = GSS_C_EMPTY_BUFFER, nothing = GSS_C_EMPTY_BUFFER;
	gss_ctx_id_t context = GSS_C_NO_CONTEXT;
	OM_uint32 major, minor, ignored;
	char step[100];

	major = gss_accept_sec_context(&minor, &context, GSS_C_NO_CREDENTIAL, &input, GSS_C_NO_CHANNEL_BINDINGS, NULL,
	    NULL, &output, NULL, NULL, NULL);
	fact("%s: %s, %s", label, major_text(major), hex(output.value, output.length));
	check(!GSS_ERROR(major) || context == GSS_C_NO_CONTEXT, "%s: an error in the first call, and a context", label);
	gss_release_buffer(&ignored, &output);
	if (second && context != GSS_C_NO_CONTEXT) {
		calls(label, context);
		major = gss_accept_sec_context(&minor, &context, GSS_C_NO_CREDENTIAL, &nothing,
		    GSS_C_NO_CHANNEL_BINDINGS, NULL, NULL, &output, NULL, NULL, NULL);
		fact("%s, and nothing: %s, %s", label, GSS_ERROR(major) ? "an error" : "no error",
		    hex(output.value, output.length));
		check(context != GSS_C_NO_CONTEXT, "%s: the context is gone (CVE-2017-11462)", label);
		gss_release_buffer(&ignored, &output);
		snprintf(step, sizeof(step), "%s, then", label);
		fact("%s, wrap: %s", step, major_text(gss_wrap(&minor, context, 1, 0, &input, NULL, &output)));
	}
	if (context != GSS_C_NO_CONTEXT)
		gss_delete_sec_context(&ignored, &context, GSS_C_NO_BUFFER);
	free(input.value);
}

/* The OIDs by which peers offer krb5, and one that nobody has. */
static const struct offered {
	const char *name, *der;
} offered[] = {
	{ "krb5", KRB5 },
	{ "old", "\x06\x05\x2b\x05\x01\x05\x02" },
	{ "windows", "\x06\x09\x2a\x86\x48\x82\xf7\x12\x01\x02\x02" },
	{ "unknown", UNKNOWN },
};

/* offer passes an acceptor these mechanisms, in this order. The names are indices of offered. */
static void offer(const size_t *order, size_t count)
{
	unsigned char octets[100] = { 0x60, 0, 0x06, 0x06, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x02, 0xa0, 0, 0x30, 0, 0xa0, 0, 0x30, 0 };
	size_t length = 18, i;
	char label[100] = "offer";

	for (i = 0; i < count; i++) {
		memcpy(octets + length, offered[order[i]].der, strlen(offered[order[i]].der));
		length += strlen(offered[order[i]].der);
		strcat(strcat(label, " "), offered[order[i]].name);
	}
	octets[1] = (unsigned char)(length - 2);
	for (i = 11; i < 18; i += 2)
		octets[i] = (unsigned char)(length - i - 1);
	accept(label, octets, length, 0);
}

/* offers tries each order of one, two and all of the mechanisms. */
static void offers(void)
{
	size_t o[4];

	for (o[0] = 0; o[0] < 4; o[0]++) {
		offer(o, 1);
		for (o[1] = 0; o[1] < 4; o[1]++) {
			if (o[1] == o[0])
				continue;
			offer(o, 2);
			for (o[2] = 0; o[2] < 4; o[2]++) {
				o[3] = 6 - o[0] - o[1] - o[2];
				if (o[2] != o[0] && o[2] != o[1])
					offer(o, 4);
			}
		}
	}
}

/* answer passes an initiator this answer to its offer. */
static void answer(const char *label, const void *octets, size_t length)
{
	gss_buffer_desc input = copy_of(octets, length), output = GSS_C_EMPTY_BUFFER;
	gss_name_t target = import(SERVICE, GSS_C_NT_HOSTBASED_SERVICE);
	gss_ctx_id_t context = GSS_C_NO_CONTEXT;
	OM_uint32 major, minor, ignored;

	major = gss_init_sec_context(&minor, GSS_C_NO_CREDENTIAL, &context, target, &spnego_mech, ALL_FLAGS, 0,
	    GSS_C_NO_CHANNEL_BINDINGS, GSS_C_NO_BUFFER, NULL, &output, NULL, NULL);
	need("gss_init_sec_context", major, minor);
	gss_release_buffer(&ignored, &output);
	major = gss_init_sec_context(&minor, GSS_C_NO_CREDENTIAL, &context, target, &spnego_mech, ALL_FLAGS, 0,
	    GSS_C_NO_CHANNEL_BINDINGS, &input, NULL, &output, NULL, NULL);
	fact("answer, %s: %s", label, GSS_ERROR(major) ? "an error" : major_text(major));
	check(context != GSS_C_NO_CONTEXT, "answer, %s: the context is gone (CVE-2017-11462)", label);
	check(GSS_ERROR(gss_wrap(&minor, context, 1, 0, &input, NULL, &output)), "answer, %s: wraps", label);
	gss_release_buffer(&ignored, &output);
	gss_delete_sec_context(&ignored, &context, GSS_C_NO_BUFFER);
	gss_release_name(&ignored, &target);
	free(input.value);
}

static void credentials(void)
{
	gss_OID_set_desc set = { 1, NULL };
	gss_OID_set mechs = GSS_C_NO_OID_SET;
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL, more = GSS_C_NO_CREDENTIAL;
	OM_uint32 major, minor;

	set.elements = &spnego_mech;
	major = gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, &set, GSS_C_INITIATE, &cred, &mechs, NULL);
	fact("a credential for SPNEGO: %s, %s", major_text(major), set_text(mechs));
	gss_release_oid_set(&minor, &mechs);
	gss_inquire_cred(&minor, cred, NULL, NULL, NULL, &mechs);
	fact("it has %s", set_text(mechs));
	gss_release_oid_set(&minor, &mechs);
	fact("it has krb5: %s", major_text(gss_inquire_cred_by_mech(&minor, cred, &krb5_mech, NULL, NULL, NULL, NULL)));
	exchange("a credential for SPNEGO", ALL_FLAGS, cred, 0);
	fact("SPNEGO once more: %s", major_text(gss_add_cred(&minor, cred, GSS_C_NO_NAME, &spnego_mech, GSS_C_INITIATE,
	    0, 0, &more, NULL, NULL, NULL)));
	major = gss_add_cred(&minor, cred, GSS_C_NO_NAME, &krb5_mech, GSS_C_INITIATE, 0, 0, &more, &mechs, NULL, NULL);
	fact("krb5, too: %s, %lu mechanisms", major_text(major), (unsigned long)(mechs != NULL ? mechs->count : 0));
	gss_release_oid_set(&minor, &mechs);
	gss_release_cred(&minor, &cred); /* the new one has its own tickets */
	exchange("a credential for both", ALL_FLAGS, more, 0);
	gss_release_cred(&minor, &more);
	set.elements = &krb5_mech;
	need("gss_acquire_cred", gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, &set, GSS_C_INITIATE, &cred, NULL, NULL),
	    minor);
	exchange("a credential for krb5", ALL_FLAGS, cred, 0);
	gss_release_cred(&minor, &cred);
	major = gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, GSS_C_NO_OID_SET, GSS_C_INITIATE, &cred, &mechs, NULL);
	fact("a credential for all: %s, %s", major_text(major), set_text(mechs));
	gss_release_oid_set(&minor, &mechs);
	gss_release_cred(&minor, &cred);
}

static void mechanism(void)
{
	gss_buffer_desc sasl = GSS_C_EMPTY_BUFFER, name = GSS_C_EMPTY_BUFFER, spnego = buffer("SPNEGO"), text;
	gss_OID_set set = GSS_C_NO_OID_SET;
	gss_name_t target = import(SERVICE, GSS_C_NT_HOSTBASED_SERVICE), canonical = GSS_C_NO_NAME;
	gss_OID mech = GSS_C_NO_OID;
	OM_uint32 major, minor, ignored, more = 0;
	int present = 0;

	gss_indicate_mechs(&minor, &set);
	gss_test_oid_set_member(&minor, &spnego_mech, set, &present);
	fact("indicated: %d", present);
	gss_release_oid_set(&minor, &set);
	major = gss_inquire_names_for_mech(&minor, &spnego_mech, &set);
	gss_test_oid_set_member(&minor, GSS_C_NT_HOSTBASED_SERVICE, set, &present);
	fact("host-based names: %s, %d", major_text(major), present);
	gss_release_oid_set(&minor, &set);
	gss_inquire_mechs_for_name(&minor, target, &set);
	gss_test_oid_set_member(&minor, &spnego_mech, set, &present);
	fact("a host-based name is for SPNEGO: %d", present);
	gss_release_oid_set(&minor, &set);
	major = gss_canonicalize_name(&minor, target, &spnego_mech, &canonical);
	fact("canonical: %s, %s", major_text(major), name_text(canonical));
	gss_release_name(&minor, &canonical);
	gss_release_name(&minor, &target);
	major = gss_inquire_attrs_for_mech(&minor, &spnego_mech, &set, NULL);
	fact("attributes: %s, %s", major_text(major), set_text(set));
	gss_release_oid_set(&minor, &set);
	major = gss_inquire_saslname_for_mech(&minor, &spnego_mech, &sasl, &name, GSS_C_NO_BUFFER);
	fact("names: %s, %s, %s", major_text(major), quoted(&sasl), quoted(&name));
	gss_release_buffer(&minor, &sasl);
	gss_release_buffer(&minor, &name);
	major = gss_inquire_mech_for_saslname(&minor, &spnego, &mech);
	fact("by its name: %s, %s", major_text(major), oid_text(mech));
	major = gss_display_status(&ignored, 0, GSS_C_MECH_CODE, &spnego_mech, &more, &text);
	fact("a minor code: %s", major_text(major));
	gss_release_buffer(&minor, &text);
}

int main(void)
{
	begin(90);
	mechanism();
	exchange("mutual", ALL_FLAGS, GSS_C_NO_CREDENTIAL, 1);
	exchange("one way", GSS_C_REPLAY_FLAG | GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG, GSS_C_NO_CREDENTIAL, 0);
	exchange("DCE", GSS_C_MUTUAL_FLAG | GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG | 0x1000, GSS_C_NO_CREDENTIAL, 1);
	exchange("delegation", ALL_FLAGS | GSS_C_DELEG_FLAG, GSS_C_NO_CREDENTIAL, 0);
	moved();
	credentials();

	accept("hints", OCTETS(""), 1);
	accept("krb5 and no token", OCTETS("\x60\x1b" FRAME "\xa0\x11\x30\x0f\xa0\x0d\x30\x0b" KRB5), 1);
	accept("another one is first", OCTETS("\x60\x24" FRAME "\xa0\x1a\x30\x18\xa0\x16\x30\x14" UNKNOWN KRB5), 1);
	accept("cve-2021-44758-unknown-with-token", OCTETS("\x60\x1f" FRAME "\xa0\x15\x30\x13\xa0\x0b\x30\x09" UNKNOWN
	    "\xa2\x04\x04\x02" "ab"), 0);
	accept("an unknown mechanism", OCTETS("\x60\x19" FRAME "\xa0\x0f\x30\x0d\xa0\x0b\x30\x09" UNKNOWN), 0);
	accept("no mechanism", OCTETS("\x60\x10" FRAME "\xa0\x06\x30\x04\xa0\x02\x30\x00"), 0);
	accept("no list", OCTETS("\x60\x0c" FRAME "\xa0\x02\x30\x00"), 0);
	accept("an answer where the offer is due", OCTETS("\x60\x0c" FRAME "\xa1\x02\x30\x00"), 0);
	accept("a frame alone", OCTETS("\x60\x08" FRAME), 0);
	accept("an offer without a frame", OCTETS("\xa0\x11\x30\x0f\xa0\x0d\x30\x0b" KRB5), 0);

	offers();

	answer("nothing", OCTETS(""));
	answer("garbage", OCTETS("garbage"));
	answer("reject", OCTETS("\xa1\x07\x30\x05\xa0\x03\x0a\x01\x02"));
	answer("completed, and no token", OCTETS("\xa1\x07\x30\x05\xa0\x03\x0a\x01\x00"));
	answer("request-mic, and no token", OCTETS("\xa1\x14\x30\x12\xa0\x03\x0a\x01\x03\xa1\x0b" KRB5));
	answer("cve-2014-4343-another-mechanism", OCTETS("\xa1\x12\x30\x10\xa0\x03\x0a\x01\x03\xa1\x09" UNKNOWN));
	answer("a token that is none", OCTETS("\xa1\x0d\x30\x0b\xa0\x03\x0a\x01\x00\xa2\x04\x04\x02" "ab"));
	return end();
}
