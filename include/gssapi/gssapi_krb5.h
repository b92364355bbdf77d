/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * gssapi_krb5.h: the Kerberos mechanism (RFC 4121, RFC 1964). Its functions are in libgssapi_krb5; see
 * libgssapi_krb5(3). The conventions of gssapi.h apply.
 *
 * Objects of libkrb5 are passed as void *, so this header works with any libkrb5. The library uses them through the
 * libkrb5 that the process has loaded.
 */

#ifndef GSSAPI_GSSAPI_KRB5_H_
#define GSSAPI_GSSAPI_KRB5_H_

#include <gssapi/gssapi.h>
#include <gssapi/gssapi_ext.h>
#include <gssapi/gssapi_generic.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Static objects that must not be released */
extern gss_OID gss_mech_krb5;         /* 1.2.840.113554.1.2.2 */
extern gss_OID_set gss_mech_set_krb5; /* gss_mech_krb5 */

/*
 * Other OIDs of the mechanism, and sets of them. Each is a mechanism by itself, deprecated (GSS_C_MA_DEPRECATED): its tokens
 * begin with its OID, and only a credential that was acquired for it accepts them.
 */
extern gss_OID gss_mech_krb5_old;          /* 1.3.5.1.5.2, before RFC 1964 */
extern gss_OID gss_mech_krb5_wrong;        /* 1.2.840.48018.1.2.2, used by Windows 2000 */
extern gss_OID gss_mech_iakerb;            /* 1.3.6.1.5.2.5 */
extern gss_OID_set gss_mech_set_krb5_old;  /* gss_mech_krb5_old */
extern gss_OID_set gss_mech_set_krb5_both; /* gss_mech_krb5, gss_mech_krb5_old, gss_mech_krb5_wrong */

extern gss_OID GSS_KRB5_NT_ENTERPRISE_NAME;    /* 1.2.840.113554.1.2.2.6 */
extern gss_OID GSS_KRB5_NT_X509_CERT;          /* 1.2.840.113554.1.2.2.7 */
extern gss_OID GSS_KRB5_CRED_NO_CI_FLAGS_X;    /* 1.2.752.43.13.29, see gss_set_cred_option */
extern gss_OID GSS_KRB5_GET_CRED_IMPERSONATOR; /* 1.2.840.113554.1.2.2.5.14 */

/* Sets the process's default keytab for acceptors; NULL restores the configured one. */
OM_uint32 krb5_gss_register_acceptor_identity(
    const char *keytab);
#define gsskrb5_register_acceptor_identity krb5_gss_register_acceptor_identity

/* Sets the default credential cache for initiators in the calling thread; NULL restores the configured one. *out_name
 * receives the previous name, which the library owns and which is valid until the thread calls this function again. */
OM_uint32 gss_krb5_ccache_name(
    OM_uint32 *minor_status,
    const char *name,
    const char **out_name); /* out, may be NULL */

/* Copies the tickets of a credential to an initialized krb5_ccache of the process's libkrb5. GSS_S_NO_CRED. */
OM_uint32 gss_krb5_copy_ccache(
    OM_uint32 *minor_status,
    gss_cred_id_t cred_handle,
    void *out_ccache); /* krb5_ccache */

/* Acquires a credential from a krb5_ccache, a krb5_keytab, or both. GSS_S_NO_CRED, and the other errors of
 * gss_acquire_cred. */
OM_uint32 gss_krb5_import_cred(
    OM_uint32 *minor_status,
    void *id,               /* krb5_ccache, or NULL */
    void *keytab_principal, /* krb5_principal, or NULL for any */
    void *keytab,           /* krb5_keytab, or NULL */
    gss_cred_id_t *cred);   /* out */

OM_uint32 gss_krb5_set_cred_rcache(
    OM_uint32 *minor_status,
    gss_cred_id_t cred,
    void *rcache); /* krb5_rcache */

/* Limits the encryption types of contexts established with cred, in order of preference; at most 64. GSS_S_NO_CRED. */
OM_uint32 gss_krb5_set_allowable_enctypes(
    OM_uint32 *minor_status,
    gss_cred_id_t cred,
    OM_uint32 num_ktypes,
    int32_t *ktypes);

/* Returns the flags of the ticket (RFC 4120, Section 5.3); the first flag is the most significant bit.
 * GSS_S_NO_CONTEXT. */
OM_uint32 gss_krb5_get_tkt_flags(
    OM_uint32 *minor_status,
    gss_ctx_id_t context_handle,
    int32_t *ticket_flags); /* out */

/* Returns the time of the initiator's initial authentication in seconds since 1970. As with MIT krb5, authtime points
 * to 32 bits. GSS_S_NO_CONTEXT. */
OM_uint32 gsskrb5_extract_authtime_from_sec_context(
    OM_uint32 *minor_status,
    gss_ctx_id_t context_handle,
    int32_t *authtime); /* out */

/* Returns the ticket's first authorization data element of a type. Nobody but the KDC has verified its content.
 * GSS_S_NO_CONTEXT, GSS_S_FAILURE (there is none). */
OM_uint32 gsskrb5_extract_authz_data_from_sec_context(
    OM_uint32 *minor_status,
    const gss_ctx_id_t context_handle,
    int ad_type,
    gss_buffer_t ad_data); /* out */

/*
 * The keys and state of a context, for programs that protect messages themselves, such as FreeBSD's kernel for NFS.
 * With protocol 1, messages are those of RFC 4121 and are protected with the acceptor's subkey if there is one,
 * otherwise with cfx_kd.ctx_key. With protocol 0, for DES3 and RC4, messages are those of RFC 1964 and RFC 4757 and
 * are protected with rfc1964_kd.ctx_key.
 */
typedef struct gss_krb5_lucid_key {
	OM_uint32 type;   /* enctype */
	OM_uint32 length; /* octets */
	void *data;
} gss_krb5_lucid_key_t;

typedef struct gss_krb5_rfc1964_keydata {
	OM_uint32 sign_alg; /* SGN_ALG: 4 for DES3, 0x11 for RC4 */
	OM_uint32 seal_alg; /* SEAL_ALG: 2 for DES3, 0x10 for RC4 */
	gss_krb5_lucid_key_t ctx_key; /* of type 6 (des3-cbc-raw) or 23 (arcfour-hmac) */
} gss_krb5_rfc1964_keydata_t;

typedef struct gss_krb5_cfx_keydata {
	OM_uint32 have_acceptor_subkey;
	gss_krb5_lucid_key_t ctx_key;         /* the initiator's subkey, or the session key */
	gss_krb5_lucid_key_t acceptor_subkey; /* if have_acceptor_subkey */
} gss_krb5_cfx_keydata_t;

typedef struct gss_krb5_lucid_context_v1 {
	OM_uint32 version;  /* 1 */
	OM_uint32 initiate; /* 1 if this side is the initiator */
	OM_uint32 endtime;  /* seconds since 1970 */
	uint64_t send_seq;  /* of the next message to send */
	uint64_t recv_seq;  /* of the next message expected */
	OM_uint32 protocol; /* 1: RFC 4121; 0: RFC 1964 and RFC 4757 */
	gss_krb5_rfc1964_keydata_t rfc1964_kd; /* for protocol 0, otherwise zero */
	gss_krb5_cfx_keydata_t cfx_kd;         /* for protocol 1, otherwise zero */
} gss_krb5_lucid_context_v1_t;

typedef struct gss_krb5_lucid_context_version {
	OM_uint32 version;
} gss_krb5_lucid_context_version_t;

/* Returns a gss_krb5_lucid_context_v1_t in *kctx. In libgssapi_krb5 this deletes the context, as with MIT krb5.
 * In libgssapi.so.10 the context remains usable, as on FreeBSD up to 14; a program that uses both sends different
 * messages with the same sequence number. GSS_S_NO_CONTEXT. */
OM_uint32 gss_krb5_export_lucid_sec_context(
    OM_uint32 *minor_status,
    gss_ctx_id_t *context_handle,
    OM_uint32 version, /* 1 */
    void **kctx);      /* out, release with gss_krb5_free_lucid_sec_context */

/* Wipes the keys and frees the structure. */
OM_uint32 gss_krb5_free_lucid_sec_context(
    OM_uint32 *minor_status,
    void *kctx); /* may be NULL */

#ifdef __cplusplus
}
#endif

#define GSS_KRB5_MECHANISM gss_mech_krb5

/* Older names of name types. gssapi.h declares the GSS_KRB5_NT_* objects. */
#define GSS_KRB5_NT_HOSTBASED_SERVICE_NAME GSS_C_NT_HOSTBASED_SERVICE
#define gss_nt_krb5_name GSS_KRB5_NT_PRINCIPAL_NAME
#define gss_krb5_nt_general_name GSS_KRB5_NT_PRINCIPAL_NAME
#define gss_krb5_nt_service_name GSS_C_NT_HOSTBASED_SERVICE
#define gss_krb5_nt_user_name GSS_C_NT_USER_NAME
#define gss_krb5_nt_machine_uid_name GSS_C_NT_MACHINE_UID_NAME
#define gss_krb5_nt_string_uid_name GSS_C_NT_STRING_UID_NAME

#ifdef GSSAPI_ABI
#include <gssapi/gssapi_abi.h> /* the functions that each library lacks */
#endif

#endif
