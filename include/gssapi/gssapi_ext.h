/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * gssapi_ext.h: extensions to RFC 2744, as MIT krb5 declares them: mechanism attributes (RFC 5587), storing credentials
 * (RFC 5588), SASL names (RFC 5801), naming extensions (RFC 6680), credential stores, and IOV buffers.
 * gss_store_cred_into2 comes from Heimdal. Buffer sets, options by OID and gss_pname_to_uid are in gssapi.h, as on
 * FreeBSD. The conventions of gssapi.h apply.
 *
 * libgssapi_krb5.so.2 exports all of these functions. Those that are marked "Not implemented" return GSS_S_UNAVAILABLE,
 * with an error text for gss_display_status, and are missing from libgssapi.so.10.
 */

#ifndef GSSAPI_GSSAPI_EXT_H_
#define GSSAPI_GSSAPI_EXT_H_

#include <gssapi/gssapi.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Local accounts */

/* Maps a name to the name of a local account according to krb5.conf (auth_to_local). The text is followed by a NUL
 * that the length does not include. GSS_S_UNAVAILABLE (no account), GSS_S_BAD_NAME, GSS_S_BAD_MECH. */
OM_uint32 gss_localname(
    OM_uint32 *minor_status,
    const gss_name_t pname,
    gss_const_OID mech_type, /* GSS_C_NO_OID: the default */
    gss_buffer_t localname); /* out */

/* Whether a mechanism name may use the account user: 1 or 0. See gss_authorize_localname. */
int gss_userok(
    const gss_name_t name,
    const char *user);

/* Whether a name may use an account, according to the account's .k5login or krb5.conf. GSS_S_COMPLETE (it may),
 * GSS_S_UNAUTHORIZED (it may not), GSS_S_UNAVAILABLE (name is not a mechanism name), GSS_S_BAD_NAMETYPE. */
OM_uint32 gss_authorize_localname(
    OM_uint32 *minor_status,
    const gss_name_t name,  /* a mechanism name, such as the src_name of a context */
    const gss_name_t user); /* of type GSS_C_NT_USER_NAME */

/* A credential store: pairs of keys and values. "ccache", "keytab", "client_keytab" and "rcache" name the files to use
 * instead of the defaults; for "password" and "verify" see gss_acquire_cred_from(3), for "username" and "appname"
 * gss_store_cred(3). */

typedef struct gss_key_value_element_struct {
	const char *key;
	const char *value;
} gss_key_value_element_desc;

typedef struct gss_key_value_set_struct {
	OM_uint32 count;
	gss_key_value_element_desc *elements; /* an array of count elements */
} gss_key_value_set_desc;
typedef const gss_key_value_set_desc *gss_const_key_value_set_t;

#define GSS_C_NO_CRED_STORE ((gss_const_key_value_set_t)0)

/* gss_acquire_cred with a credential store. GSS_S_DUPLICATE_ELEMENT (a key appears twice), GSS_S_FAILURE (an unknown
 * key or an empty value), and the errors of gss_acquire_cred. */
OM_uint32 gss_acquire_cred_from(
    OM_uint32 *minor_status,
    gss_name_t desired_name,   /* GSS_C_NO_NAME: the default */
    OM_uint32 time_req,        /* seconds */
    gss_OID_set desired_mechs, /* GSS_C_NO_OID_SET: the default */
    gss_cred_usage_t cred_usage,
    gss_const_key_value_set_t cred_store, /* may be GSS_C_NO_CRED_STORE */
    gss_cred_id_t *output_cred_handle,    /* out */
    gss_OID_set *actual_mechs,            /* out, may be NULL */
    OM_uint32 *time_rec); /* out, seconds, may be NULL */

/* gss_add_cred with a credential store. The errors are those of gss_acquire_cred_from and gss_add_cred. */
OM_uint32 gss_add_cred_from(
    OM_uint32 *minor_status,
    gss_cred_id_t input_cred_handle,
    gss_name_t desired_name,
    gss_OID desired_mech,
    gss_cred_usage_t cred_usage,
    OM_uint32 initiator_time_req,
    OM_uint32 acceptor_time_req,
    gss_const_key_value_set_t cred_store, /* may be GSS_C_NO_CRED_STORE */
    gss_cred_id_t *output_cred_handle,    /* out */
    gss_OID_set *actual_mechs,            /* out, may be NULL */
    OM_uint32 *initiator_time_rec, /* out, seconds, may be NULL */
    OM_uint32 *acceptor_time_rec); /* out, seconds, may be NULL */

/*
 * Writes the tickets of an initiator's credential to the default credential cache. An existing cache is replaced if
 * overwrite_cred is nonzero; otherwise the result is GSS_S_DUPLICATE_ELEMENT. If default_cred is nonzero, the cache
 * becomes the primary one of its collection. GSS_S_NO_CRED, GSS_S_CREDENTIALS_EXPIRED, GSS_S_DEFECTIVE_CREDENTIAL,
 * GSS_S_UNAVAILABLE (input_usage is GSS_C_ACCEPT), GSS_S_BAD_MECH. RFC 5588.
 */
OM_uint32 gss_store_cred(
    OM_uint32 *minor_status,
    const gss_cred_id_t input_cred_handle, /* GSS_C_NO_CREDENTIAL: the default */
    gss_cred_usage_t input_usage,          /* GSS_C_INITIATE or GSS_C_BOTH */
    const gss_OID desired_mech,            /* GSS_C_NO_OID: all */
    OM_uint32 overwrite_cred,
    OM_uint32 default_cred,
    gss_OID_set *elements_stored,         /* out, may be NULL */
    gss_cred_usage_t *cred_usage_stored); /* out, may be NULL */

/* gss_store_cred, but to the "ccache" of a credential store. The errors are those of gss_store_cred, and GSS_S_FAILURE
 * (an unknown key or an empty value). */
OM_uint32 gss_store_cred_into(
    OM_uint32 *minor_status,
    gss_cred_id_t input_cred_handle,
    gss_cred_usage_t input_usage,
    gss_OID desired_mech,
    OM_uint32 overwrite_cred,
    OM_uint32 default_cred,
    gss_const_key_value_set_t cred_store, /* may be GSS_C_NO_CRED_STORE */
    gss_OID_set *elements_stored,         /* out, may be NULL */
    gss_cred_usage_t *cred_usage_stored); /* out, may be NULL */

/* store_cred_flags of gss_store_cred_into2 */
#define GSS_C_STORE_CRED_DEFAULT 1     /* default_cred of gss_store_cred */
#define GSS_C_STORE_CRED_OVERWRITE 2   /* overwrite_cred of gss_store_cred */
#define GSS_C_STORE_CRED_SET_PROCESS 4 /* set KRB5CCNAME in the environment of the process */

/* gss_store_cred_into as in Heimdal, which also returns the environment that leads to the cache: env receives the buffer
 * "KRB5CCNAME=" followed by the cache's name and a NUL, which the length includes. GSS_S_FAILURE (an unknown flag), and
 * the errors of gss_store_cred_into. */
OM_uint32 gss_store_cred_into2(
    OM_uint32 *minor_status,
    gss_cred_id_t input_cred_handle,
    gss_cred_usage_t input_usage,
    gss_OID desired_mech,
    OM_uint32 store_cred_flags,
    gss_const_key_value_set_t cred_store, /* may be GSS_C_NO_CRED_STORE */
    gss_OID_set *elements_stored,         /* out, may be NULL */
    gss_cred_usage_t *cred_usage_stored,  /* out, may be NULL */
    gss_buffer_set_t *env);               /* out, may be NULL */

/* gss_acquire_cred with a ticket that the KDC issues for a password. The length of the password does not include a NUL,
 * and the password is not kept. GSS_S_BAD_NAME (desired_name is missing), GSS_S_NO_CRED (the KDC refuses the login), and
 * the errors of gss_acquire_cred. */
OM_uint32 gss_acquire_cred_with_password(
    OM_uint32 *minor_status,
    const gss_name_t desired_name,
    const gss_buffer_t password,
    OM_uint32 time_req, /* seconds, 0: the default */
    const gss_OID_set desired_mechs,
    gss_cred_usage_t cred_usage,
    gss_cred_id_t *output_cred_handle, /* out */
    gss_OID_set *actual_mechs,         /* out, may be NULL */
    OM_uint32 *time_rec); /* out, seconds, may be NULL */

/* gss_add_cred with a password. The errors are those of gss_acquire_cred_with_password and gss_add_cred. */
OM_uint32 gss_add_cred_with_password(
    OM_uint32 *minor_status,
    const gss_cred_id_t input_cred_handle,
    const gss_name_t desired_name,
    const gss_OID desired_mech,
    const gss_buffer_t password,
    gss_cred_usage_t cred_usage,
    OM_uint32 initiator_time_req,
    OM_uint32 acceptor_time_req,
    gss_cred_id_t *output_cred_handle, /* out */
    gss_OID_set *actual_mechs,         /* out, may be NULL */
    OM_uint32 *initiator_time_rec, /* out, seconds, may be NULL */
    OM_uint32 *acceptor_time_rec); /* out, seconds, may be NULL */

/* Acquires a credential with which the service of impersonator_cred_handle acts for the user desired_name (S4U2Self,
 * MS-SFU). cred_usage must be GSS_C_INITIATE. GSS_S_NO_CRED, GSS_S_CREDENTIALS_EXPIRED, GSS_S_BAD_NAME, GSS_S_BAD_MECH,
 * GSS_S_FAILURE (the KDC refuses). */
OM_uint32 gss_acquire_cred_impersonate_name(
    OM_uint32 *minor_status,
    const gss_cred_id_t impersonator_cred_handle,
    const gss_name_t desired_name,
    OM_uint32 time_req, /* seconds, 0: the default */
    const gss_OID_set desired_mechs,
    gss_cred_usage_t cred_usage,
    gss_cred_id_t *output_cred_handle, /* out */
    gss_OID_set *actual_mechs,         /* out, may be NULL */
    OM_uint32 *time_rec); /* out, seconds, may be NULL */

/* Adds an element with which a service acts for a user. The errors are those of gss_acquire_cred_impersonate_name and
 * gss_add_cred. */
OM_uint32 gss_add_cred_impersonate_name(
    OM_uint32 *minor_status,
    gss_cred_id_t input_cred_handle,
    const gss_cred_id_t impersonator_cred_handle,
    const gss_name_t desired_name,
    const gss_OID desired_mech,
    gss_cred_usage_t cred_usage,
    OM_uint32 initiator_time_req,
    OM_uint32 acceptor_time_req,
    gss_cred_id_t *output_cred_handle, /* out */
    gss_OID_set *actual_mechs,         /* out, may be NULL */
    OM_uint32 *initiator_time_rec, /* out, seconds, may be NULL */
    OM_uint32 *acceptor_time_rec); /* out, seconds, may be NULL */

/* Converts a credential to a token for another process; the credential stays valid here. A token that contains keys is
 * sealed and can be imported once, unless krb5.conf says otherwise. GSS_S_NO_CRED, GSS_S_UNAVAILABLE (the activation
 * ledger cannot be used). */
OM_uint32 gss_export_cred(
    OM_uint32 *minor_status,
    gss_cred_id_t cred_handle,
    gss_buffer_t token); /* out */

/* Imports a credential from a token of gss_export_cred. GSS_S_DEFECTIVE_TOKEN, GSS_S_NO_CRED (already imported, or
 * expired), GSS_S_UNAUTHORIZED, GSS_S_UNAVAILABLE, and the errors of gss_acquire_cred. */
OM_uint32 gss_import_cred(
    OM_uint32 *minor_status,
    gss_buffer_t token,
    gss_cred_id_t *cred_handle); /* out */

/*
 * An option of gss_set_sec_context_option and gss_set_cred_option, without a value: withhold the context or credential
 * from children created with fork(2) or, if set without a context, withhold all those of the process. Only this
 * library supports it.
 */
#define GSS_WITHHOLD_OID "\x69\x81\xde\x9c\xae\xc3\xd0\xbb\xba\xb0\xd5\x9a\xaa\x8b\xaf\xbe\xb6\x83\xe7\x11"
#define GSS_WITHHOLD_OID_LENGTH 20

/* gss_set_cred_option under its older name. The handle itself never changes. */
OM_uint32 gssspi_set_cred_option(
    OM_uint32 *minor_status,
    gss_cred_id_t cred,
    const gss_OID desired_object,
    const gss_buffer_t value);

/* Calls a function of a mechanism by its OID. Not implemented. */
OM_uint32 gssspi_mech_invoke(
    OM_uint32 *minor_status,
    const gss_OID desired_mech,
    const gss_OID desired_object,
    gss_buffer_t value);

/* Mechanism attributes (RFC 5587): static objects that must not be released */
extern gss_const_OID GSS_C_MA_MECH_CONCRETE;
extern gss_const_OID GSS_C_MA_MECH_PSEUDO;
extern gss_const_OID GSS_C_MA_MECH_COMPOSITE;
extern gss_const_OID GSS_C_MA_MECH_NEGO;
extern gss_const_OID GSS_C_MA_MECH_GLUE;
extern gss_const_OID GSS_C_MA_NOT_MECH;
extern gss_const_OID GSS_C_MA_DEPRECATED;
extern gss_const_OID GSS_C_MA_NOT_DFLT_MECH;
extern gss_const_OID GSS_C_MA_ITOK_FRAMED;
extern gss_const_OID GSS_C_MA_AUTH_INIT;
extern gss_const_OID GSS_C_MA_AUTH_TARG;
extern gss_const_OID GSS_C_MA_AUTH_INIT_INIT;
extern gss_const_OID GSS_C_MA_AUTH_TARG_INIT;
extern gss_const_OID GSS_C_MA_AUTH_INIT_ANON;
extern gss_const_OID GSS_C_MA_AUTH_TARG_ANON;
extern gss_const_OID GSS_C_MA_DELEG_CRED;
extern gss_const_OID GSS_C_MA_INTEG_PROT;
extern gss_const_OID GSS_C_MA_CONF_PROT;
extern gss_const_OID GSS_C_MA_MIC;
extern gss_const_OID GSS_C_MA_WRAP;
extern gss_const_OID GSS_C_MA_PROT_READY;
extern gss_const_OID GSS_C_MA_REPLAY_DET;
extern gss_const_OID GSS_C_MA_OOS_DET;
extern gss_const_OID GSS_C_MA_CBINDINGS;
extern gss_const_OID GSS_C_MA_PFS;
extern gss_const_OID GSS_C_MA_COMPRESS;
extern gss_const_OID GSS_C_MA_CTX_TRANS;
extern gss_const_OID GSS_C_MA_NEGOEX_AND_SPNEGO; /* 1.2.840.113554.1.2.2.5.18 */

/* Returns the mechanisms that have all of desired_mech_attrs and none of except_mech_attrs, provided that the library
 * knows all of critical_mech_attrs. Each set may be GSS_C_NO_OID_SET. RFC 5587, Section 3.4.2. */
OM_uint32 gss_indicate_mechs_by_attrs(
    OM_uint32 *minor_status,
    gss_const_OID_set desired_mech_attrs,
    gss_const_OID_set except_mech_attrs,
    gss_const_OID_set critical_mech_attrs,
    gss_OID_set *mechs); /* out */

/* Returns the attributes of a mechanism, and all attributes that the library knows. GSS_S_BAD_MECH. RFC 5587, Section
 * 3.4.3. */
OM_uint32 gss_inquire_attrs_for_mech(
    OM_uint32 *minor_status,
    gss_const_OID mech, /* GSS_C_NO_OID: the default */
    gss_OID_set *mech_attrs,        /* out, may be NULL */
    gss_OID_set *known_mech_attrs); /* out, may be NULL */

/* Returns the name of an attribute, such as "GSS_C_MA_WRAP", and a short and a long description. GSS_S_BAD_MECH_ATTR.
 * RFC 5587, Section 3.4.4. */
OM_uint32 gss_display_mech_attr(
    OM_uint32 *minor_status,
    gss_const_OID mech_attr,
    gss_buffer_t name,       /* out, may be NULL */
    gss_buffer_t short_desc, /* out, may be NULL */
    gss_buffer_t long_desc); /* out, may be NULL */

/* Returns the SASL name of a mechanism, such as "GS2-KRB5", its plain name, such as "krb5", and a description for users.
 * GSS_S_BAD_MECH. RFC 5801, Section 10. */
OM_uint32 gss_inquire_saslname_for_mech(
    OM_uint32 *minor_status,
    const gss_OID desired_mech,
    gss_buffer_t sasl_mech_name,    /* out, may be NULL */
    gss_buffer_t mech_name,         /* out, may be NULL */
    gss_buffer_t mech_description); /* out, may be NULL */

/* Returns the mechanism that has a SASL name. GSS_S_BAD_MECH. RFC 5801, Section 11. */
OM_uint32 gss_inquire_mech_for_saslname(
    OM_uint32 *minor_status,
    const gss_buffer_t sasl_mech_name,
    gss_OID *mech_type); /* out, static */

/*
 * Sets the mechanisms that SPNEGO may negotiate with a credential, in order of preference (RFC 4178, Appendix B).
 * GSS_S_UNAVAILABLE (the credential has no element for SPNEGO), GSS_S_NO_CRED.
 */
OM_uint32 gss_set_neg_mechs(
    OM_uint32 *minor_status,
    gss_cred_id_t cred_handle,
    const gss_OID_set mech_set); /* copied */

/* Naming extensions (RFC 6680): static objects that must not be released */
extern gss_buffer_t GSS_C_ATTR_LOCAL_LOGIN_USER; /* "local-login-user" */
extern gss_OID GSS_C_NT_COMPOSITE_EXPORT;        /* 1.3.6.1.5.6.6 */

/* Returns whether a name is a mechanism name, of which mechanism, and the names of its attributes: no set if it has none.
 * GSS_S_BAD_NAME. RFC 6680, Section 7.4. */
OM_uint32 gss_inquire_name(
    OM_uint32 *minor_status,
    gss_name_t name,
    int *name_is_MN,          /* out, may be NULL */
    gss_OID *MN_mech,         /* out, static, may be NULL */
    gss_buffer_set_t *attrs); /* out, may be NULL */

/*
 * Exports a mechanism name with its attributes, in MIT krb5's encoding. GSS_S_NAME_NOT_MN, GSS_S_BAD_NAME. RFC 6680,
 * Section 7.10.
 */
OM_uint32 gss_export_name_composite(
    OM_uint32 *minor_status,
    gss_name_t name,
    gss_buffer_t exp_composite_name); /* out */

/*
 * Displays a name as one of another type: the text of an imported name, if that is its type. GSS_S_UNAVAILABLE,
 * GSS_S_BAD_NAME. RFC 6680, Section 7.3.
 */
OM_uint32 gss_display_name_ext(
    OM_uint32 *minor_status,
    gss_name_t name,
    gss_OID display_as_name_type,
    gss_buffer_t display_name); /* out */

/*
 * Returns one value of an attribute, which the caller releases with gss_release_buffer, and whether it is authenticated:
 * values from a PAC are if the KDC signed it for the service. GSS_S_UNAVAILABLE (no such value), GSS_S_BAD_NAME. RFC 6680,
 * Section 7.5.
 */
OM_uint32 gss_get_name_attribute(
    OM_uint32 *minor_status,
    gss_name_t name,
    gss_buffer_t attr,
    int *authenticated,         /* out, may be NULL */
    int *complete,              /* out, may be NULL */
    gss_buffer_t value,         /* out, may be NULL */
    gss_buffer_t display_value, /* out, may be NULL; always empty */
    int *more);                 /* out, and in: -1 for the first value; 0 after the last one */

/* Attributes cannot be changed: GSS_S_UNAVAILABLE. RFC 6680, Sections 7.6 and 7.7. */

OM_uint32 gss_set_name_attribute(
    OM_uint32 *minor_status,
    gss_name_t name,
    int complete,
    gss_buffer_t attr,
    gss_buffer_t value);

OM_uint32 gss_delete_name_attribute(
    OM_uint32 *minor_status,
    gss_name_t name,
    gss_buffer_t attr);

/* Two functions of MIT krb5 that convert names to types of a plug-in. Not implemented. */

typedef struct gss_any *gss_any_t;

OM_uint32 gss_map_name_to_any(
    OM_uint32 *minor_status,
    gss_name_t name,
    int authenticated,
    gss_buffer_t type_id,
    gss_any_t *output); /* out */

OM_uint32 gss_release_any_name_mapping(
    OM_uint32 *minor_status,
    gss_name_t name,
    gss_buffer_t type_id,
    gss_any_t *input);

/* Objects of gss_inquire_sec_context_by_oid: static OIDs that must not be released */
extern gss_OID GSS_C_INQ_SSPI_SESSION_KEY;  /* 1.2.840.113554.1.2.2.5.5 */
extern gss_OID GSS_C_INQ_NEGOEX_KEY;        /* 1.2.840.113554.1.2.2.5.16 */
extern gss_OID GSS_C_INQ_NEGOEX_VERIFY_KEY; /* 1.2.840.113554.1.2.2.5.17 */
extern gss_OID GSS_C_SEC_CONTEXT_SASL_SSF;  /* 1.2.840.113554.1.2.2.5.15 */

/* Called after gss_accept_sec_context for SSPI. Not implemented. */
OM_uint32 gss_complete_auth_token(
    OM_uint32 *minor_status,
    const gss_ctx_id_t context_handle,
    gss_buffer_t input_message_buffer);

/* Scattered messages, without an RFC: the parts of a message are in buffers of the types GSS_IOV_BUFFER_TYPE_* and are
 * protected in place; see gss_wrap_iov(3). */

typedef struct gss_iov_buffer_desc_struct {
	OM_uint32 type; /* GSS_IOV_BUFFER_TYPE_* with GSS_IOV_BUFFER_FLAG_* */
	gss_buffer_desc buffer;
} gss_iov_buffer_desc, *gss_iov_buffer_t;

#define GSS_C_NO_IOV_BUFFER ((gss_iov_buffer_t)0)

#define GSS_IOV_BUFFER_TYPE_EMPTY 0
#define GSS_IOV_BUFFER_TYPE_DATA 1
#define GSS_IOV_BUFFER_TYPE_HEADER 2
#define GSS_IOV_BUFFER_TYPE_MECH_PARAMS 3
#define GSS_IOV_BUFFER_TYPE_TRAILER 7
#define GSS_IOV_BUFFER_TYPE_PADDING 9
#define GSS_IOV_BUFFER_TYPE_STREAM 10
#define GSS_IOV_BUFFER_TYPE_SIGN_ONLY 11
#define GSS_IOV_BUFFER_TYPE_MIC_TOKEN 12

#define GSS_IOV_BUFFER_FLAG_MASK 0xffff0000
#define GSS_IOV_BUFFER_FLAG_ALLOCATE 0x00010000  /* allocate the buffer */
#define GSS_IOV_BUFFER_FLAG_ALLOCATED 0x00020000 /* release with gss_release_iov_buffer */

#define GSS_IOV_BUFFER_TYPE(type) ((type) & ~(GSS_IOV_BUFFER_FLAG_MASK))
#define GSS_IOV_BUFFER_FLAGS(type) ((type) & GSS_IOV_BUFFER_FLAG_MASK)

/* Protects a message in place, and encrypts its data buffers if conf_req_flag is nonzero. GSS_S_NO_CONTEXT,
 * GSS_S_BAD_QOP, GSS_S_FAILURE (not exactly one header, or a buffer that is too short). */
OM_uint32 gss_wrap_iov(
    OM_uint32 *minor_status,
    gss_ctx_id_t context_handle,
    int conf_req_flag,
    gss_qop_t qop_req,
    int *conf_state, /* out, may be NULL */
    gss_iov_buffer_desc *iov,
    int iov_count);

/* Verifies and decrypts a message in place. The errors and supplementary bits are those of gss_unwrap. */
OM_uint32 gss_unwrap_iov(
    OM_uint32 *minor_status,
    gss_ctx_id_t context_handle,
    int *conf_state,      /* out, may be NULL */
    gss_qop_t *qop_state, /* out, may be NULL */
    gss_iov_buffer_desc *iov,
    int iov_count);

/* Sets the lengths of the buffers that gss_wrap_iov will write. The errors are those of gss_wrap_iov. */
OM_uint32 gss_wrap_iov_length(
    OM_uint32 *minor_status,
    gss_ctx_id_t context_handle,
    int conf_req_flag,
    gss_qop_t qop_req,
    int *conf_state, /* out, may be NULL */
    gss_iov_buffer_desc *iov,
    int iov_count);

/* Calculates the integrity code of a scattered message. The errors are those of gss_wrap_iov. */
OM_uint32 gss_get_mic_iov(
    OM_uint32 *minor_status,
    gss_ctx_id_t context_handle,
    gss_qop_t qop_req,
    gss_iov_buffer_desc *iov,
    int iov_count);

/* Sets the length of the buffer that gss_get_mic_iov will write. The errors are those of gss_wrap_iov. */
OM_uint32 gss_get_mic_iov_length(
    OM_uint32 *minor_status,
    gss_ctx_id_t context_handle,
    gss_qop_t qop_req,
    gss_iov_buffer_desc *iov,
    int iov_count);

/* Verifies the integrity code of a scattered message. The errors and supplementary bits are those of gss_verify_mic. */
OM_uint32 gss_verify_mic_iov(
    OM_uint32 *minor_status,
    gss_ctx_id_t context_handle,
    gss_qop_t *qop_state, /* out, may be NULL */
    gss_iov_buffer_desc *iov,
    int iov_count);

/* Frees the buffers that the library allocated, and no others. Never fails. */
OM_uint32 gss_release_iov_buffer(
    OM_uint32 *minor_status,
    gss_iov_buffer_desc *iov,
    int iov_count);

/* gss_wrap with associated data, whose integrity is protected but which is not part of the token. The errors are those
 * of gss_wrap. */
OM_uint32 gss_wrap_aead(
    OM_uint32 *minor_status,
    gss_ctx_id_t context_handle,
    int conf_req_flag,
    gss_qop_t qop_req,
    gss_buffer_t input_assoc_buffer,
    gss_buffer_t input_payload_buffer,
    int *conf_state, /* out, may be NULL */
    gss_buffer_t output_message_buffer); /* out */

/* gss_unwrap with associated data, which the caller must obtain by other means. The errors are those of gss_unwrap. */
OM_uint32 gss_unwrap_aead(
    OM_uint32 *minor_status,
    gss_ctx_id_t context_handle,
    gss_buffer_t input_message_buffer,
    gss_buffer_t input_assoc_buffer,
    gss_buffer_t output_payload_buffer, /* out */
    int *conf_state,       /* out, may be NULL */
    gss_qop_t *qop_state); /* out, may be NULL */

#ifdef __cplusplus
}
#endif

#ifdef GSSAPI_ABI
#include <gssapi/gssapi_abi.h> /* the functions that each library lacks */
#endif

#endif
