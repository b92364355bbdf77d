/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * context.c: calls that establish contexts, move them and tell about them.
 */
#include "hammer.h"

#include <limits.h>

static OM_uint32 flags(struct thread *t)
{
	return one_in(t, 12) ? (OM_uint32)rnd(t) : (OM_uint32)(rnd(t) & 0x103f) | (one_in(t, 2) ? GSS_C_MUTUAL_FLAG : 0);
}

/* target gives the name of a service, of one that has a key in the acceptor's keytab if it can be. */
static gss_name_t target(struct thread *t)
{
	static const char *const services[] = {
		"host@server.demo.test", "demo@localhost", "host@localhost", "aes17@localhost", "aes18@localhost", "aes19@localhost",
		"aes20@localhost", "delegate@localhost", "kvno@localhost", "damaged@localhost", "expired@localhost", "big@localhost",
		"nobody@localhost", "refused@localhost",
	};
	const char *text = services[one_in(t, 8) ? below(t, COUNT(services)) : below(t, 7)];
	gss_buffer_desc b = { strlen(text), NULL };
	gss_name_t *p = name_out(t);

	if (p == NULL)
		return name_in(t);
	b.value = in(t, text, b.length);
	CALL(t, gss_import_name, minor_in(t), in(t, &b, sizeof(b)),
	    oid_of(t, "\x2a\x86\x48\x86\xf7\x12\x01\x02\x01\x04", 10), p);
	forget(t);
	return *p;
}

/* A side that is being established. */
struct side {
	gss_ctx_id_t context;
	OM_uint32 major;
	unsigned char token[SLOT_SIZE]; /* for the peer */
	size_t length;
};

/* took notes what a step gave. *p is the handle as the call left it. */
static void took(struct thread *t, struct side *s, gss_ctx_id_t *p, gss_ctx_id_t before, gss_buffer_t token)
{
	if (*p == GSS_C_NO_CONTEXT && before != GSS_C_NO_CONTEXT)
		buried(CONTEXT, (uintptr_t)before);
	s->context = *p;
	s->length = 0;
	if (token != NULL && token->length > 0 && token->length <= sizeof(s->token)) {
		memcpy(s->token, token->value, token->length);
		s->length = token->length;
	}
	forget(t);
}

static void damage(struct thread *t, struct side *s)
{
	if (s->length > 0 && one_in(t, 16))
		s->token[below(t, (unsigned)s->length)] ^= (unsigned char)(1u << below(t, 8));
	if (s->length > 0 && one_in(t, 64))
		s->length -= 1 + below(t, (unsigned)s->length);
}

static void establish(struct thread *t)
{
	/* Too large for the stacks of threads that are not. */
	struct side *i = calloc(2, sizeof(*i)), *a = i + 1;
	gss_name_t name = target(t);
	OM_uint32 wanted = flags(t);
	gss_cred_id_t mine = one_in(t, 3) ? cred_in(t) : GSS_C_NO_CREDENTIAL;
	gss_cred_id_t theirs = one_in(t, 8) ? cred_in(t) : GSS_C_NO_CREDENTIAL;
	gss_ctx_id_t *p, before;
	gss_buffer_t token;
	int legs = 0, spnego = one_in(t, 3), bound = one_in(t, 6);

	if (i == NULL)
		return;
	i->major = a->major = GSS_S_CONTINUE_NEEDED;
	while (i->major == GSS_S_CONTINUE_NEEDED && legs++ < 3) {
		forget(t);
		p = room(t, sizeof(*p));
		*p = before = i->context;
		token = token_out(t);
		i->major = CALL(t, gss_init_sec_context, minor_in(t), mine, p, name,
		    one_in(t, 20) ? mech_in(t) : spnego ? oid_of(t, spnego_mech.elements, 6) : GSS_C_NO_OID, wanted,
		    one_in(t, 4) ? (OM_uint32)rnd(t) : 0, bound ? bindings_in(t) : NULL,
		    a->length == 0 && one_in(t, 2) ? NULL : buffer_in(t, a->token, a->length), static_out(t), token, number_out(t),
		    number_out(t));
		took(t, i, p, before, token);
		damage(t, i);
		if (i->length == 0 || GSS_ERROR(i->major))
			break;
		p = room(t, sizeof(*p));
		*p = before = a->context;
		token = token_out(t);
		a->major = CALL(t, gss_accept_sec_context, minor_in(t), p, theirs, buffer_in(t, i->token, i->length),
		    bound ? bindings_in(t) : NULL, name_out(t), static_out(t), token, number_out(t), number_out(t), cred_out(t));
		took(t, a, p, before, token);
		damage(t, a);
		if (a->length == 0 || GSS_ERROR(a->major))
			break;
	}
	if (i->major == GSS_S_COMPLETE && a->major == GSS_S_COMPLETE)
		COUNTED(contexts);
	keep_pair(t, (uintptr_t)i->context, (uintptr_t)a->context);
	free(i);
}

/* step makes one of a context that has nothing to do with the token, or with a token that has been seen before. */
static void step(struct thread *t)
{
	gss_ctx_id_t *p = room(t, sizeof(*p));
	struct handle h = one_in(t, 2) ? pick(t, CONTEXT) : (struct handle){ 0, 0, 0 };
	int accept = (int)below(t, 2);

	*p = (gss_ctx_id_t)use(t, h);
	if (accept)
		CALL(t, gss_accept_sec_context, minor_in(t), p, one_in(t, 2) ? cred_in(t) : NULL, random_in(t), bindings_in(t),
		    name_out(t), static_out(t), token_out(t), number_out(t), number_out(t), cred_out(t));
	else
		CALL(t, gss_init_sec_context, minor_in(t), one_in(t, 2) ? cred_in(t) : NULL, one_in(t, 40) ? NULL : p, name_in(t),
		    mech_in(t), flags(t), 0, bindings_in(t), random_in(t), static_out(t), token_out(t), number_out(t), number_out(t));
	if (h.value != 0 && *p == GSS_C_NO_CONTEXT)
		buried(CONTEXT, h.value);
	if (h.value == 0 && *p != GSS_C_NO_CONTEXT)
		keep(t, CONTEXT, (uintptr_t)*p);
}

/* gone notes where a context went. A forged handle may have been that of another one. */
static void gone(struct thread *t, struct handle h, int family)
{
	unsigned id = buried(CONTEXT, h.value);

	if (h.id != 0)
		id = h.id;
	if (id != 0)
		once(t, id, family);
}

static void export(struct thread *t)
{
	gss_ctx_id_t *p = room(t, sizeof(*p));
	struct handle h = pick(t, CONTEXT);
	gss_buffer_t token = buffer_out(t);

	*p = (gss_ctx_id_t)use(t, h);
	if (CALL(t, gss_export_sec_context, minor_in(t), p, token) != GSS_S_COMPLETE) {
		if ((uintptr_t)*p != h.value)
			fail(t, "it failed, and the handle is another one");
		return;
	}
	if (*p != GSS_C_NO_CONTEXT)
		fail(t, "the exported context has a handle");
	gone(t, h, 1);
	tokens_put(t, token->value, token->length);
}

static void import(struct thread *t)
{
	gss_ctx_id_t *p = room(t, sizeof(*p));
	unsigned char token[8192];
	unsigned serial;
	size_t length = tokens_get(t, token, sizeof(token), &serial);

	if (length == 0)
		return;
	if (one_in(t, 3))
		token[below(t, (unsigned)length)] ^= (unsigned char)(1u << below(t, 8));
	if (one_in(t, 16))
		length -= 1 + below(t, (unsigned)length);
	*p = (gss_ctx_id_t)(uintptr_t)rnd(t);
	if (CALL(t, gss_import_sec_context, minor_in(t), one_in(t, 50) ? random_in(t) : buffer_in(t, token, length), p) ==
	    GSS_S_COMPLETE) {
		imported(t, serial);
		keep(t, CONTEXT, (uintptr_t)*p);
	} else if (*p != GSS_C_NO_CONTEXT) {
		fail(t, "it failed, and there is a handle");
	}
}

static void delete(struct thread *t)
{
	gss_ctx_id_t *p = room(t, sizeof(*p));
	struct handle h = pick(t, CONTEXT);

	*p = (gss_ctx_id_t)use(t, h);
	if (CALL(t, gss_delete_sec_context, minor_in(t), p, one_in(t, 2) ? NULL : buffer_out(t)) == GSS_S_COMPLETE && h.value != 0)
		buried(CONTEXT, h.value);
}

/* inquire asks by any OID. One inquiry of MIT's, 1.2.840.113554.1.2.2.5.6.1, gives the address of what the caller frees. */
static void inquire(struct thread *t)
{
	static const char lucid[] = "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x05\x06\x01";
	gss_OID what = oid_in(t);
	int structure = what != GSS_C_NO_OID && what->length == sizeof(lucid) - 1 && what->elements != NULL &&
	    memcmp(what->elements, lucid, what->length) == 0;
	gss_buffer_set_t *set = buffers_out(t);
	void *address;

	if (CALL(t, gss_inquire_sec_context_by_oid, minor_in(t), context_in(t), what, set) != GSS_S_COMPLETE || !structure)
		return;
	if ((*set)->count != 1 || (*set)->elements[0].length != sizeof(address))
		fail(t, "no address");
	memcpy(&address, (*set)->elements[0].value, sizeof(address));
	forget(t);
	CALL(t, gss_krb5_free_lucid_sec_context, minor_in(t), address);
}

static void look(struct thread *t)
{
	CALL(t, gss_inquire_context, minor_in(t), context_in(t), name_out(t), name_out(t), number_out(t), static_out(t),
	    number_out(t), int_out(t), int_out(t));
	forget(t);
	CALL(t, gss_context_time, minor_in(t), context_in(t), number_out(t));
	forget(t);
	inquire(t);
	forget(t);
	CALL(t, gss_wrap_size_limit, minor_in(t), context_in(t), (int)below(t, 2), one_in(t, 8) ? (gss_qop_t)rnd(t) : 0,
	    (OM_uint32)rnd(t) >> below(t, 32), number_out(t));
}

static void options(struct thread *t)
{
	gss_ctx_id_t *p = room(t, sizeof(*p));

	/* Those of the process are for a program that knows what it does. */
	while ((*p = context_in(t)) == GSS_C_NO_CONTEXT)
		continue;
	CALL(t, gss_set_sec_context_option, minor_in(t), p, oid_in(t), random_in(t));
	forget(t);
	CALL(t, gss_process_context_token, minor_in(t), context_in(t), random_in(t));
	forget(t);
	if (mits_front)
		CALL(t, gss_complete_auth_token, minor_in(t), context_in(t), random_in(t));
}

static void octets(struct thread *t)
{
	static const ssize_t lengths[] = { 0, 1, 16, 100, 5000, -1, SSIZE_MAX, (ssize_t)1 << 40 };

	CALL(t, gss_pseudo_random, minor_in(t), context_in(t), one_in(t, 8) ? (int)rnd(t) : (int)below(t, 2), random_in(t),
	    lengths[below(t, COUNT(lengths))], buffer_out(t));
}

static void clear(struct thread *t)
{
	gss_ctx_id_t *p = room(t, sizeof(*p));
	struct handle h = pick(t, CONTEXT);
	void **lucid = pointer_out(t, OUT_STATIC);

	*p = (gss_ctx_id_t)use(t, h);
	if (CALL(t, gss_krb5_export_lucid_sec_context, minor_in(t), p, one_in(t, 10) ? (OM_uint32)rnd(t) : 1, lucid) ==
	    GSS_S_COMPLETE) {
		if (*p == GSS_C_NO_CONTEXT) {
			gone(t, h, 0);
		}
		forget(t);
		CALL(t, gss_krb5_free_lucid_sec_context, minor_in(t), *lucid);
	}
}

static void mits(struct thread *t)
{
	if (!mits_front)
		return;
	CALL(t, gss_krb5_get_tkt_flags, minor_in(t), context_in(t), (int32_t *)number_out(t));
	forget(t);
	CALL(t, gsskrb5_extract_authtime_from_sec_context, minor_in(t), context_in(t), (int32_t *)number_out(t));
	forget(t);
	CALL(t, gsskrb5_extract_authz_data_from_sec_context, minor_in(t), context_in(t), one_in(t, 2) ? 1 : (int)rnd(t),
	    buffer_out(t));
}

const struct operation context_operations[] = {
	{ establish, 16 }, { step, 4 }, { export, 5 }, { import, 8 }, { delete, 3 }, { look, 12 }, { options, 4 }, { octets, 4 },
	{ clear, 3 }, { mits, 4 }, { NULL, 0 },
};
