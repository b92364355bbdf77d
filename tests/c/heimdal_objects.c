/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What FreeBSD's libgssapi_krb5.so.10, which is Heimdal's, asks of the libgssapi.so.10 below it has the form that it reads:
 * objects of contexts and credentials in the arc 1.2.752.43.13.
 */
#include "harness.h"

#include <time.h>

#define OBJECT(last) { sizeof("\x2a\x85\x70\x2b\x0d" last) - 1, (void *)"\x2a\x85\x70\x2b\x0d" last }
static gss_OID_desc copy_ccache = OBJECT("\x01");
static gss_OID_desc ticket_flags = OBJECT("\x02");
static gss_OID_desc in_relevant = OBJECT("\x03\x87\x67");  /* ad-type 999 */
static gss_OID_desc no_such_data = OBJECT("\x03\x81\x00"); /* the PAC */
static gss_OID_desc identity = OBJECT("\x05");
static gss_OID_desc lucid = OBJECT("\x06\x01");
static gss_OID_desc dns_canonicalize = OBJECT("\x07");
static gss_OID_desc subkey = OBJECT("\x08");
static gss_OID_desc initiator_subkey = OBJECT("\x09");
static gss_OID_desc acceptor_subkey = OBJECT("\x0a");
static gss_OID_desc authtime = OBJECT("\x0c");
static gss_OID_desc service_key = OBJECT("\x0d");
static gss_OID_desc default_realm = OBJECT("\x0f");
static gss_OID_desc ccache_name = OBJECT("\x10");
static gss_OID_desc import_cred = OBJECT("\x1e");

/* is checks the major status of a call. */
static int is(OM_uint32 want, const char *what, OM_uint32 major)
{
	check(major == want, "%s: %s", what, major_text(major));
	return major == GSS_S_COMPLETE;
}

struct reader {
	const unsigned char *p;
	size_t left;
	int bad;
};

struct key {
	unsigned type;
	size_t length;
	unsigned char octets[64];
};

static unsigned long number(struct reader *r, size_t octets)
{
	unsigned long v = 0;

	if (r->left < octets) {
		r->bad = 1;
		return 0;
	}
	r->left -= octets;
	while (octets-- > 0)
		v = v << 8 | *r->p++;
	return v;
}

/* key reads an enctype of 16 bits, a length of 32 bits and as many octets. */
static struct key key(struct reader *r)
{
	struct key k;

	memset(&k, 0, sizeof(k));
	k.type = (unsigned)number(r, 2);
	k.length = number(r, 4);
	if (r->bad || k.length > sizeof(k.octets) || k.length > r->left) {
		r->bad = 1;
		return k;
	}
	memcpy(k.octets, r->p, k.length);
	r->p += k.length;
	r->left -= k.length;
	return k;
}

static int same_key(const struct key *a, const struct key *b)
{
	return a->type == b->type && a->length == b->length && memcmp(a->octets, b->octets, a->length) == 0;
}

/* only gives the one buffer of an answer: the library refuses any other number. The caller releases the set. */
static struct reader only(const char *what, gss_ctx_id_t context, gss_OID object, gss_buffer_set_t *set)
{
	struct reader r = { NULL, 0, 1 };
	OM_uint32 major, minor;

	*set = GSS_C_NO_BUFFER_SET;
	major = gss_inquire_sec_context_by_oid(&minor, context, object, set);
	check(major == GSS_S_COMPLETE, "%s: %s", what, major_text(major));
	if (*set == GSS_C_NO_BUFFER_SET || (*set)->count != 1) {
		check(0, "%s: not one buffer", what);
		return r;
	}
	r.p = (*set)->elements[0].value;
	r.left = (*set)->elements[0].length;
	r.bad = 0;
	return r;
}

static struct key key_of(const char *what, gss_ctx_id_t context, gss_OID object)
{
	gss_buffer_set_t set;
	struct reader r = only(what, context, object, &set);
	struct key k = key(&r);
	OM_uint32 minor;

	check(!r.bad && r.left == 0, "%s: not a key", what);
	gss_release_buffer_set(&minor, &set);
	return k;
}

/* little reads 4 octets, least significant first. */
static unsigned long little(const char *what, gss_ctx_id_t context, gss_OID object)
{
	gss_buffer_set_t set;
	struct reader r = only(what, context, object, &set);
	unsigned long v = 0;
	OM_uint32 minor;

	check(!r.bad && r.left == 4, "%s: not 4 octets", what);
	if (!r.bad && r.left == 4)
		v = r.p[0] | (unsigned long)r.p[1] << 8 | (unsigned long)r.p[2] << 16 | (unsigned long)r.p[3] << 24;
	gss_release_buffer_set(&minor, &set);
	return v;
}

static void lucid_context(const struct pair *p, int initiator)
{
	gss_ctx_id_t context = initiator ? p->init : p->accept;
	gss_buffer_set_t set;
	struct reader r = only("lucid", context, &lucid, &set);
	struct key message = key_of("message key", context, &subkey), base, last;
	unsigned long have;
	OM_uint32 minor;

	check(number(&r, 4) == 1, "lucid: the version");
	check(number(&r, 4) == (unsigned long)initiator, "lucid: the role");
	check(number(&r, 4) > (unsigned long)time(NULL), "lucid: the end");
	number(&r, 8);
	number(&r, 8);
	check(number(&r, 4) == 1, "lucid: the protocol");
	have = number(&r, 4);
	last = base = key(&r);
	if (have)
		last = key(&r);
	check(!r.bad && r.left == 0 && base.length > 0, "lucid: the form");
	check(same_key(&last, &message), "lucid: another key than the message key");
	gss_release_buffer_set(&minor, &set);
}

/* in_keytab reports whether the keytab has the octets of a key. */
static int in_keytab(const struct key *k)
{
	static unsigned char octets[65536];
	const char *name = getenv("KRB5_KTNAME");
	FILE *f = name == NULL ? NULL : fopen(strncmp(name, "FILE:", 5) == 0 ? name + 5 : name, "rb");
	size_t length, i;
	int found = 0;

	if (f == NULL)
		exit(2);
	length = fread(octets, 1, sizeof(octets), f);
	fclose(f);
	for (i = 0; k->length > 0 && i + k->length <= length; i++)
		found |= memcmp(octets + i, k->octets, k->length) == 0;
	return found;
}

static void contexts(void)
{
	struct options o = { .flags = ALL_FLAGS, .target = "big@localhost" }; /* its tickets have authorization data */
	gss_buffer_set_t set = GSS_C_NO_BUFFER_SET;
	gss_buffer_desc token;
	struct reader r;
	struct key a, b;
	unsigned long flags;
	OM_uint32 minor;
	struct pair p;

	need_pair(&p, &o);
	flags = little("ticket flags", p.init, &ticket_flags);
	check(flags == little("acceptor's ticket flags", p.accept, &ticket_flags), "the sides have other flags");
	/* Flag N of RFC 4120 is 1 << N. Flag 1 is forwardable, 0 is reserved. */
	check((flags & 3) == 2, "ticket flags %#lx", flags);
	flags = little("authtime", p.accept, &authtime);
	check(flags != 0 && flags <= (unsigned long)time(NULL) && flags > (unsigned long)time(NULL) - 86400, "authtime %lu", flags);
	a = key_of("message key", p.init, &subkey);
	b = key_of("acceptor's message key", p.accept, &subkey);
	check(same_key(&a, &b), "the sides have other keys");
	a = key_of("initiator subkey", p.init, &initiator_subkey);
	b = key_of("acceptor's copy of it", p.accept, &initiator_subkey);
	check(same_key(&a, &b), "the sides have another initiator subkey");
	a = key_of("acceptor subkey", p.accept, &acceptor_subkey);
	check(!same_key(&a, &b), "both subkeys are the same");
	lucid_context(&p, 1);
	lucid_context(&p, 0);
	r = only("authorization data", p.accept, &in_relevant, &set);
	check(r.left > 0, "no authorization data");
	gss_release_buffer_set(&minor, &set);
	is(GSS_S_FAILURE, "authorization data that is not there", gss_inquire_sec_context_by_oid(&minor, p.accept, &no_such_data, &set));
	a = key_of("service key", p.accept, &service_key);
	check(in_keytab(&a), "the service key is not that of the keytab");
	is(GSS_S_FAILURE, "an initiator's service key", gss_inquire_sec_context_by_oid(&minor, p.init, &service_key, &set));
	check(gss_export_sec_context(&minor, &p.accept, &token) == GSS_S_COMPLETE, "the context is not exported");
	check(gss_import_sec_context(&minor, &token, &p.accept) == GSS_S_COMPLETE, "the context is not imported");
	gss_release_buffer(&minor, &token);
	is(GSS_S_FAILURE, "an imported context's service key", gss_inquire_sec_context_by_oid(&minor, p.accept, &service_key, &set));
	release_pair(&p);
}

/* described makes the value of gss_krb5_import_cred. */
static gss_buffer_desc described(const char *ccache, const char *principal, const char *keytab)
{
	static unsigned char octets[4096];
	const char *names[] = { ccache, principal, keytab };
	gss_buffer_desc value = { 0, octets };
	size_t i, length;

	for (i = 0; i < COUNT(names); i++) {
		length = strlen(names[i]);
		octets[value.length++] = 0;
		octets[value.length++] = 0;
		octets[value.length++] = (unsigned char)(length >> 8);
		octets[value.length++] = (unsigned char)length;
		memcpy(octets + value.length, names[i], length);
		value.length += length;
	}
	return value;
}

/* credential imports one, which has this status and, in the end, this name and usage. */
static void credential(OM_uint32 want, const char *owner, gss_cred_usage_t use, const char *what, gss_buffer_desc value)
{
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	gss_cred_usage_t usage;
	gss_name_t name = GSS_C_NO_NAME;
	OM_uint32 minor;

	if (is(want, what, gss_set_cred_option(&minor, &cred, &import_cred, &value))) {
		gss_inquire_cred(&minor, cred, &name, NULL, &usage, NULL);
		check(strstr(name_text(name), owner) != NULL && usage == use, "%s: %s, usage %d", what, name_text(name), usage);
		gss_release_name(&minor, &name);
	} else {
		check(cred == GSS_C_NO_CREDENTIAL, "%s: an error and a credential", what);
	}
	gss_release_cred(&minor, &cred);
}

static void credentials(void)
{
	const char *ccache = getenv("KRB5CCNAME"), *keytab = getenv("KRB5_KTNAME");
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	gss_buffer_set_t set = GSS_C_NO_BUFFER_SET;
	gss_buffer_desc value;
	OM_uint32 minor;

	credential(GSS_S_COMPLETE, "alice@" REALM, GSS_C_INITIATE, "a cache", described(ccache, "", ""));
	credential(GSS_S_COMPLETE, "@" REALM, GSS_C_ACCEPT, "a keytab", described("", "", keytab));
	credential(GSS_S_COMPLETE, PRINCIPAL, GSS_C_ACCEPT, "a principal of a keytab", described("", PRINCIPAL, keytab));
	credential(GSS_S_COMPLETE, "alice@" REALM, GSS_C_BOTH, "both", described(ccache, "", keytab));
	credential(GSS_S_NO_CRED, NULL, 0, "a principal that has no key", described("", "nobody@" REALM, keytab));
	credential(GSS_S_NO_CRED, NULL, 0, "a cache that is not there", described("FILE:/nonexistent/cache", "", ""));
	credential(GSS_S_NO_CRED, NULL, 0, "nothing", described("", "", ""));
	value = described(ccache, "", "");
	value.length--;
	credential(GSS_S_FAILURE, NULL, 0, "a name too few", value);
	value.length = 0;
	credential(GSS_S_FAILURE, NULL, 0, "no octets", value);
	value = described(ccache, "", "");
	((unsigned char *)value.value)[value.length++] = 0;
	credential(GSS_S_FAILURE, NULL, 0, "an octet too many", value);
	value = described(ccache, "", "");
	((unsigned char *)value.value)[0] = 0xff;
	credential(GSS_S_FAILURE, NULL, 0, "a long length", value);
	value = described(ccache, "", "");
	((unsigned char *)value.value)[6] = 0;
	credential(GSS_S_FAILURE, NULL, 0, "a NUL", value);

	value = described(ccache, "", "");
	gss_set_cred_option(&minor, &cred, &import_cred, &value);
	is(GSS_S_COMPLETE, "the name of the cache", gss_inquire_cred_by_oid(&minor, cred, &copy_ccache, &set));
	check(set != GSS_C_NO_BUFFER_SET && set->count == 1 && set->elements[0].length == strlen(ccache) &&
	    memcmp(set->elements[0].value, ccache, strlen(ccache)) == 0, "another name");
	gss_release_buffer_set(&minor, &set);
	is(GSS_S_UNAVAILABLE, "a second time", gss_set_cred_option(&minor, &cred, &import_cred, &value));
	gss_release_cred(&minor, &cred);
}

/* options sets what belongs to the process: the values have no NUL at the end. */
static void options(void)
{
	gss_buffer_desc value = buffer("FILE:/nonexistent/keytab");
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	OM_uint32 minor;
	char off = 0;

	is(GSS_S_COMPLETE, "the acceptor's keytab", gss_set_sec_context_option(&minor, NULL, &identity, &value));
	is(GSS_S_NO_CRED, "an acceptor without it", gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, GSS_C_NO_OID_SET, GSS_C_ACCEPT, &cred, NULL, NULL));
	value = buffer("FILE:/nonexistent/cache");
	is(GSS_S_COMPLETE, "the cache", gss_set_sec_context_option(&minor, NULL, &ccache_name, &value));
	is(GSS_S_NO_CRED, "an initiator without it", gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, GSS_C_NO_OID_SET, GSS_C_INITIATE, &cred, NULL, NULL));
	value = buffer("OTHER.TEST");
	is(GSS_S_COMPLETE, "the realm", gss_set_sec_context_option(&minor, NULL, &default_realm, &value));
	value.value = &off;
	value.length = 1;
	is(GSS_S_COMPLETE, "canonical names", gss_set_sec_context_option(&minor, NULL, &dns_canonicalize, &value));
}

int main(void)
{
	begin(60);
	contexts();
	credentials();
	options();
	return end();
}
