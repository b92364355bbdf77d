/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * data.c: calls about buffers, sets, OIDs, mechanisms and status codes.
 */
#include "hammer.h"

#include <limits.h>

static void buffer_sets(struct thread *t)
{
	gss_buffer_set_t *set = buffers_out(t);
	int n = (int)below(t, 5);

	CALL(t, gss_create_empty_buffer_set, minor_in(t), set);
	while (n-- > 0 && set != NULL) {
		forget(t);
		CALL(t, gss_add_buffer_set_member, minor_in(t), random_in(t), set);
	}
	forget(t);
	CALL(t, gss_add_buffer_set_member, minor_in(t), random_in(t), NULL);
}

static void oid_sets(struct thread *t)
{
	gss_OID_set *set = set_out(t);
	int n = (int)below(t, 5);

	CALL(t, gss_create_empty_oid_set, minor_in(t), set);
	while (n-- > 0 && set != NULL) {
		forget(t);
		CALL(t, gss_add_oid_set_member, minor_in(t), mech_in(t), set);
	}
	forget(t);
	CALL(t, gss_test_oid_set_member, minor_in(t), mech_in(t), set != NULL && one_in(t, 2) ? *set : set_in(t), int_out(t));
}

static void oids(struct thread *t)
{
	gss_OID_desc own = { 0, NULL };

	if (HAS(gss_duplicate_oid)) {
		CALL(t, gss_duplicate_oid, minor_in(t), oid_in(t), pointer_out(t, OUT_OID));
		forget(t);
		CALL(t, _gss_copy_oid, minor_in(t), oid_in(t), &own);
		forget(t);
		CALL(t, _gss_free_oid, minor_in(t), one_in(t, 20) ? NULL : &own);
		free(own.elements);
		NOMAJOR(t, _gss_mg_collect_error, mech_in(t), (OM_uint32)rnd(t), (OM_uint32)rnd(t));
		left(t);
		forget(t);
		CALL(t, _gss_copy_buffer, minor_in(t), random_in(t), buffer_out(t));
	}
	forget(t);
	CALL(t, gss_oid_to_str, minor_in(t), oid_in(t), buffer_out(t));
	forget(t);
	(void)NOMAJOR(t, gss_oid_equal, oid_in(t), oid_in(t));
	left(t);
}

static void oid_texts(struct thread *t)
{
	static const char *const texts[] = {
		"1.2.840.113554.1.2.2", "{ 1 2 840 113554 1 2 2 }", "{1 3 6 1 5 5 2", "1 3 6 1 5 5 2 }", "2.999.1", "", "{}", "1",
		"3.1", "1.40", "1.2.-1", "1.2.18446744073709551616", "1..2", "1.2.340282366920938463463374607431768211456",
		"{ 1 2 840 113554 1 2 2 } ", "0.0", "1.2.4294967295.4294967296",
	};
	const char *text = texts[below(t, COUNT(texts))];

	CALL(t, gss_str_to_oid, minor_in(t), one_in(t, 4) ? random_in(t) : buffer_in(t, text, strlen(text) + below(t, 2)),
	    pointer_out(t, OUT_OID));
}

static void frames(struct thread *t)
{
	gss_buffer_t frame = buffer_out(t);
	gss_OID oid = oid_in(t);

	CALL(t, gss_encapsulate_token, random_in(t), oid, frame);
	if (frame != NULL && frame->length > 0 && frame->length < SLOT_SIZE) {
		unsigned char copy[64];
		gss_OID_desc again = { oid->length < sizeof(copy) ? oid->length : sizeof(copy), copy };

		memcpy(copy, oid->elements, again.length);
		forget(t);
		CALL(t, gss_decapsulate_token, buffer_in(t, frame->value, frame->length - one_in(t, 8)), in(t, &again, sizeof(again)),
		    buffer_out(t));
	}
	forget(t);
	CALL(t, gss_decapsulate_token, random_in(t), oid_in(t), buffer_out(t));
}

static void mechanisms(struct thread *t)
{
	CALL(t, gss_indicate_mechs, minor_in(t), set_out(t));
	forget(t);
	CALL(t, gss_inquire_names_for_mech, minor_in(t), mech_in(t), set_out(t));
	forget(t);
	CALL(t, gss_indicate_mechs_by_attrs, minor_in(t), set_in(t), set_in(t), set_in(t), set_out(t));
	forget(t);
	CALL(t, gss_inquire_attrs_for_mech, minor_in(t), mech_in(t), set_out(t), set_out(t));
	forget(t);
	CALL(t, gss_display_mech_attr, minor_in(t), oid_in(t), buffer_out(t), buffer_out(t), buffer_out(t));
	forget(t);
	CALL(t, gss_inquire_saslname_for_mech, minor_in(t), mech_in(t), buffer_out(t), buffer_out(t), buffer_out(t));
	forget(t);
	CALL(t, gss_inquire_mech_for_saslname, minor_in(t), one_in(t, 2) ? text_in(t, "GS2-KRB5") : random_in(t), static_out(t));
}

static void statuses(struct thread *t)
{
	static const OM_uint32 base[] = { 0x96c73a00, 0x025ea100, 0x861b6d00, 0x6eda3600, 0 };
	OM_uint32 *more = one_in(t, 20) ? NULL : room(t, sizeof(*more)), status = (OM_uint32)rnd(t);
	gss_buffer_t text = buffer_out(t);

	if (more != NULL)
		*more = one_in(t, 4) ? (OM_uint32)rnd(t) : below(t, 3);
	if (one_in(t, 2))
		status = base[below(t, COUNT(base))] + below(t, 256);
	CALL(t, gss_display_status, minor_in(t), status, one_in(t, 10) ? (int)rnd(t) : 1 + (int)below(t, 2), mech_in(t), more,
	    text);
}

static void releases(struct thread *t)
{
	gss_OID fixed = GSS_C_NO_OID;

	/* Of nothing, and with nowhere to say so. */
	CALL(t, gss_release_buffer, minor_in(t), NULL);
	CALL(t, gss_release_buffer_set, minor_in(t), NULL);
	CALL(t, gss_release_oid_set, minor_in(t), NULL);
	CALL(t, gss_release_oid, minor_in(t), NULL);
	CALL(t, gss_release_name, minor_in(t), NULL);
	CALL(t, gss_release_cred, minor_in(t), NULL);
	CALL(t, gss_release_iov_buffer, minor_in(t), NULL, one_in(t, 2) ? INT_MAX : -1);
	CALL(t, gss_krb5_free_lucid_sec_context, minor_in(t), NULL);
	/* What is static stays. */
	forget(t);
	CALL(t, gss_inquire_mech_for_saslname, minor_in(t), text_in(t, "GS2-KRB5"), &fixed);
	if (fixed != GSS_C_NO_OID)
		CALL(t, gss_release_oid, minor_in(t), &fixed);
}

static void refusals(struct thread *t)
{
	if (!mits_front)
		return;
	(void)NOMAJOR(t, krb5_gss_use_kdc_context);
	left(t);
	(void)NOMAJOR(t, gssint_g_seqstate_init);
	left(t);
	(void)NOMAJOR(t, gss_krb5int_make_seal_token_v3);
	left(t);
	CALL(t, gssspi_mech_invoke, minor_in(t), mech_in(t), oid_in(t), random_in(t));
}

const struct operation data_operations[] = {
	{ buffer_sets, 6 }, { oid_sets, 6 }, { oids, 6 }, { oid_texts, 6 }, { frames, 10 }, { mechanisms, 6 }, { statuses, 12 },
	{ releases, 3 }, { refusals, 2 }, { NULL, 0 },
};
