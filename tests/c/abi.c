/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ABI of FreeBSD's libgssapi: sizes and offsets of structures that programs define, constants, types of data symbols.
 * Compiling this file checks most of it.
 */
#include "harness.h"

#include <dlfcn.h>
#include <stddef.h>

#define ASSERT_JOIN(a, b) a##b
#define ASSERT_NAME(line) ASSERT_JOIN(assert_in_line_, line)
#define ASSERT(condition) enum { ASSERT_NAME(__LINE__) = 1 / ((condition) ? 1 : 0) }

#define WORD sizeof(void *)
#define LP64 (sizeof(void *) == 8)

ASSERT(sizeof(OM_uint32) == 4 && (OM_uint32)-1 > 0);
ASSERT(sizeof(gss_qop_t) == 4 && (gss_qop_t)-1 > 0);
ASSERT(sizeof(gss_cred_usage_t) == sizeof(int) && (gss_cred_usage_t)-1 < 0);
ASSERT(sizeof(gss_ctx_id_t) == WORD && sizeof(gss_cred_id_t) == WORD && sizeof(gss_name_t) == WORD);
ASSERT(sizeof(gss_OID) == WORD && sizeof(gss_OID_set) == WORD && sizeof(gss_buffer_t) == WORD);
ASSERT(sizeof(gss_channel_bindings_t) == WORD && sizeof(gss_buffer_set_t) == WORD);

ASSERT(sizeof(gss_OID_desc) == 2 * WORD);
ASSERT(offsetof(gss_OID_desc, length) == 0 && sizeof(((gss_OID_desc *)0)->length) == 4);
ASSERT(offsetof(gss_OID_desc, elements) == WORD);

ASSERT(sizeof(gss_OID_set_desc) == 2 * WORD);
ASSERT(offsetof(gss_OID_set_desc, count) == 0 && sizeof(((gss_OID_set_desc *)0)->count) == sizeof(size_t));
ASSERT(offsetof(gss_OID_set_desc, elements) == WORD);

ASSERT(sizeof(gss_buffer_desc) == 2 * WORD);
ASSERT(offsetof(gss_buffer_desc, length) == 0 && sizeof(((gss_buffer_desc *)0)->length) == sizeof(size_t));
ASSERT(offsetof(gss_buffer_desc, value) == WORD);

ASSERT(sizeof(gss_buffer_set_desc) == 2 * WORD);
ASSERT(offsetof(gss_buffer_set_desc, count) == 0 && offsetof(gss_buffer_set_desc, elements) == WORD);

ASSERT(sizeof(struct gss_channel_bindings_struct) == (LP64 ? 64 : 32));
ASSERT(offsetof(struct gss_channel_bindings_struct, initiator_addrtype) == 0);
ASSERT(offsetof(struct gss_channel_bindings_struct, initiator_address) == WORD);
ASSERT(offsetof(struct gss_channel_bindings_struct, acceptor_addrtype) == (LP64 ? 24 : 12));
ASSERT(offsetof(struct gss_channel_bindings_struct, acceptor_address) == (LP64 ? 32 : 16));
ASSERT(offsetof(struct gss_channel_bindings_struct, application_data) == (LP64 ? 48 : 24));

ASSERT(GSS_C_DELEG_FLAG == 1 && GSS_C_MUTUAL_FLAG == 2 && GSS_C_REPLAY_FLAG == 4 && GSS_C_SEQUENCE_FLAG == 8);
ASSERT(GSS_C_CONF_FLAG == 16 && GSS_C_INTEG_FLAG == 32 && GSS_C_ANON_FLAG == 64 && GSS_C_PROT_READY_FLAG == 128);
ASSERT(GSS_C_TRANS_FLAG == 256);
ASSERT(GSS_C_BOTH == 0 && GSS_C_INITIATE == 1 && GSS_C_ACCEPT == 2);
ASSERT(GSS_C_GSS_CODE == 1 && GSS_C_MECH_CODE == 2);
ASSERT(GSS_C_INDEFINITE == 0xffffffffu && GSS_C_QOP_DEFAULT == 0);
ASSERT(GSS_S_COMPLETE == 0 && GSS_S_BAD_MECH == 1u << 16 && GSS_S_BAD_NAME == 2u << 16);
ASSERT(GSS_S_BAD_NAMETYPE == 3u << 16 && GSS_S_BAD_BINDINGS == 4u << 16 && GSS_S_BAD_STATUS == 5u << 16);
ASSERT(GSS_S_BAD_SIG == 6u << 16 && GSS_S_BAD_MIC == GSS_S_BAD_SIG && GSS_S_NO_CRED == 7u << 16);
ASSERT(GSS_S_NO_CONTEXT == 8u << 16 && GSS_S_DEFECTIVE_TOKEN == 9u << 16);
ASSERT(GSS_S_DEFECTIVE_CREDENTIAL == 10u << 16 && GSS_S_CREDENTIALS_EXPIRED == 11u << 16);
ASSERT(GSS_S_CONTEXT_EXPIRED == 12u << 16 && GSS_S_FAILURE == 13u << 16 && GSS_S_BAD_QOP == 14u << 16);
ASSERT(GSS_S_UNAUTHORIZED == 15u << 16 && GSS_S_UNAVAILABLE == 16u << 16);
ASSERT(GSS_S_DUPLICATE_ELEMENT == 17u << 16 && GSS_S_NAME_NOT_MN == 18u << 16);
ASSERT(GSS_S_CALL_INACCESSIBLE_READ == 1u << 24 && GSS_S_CALL_INACCESSIBLE_WRITE == 2u << 24);
ASSERT(GSS_S_CALL_BAD_STRUCTURE == 3u << 24);
ASSERT(GSS_S_CONTINUE_NEEDED == 1 && GSS_S_DUPLICATE_TOKEN == 2 && GSS_S_OLD_TOKEN == 4);
ASSERT(GSS_S_UNSEQ_TOKEN == 8 && GSS_S_GAP_TOKEN == 16);
ASSERT(GSS_ERROR(GSS_S_BAD_SIG | GSS_S_GAP_TOKEN) == GSS_S_BAD_SIG);
ASSERT(GSS_C_AF_UNSPEC == 0 && GSS_C_AF_LOCAL == 1 && GSS_C_AF_INET == 2 && GSS_C_AF_NULLADDR == 255);
ASSERT(GSS_C_PRF_KEY_FULL == 0 && GSS_C_PRF_KEY_PARTIAL == 1);

/* data checks a variable of the library that points to an OID of these octets. */
static void data(const char *name, const gss_OID *variable, const char *octets, OM_uint32 length)
{
	check(*variable != GSS_C_NO_OID && (*variable)->length == length &&
	    memcmp((*variable)->elements, octets, length) == 0, "%s is another OID: %s", name, oid_text(*variable));
}

#define DATA(name, octets) data(#name, &name, octets, sizeof(octets) - 1)

/* The 53 functions and 11 data symbols of version FBSD_1.1, by the names that the dynamic linker knows. */
static const char *const symbols[] = {
	"GSS_C_NT_ANONYMOUS", "GSS_C_NT_EXPORT_NAME", "GSS_C_NT_HOSTBASED_SERVICE", "GSS_C_NT_HOSTBASED_SERVICE_X",
	"GSS_C_NT_MACHINE_UID_NAME", "GSS_C_NT_STRING_UID_NAME", "GSS_C_NT_USER_NAME", "GSS_KRB5_NT_MACHINE_UID_NAME",
	"GSS_KRB5_NT_PRINCIPAL_NAME", "GSS_KRB5_NT_STRING_UID_NAME", "GSS_KRB5_NT_USER_NAME",
	"gss_accept_sec_context", "gss_acquire_cred", "gss_add_buffer_set_member", "gss_add_cred",
	"gss_add_oid_set_member", "gss_canonicalize_name", "gss_compare_name", "gss_context_time",
	"gss_create_empty_buffer_set", "gss_create_empty_oid_set", "gss_decapsulate_token", "gss_delete_sec_context",
	"gss_display_name", "gss_display_status", "gss_duplicate_name", "gss_duplicate_oid", "gss_encapsulate_token",
	"gss_export_name", "gss_export_sec_context", "gss_get_mic", "gss_import_name", "gss_import_sec_context",
	"gss_indicate_mechs", "gss_init_sec_context", "gss_inquire_context", "gss_inquire_cred",
	"gss_inquire_cred_by_mech", "gss_inquire_cred_by_oid", "gss_inquire_mechs_for_name",
	"gss_inquire_names_for_mech", "gss_inquire_sec_context_by_oid", "gss_oid_equal", "gss_oid_to_str",
	"gss_pname_to_uid", "gss_process_context_token", "gss_pseudo_random", "gss_release_buffer",
	"gss_release_buffer_set", "gss_release_cred", "gss_release_name", "gss_release_oid", "gss_release_oid_set",
	"gss_seal", "gss_set_cred_option", "gss_set_sec_context_option", "gss_sign", "gss_test_oid_set_member",
	"gss_unseal", "gss_unwrap", "gss_verify", "gss_verify_mic", "gss_wrap", "gss_wrap_size_limit",
	"_gss_copy_oid", "_gss_copy_buffer", "_gss_free_oid", "_gss_mg_collect_error",
};

int main(void)
{
	void *library;
	size_t i;

	begin(30);
	DATA(GSS_C_NT_USER_NAME, "\x2a\x86\x48\x86\xf7\x12\x01\x02\x01\x01");
	DATA(GSS_C_NT_MACHINE_UID_NAME, "\x2a\x86\x48\x86\xf7\x12\x01\x02\x01\x02");
	DATA(GSS_C_NT_STRING_UID_NAME, "\x2a\x86\x48\x86\xf7\x12\x01\x02\x01\x03");
	DATA(GSS_C_NT_HOSTBASED_SERVICE, "\x2a\x86\x48\x86\xf7\x12\x01\x02\x01\x04");
	DATA(GSS_C_NT_HOSTBASED_SERVICE_X, "\x2b\x06\x01\x05\x06\x02");
	DATA(GSS_C_NT_ANONYMOUS, "\x2b\x06\x01\x05\x06\x03");
	DATA(GSS_C_NT_EXPORT_NAME, "\x2b\x06\x01\x05\x06\x04");
	DATA(GSS_KRB5_NT_PRINCIPAL_NAME, "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x01");
	DATA(GSS_KRB5_NT_USER_NAME, "\x2a\x86\x48\x86\xf7\x12\x01\x02\x01\x01");
	DATA(GSS_KRB5_NT_MACHINE_UID_NAME, "\x2a\x86\x48\x86\xf7\x12\x01\x02\x01\x02");
	DATA(GSS_KRB5_NT_STRING_UID_NAME, "\x2a\x86\x48\x86\xf7\x12\x01\x02\x01\x03");

	library = dlopen("libgssapi.so.10", RTLD_NOW | RTLD_NOLOAD);
	check(library != NULL, "the library's soname is not libgssapi.so.10");
	for (i = 0; library != NULL && i < COUNT(symbols); i++)
		check(dlsym(library, symbols[i]) != NULL, "%s is missing", symbols[i]);
	return end();
}
