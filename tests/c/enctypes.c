/* SPDX-License-Identifier: BSD-2-Clause */
/* enctypes: both sides agree on the acceptor's subkey, and an acceptor's credential excludes other enctypes. */
#include "harness.h"

enum { AES128 = 17, AES256 = 18, SHA128 = 19, SHA256 = 20 };

/* A list of enctypes, terminated by 0. */
#define LIST(...) ((const int32_t[]){ __VA_ARGS__, 0 })

static OM_uint32 allow(OM_uint32 *minor, gss_cred_id_t cred, const int32_t *list)
{
	unsigned n = 0;
#ifdef PEER_MIT
	while (list[n] != 0)
		n++;
	return gss_krb5_set_allowable_enctypes(minor, cred, n, (krb5_enctype *)list);
#else
	gss_OID_desc allowable = { 6, (void *)"\x2a\x85\x70\x2b\x0d\x0e" };
	unsigned char octets[4 * 8] = { 0 };
	gss_buffer_desc value = { 0, octets };

	for (; list[n] != 0; n++)
		octets[4 * n + 3] = (unsigned char)list[n];
	value.length = 4 * n;
	return gss_set_cred_option(minor, &cred, &allowable, &value);
#endif
}

static gss_cred_id_t limited(gss_cred_usage_t usage, const int32_t *list)
{
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	OM_uint32 major, minor;

	if (list == NULL)
		return GSS_C_NO_CREDENTIAL;
	major = gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, GSS_C_NO_OID_SET, usage, &cred, NULL, NULL);
	need("gss_acquire_cred", major, minor);
	major = allow(&minor, cred, list);
	need("allowable enctypes", major, minor);
	return cred;
}

/* type_of names the enctype of the key that protects messages. */
static const char *type_of(gss_ctx_id_t context)
{
	gss_OID_desc session_key = { 11, (void *)"\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x05\x05" };
	gss_buffer_set_t set = GSS_C_NO_BUFFER_SET;
	const char *text = "unknown";
	OM_uint32 minor;

	if (gss_inquire_sec_context_by_oid(&minor, context, &session_key, &set) == GSS_S_COMPLETE && set->count == 2)
		text = hex((unsigned char *)set->elements[1].value + set->elements[1].length - 1, 1);
	gss_release_buffer_set(&minor, &set);
	return text;
}

/* one prints the key of both sides, or which side fails. */
static void one(const char *label, const char *service, const int32_t *init_list, const int32_t *accept_list)
{
	static const struct {
		const char *name;
		int spnego;
		OM_uint32 flags;
	} ways[] = {
		{ "krb5", 0, ALL_FLAGS }, { "SPNEGO", 1, ALL_FLAGS }, { "DCE style", 0, ALL_FLAGS | GSS_C_DCE_STYLE },
		{ "one way", 0, GSS_C_INTEG_FLAG },
	};
	struct options o = { .target = service };
	OM_uint32 minor;
	struct pair p;
	size_t i;

	for (i = 0; i < COUNT(ways); i++) {
		o.init_cred = limited(GSS_C_INITIATE, init_list);
		o.accept_cred = limited(GSS_C_ACCEPT, accept_list);
		o.mech = ways[i].spnego ? &spnego_mech : &krb5_mech;
		o.flags = ways[i].flags;
		if (establish(&p, &o))
			fact("%s, %s, %s: initiator %s, acceptor %s", service, label, ways[i].name, type_of(p.init), type_of(p.accept));
		else if (p.tokens == 0)
			fact("%s, %s, %s: initiator %s", service, label, ways[i].name, major_text(p.init_major));
		else /* MIT's SPNEGO has minor codes of its own */
			fact("%s, %s, %s: acceptor %s, minor %lu", service, label, ways[i].name, major_text(p.accept_major),
			    ways[i].spnego ? 0 : (unsigned long)p.accept_minor);
		release_pair(&p);
		gss_release_cred(&minor, &o.init_cred);
		gss_release_cred(&minor, &o.accept_cred);
	}
}

/* unsupported tells the program at once that its list leaves nothing. */
static void unsupported(gss_cred_usage_t usage)
{
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	OM_uint32 major, minor;

	major = gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, GSS_C_NO_OID_SET, usage, &cred, NULL, NULL);
	need("gss_acquire_cred", major, minor);
	major = allow(&minor, cred, LIST(1, 99));
	result_minor(usage == GSS_C_INITIATE ? "initiator, none that is supported" : "acceptor, none that is supported", major, minor);
	major = allow(&minor, cred, LIST(1, 99, AES128));
	result(usage == GSS_C_INITIATE ? "initiator, one that is supported" : "acceptor, one that is supported", major);
	gss_release_cred(&minor, &cred);
}

int main(void)
{
	size_t i;

	begin(90);
	unsupported(GSS_C_INITIATE);
	unsupported(GSS_C_ACCEPT);
	for (i = 0; i < COUNT(enctypes); i++) {
		const char *service = enctypes[i].service; /* its key, and therefore the session key, is of that type */

		with_login("cc.tgt");
		one("nothing said", service, NULL, NULL);
		one("acceptor likes SHA-1", service, NULL, LIST(AES256, AES128, SHA128, SHA256));
		one("acceptor likes SHA-2", service, NULL, LIST(SHA256, SHA128, AES256, AES128));
		one("acceptor takes aes128 alone", service, NULL, LIST(AES128));
		one("acceptor takes SHA-2 alone", service, NULL, LIST(SHA256, SHA128));
		with_login("cc.tgt"); /* without the ticket of the previous test */
		one("initiator likes SHA-2", service, LIST(SHA256, SHA128, AES256, AES128), NULL);
		one("both like SHA-2", service, LIST(SHA256, SHA128, AES256, AES128), LIST(SHA128, SHA256, AES256, AES128));
	}
	return end();
}
