/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * cred.c: calls about credentials.
 */
#include "hammer.h"

#include <limits.h>

const char *path(struct thread *t, const char *prefix, const char *name)
{
	char text[500];
	const char *dir = getenv("TEST_DIR");

	snprintf(text, sizeof(text), "%s%s/%s", prefix, dir == NULL ? "." : dir, name);
	return in(t, text, strlen(text) + 1);
}

static gss_cred_usage_t usage(struct thread *t)
{
	return one_in(t, 20) ? (gss_cred_usage_t)rnd(t) : (gss_cred_usage_t)below(t, 3);
}

static OM_uint32 lifetime(struct thread *t)
{
	return one_in(t, 2) ? 0 : one_in(t, 2) ? GSS_C_INDEFINITE : (OM_uint32)rnd(t);
}

/* What is read: there are a few good files, some that are none, and some that are not there. */
static const char *source(struct thread *t)
{
	static const char *const names[] = { "cc.tgt", "cc.bob", "cc.expired", "krb5.keytab", "alice.keytab", "noise", "none" };
	const char *prefix = one_in(t, 2) ? "FILE:" : one_in(t, 8) ? "MEMORY:" : "";

	return path(t, prefix, names[below(t, COUNT(names))]);
}

static gss_const_key_value_set_t store_in(struct thread *t, const char *cache)
{
	static const char *const keys[] = { "keytab", "client_keytab", "rcache", "ccache", "password", "verify", "x" };
	gss_key_value_element_desc elements[3];
	gss_key_value_set_desc set = { 0, NULL };
	unsigned i;

	if (one_in(t, 12))
		return GSS_C_NO_CRED_STORE;
	set.count = 1 + (one_in(t, 3) ? below(t, COUNT(elements)) : 0);
	for (i = 0; i < set.count; i++) {
		const char *key = i == 0 ? "ccache" : keys[below(t, COUNT(keys))];

		elements[i].key = one_in(t, 60) ? NULL : in(t, key, strlen(key) + 1);
		elements[i].value = one_in(t, 60) ? NULL : i == 0 && cache != NULL ? cache : source(t);
	}
	set.elements = one_in(t, 60) ? NULL : in(t, elements, set.count * sizeof(elements[0]));
	return in(t, &set, sizeof(set));
}

/* The default credential, or one of names that are likely to have one. */
static gss_name_t desired(struct thread *t)
{
	return one_in(t, 2) ? GSS_C_NO_NAME : name_in(t);
}

static void acquire(struct thread *t)
{
	CALL(t, gss_acquire_cred, minor_in(t), desired(t), lifetime(t), set_in(t), usage(t), cred_out(t), set_out(t),
	    number_out(t));
}

static void acquire_from(struct thread *t)
{
	CALL(t, gss_acquire_cred_from, minor_in(t), desired(t), lifetime(t), set_in(t), usage(t), store_in(t, NULL), cred_out(t),
	    set_out(t), number_out(t));
}

static void add(struct thread *t)
{
	/* Without an output the element is added to the input. */
	CALL(t, gss_add_cred, minor_in(t), one_in(t, 3) ? GSS_C_NO_CREDENTIAL : cred_in(t), desired(t), mech_in(t), usage(t),
	    lifetime(t), lifetime(t), one_in(t, 3) ? NULL : cred_out(t), set_out(t), number_out(t), number_out(t));
	forget(t);
	CALL(t, gss_add_cred_from, minor_in(t), one_in(t, 3) ? GSS_C_NO_CREDENTIAL : cred_in(t), desired(t), mech_in(t),
	    usage(t), lifetime(t), lifetime(t), store_in(t, NULL), one_in(t, 3) ? NULL : cred_out(t), set_out(t), number_out(t),
	    number_out(t));
}

static void look(struct thread *t)
{
	CALL(t, gss_inquire_cred, minor_in(t), cred_in(t), name_out(t), number_out(t), int_out(t), set_out(t));
	forget(t);
	CALL(t, gss_inquire_cred_by_mech, minor_in(t), cred_in(t), mech_in(t), name_out(t), number_out(t), number_out(t),
	    int_out(t));
	forget(t);
	CALL(t, gss_inquire_cred_by_oid, minor_in(t), cred_in(t), oid_in(t), buffers_out(t));
}

static void options(struct thread *t)
{
	static const int32_t types[] = { 18, 17, 19, 20, 23, -1 };
	gss_cred_id_t *p = room(t, sizeof(*p));

	*p = cred_in(t);
	CALL(t, gss_set_cred_option, minor_in(t), one_in(t, 30) ? NULL : p, oid_in(t), random_in(t));
	if (p != NULL) /* an option may make one, if one was not given */
		forget(t);
	CALL(t, gss_set_neg_mechs, minor_in(t), cred_in(t), set_in(t));
	if (!mits_front)
		return;
	forget(t);
	CALL(t, gssspi_set_cred_option, minor_in(t), cred_in(t), oid_in(t), random_in(t));
	forget(t);
	CALL(t, gss_krb5_set_allowable_enctypes, minor_in(t), cred_in(t), one_in(t, 5) ? 0 : 1 + below(t, 6),
	    one_in(t, 9) ? NULL : in(t, types, sizeof(types)));
}

static void store(struct thread *t)
{
	char name[40];

	if (one_in(t, 4)) {
		CALL(t, gss_store_cred, minor_in(t), cred_in(t), usage(t), mech_in(t), below(t, 2), below(t, 2), set_out(t),
		    int_out(t));
		return;
	}
	snprintf(name, sizeof(name), "stored.%u", below(t, 4));
	if (one_in(t, 3)) {
		/* Without GSS_C_STORE_CRED_SET_PROCESS: other threads read the environment. */
		CALL(t, gss_store_cred_into2, minor_in(t), cred_in(t), usage(t), mech_in(t), one_in(t, 30) ? 8 : below(t, 4),
		    store_in(t, path(t, "FILE:", name)), set_out(t), int_out(t), buffers_out(t));
		return;
	}
	CALL(t, gss_store_cred_into, minor_in(t), cred_in(t), usage(t), mech_in(t), below(t, 2), below(t, 2),
	    store_in(t, path(t, "FILE:", name)), set_out(t), int_out(t));
}

static void release(struct thread *t)
{
	gss_cred_id_t *p = room(t, sizeof(*p));
	struct handle h = pick(t, CREDENTIAL);

	*p = (gss_cred_id_t)use(t, h);
	if (CALL(t, gss_release_cred, minor_in(t), p) == GSS_S_COMPLETE && h.value != 0)
		buried(CREDENTIAL, h.value);
}

/* handed_on exports a credential, and imports the token, whole or not, perhaps twice. */
static void handed_on(struct thread *t)
{
	gss_buffer_desc *out = room(t, sizeof(*out));
	OM_uint32 *minor = room(t, sizeof(*minor)), ignored;
	unsigned char copy[8192];
	size_t length = 0;

	CALL(t, gss_export_cred, minor_in(t), cred_in(t), buffer_out(t));
	forget(t);
	CALL(t, gss_import_cred, minor_in(t), random_in(t), cred_out(t));
	forget(t);
	if (CALL(t, gss_export_cred, minor, cred_in(t), out) != GSS_S_COMPLETE)
		return;
	if (out->length <= sizeof(copy))
		memcpy(copy, out->value, length = out->length);
	gss.gss_release_buffer(&ignored, out);
	if (length == 0)
		return;
	if (one_in(t, 2))
		copy[below(t, (unsigned)length)] ^= (unsigned char)(1u << below(t, 8));
	if (one_in(t, 8))
		length -= 1 + below(t, (unsigned)length);
	CALL(t, gss_import_cred, minor_in(t), buffer_in(t, copy, length), cred_out(t));
	if (one_in(t, 4))
		CALL(t, gss_import_cred, minor_in(t), buffer_in(t, copy, length), cred_out(t));
}

static gss_buffer_t password(struct thread *t)
{
	return one_in(t, 4) ? buffer_in(t, "alice-password", 14) : random_in(t);
}

static void with_password(struct thread *t)
{
	CALL(t, gss_acquire_cred_with_password, minor_in(t), name_in(t), password(t), lifetime(t), set_in(t), usage(t), cred_out(t),
	    set_out(t), number_out(t));
	forget(t);
	CALL(t, gss_add_cred_with_password, minor_in(t), one_in(t, 3) ? GSS_C_NO_CREDENTIAL : cred_in(t), name_in(t), mech_in(t),
	    password(t), usage(t), lifetime(t), lifetime(t), one_in(t, 3) ? NULL : cred_out(t), set_out(t), number_out(t), number_out(t));
}

static void for_others(struct thread *t)
{
	CALL(t, gss_acquire_cred_impersonate_name, minor_in(t), cred_in(t), name_in(t), lifetime(t), set_in(t), usage(t), cred_out(t),
	    set_out(t), number_out(t));
	forget(t);
	CALL(t, gss_add_cred_impersonate_name, minor_in(t), cred_in(t), cred_in(t), name_in(t), mech_in(t), usage(t), lifetime(t),
	    lifetime(t), cred_out(t), set_out(t), number_out(t), number_out(t));
}

static void mits(struct thread *t)
{
	const char **before;

	if (!mits_front)
		return;
	/* Objects of libkrb5 are none that we could make up. */
	CALL(t, gss_krb5_copy_ccache, minor_in(t), cred_in(t), NULL);
	forget(t);
	CALL(t, gss_krb5_import_cred, minor_in(t), NULL, NULL, NULL, cred_out(t));
	forget(t);
	CALL(t, gss_krb5_set_cred_rcache, minor_in(t), cred_in(t), NULL);
	forget(t);
	before = pointer_out(t, OUT_STATIC);
	CALL(t, gss_krb5_ccache_name, minor_in(t), one_in(t, 2) ? NULL : path(t, "FILE:", one_in(t, 4) ? "none" : "cc.tgt"),
	    before);
	if (before != NULL && *before != NULL)
		(void)strlen(*before);
	forget(t);
	/* This is for all threads, so it does not last. */
	CALL(t, krb5_gss_register_acceptor_identity, path(t, "FILE:", "krb5.keytab"));
	forget(t);
	CALL(t, krb5_gss_register_acceptor_identity, NULL);
}

const struct operation cred_operations[] = {
	{ acquire, 6 }, { acquire_from, 4 }, { add, 4 }, { look, 10 }, { options, 6 }, { store, 1 }, { release, 3 },
	{ with_password, 1 }, { for_others, 1 }, { handed_on, 2 }, { mits, 2 }, { NULL, 0 },
};
