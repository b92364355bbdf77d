/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * gssapi_krb5.h: the Kerberos mechanism (RFC 4121, RFC 1964). Its functions are in libgssapi_krb5.
 *
 * Objects of libkrb5 are passed as void *, so that this header serves with any libkrb5's. They are used through the
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

/* Static objects, never released. */
extern gss_OID gss_mech_krb5;         /* 1.2.840.113554.1.2.2 */
extern gss_OID_set gss_mech_set_krb5; /* that one */

/* Other names of the mechanism, and sets of them. Contexts are of gss_mech_krb5 only. */
extern gss_OID gss_mech_krb5_old;          /* 1.3.5.1.5.2, before RFC 1964 */
extern gss_OID gss_mech_krb5_wrong;        /* 1.2.840.48018.1.2.2, of Windows 2000 */
extern gss_OID gss_mech_iakerb;            /* 1.3.6.1.5.2.5 */
extern gss_OID_set gss_mech_set_krb5_old;  /* gss_mech_krb5_old */
extern gss_OID_set gss_mech_set_krb5_both; /* gss_mech_krb5, gss_mech_krb5_old, gss_mech_krb5_wrong */

extern gss_OID GSS_KRB5_NT_ENTERPRISE_NAME;    /* 1.2.840.113554.1.2.2.6 */
extern gss_OID GSS_KRB5_NT_X509_CERT;          /* 1.2.840.113554.1.2.2.7 */
extern gss_OID GSS_KRB5_CRED_NO_CI_FLAGS_X;    /* 1.2.752.43.13.29: confidentiality and integrity only if asked for */
extern gss_OID GSS_KRB5_GET_CRED_IMPERSONATOR; /* 1.2.840.113554.1.2.2.5.14 */

/* The keytab of acceptors in this process, NULL for the default again. GSS_S_COMPLETE or an error. */
OM_uint32 krb5_gss_register_acceptor_identity(
    const char *keytab);
#define gsskrb5_register_acceptor_identity krb5_gss_register_acceptor_identity

/* The credential cache that initiators of the calling thread take as the default one, NULL for what KRB5CCNAME and
 * krb5.conf say. The name before is valid until the thread's next call. */
OM_uint32 gss_krb5_ccache_name(
    OM_uint32 *minor_status,
    const char *name,
    const char **out_name); /* out, may be NULL */

/* Copies a credential's tickets into an initialized krb5_ccache of the process's libkrb5. */
OM_uint32 gss_krb5_copy_ccache(
    OM_uint32 *minor_status,
    gss_cred_id_t cred_handle,
    void *out_ccache); /* krb5_ccache */

/* A credential of a krb5_ccache, a krb5_keytab, or both; one of a file that the library can read, too. */
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

/* The enctypes that contexts of cred may use. */
OM_uint32 gss_krb5_set_allowable_enctypes(
    OM_uint32 *minor_status,
    gss_cred_id_t cred,
    OM_uint32 num_ktypes,
    int32_t *ktypes);

/* The flags of the ticket (RFC 4120, Section 5.3), the first of them in the highest bit. */
OM_uint32 gss_krb5_get_tkt_flags(
    OM_uint32 *minor_status,
    gss_ctx_id_t context_handle,
    int32_t *ticket_flags); /* out */

/* When the initiator's login was: seconds since 1970. In libgssapi_krb5.so.2 authtime points to 32 bits, as with MIT
 * krb5. */
OM_uint32 gsskrb5_extract_authtime_from_sec_context(
    OM_uint32 *minor_status,
    gss_ctx_id_t context_handle,
    int32_t *authtime); /* out */

/* The ticket's first authorization data of a type. It was verified by nobody but the KDC. */
OM_uint32 gsskrb5_extract_authz_data_from_sec_context(
    OM_uint32 *minor_status,
    const gss_ctx_id_t context_handle,
    int ad_type,
    gss_buffer_t ad_data); /* out */

/*
 * A context in the clear, for programs that protect messages by themselves, as FreeBSD's kernel does for NFS. Messages
 * are those of RFC 4121 (protocol 1), protected with the acceptor's subkey if there is one, else with cfx_kd.ctx_key; or,
 * with DES3 and RC4, those of RFC 1964 (protocol 0), protected with rfc1964_kd.ctx_key.
 */
typedef struct gss_krb5_lucid_key {
	OM_uint32 type;   /* enctype */
	OM_uint32 length; /* octets */
	void *data;
} gss_krb5_lucid_key_t;

typedef struct gss_krb5_rfc1964_keydata {
	OM_uint32 sign_alg; /* SGN_ALG: 4 of DES3, 0x11 of RC4 */
	OM_uint32 seal_alg; /* SEAL_ALG: 2, 0x10 */
	gss_krb5_lucid_key_t ctx_key; /* its type is 6 (des3-cbc-raw) or 23 */
} gss_krb5_rfc1964_keydata_t;

typedef struct gss_krb5_cfx_keydata {
	OM_uint32 have_acceptor_subkey;
	gss_krb5_lucid_key_t ctx_key;         /* the initiator's subkey, else the ticket's session key */
	gss_krb5_lucid_key_t acceptor_subkey; /* if have_acceptor_subkey */
} gss_krb5_cfx_keydata_t;

typedef struct gss_krb5_lucid_context_v1 {
	OM_uint32 version;  /* 1 */
	OM_uint32 initiate; /* 1: we are the initiator */
	OM_uint32 endtime;  /* seconds since 1970 */
	uint64_t send_seq;  /* of the next message to send */
	uint64_t recv_seq;  /* of the next message expected */
	OM_uint32 protocol; /* 1: RFC 4121; 0: RFC 1964 */
	gss_krb5_rfc1964_keydata_t rfc1964_kd; /* of protocol 0, else all zeros */
	gss_krb5_cfx_keydata_t cfx_kd;         /* of protocol 1, else all zeros */
} gss_krb5_lucid_context_v1_t;

typedef struct gss_krb5_lucid_context_version {
	OM_uint32 version;
} gss_krb5_lucid_context_version_t;

/* *kctx becomes a gss_krb5_lucid_context_v1_t. In libgssapi_krb5.so.2, as with MIT krb5, the context is deleted then; in
 * libgssapi.so.10, as on FreeBSD up to 14, it goes on, and who uses both sends two messages with one number. */
OM_uint32 gss_krb5_export_lucid_sec_context(
    OM_uint32 *minor_status,
    gss_ctx_id_t *context_handle,
    OM_uint32 version, /* 1 */
    void **kctx);      /* out, release with gss_krb5_free_lucid_sec_context */

/* Wipes the keys. */
OM_uint32 gss_krb5_free_lucid_sec_context(
    OM_uint32 *minor_status,
    void *kctx); /* may be NULL */

#ifdef __cplusplus
}
#endif

#define GSS_KRB5_MECHANISM gss_mech_krb5

/* Older names of name types. Those of GSS_KRB5_NT_* that are objects are declared in gssapi.h. */
#define GSS_KRB5_NT_HOSTBASED_SERVICE_NAME GSS_C_NT_HOSTBASED_SERVICE
#define gss_nt_krb5_name GSS_KRB5_NT_PRINCIPAL_NAME
#define gss_krb5_nt_general_name GSS_KRB5_NT_PRINCIPAL_NAME
#define gss_krb5_nt_service_name GSS_C_NT_HOSTBASED_SERVICE
#define gss_krb5_nt_user_name GSS_C_NT_USER_NAME
#define gss_krb5_nt_machine_uid_name GSS_C_NT_MACHINE_UID_NAME
#define gss_krb5_nt_string_uid_name GSS_C_NT_STRING_UID_NAME

#endif
