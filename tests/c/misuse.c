/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An incorrect program gets an error and never a crash: null pointers in every position of every function, malformed
 * buffers and OIDs, handles that are stale, forged, copied, released twice or of another kind. Only this library promises
 * that. The last line of the output names the last call.
 */
#include "harness.h"

#include <gssapi/gssapi_ext.h>

static gss_OID_set_desc only_krb5 = { 1, &krb5_mech };
static OM_uint32 major, minor;
static gss_buffer_desc text, out;
static gss_name_t name, name_out;
static gss_cred_id_t cred, cred_out;
static gss_OID_set mechs, set_out;
static gss_OID oid_out;
static gss_buffer_set_t buffers_out;
static gss_ctx_id_t none;
static OM_uint32 number_out;
static int int_out;
static gss_qop_t qop_out;
static uid_t uid_out;

/* The outputs contain garbage before each call, and are released after it: a failing call clears them. */
static void poison(void)
{
	out.length = 12345;
	out.value = &out;
	name_out = (gss_name_t)&out;
	cred_out = (gss_cred_id_t)&out;
	set_out = (gss_OID_set)&out;
	buffers_out = (gss_buffer_set_t)&out;
	none = GSS_C_NO_CONTEXT;
}

static void release(void)
{
	if (out.value != &out && out.length != 12345)
		gss_release_buffer(&minor, &out);
	if (name_out != (gss_name_t)&out)
		gss_release_name(&minor, &name_out);
	if (cred_out != (gss_cred_id_t)&out)
		gss_release_cred(&minor, &cred_out);
	if (set_out != (gss_OID_set)&out)
		gss_release_oid_set(&minor, &set_out);
	if (buffers_out != (gss_buffer_set_t)&out)
		gss_release_buffer_set(&minor, &buffers_out);
	if (none != GSS_C_NO_CONTEXT)
		gss_delete_sec_context(&minor, &none, GSS_C_NO_BUFFER);
}

static void judge(const char *call, int must_fail)
{
	check(!must_fail || GSS_ERROR(major) != 0, "%s: %s", call, major_text(major));
	release();
}

/* BAD must fail; ANY may do what it likes, as long as it returns: functions on data can do
   without a minor status. */
#define CALL(call, must_fail) \
	do { \
		printf("%s\n", #call); \
		poison(); \
		major = call; \
		judge(#call, must_fail); \
	} while (0)
#define BAD(call) CALL(call, 1)
#define ANY(call) CALL(call, 0)

static void null_names(void)
{
	BAD(gss_import_name(NULL, &text, GSS_C_NT_USER_NAME, &name_out));
	BAD(gss_import_name(&minor, NULL, GSS_C_NT_USER_NAME, &name_out));
	ANY(gss_import_name(&minor, &text, NULL, &name_out));
	BAD(gss_import_name(&minor, &text, GSS_C_NT_USER_NAME, NULL));
	BAD(gss_display_name(NULL, name, &out, &oid_out));
	BAD(gss_display_name(&minor, NULL, &out, &oid_out));
	BAD(gss_display_name(&minor, name, NULL, &oid_out));
	ANY(gss_display_name(&minor, name, &out, NULL));
	BAD(gss_compare_name(NULL, name, name, &int_out));
	BAD(gss_compare_name(&minor, NULL, name, &int_out));
	BAD(gss_compare_name(&minor, name, NULL, &int_out));
	BAD(gss_compare_name(&minor, NULL, NULL, &int_out));
	BAD(gss_compare_name(&minor, name, name, NULL));
	BAD(gss_duplicate_name(NULL, name, &name_out));
	BAD(gss_duplicate_name(&minor, NULL, &name_out));
	BAD(gss_duplicate_name(&minor, name, NULL));
	BAD(gss_canonicalize_name(NULL, name, &krb5_mech, &name_out));
	BAD(gss_canonicalize_name(&minor, NULL, &krb5_mech, &name_out));
	ANY(gss_canonicalize_name(&minor, name, NULL, &name_out));
	ANY(gss_canonicalize_name(&minor, name, &krb5_mech, NULL));
	BAD(gss_export_name(NULL, name, &out));
	BAD(gss_export_name(&minor, NULL, &out));
	BAD(gss_export_name(&minor, name, NULL));
	ANY(gss_release_name(NULL, &name_out));
	ANY(gss_release_name(&minor, NULL));
	BAD(gss_inquire_mechs_for_name(NULL, name, &set_out));
	BAD(gss_inquire_mechs_for_name(&minor, NULL, &set_out));
	BAD(gss_inquire_mechs_for_name(&minor, name, NULL));
	BAD(gss_inquire_names_for_mech(NULL, &krb5_mech, &set_out));
	ANY(gss_inquire_names_for_mech(&minor, NULL, &set_out));
	BAD(gss_inquire_names_for_mech(&minor, &krb5_mech, NULL));
	BAD(gss_pname_to_uid(NULL, name, &krb5_mech, &uid_out));
	BAD(gss_pname_to_uid(&minor, NULL, &krb5_mech, &uid_out));
	ANY(gss_pname_to_uid(&minor, name, NULL, &uid_out));
	BAD(gss_pname_to_uid(&minor, name, &krb5_mech, NULL));
}

static void null_data(void)
{
	gss_OID static_oid = GSS_C_NT_USER_NAME;

	ANY(gss_create_empty_oid_set(NULL, &set_out));
	BAD(gss_create_empty_oid_set(&minor, NULL));
	ANY(gss_add_oid_set_member(NULL, &krb5_mech, &mechs));
	BAD(gss_add_oid_set_member(&minor, NULL, &mechs));
	BAD(gss_add_oid_set_member(&minor, &krb5_mech, NULL));
	ANY(gss_test_oid_set_member(NULL, &krb5_mech, mechs, &int_out));
	BAD(gss_test_oid_set_member(&minor, NULL, mechs, &int_out));
	BAD(gss_test_oid_set_member(&minor, &krb5_mech, NULL, &int_out));
	BAD(gss_test_oid_set_member(&minor, &krb5_mech, mechs, NULL));
	ANY(gss_release_oid_set(NULL, NULL));
	ANY(gss_release_oid_set(&minor, NULL));
	ANY(gss_release_oid(NULL, &static_oid));
	ANY(gss_release_oid(&minor, NULL));
	ANY(gss_duplicate_oid(NULL, &krb5_mech, &oid_out));
	BAD(gss_duplicate_oid(&minor, &krb5_mech, NULL));
	ANY(gss_oid_to_str(NULL, &krb5_mech, &out));
	BAD(gss_oid_to_str(&minor, NULL, &out));
	BAD(gss_oid_to_str(&minor, &krb5_mech, NULL));
	ANY(gss_indicate_mechs(NULL, &set_out));
	BAD(gss_indicate_mechs(&minor, NULL));
	ANY(gss_release_buffer(NULL, NULL));
	ANY(gss_release_buffer(&minor, NULL));
	ANY(gss_create_empty_buffer_set(NULL, &buffers_out));
	BAD(gss_create_empty_buffer_set(&minor, NULL));
	BAD(gss_add_buffer_set_member(&minor, NULL, &buffers_out));
	BAD(gss_add_buffer_set_member(&minor, &text, NULL));
	ANY(gss_release_buffer_set(NULL, NULL));
	ANY(gss_release_buffer_set(&minor, NULL));
	BAD(gss_encapsulate_token(NULL, &krb5_mech, &out));
	BAD(gss_encapsulate_token(&text, NULL, &out));
	BAD(gss_encapsulate_token(&text, &krb5_mech, NULL));
	BAD(gss_decapsulate_token(NULL, &krb5_mech, &out));
	BAD(gss_decapsulate_token(&text, NULL, &out));
	BAD(gss_decapsulate_token(&text, &krb5_mech, NULL));
	ANY(gss_display_status(NULL, 1, GSS_C_MECH_CODE, &krb5_mech, &number_out, &out));
	ANY(gss_display_status(&minor, 1, GSS_C_MECH_CODE, NULL, &number_out, &out));
	ANY(gss_display_status(&minor, 1, GSS_C_MECH_CODE, &krb5_mech, NULL, &out));
	BAD(gss_display_status(&minor, 1, GSS_C_MECH_CODE, &krb5_mech, &number_out, NULL));
	BAD(gss_display_status(&minor, GSS_S_FAILURE, GSS_C_GSS_CODE, &krb5_mech, &number_out, NULL));
}

static void null_creds(void)
{
	BAD(gss_acquire_cred(NULL, name, 0, mechs, GSS_C_INITIATE, &cred_out, NULL, NULL));
	ANY(gss_acquire_cred(&minor, NULL, 0, NULL, GSS_C_INITIATE, &cred_out, NULL, NULL));
	BAD(gss_acquire_cred(&minor, name, 0, mechs, GSS_C_INITIATE, NULL, &set_out, &number_out));
	BAD(gss_acquire_cred(&minor, name, 0, mechs, 99, &cred_out, &set_out, &number_out));
	BAD(gss_add_cred(NULL, NULL, name, &krb5_mech, GSS_C_INITIATE, 0, 0, &cred_out, NULL, NULL, NULL));
	ANY(gss_add_cred(&minor, NULL, NULL, &krb5_mech, GSS_C_INITIATE, 0, 0, &cred_out, NULL, NULL, NULL));
	ANY(gss_add_cred(&minor, NULL, name, NULL, GSS_C_INITIATE, 0, 0, &cred_out, NULL, NULL, NULL));
	BAD(gss_add_cred(&minor, NULL, name, &krb5_mech, GSS_C_INITIATE, 0, 0, NULL, NULL, NULL, NULL));
	BAD(gss_add_cred(&minor, NULL, name, &krb5_mech, 99, 0, 0, &cred_out, NULL, NULL, NULL));
	BAD(gss_inquire_cred(NULL, cred, &name_out, &number_out, &int_out, &set_out));
	ANY(gss_inquire_cred(&minor, NULL, NULL, NULL, NULL, NULL));
	BAD(gss_inquire_cred_by_mech(NULL, cred, &krb5_mech, &name_out, NULL, NULL, NULL));
	ANY(gss_inquire_cred_by_mech(&minor, NULL, &krb5_mech, NULL, NULL, NULL, NULL));
	ANY(gss_inquire_cred_by_mech(&minor, cred, NULL, NULL, NULL, NULL, NULL));
	ANY(gss_release_cred(NULL, NULL));
	ANY(gss_release_cred(&minor, NULL));
	BAD(gss_inquire_cred_by_oid(NULL, cred, &krb5_mech, &buffers_out));
	ANY(gss_inquire_cred_by_oid(&minor, NULL, &krb5_mech, &buffers_out));
	BAD(gss_inquire_cred_by_oid(&minor, cred, NULL, &buffers_out));
	BAD(gss_inquire_cred_by_oid(&minor, cred, &krb5_mech, NULL));
	BAD(gss_set_cred_option(NULL, &cred, &krb5_mech, &text));
	BAD(gss_set_cred_option(&minor, NULL, &krb5_mech, &text));
	BAD(gss_set_cred_option(&minor, &cred, NULL, &text));
	BAD(gss_set_cred_option(&minor, &cred, &krb5_mech, NULL));
	BAD(gss_set_neg_mechs(NULL, cred, &only_krb5));
	BAD(gss_set_neg_mechs(&minor, NULL, &only_krb5));
	BAD(gss_set_neg_mechs(&minor, cred, NULL));
}

static void null_contexts(gss_ctx_id_t c)
{
	gss_name_t target = import(SERVICE, GSS_C_NT_HOSTBASED_SERVICE);

	BAD(gss_init_sec_context(NULL, NULL, &none, target, NULL, 0, 0, NULL, NULL, NULL, &out, NULL, NULL));
	BAD(gss_init_sec_context(&minor, NULL, NULL, target, NULL, 0, 0, NULL, NULL, NULL, &out, NULL, NULL));
	BAD(gss_init_sec_context(&minor, NULL, &none, NULL, NULL, 0, 0, NULL, NULL, NULL, &out, NULL, NULL));
	BAD(gss_init_sec_context(&minor, NULL, &none, target, NULL, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL));
	ANY(gss_init_sec_context(&minor, NULL, &none, target, NULL, 0, 0, NULL, NULL, NULL, &out, NULL, NULL));
	BAD(gss_accept_sec_context(NULL, &none, NULL, &text, NULL, NULL, NULL, &out, NULL, NULL, NULL));
	BAD(gss_accept_sec_context(&minor, NULL, NULL, &text, NULL, NULL, NULL, &out, NULL, NULL, NULL));
	BAD(gss_accept_sec_context(&minor, &none, NULL, NULL, NULL, NULL, NULL, &out, NULL, NULL, NULL));
	BAD(gss_accept_sec_context(&minor, &none, NULL, &text, NULL, NULL, NULL, NULL, NULL, NULL, NULL));
	BAD(gss_accept_sec_context(&minor, &none, NULL, &text, NULL, NULL, NULL, &out, NULL, NULL, NULL));
	ANY(gss_delete_sec_context(NULL, NULL, NULL));
	ANY(gss_delete_sec_context(&minor, NULL, NULL));
	ANY(gss_delete_sec_context(&minor, &none, NULL));
	BAD(gss_process_context_token(NULL, c, &text));
	BAD(gss_process_context_token(&minor, NULL, &text));
	BAD(gss_process_context_token(&minor, c, NULL));
	BAD(gss_context_time(NULL, c, &number_out));
	BAD(gss_context_time(&minor, NULL, &number_out));
	BAD(gss_context_time(&minor, c, NULL));
	BAD(gss_inquire_context(NULL, c, &name_out, NULL, NULL, NULL, NULL, NULL, NULL));
	BAD(gss_inquire_context(&minor, NULL, &name_out, NULL, NULL, NULL, NULL, NULL, NULL));
	ANY(gss_inquire_context(&minor, c, NULL, NULL, NULL, NULL, NULL, NULL, NULL));
	BAD(gss_wrap_size_limit(NULL, c, 1, 0, 100, &number_out));
	BAD(gss_wrap_size_limit(&minor, NULL, 1, 0, 100, &number_out));
	BAD(gss_wrap_size_limit(&minor, c, 1, 0, 100, NULL));
	BAD(gss_export_sec_context(NULL, &c, &out));
	BAD(gss_export_sec_context(&minor, NULL, &out));
	BAD(gss_export_sec_context(&minor, &none, &out));
	BAD(gss_export_sec_context(&minor, &c, NULL));
	BAD(gss_import_sec_context(NULL, &text, &none));
	BAD(gss_import_sec_context(&minor, NULL, &none));
	BAD(gss_import_sec_context(&minor, &text, NULL));
	BAD(gss_inquire_sec_context_by_oid(NULL, c, &krb5_mech, &buffers_out));
	BAD(gss_inquire_sec_context_by_oid(&minor, NULL, &krb5_mech, &buffers_out));
	BAD(gss_inquire_sec_context_by_oid(&minor, c, NULL, &buffers_out));
	BAD(gss_inquire_sec_context_by_oid(&minor, c, &krb5_mech, NULL));
	BAD(gss_set_sec_context_option(NULL, &c, &krb5_mech, &text));
	BAD(gss_set_sec_context_option(&minor, NULL, &krb5_mech, &text));
	BAD(gss_set_sec_context_option(&minor, &c, NULL, &text));
	BAD(gss_set_sec_context_option(&minor, &c, &krb5_mech, NULL));
	gss_release_name(&minor, &target);
}

static void null_messages(gss_ctx_id_t c)
{
	BAD(gss_get_mic(NULL, c, 0, &text, &out));
	BAD(gss_get_mic(&minor, NULL, 0, &text, &out));
	BAD(gss_get_mic(&minor, c, 0, NULL, &out));
	BAD(gss_get_mic(&minor, c, 0, &text, NULL));
	BAD(gss_verify_mic(NULL, c, &text, &text, &qop_out));
	BAD(gss_verify_mic(&minor, NULL, &text, &text, &qop_out));
	BAD(gss_verify_mic(&minor, c, NULL, &text, &qop_out));
	BAD(gss_verify_mic(&minor, c, &text, NULL, &qop_out));
	BAD(gss_verify_mic(&minor, c, &text, &text, NULL));
	BAD(gss_wrap(NULL, c, 1, 0, &text, &int_out, &out));
	BAD(gss_wrap(&minor, NULL, 1, 0, &text, &int_out, &out));
	BAD(gss_wrap(&minor, c, 1, 0, NULL, &int_out, &out));
	ANY(gss_wrap(&minor, c, 1, 0, &text, NULL, &out));
	BAD(gss_wrap(&minor, c, 1, 0, &text, &int_out, NULL));
	BAD(gss_unwrap(NULL, c, &text, &out, &int_out, &qop_out));
	BAD(gss_unwrap(&minor, NULL, &text, &out, &int_out, &qop_out));
	BAD(gss_unwrap(&minor, c, NULL, &out, &int_out, &qop_out));
	BAD(gss_unwrap(&minor, c, &text, NULL, &int_out, &qop_out));
	BAD(gss_unwrap(&minor, c, &text, &out, NULL, NULL));
	BAD(gss_sign(NULL, c, 0, &text, &out));
	BAD(gss_sign(&minor, NULL, 0, &text, &out));
	BAD(gss_sign(&minor, c, 0, NULL, &out));
	BAD(gss_sign(&minor, c, 0, &text, NULL));
	BAD(gss_verify(NULL, c, &text, &text, &int_out));
	BAD(gss_verify(&minor, NULL, &text, &text, &int_out));
	BAD(gss_verify(&minor, c, NULL, &text, &int_out));
	BAD(gss_verify(&minor, c, &text, NULL, &int_out));
	BAD(gss_seal(NULL, c, 1, 0, &text, &int_out, &out));
	BAD(gss_seal(&minor, NULL, 1, 0, &text, &int_out, &out));
	BAD(gss_seal(&minor, c, 1, 0, NULL, &int_out, &out));
	BAD(gss_seal(&minor, c, 1, 0, &text, &int_out, NULL));
	BAD(gss_unseal(NULL, c, &text, &out, &int_out, &int_out));
	BAD(gss_unseal(&minor, NULL, &text, &out, &int_out, &int_out));
	BAD(gss_unseal(&minor, c, NULL, &out, &int_out, &int_out));
	BAD(gss_unseal(&minor, c, &text, NULL, &int_out, &int_out));
	BAD(gss_pseudo_random(NULL, c, 0, &text, 16, &out));
	BAD(gss_pseudo_random(&minor, NULL, 0, &text, 16, &out));
	BAD(gss_pseudo_random(&minor, c, 0, NULL, 16, &out));
	BAD(gss_pseudo_random(&minor, c, 0, &text, 16, NULL));
	BAD(gss_pseudo_random(&minor, c, 0, &text, -1, &out));
}

/* Structures with a length but no octets. */
static void hollow(gss_ctx_id_t c)
{
	gss_buffer_desc b = { 100, NULL };
	gss_OID_desc o = { 9, NULL };
	gss_OID_set_desc s = { 1, NULL };
	struct gss_channel_bindings_struct bindings;
	gss_name_t target = import(SERVICE, GSS_C_NT_HOSTBASED_SERVICE);

	memset(&bindings, 0, sizeof(bindings));
	bindings.application_data = b;
	BAD(gss_import_name(&minor, &b, GSS_C_NT_USER_NAME, &name_out));
	BAD(gss_import_name(&minor, &text, &o, &name_out));
	BAD(gss_canonicalize_name(&minor, name, &o, &name_out));
	BAD(gss_acquire_cred(&minor, name, 0, &s, GSS_C_INITIATE, &cred_out, NULL, NULL));
	BAD(gss_add_cred(&minor, NULL, name, &o, GSS_C_INITIATE, 0, 0, &cred_out, NULL, NULL, NULL));
	BAD(gss_add_oid_set_member(&minor, &o, &mechs));
	BAD(gss_test_oid_set_member(&minor, &o, mechs, &int_out));
	BAD(gss_test_oid_set_member(&minor, &krb5_mech, &s, &int_out));
	BAD(gss_oid_to_str(&minor, &o, &out));
	ANY(gss_oid_equal(&o, &krb5_mech) ? GSS_S_FAILURE : GSS_S_COMPLETE);
	BAD(gss_add_buffer_set_member(&minor, &b, &buffers_out));
	BAD(gss_encapsulate_token(&b, &krb5_mech, &out));
	BAD(gss_encapsulate_token(&text, &o, &out));
	BAD(gss_decapsulate_token(&b, &krb5_mech, &out));
	ANY(gss_display_status(&minor, 1, GSS_C_MECH_CODE, &o, &number_out, &out));
	BAD(gss_init_sec_context(&minor, NULL, &none, target, &o, 0, 0, NULL, NULL, NULL, &out, NULL, NULL));
	BAD(gss_init_sec_context(&minor, NULL, &none, target, NULL, 0, 0, &bindings, NULL, NULL, &out, NULL, NULL));
	BAD(gss_init_sec_context(&minor, NULL, &none, target, NULL, 0, 0, NULL, &b, NULL, &out, NULL, NULL));
	BAD(gss_accept_sec_context(&minor, &none, NULL, &b, NULL, NULL, NULL, &out, NULL, NULL, NULL));
	BAD(gss_accept_sec_context(&minor, &none, NULL, &text, &bindings, NULL, NULL, &out, NULL, NULL, NULL));
	BAD(gss_get_mic(&minor, c, 0, &b, &out));
	BAD(gss_verify_mic(&minor, c, &b, &text, NULL));
	BAD(gss_verify_mic(&minor, c, &text, &b, NULL));
	BAD(gss_wrap(&minor, c, 1, 0, &b, NULL, &out));
	BAD(gss_unwrap(&minor, c, &b, &out, NULL, NULL));
	BAD(gss_import_sec_context(&minor, &b, &none));
	BAD(gss_process_context_token(&minor, c, &b));
	BAD(gss_pseudo_random(&minor, c, 0, &b, 16, &out));
	BAD(gss_inquire_sec_context_by_oid(&minor, c, &o, &buffers_out));
	BAD(gss_inquire_cred_by_oid(&minor, cred, &o, &buffers_out));
	BAD(gss_set_cred_option(&minor, &cred, &krb5_mech, &b));
	BAD(gss_set_neg_mechs(&minor, cred, &s));
	BAD(gss_set_sec_context_option(&minor, &c, &krb5_mech, &b));
	gss_release_name(&minor, &target);
}

#define WANT(wanted, call) \
	do { \
		poison(); \
		major = call; \
		check(GSS_ERROR(major) == (wanted), "%s: %s: %s", what, #call, major_text(major)); \
		release(); \
	} while (0)

/* dead_context, dead_cred and dead_name pass an invalid handle to every call that takes one. */
static void dead_context(const char *what, gss_ctx_id_t c)
{
	gss_name_t target = import(SERVICE, GSS_C_NT_HOSTBASED_SERVICE);
	gss_ctx_id_t copy;

	fact("context: %s", what);
	WANT(GSS_S_NO_CONTEXT, gss_get_mic(&minor, c, 0, &text, &out));
	WANT(GSS_S_NO_CONTEXT, gss_verify_mic(&minor, c, &text, &text, NULL));
	WANT(GSS_S_NO_CONTEXT, gss_wrap(&minor, c, 1, 0, &text, NULL, &out));
	WANT(GSS_S_NO_CONTEXT, gss_unwrap(&minor, c, &text, &out, NULL, NULL));
	WANT(GSS_S_NO_CONTEXT, gss_sign(&minor, c, 0, &text, &out));
	WANT(GSS_S_NO_CONTEXT, gss_verify(&minor, c, &text, &text, NULL));
	WANT(GSS_S_NO_CONTEXT, gss_seal(&minor, c, 1, 0, &text, NULL, &out));
	WANT(GSS_S_NO_CONTEXT, gss_unseal(&minor, c, &text, &out, NULL, NULL));
	WANT(GSS_S_NO_CONTEXT, gss_wrap_size_limit(&minor, c, 1, 0, 100, &number_out));
	WANT(GSS_S_NO_CONTEXT, gss_context_time(&minor, c, &number_out));
	WANT(GSS_S_NO_CONTEXT, gss_inquire_context(&minor, c, NULL, NULL, NULL, NULL, NULL, NULL, NULL));
	WANT(GSS_S_NO_CONTEXT, gss_process_context_token(&minor, c, &text));
	WANT(GSS_S_NO_CONTEXT, gss_pseudo_random(&minor, c, 0, &text, 16, &out));
	WANT(GSS_S_NO_CONTEXT, gss_inquire_sec_context_by_oid(&minor, c, &krb5_mech, &buffers_out));
	copy = c;
	WANT(GSS_S_NO_CONTEXT, gss_set_sec_context_option(&minor, &copy, &krb5_mech, &text));
	copy = c;
	WANT(GSS_S_NO_CONTEXT, gss_export_sec_context(&minor, &copy, &out));
	copy = c;
	WANT(GSS_S_NO_CONTEXT,
	    gss_init_sec_context(&minor, NULL, &copy, target, NULL, 0, 0, NULL, NULL, NULL, &out, NULL, NULL));
	copy = c;
	WANT(GSS_S_NO_CONTEXT,
	    gss_accept_sec_context(&minor, &copy, NULL, &text, NULL, NULL, NULL, &out, NULL, NULL, NULL));
	copy = c;
	WANT(GSS_S_NO_CONTEXT, gss_delete_sec_context(&minor, &copy, NULL));
	gss_release_name(&minor, &target);
}

static void dead_cred(const char *what, gss_cred_id_t c)
{
	gss_name_t target = import(SERVICE, GSS_C_NT_HOSTBASED_SERVICE);
	gss_cred_id_t copy;

	fact("credential: %s", what);
	WANT(GSS_S_NO_CRED, gss_inquire_cred(&minor, c, NULL, NULL, NULL, NULL));
	WANT(GSS_S_NO_CRED, gss_inquire_cred_by_mech(&minor, c, &krb5_mech, NULL, NULL, NULL, NULL));
	WANT(GSS_S_NO_CRED, gss_inquire_cred_by_oid(&minor, c, &krb5_mech, &buffers_out));
	WANT(GSS_S_NO_CRED,
	    gss_add_cred(&minor, c, NULL, &krb5_mech, GSS_C_ACCEPT, 0, 0, &cred_out, NULL, NULL, NULL));
	WANT(GSS_S_NO_CRED,
	    gss_init_sec_context(&minor, c, &none, target, NULL, 0, 0, NULL, NULL, NULL, &out, NULL, NULL));
	WANT(GSS_S_NO_CRED,
	    gss_accept_sec_context(&minor, &none, c, &text, NULL, NULL, NULL, &out, NULL, NULL, NULL));
	copy = c;
	WANT(GSS_S_NO_CRED, gss_set_cred_option(&minor, &copy, &krb5_mech, &text));
	WANT(GSS_S_NO_CRED, gss_set_neg_mechs(&minor, c, &only_krb5));
	copy = c;
	WANT(GSS_S_NO_CRED, gss_release_cred(&minor, &copy));
	gss_release_name(&minor, &target);
}

static void dead_name(const char *what, gss_name_t n)
{
	gss_name_t copy;

	fact("name: %s", what);
	WANT(GSS_S_BAD_NAME, gss_display_name(&minor, n, &out, NULL));
	WANT(GSS_S_BAD_NAME, gss_compare_name(&minor, n, name, &int_out));
	WANT(GSS_S_BAD_NAME, gss_compare_name(&minor, name, n, &int_out));
	WANT(GSS_S_BAD_NAME, gss_duplicate_name(&minor, n, &name_out));
	WANT(GSS_S_BAD_NAME, gss_canonicalize_name(&minor, n, &krb5_mech, &name_out));
	WANT(GSS_S_BAD_NAME, gss_export_name(&minor, n, &out));
	WANT(GSS_S_BAD_NAME, gss_inquire_mechs_for_name(&minor, n, &set_out));
	WANT(GSS_S_BAD_NAME, gss_pname_to_uid(&minor, n, &krb5_mech, &uid_out));
	WANT(GSS_S_BAD_NAME, gss_acquire_cred(&minor, n, 0, NULL, GSS_C_INITIATE, &cred_out, NULL, NULL));
	WANT(GSS_S_BAD_NAME,
	    gss_add_cred(&minor, NULL, n, &krb5_mech, GSS_C_INITIATE, 0, 0, &cred_out, NULL, NULL, NULL));
	WANT(GSS_S_BAD_NAME,
	    gss_init_sec_context(&minor, NULL, &none, n, NULL, 0, 0, NULL, NULL, NULL, &out, NULL, NULL));
	copy = n;
	WANT(GSS_S_BAD_NAME, gss_release_name(&minor, &copy));
}

#define FORGED(type, bits) ((type)(size_t)(bits))

/* dead_handles does not touch the contexts of live. */
static void dead_handles(const struct pair *live)
{
	struct pair p, q;
	gss_ctx_id_t context, twice;
	gss_cred_id_t other_cred, cred_copy;
	gss_name_t other_name, name_copy;
	gss_buffer_desc token;
	char here;
	int bit;

	need_pair(&p, NULL);
	context = twice = p.init;
	gss_delete_sec_context(&minor, &p.init, GSS_C_NO_BUFFER);
	dead_context("deleted", context);
	need_pair(&q, NULL); /* may get the place of the deleted one */
	dead_context("deleted, and others made", context);
	major = gss_delete_sec_context(&minor, &twice, GSS_C_NO_BUFFER);
	check(GSS_ERROR(major) == GSS_S_NO_CONTEXT, "deleted twice: %s", major_text(major));
	context = p.accept;
	major = gss_export_sec_context(&minor, &p.accept, &token);
	need("gss_export_sec_context", major, minor);
	dead_context("exported", context);
	gss_release_buffer(&minor, &token);
	dead_context("forged: 1", FORGED(gss_ctx_id_t, 1));
	dead_context("forged: all bits", FORGED(gss_ctx_id_t, -1));
	dead_context("forged: an address", (gss_ctx_id_t)(void *)&here);
	dead_context("forged: an octet on", FORGED(gss_ctx_id_t, (size_t)(void *)q.init + 1));
	dead_context("forged: a gigabyte on", FORGED(gss_ctx_id_t, (size_t)(void *)q.init + (1 << 30)));
	dead_context("a name", (gss_ctx_id_t)(void *)name);
	dead_context("a credential", (gss_ctx_id_t)(void *)cred);

	gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, NULL, GSS_C_INITIATE, &other_cred, NULL, NULL);
	cred_copy = other_cred;
	gss_release_cred(&minor, &other_cred);
	dead_cred("released", cred_copy);
	dead_cred("forged: 1", FORGED(gss_cred_id_t, 1));
	dead_cred("forged: all bits", FORGED(gss_cred_id_t, -1));
	dead_cred("forged: an address", (gss_cred_id_t)(void *)&here);
	dead_cred("a name", (gss_cred_id_t)(void *)name);
	dead_cred("a context", (gss_cred_id_t)(void *)q.init);

	other_name = import("alice", GSS_C_NT_USER_NAME);
	name_copy = other_name;
	gss_release_name(&minor, &other_name);
	dead_name("released", name_copy);
	dead_name("forged: 1", FORGED(gss_name_t, 1));
	dead_name("forged: all bits", FORGED(gss_name_t, -1));
	dead_name("forged: an address", (gss_name_t)(void *)&here);
	dead_name("a credential", (gss_name_t)(void *)cred);
	dead_name("a context", (gss_name_t)(void *)q.init);

	/* Every bit of a handle counts. A changed bit may give another live handle. */
	for (bit = 0; bit < (int)sizeof(size_t) * 8; bit++) {
		context = FORGED(gss_ctx_id_t, (size_t)(void *)q.init ^ (size_t)1 << bit);
		if (context == q.accept || context == live->init || context == live->accept)
			continue;
		major = gss_get_mic(&minor, context, 0, &text, &token);
		check(GSS_ERROR(major) == GSS_S_NO_CONTEXT || context == GSS_C_NO_CONTEXT, "bit %d of a context: %s",
		    bit, major_text(major));
	}
	major = gss_get_mic(&minor, q.init, 0, &text, &token);
	check(major == GSS_S_COMPLETE, "after all that the good one: %s", major_text(major));
	gss_release_buffer(&minor, &token);
	release_pair(&p);
	release_pair(&q);
}

int main(void)
{
	struct pair p;

	begin(120);
	text = buffer("text");
	name = import("alice", GSS_C_NT_USER_NAME);
	gss_create_empty_oid_set(&minor, &mechs);
	gss_add_oid_set_member(&minor, &krb5_mech, &mechs);
	major = gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, mechs, GSS_C_INITIATE, &cred, NULL, NULL);
	need("gss_acquire_cred", major, minor);
	need_pair(&p, NULL);
	null_names();
	null_data();
	null_creds();
	null_contexts(p.init);
	null_messages(p.init);
	hollow(p.init);
	dead_handles(&p);
	release_pair(&p);
	gss_release_cred(&minor, &cred);
	gss_release_name(&minor, &name);
	gss_release_oid_set(&minor, &mechs);
	return end();
}
