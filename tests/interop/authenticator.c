/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * authenticator: what an initiator's authenticator says beside who it is, and what the acceptor makes of it: channel
 * bindings, offers of enctypes, checksums. Two libraries in one process, ours and MIT's, in both roles.
 *
 *	authenticator OURS MITS DIR ROUNDS [SEED]
 *
 * DIR has krb5.conf, and takes a krb5.conf of each side. For each enctype N it has a credential cache cc-N with a ticket of
 * aesN@localhost whose session key is of that type. What is expected of enctypes is what MIT's library agrees on with
 * itself.
 */
#define _GNU_SOURCE
#include "peers.h"

#include <krb5.h>

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#ifndef GSS_C_CHANNEL_BOUND_FLAG
#define GSS_C_CHANNEL_BOUND_FLAG 2048
#endif
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define LIST 8

static gss_OID_desc krb5_mech = { 9, (void *)"\x2a\x86\x48\x86\xf7\x12\x01\x02\x02" };
static gss_OID_desc spnego_mech = { 6, (void *)"\x2b\x06\x01\x05\x05\x02" };
static gss_OID_desc hostbased = { 10, (void *)"\x2a\x86\x48\x86\xf7\x12\x01\x02\x01\x04" };
static gss_OID_desc allowable = { 6, (void *)"\x2a\x85\x70\x2b\x0d\x0e" };
static gss_OID_desc session_key = { 11, (void *)"\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x05\x05" };

static char directory[512];

/* A list of enctypes ends with 0. */
struct party {
	struct library *l;
	char config[1024];        /* of [libdefaults] */
	krb5_enctype allow[LIST]; /* empty: all */
	gss_channel_bindings_t bindings;
	gss_OID mech; /* what its credential is for; NULL: any */
};

struct outcome {
	OM_uint32 init_major, init_minor, accept_major, accept_minor, init_flags, accept_flags;
	struct side i, a;
	int type; /* of the key that protects messages; 0 if there is none */
};

/* as makes the krb5.conf of a side that of the process. */
static void as(const struct party *p, const char *name)
{
	char path[600], list[1200];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s.conf", directory, name);
	f = fopen(path, "w");
	if (f == NULL || fprintf(f, "[libdefaults]\n%s", p->config) < 0 || fclose(f) != 0)
		die("%s cannot be written", path);
	snprintf(list, sizeof(list), "%s:%s/krb5.conf", path, directory);
	setenv("KRB5_CONFIG", list, 1);
}

#define FUNCTION(l, f) ((__typeof__(&f))dlsym((l)->handle, #f))

static gss_cred_id_t credential(const struct party *p, gss_cred_usage_t usage)
{
	gss_cred_id_t cred;
	unsigned char octets[4 * LIST] = { 0 };
	gss_buffer_desc value = { 0, octets };
	gss_OID_set_desc one = { 1, p->mech };
	OM_uint32 minor, n = 0;

	if (p->allow[0] == 0 && p->mech == NULL)
		return GSS_C_NO_CREDENTIAL;
	need(p->l, "gss_acquire_cred", FUNCTION(p->l, gss_acquire_cred)(&minor, GSS_C_NO_NAME, 0,
	    p->mech == NULL ? GSS_C_NO_OID_SET : &one, usage, &cred, NULL, NULL), minor);
	if (p->allow[0] == 0)
		return cred;
	for (; p->allow[n] != 0; n++)
		octets[4 * n + 3] = (unsigned char)p->allow[n];
	value.length = 4 * n;
	if (p->l == &ours)
		need(p->l, "gss_set_cred_option", FUNCTION(p->l, gss_set_cred_option)(&minor, &cred, &allowable, &value), minor);
	else
		need(p->l, "gss_krb5_set_allowable_enctypes", FUNCTION(p->l, gss_krb5_set_allowable_enctypes)(&minor, cred, n,
		    (krb5_enctype *)p->allow), minor);
	return cred;
}

static int type_of(struct side *s)
{
	gss_buffer_set_t set = GSS_C_NO_BUFFER_SET;
	OM_uint32 minor;
	int type;

	need(s->l, "gss_inquire_sec_context_by_oid", FUNCTION(s->l, gss_inquire_sec_context_by_oid)(&minor, s->context,
	    &session_key, &set), minor);
	type = ((unsigned char *)set->elements[1].value)[set->elements[1].length - 1];
	FUNCTION(s->l, gss_release_buffer_set)(&minor, &set);
	return type;
}

/* talk has messages and a key go both ways. */
static void talk(struct side *s, struct side *r)
{
	gss_buffer_desc text = { 4, "text" }, token, got, a, b;
	OM_uint32 minor;
	int conf = 0;

	need(s->l, "gss_wrap", s->l->gss_wrap(&minor, s->context, 1, 0, &text, NULL, &token), minor);
	need(r->l, "gss_unwrap", r->l->gss_unwrap(&minor, r->context, &token, &got, &conf, NULL), minor);
	if (!conf || got.length != 4 || memcmp(got.value, "text", 4) != 0)
		die("another message comes back");
	s->l->gss_release_buffer(&minor, &token);
	r->l->gss_release_buffer(&minor, &got);
	need(s->l, "gss_get_mic", s->l->gss_get_mic(&minor, s->context, 0, &text, &token), minor);
	need(r->l, "gss_verify_mic", r->l->gss_verify_mic(&minor, r->context, &text, &token, NULL), minor);
	s->l->gss_release_buffer(&minor, &token);
	need(s->l, "gss_pseudo_random", s->l->gss_pseudo_random(&minor, s->context, GSS_C_PRF_KEY_FULL, &text, 40, &a), minor);
	need(r->l, "gss_pseudo_random", r->l->gss_pseudo_random(&minor, r->context, GSS_C_PRF_KEY_FULL, &text, 40, &b), minor);
	if (memcmp(a.value, b.value, 40) != 0)
		die("pseudo-random octets differ");
	s->l->gss_release_buffer(&minor, &a);
	r->l->gss_release_buffer(&minor, &b);
}

/* negotiate goes on until both sides are ready or one refuses. */
static struct outcome negotiate(const struct party *ip, const struct party *ap, const char *service, gss_OID mech,
    OM_uint32 flags)
{
	struct outcome o = { .i = { ip->l, GSS_C_NO_CONTEXT }, .a = { ap->l, GSS_C_NO_CONTEXT } };
	gss_buffer_desc name = { strlen(service), (void *)service }, in = GSS_C_EMPTY_BUFFER, out = GSS_C_EMPTY_BUFFER;
	gss_cred_id_t ic, ac;
	gss_name_t target;
	OM_uint32 minor;

	as(ip, "initiator");
	ic = credential(ip, GSS_C_INITIATE);
	need(ip->l, "gss_import_name", ip->l->gss_import_name(&minor, &name, &hostbased, &target), minor);
	as(ap, "acceptor");
	ac = credential(ap, GSS_C_ACCEPT);
	o.init_major = o.accept_major = GSS_S_CONTINUE_NEEDED;
	for (;;) {
		as(ip, "initiator");
		o.init_major = ip->l->gss_init_sec_context(&o.init_minor, ic, &o.i.context, target, mech, flags, 0, ip->bindings,
		    &in, NULL, &out, &o.init_flags, NULL);
		ap->l->gss_release_buffer(&minor, &in);
		if (GSS_ERROR(o.init_major) || out.length == 0)
			break;
		as(ap, "acceptor");
		o.accept_major = ap->l->gss_accept_sec_context(&o.accept_minor, &o.a.context, ac, &out, ap->bindings, NULL, NULL,
		    &in, &o.accept_flags, NULL, NULL);
		ip->l->gss_release_buffer(&minor, &out);
		if (GSS_ERROR(o.accept_major) || in.length == 0 || !(o.init_major & GSS_S_CONTINUE_NEEDED))
			break;
	}
	ap->l->gss_release_buffer(&minor, &in);
	ip->l->gss_release_buffer(&minor, &out);
	ip->l->gss_release_name(&minor, &target);
	if (ic != GSS_C_NO_CREDENTIAL)
		FUNCTION(ip->l, gss_release_cred)(&minor, &ic);
	if (ac != GSS_C_NO_CREDENTIAL)
		FUNCTION(ap->l, gss_release_cred)(&minor, &ac);
	if (o.init_major == GSS_S_COMPLETE && o.accept_major == GSS_S_COMPLETE) {
		talk(&o.i, &o.a);
		talk(&o.a, &o.i);
		o.type = type_of(&o.i);
		if (o.type != type_of(&o.a))
			die("%s has a key of type %d, %s of %d", ip->l->name, o.type, ap->l->name, type_of(&o.a));
	}
	return o;
}

static void forget(struct outcome *o)
{
	drop(&o->i);
	drop(&o->a);
}

/* bindings: all that two sides may give, and what an initiator says. */
static void bindings(struct library *initiator, struct library *acceptor)
{
	struct gss_channel_bindings_struct x = { .application_data = { 1, "x" } }, y = { .application_data = { 1, "y" } };
	const struct {
		gss_channel_bindings_t init, accept;
		int refused, bound; /* refused: 1 if the initiator says that it gives bindings, 2 always */
	} given[] = {
		{ NULL, NULL, 0, 0 }, { &x, NULL, 0, 0 }, { NULL, &x, 1, 0 }, { &x, &x, 0, 1 }, { &x, &y, 2, 0 },
	};
	static const OM_uint32 flags[] = { 0, FLAGS, FLAGS | GSS_C_DELEG_FLAG, FLAGS | GSS_C_DCE_STYLE };
	struct party i = { .l = initiator }, a = { .l = acceptor };
	size_t g, f;
	int says, mech;

	label = "bindings";
	for (g = 0; g < COUNT(given); g++) {
		for (f = 0; f < COUNT(flags); f++) {
			/* 0: nothing, 1: by krb5.conf, 2: by the flag, which MIT's library takes since 1.22 */
			for (says = 0; says < (initiator == &ours ? 3 : 2); says++) {
				for (mech = 0; mech < 2; mech++) {
					struct outcome o;
					int refused = given[g].refused == 2 || (given[g].refused == 1 && says > 0);

					i.bindings = given[g].init;
					a.bindings = given[g].accept;
					snprintf(i.config, sizeof(i.config), "\tclient_aware_channel_bindings = %d\n", says == 1);
					o = negotiate(&i, &a, "demo@localhost", mech ? &spnego_mech : &krb5_mech,
					    flags[f] | (says == 2 ? GSS_C_CHANNEL_BOUND_FLAG : 0));
					if (refused ? GSS_ROUTINE_ERROR(o.accept_major) != GSS_S_BAD_BINDINGS :
					    o.init_major != GSS_S_COMPLETE || o.accept_major != GSS_S_COMPLETE)
						die("given %zu, says %d, mechanism %d, flags %x: %x, %x", g, says, mech, flags[f], o.init_major,
						    o.accept_major);
					if (!refused && !(o.accept_flags & GSS_C_CHANNEL_BOUND_FLAG) != !given[g].bound)
						die("given %zu, says %d, mechanism %d: flags %x", g, says, mech, o.accept_flags);
					rounds++;
					forget(&o);
				}
			}
		}
	}
}

static int has(const krb5_enctype *list, int type)
{
	for (; *list != 0; list++)
		if (*list == type)
			return 1;
	return 0;
}

/* some fills a list with some of all types in any order, with type among them if it is not 0. */
static void some(krb5_enctype *list, const krb5_enctype *all, int type)
{
	krb5_enctype chosen[LIST] = { type };
	uint32_t n = type != 0, want = 1 + below(LIST - 2), k;

	for (; want > 0; want--) {
		krb5_enctype e = all[below(LIST - 2)];

		if (e != 0 && !has(chosen, e))
			chosen[n++] = e;
	}
	if (n == 0)
		chosen[n++] = all[0];
	memset(list, 0, LIST * sizeof(*list));
	while (n > 0) {
		k = below(n);
		*list++ = chosen[k];
		chosen[k] = chosen[--n];
	}
}

static void configure(struct party *p, const krb5_enctype *permitted)
{
	char *at = p->config;

	at += sprintf(at, "\tpermitted_enctypes =");
	for (; *permitted != 0; permitted++)
		switch (*permitted) {
#define NAME(n, s) case n: at += sprintf(at, " " s); break
		NAME(16, "des3-cbc-sha1");
		NAME(17, "aes128-cts-hmac-sha1-96");
		NAME(18, "aes256-cts-hmac-sha1-96");
		NAME(19, "aes128-cts-hmac-sha256-128");
		NAME(20, "aes256-cts-hmac-sha384-192");
		NAME(23, "arcfour-hmac");
		NAME(25, "camellia128-cts-cmac");
		NAME(26, "camellia256-cts-cmac");
		}
	sprintf(at, "\n");
}

/* enctypes: with random lists, every pair of libraries agrees on what MIT's agrees on with itself. */
static void enctypes(void)
{
	static const krb5_enctype new[LIST] = { 17, 18, 19, 20, 25, 26 }, old[LIST] = { 16, 23, 17, 18, 20, 26 };
	static const struct {
		struct library *i, *a;
	} pairs[] = { { &mits, &mits }, { &mits, &ours }, { &ours, &mits }, { &ours, &ours } };
	static const OM_uint32 flags[] = { FLAGS, FLAGS, FLAGS | GSS_C_DCE_STYLE, GSS_C_INTEG_FLAG };
	static const int services[] = { 17, 18, 19, 20, 25, 26, 16, 23 };
	int type = services[below(COUNT(services))];
	int legacy_type = type == 16 || type == 23, mech = below(2);
	const krb5_enctype *all = legacy_type ? old : new;
	OM_uint32 f = flags[below(COUNT(flags))];
	struct party i = { .l = NULL }, a = { .l = NULL };
	krb5_enctype permitted[LIST];
	struct outcome want = { .type = 0 }, o;
	char service[32], cache[600];
	size_t p;

	label = "enctypes";
	snprintf(cache, sizeof(cache), "FILE:%s/cc-%d", directory, type);
	setenv("KRB5CCNAME", cache, 1);
	snprintf(service, sizeof(service), "aes%d@localhost", type);
	/* The initiator may use the ticket that it has, and the acceptor's krb5.conf permits it. */
	some(permitted, all, type);
	configure(&i, permitted);
	if (below(3) == 0) {
		some(i.allow, permitted, type);
	}
	some(permitted, all, type);
	configure(&a, permitted);
	if (below(2))
		some(a.allow, permitted, below(4) ? type : 0);
	for (p = 0; p < COUNT(pairs); p++) {
		i.l = pairs[p].i;
		a.l = pairs[p].a;
		o = negotiate(&i, &a, service, mech ? &spnego_mech : &krb5_mech, f);
		if (p == 0)
			want = o;
		else if (o.accept_major != want.accept_major || o.init_major != want.init_major || o.type != want.type ||
		    (!mech && o.accept_minor != want.accept_minor))
			die("%s to %s, %s, mechanism %d, flags %x: %x, %x, minor %u, key of type %d; MIT's alone: %x, %x, %u, %d;\n%s%s",
			    i.l->name, a.l->name, service, mech, f, o.init_major, o.accept_major, o.accept_minor, o.type,
			    want.init_major, want.accept_major, want.accept_minor, want.type, i.config, a.config);
		if (GSS_ERROR(o.accept_major) != (a.allow[0] != 0 && !has(a.allow, type) ? GSS_S_FAILURE : 0))
			die("%s to %s, %s: %x", i.l->name, a.l->name, service, o.accept_major);
		forget(&o);
	}
	rounds++;
}

/* bare: clients that know plain Kerberos alone, with the AP-REQ of libkrb5. */
static void bare(struct library *acceptor)
{
	static gss_OID_desc frame = { 11, (void *)"\x06\x09\x2a\x86\x48\x86\xf7\x12\x01\x02\x02" };
	struct gss_channel_bindings_struct x = { .application_data = { 1, "x" } };
	struct party all = { .l = acceptor }, aware = { .l = acceptor, .config = "\tclient_aware_channel_bindings = yes\n" };
	int sum, mutual, bound, says;

	label = "bare";
	/* sum: none, of nothing, of something */
	for (sum = 0; sum < 3; sum++) for (mutual = 0; mutual < 2; mutual++) for (bound = 0; bound < 2; bound++)
	for (says = 0; says < 2; says++) {
		krb5_context k;
		krb5_auth_context auth = NULL;
		krb5_ccache cache;
		krb5_data request, text = { .length = sum == 1 ? 0 : 5, .data = "GET /" };
		krb5_ap_rep_enc_part *part;
		krb5_error_code code;
		krb5_creds want, *have;
		struct side a = { acceptor, GSS_C_NO_CONTEXT };
		unsigned char token[8192];
		gss_buffer_desc in = { 0, token }, out = GSS_C_EMPTY_BUFFER;
		OM_uint32 major, minor, flags = 0, ignored;
		size_t body;

		memset(&want, 0, sizeof(want));
		as(says ? &aware : &all, "initiator");
		if ((code = krb5_init_context(&k)) != 0 || (code = krb5_cc_default(k, &cache)) != 0 ||
		    (code = krb5_cc_get_principal(k, cache, &want.client)) != 0 ||
		    (code = krb5_sname_to_principal(k, "localhost", "demo", KRB5_NT_SRV_HST, &want.server)) != 0 ||
		    (code = krb5_get_credentials(k, 0, cache, &want, &have)) != 0 ||
		    (code = krb5_auth_con_init(k, &auth)) != 0 ||
		    (code = krb5_auth_con_setflags(k, auth, KRB5_AUTH_CONTEXT_DO_SEQUENCE)) != 0 ||
		    (code = krb5_mk_req_extended(k, &auth, AP_OPTS_USE_SUBKEY | (mutual ? AP_OPTS_MUTUAL_REQUIRED : 0),
		        sum == 0 ? NULL : &text, have, &request)) != 0)
			die("libkrb5: %d", (int)code);
		body = frame.length + 2 + request.length;
		if (body + 4 > sizeof(token) || body < 256)
			die("an AP-REQ of %u octets", request.length);
		token[0] = 0x60;
		token[1] = 0x82;
		token[2] = (unsigned char)(body >> 8);
		token[3] = (unsigned char)body;
		memcpy(token + 4, frame.elements, frame.length);
		memcpy(token + 4 + frame.length, "\x01\x00", 2);
		memcpy(token + 6 + frame.length, request.data, request.length);
		in.length = 4 + body;
		as(&all, "acceptor");
		major = acceptor->gss_accept_sec_context(&minor, &a.context, GSS_C_NO_CREDENTIAL, &in, bound ? &x : NULL, NULL, NULL,
		    &out, &flags, NULL, NULL);
		if (sum == 2 || (bound && says)) {
			if (!GSS_ERROR(major) || (sum != 2 && GSS_ROUTINE_ERROR(major) != GSS_S_BAD_BINDINGS))
				die("%s, checksum %d, bindings %d, says %d: %x", acceptor->name, sum, bound, says, major);
		} else {
			OM_uint32 wanted = sum == 0 ? 0 : GSS_C_REPLAY_FLAG | GSS_C_SEQUENCE_FLAG;

			need(acceptor, "gss_accept_sec_context", major, minor);
			/* MIT's library lets who sent no checksum wait for a reply. */
			if (mutual && (sum != 0 || acceptor == &ours))
				wanted |= GSS_C_MUTUAL_FLAG;
			if ((flags & ~(GSS_C_TRANS_FLAG | GSS_C_PROT_READY_FLAG)) != wanted ||
			    (out.length > 0) != !!(wanted & GSS_C_MUTUAL_FLAG))
				die("%s, checksum %d, mutual %d: flags %x, a token of %zu octets", acceptor->name, sum, mutual, flags, out.length);
			if (out.length > 0) {
				unsigned char *octets = out.value;
				size_t head = (octets[1] < 0x80 ? 2 : 2 + (octets[1] & 0x7fu)) + frame.length + 2;
				krb5_data reply = { .length = (unsigned)(out.length - head), .data = (char *)octets + head };

				if ((code = krb5_rd_rep(k, auth, &reply, &part)) != 0)
					die("%s's reply: %d", acceptor->name, (int)code);
				krb5_free_ap_rep_enc_part(k, part);
			}
		}
		rounds++;
		acceptor->gss_release_buffer(&ignored, &out);
		drop(&a);
		krb5_free_data_contents(k, &request);
		krb5_free_creds(k, have);
		krb5_free_cred_contents(k, &want);
		krb5_auth_con_free(k, auth);
		krb5_cc_close(k, cache);
		krb5_free_context(k);
	}
}

/* oids: each OID of krb5, with each enctype; tokens of messages have it in their frames if the enctype is an old one. */
static void oids(struct library *initiator, struct library *acceptor)
{
	static gss_OID_desc old = { 5, (void *)"\x2b\x05\x01\x05\x02" };
	static gss_OID_desc windows = { 9, (void *)"\x2a\x86\x48\x82\xf7\x12\x01\x02\x02" };
	static const gss_OID mechs[] = { &krb5_mech, &old, &windows };
	static const int types[] = { 18, 16, 23 };
	struct party i = { .l = initiator }, a = { .l = acceptor };
	char service[40], cache[600], *before = strdup(getenv("KRB5CCNAME"));
	size_t m, t;

	for (m = 0; m < COUNT(mechs); m++) {
		for (t = 0; t < COUNT(types); t++) {
			struct outcome o;

			snprintf(service, sizeof(service), "aes%d@localhost", types[t]);
			snprintf(cache, sizeof(cache), "FILE:%s/cc-%d", directory, types[t]);
			setenv("KRB5CCNAME", cache, 1);
			i.mech = a.mech = mechs[m];
			snprintf(i.config, sizeof(i.config), "permitted_enctypes = %s\n", types[t] == 18 ? "aes256-cts" :
			    types[t] == 16 ? "des3-cbc-sha1" : "arcfour-hmac");
			memcpy(a.config, i.config, sizeof(a.config));
			o = negotiate(&i, &a, service, mechs[m], FLAGS);
			if (o.init_major != GSS_S_COMPLETE || o.accept_major != GSS_S_COMPLETE || o.type != types[t])
				die("%s to %s, OID %zu, enctype %d: %x %u, %x %u, type %d", initiator->name, acceptor->name, m, types[t],
				    o.init_major, o.init_minor, o.accept_major, o.accept_minor, o.type);
			rounds++;
			forget(&o);
		}
	}
	setenv("KRB5CCNAME", before, 1);
	free(before);
}

int main(int argc, char **argv)
{
	unsigned long n, count;
	struct timespec now;

	if (argc < 5) {
		fprintf(stderr, "usage: authenticator OURS MITS DIR ROUNDS [SEED]\n");
		return 2;
	}
	load(&ours, argv[1]);
	load(&mits, argv[2]);
	snprintf(directory, sizeof(directory), "%s", argv[3]);
	count = strtoul(argv[4], NULL, 0);
	clock_gettime(CLOCK_REALTIME, &now);
	state = argc > 5 ? strtoull(argv[5], NULL, 0) : (uint64_t)now.tv_sec << 32 | (uint64_t)now.tv_nsec | 1;
	printf("# seed %llu\n", (unsigned long long)state);

#define PASSED(what) printf("ok - %s (%lu)\n", what, rounds), rounds = 0
	bindings(&ours, &mits);
	PASSED("bindings, ours to MIT's");
	bindings(&mits, &ours);
	PASSED("bindings, MIT's to ours");
	bindings(&ours, &ours);
	PASSED("bindings, ours to ours");
	oids(&ours, &mits);
	PASSED("OIDs, ours to MIT's");
	oids(&mits, &ours);
	PASSED("OIDs, MIT's to ours");
	bare(&ours);
	PASSED("plain Kerberos to ours");
	bare(&mits);
	PASSED("plain Kerberos to MIT's");
	for (n = 0; n < count; n++)
		enctypes();
	PASSED("enctypes");
	return 0;
}
