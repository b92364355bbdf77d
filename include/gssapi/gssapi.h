/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * gssapi.h: the C bindings (RFC 2744) of the Generic Security Service API, version 2 (RFC 2743), with the extensions
 * of RFC 4401, RFC 5587 and RFC 6339 and those that C programs on FreeBSD expect. Each function has a manual page; see
 * gssapi(3).
 *
 * Conventions
 *
 * Results. Each function returns a major status: GSS_S_COMPLETE, an error (for which GSS_ERROR is nonzero), or
 * supplementary bits. *minor_status receives the mechanism-specific code, or 0 on success. gss_display_status returns
 * text for both; call it on the thread that made the failed call. The comment on each function lists its errors. Every
 * function can also return GSS_S_FAILURE (see the minor status), GSS_S_CALL_INACCESSIBLE_READ and
 * GSS_S_CALL_INACCESSIBLE_WRITE (a pointer is NULL that must not be; correct the program).
 *
 * Ownership. The caller releases what a function returns: buffers with gss_release_buffer, names with
 * gss_release_name, OID sets with gss_release_oid_set, buffer sets with gss_release_buffer_set, credentials with
 * gss_release_cred, and contexts with gss_delete_sec_context. A single gss_OID that a function returns is static and
 * must not be released. Functions do not keep pointers to their arguments.
 *
 * Outputs. Functions clear their outputs before they do anything else, so outputs can be released even after a
 * failure. "May be NULL" means that the caller may pass NULL if it does not need the value. Every release function
 * accepts a pointer to a null object.
 *
 * Handles. A context, credential or name is the address of 16 random octets, which can be read while the handle is
 * live. For a handle that was released, exported or never issued, functions return GSS_S_NO_CONTEXT, GSS_S_NO_CRED or
 * GSS_S_BAD_NAME.
 *
 * Units. Lifetimes are in seconds from now; GSS_C_INDEFINITE means no limit. Lengths are in octets.
 *
 * Parameters are marked "out" if the function writes them, and "in, out" if it reads and writes them. Stubs are
 * generated from these marks.
 */

#ifndef GSSAPI_GSSAPI_H_
#define GSSAPI_GSSAPI_H_

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Other libraries have the same names. Because of these lines, a program built with these headers cannot be linked with
 * one of those by mistake, nor started with it. Define GSSAPI_ANY_LIBRARY for a program that must run with any of them,
 * or that defines functions with these names itself.
 */
#ifndef GSSAPI_ANY_LIBRARY
#pragma redefine_extname gss_accept_sec_context gss_accept_sec_context_libgssapi
#pragma redefine_extname gss_acquire_cred gss_acquire_cred_libgssapi
#pragma redefine_extname gss_import_name gss_import_name_libgssapi
#pragma redefine_extname gss_import_sec_context gss_import_sec_context_libgssapi
#pragma redefine_extname gss_indicate_mechs gss_indicate_mechs_libgssapi
#pragma redefine_extname gss_init_sec_context gss_init_sec_context_libgssapi
#endif

/* Empty here. Programs written for the headers of other implementations use these to declare function pointers. */
#ifndef GSS_CALLCONV
#define GSS_CALLCONV
#endif
#ifndef GSS_CALLCONV_C
#define GSS_CALLCONV_C
#endif
#ifndef GSS_DLLIMP
#define GSS_DLLIMP
#endif

/* Types (RFC 2744, Section 3) */

typedef uint32_t OM_uint32;
typedef uint64_t OM_uint64;
typedef OM_uint32 gss_uint32;
typedef int32_t gss_int32;
typedef uint64_t gss_uint64;

/* Handles are opaque: these structures are never defined. */
typedef struct gss_ctx_id_struct *gss_ctx_id_t;
typedef struct gss_cred_id_struct *gss_cred_id_t;
typedef struct gss_name_struct *gss_name_t;
typedef const struct gss_ctx_id_struct *gss_const_ctx_id_t;
typedef const struct gss_cred_id_struct *gss_const_cred_id_t;
typedef const struct gss_name_struct *gss_const_name_t;

/* An object identifier: the content octets of its DER encoding, without tag and length. */
typedef struct gss_OID_desc_struct {
	OM_uint32 length;
	void *elements;
} gss_OID_desc, *gss_OID;
typedef const gss_OID_desc *gss_const_OID;

typedef struct gss_OID_set_desc_struct {
	size_t count;
	gss_OID elements; /* an array of count descriptors */
} gss_OID_set_desc, *gss_OID_set;
typedef const gss_OID_set_desc *gss_const_OID_set;

/* A string of octets. A buffer with length 0 is empty, whatever its value. */
typedef struct gss_buffer_desc_struct {
	size_t length;
	void *value;
} gss_buffer_desc, *gss_buffer_t;
typedef const gss_buffer_desc *gss_const_buffer_t;

typedef struct gss_buffer_set_desc_struct {
	size_t count;
	gss_buffer_desc *elements; /* an array of count buffers */
} gss_buffer_set_desc, *gss_buffer_set_t;
typedef const gss_buffer_set_desc *gss_const_buffer_set_t;

/* Identifies the underlying channel (RFC 2744, Section 3.11). Address types are GSS_C_AF_*. */
typedef struct gss_channel_bindings_struct {
	OM_uint32 initiator_addrtype;
	gss_buffer_desc initiator_address;
	OM_uint32 acceptor_addrtype;
	gss_buffer_desc acceptor_address;
	gss_buffer_desc application_data;
} *gss_channel_bindings_t;
typedef const struct gss_channel_bindings_struct *gss_const_channel_bindings_t;

typedef OM_uint32 gss_qop_t;  /* quality of protection */
typedef int gss_cred_usage_t; /* GSS_C_BOTH, GSS_C_INITIATE, GSS_C_ACCEPT */

/* Constants (RFC 2744, Appendix A) */

#define GSS_C_NO_NAME ((gss_name_t)0)
#define GSS_C_NO_BUFFER ((gss_buffer_t)0)
#define GSS_C_NO_OID ((gss_OID)0)
#define GSS_C_NO_OID_SET ((gss_OID_set)0)
#define GSS_C_NO_CONTEXT ((gss_ctx_id_t)0)
#define GSS_C_NO_CREDENTIAL ((gss_cred_id_t)0)
#define GSS_C_NO_CHANNEL_BINDINGS ((gss_channel_bindings_t)0)
#define GSS_C_NO_BUFFER_SET ((gss_buffer_set_t)0)
#define GSS_C_EMPTY_BUFFER {0, NULL}
#define GSS_C_NULL_OID GSS_C_NO_OID
#define GSS_C_NULL_OID_SET GSS_C_NO_OID_SET

/* Flags of a context: requested in req_flags, granted in ret_flags. */
#define GSS_C_DELEG_FLAG 1             /* credentials are delegated to the acceptor */
#define GSS_C_MUTUAL_FLAG 2            /* the acceptor is authenticated as well */
#define GSS_C_REPLAY_FLAG 4            /* replayed messages are detected */
#define GSS_C_SEQUENCE_FLAG 8          /* missing and out-of-sequence messages are detected */
#define GSS_C_CONF_FLAG 16             /* gss_wrap can encrypt */
#define GSS_C_INTEG_FLAG 32            /* gss_wrap and gss_get_mic protect integrity */
#define GSS_C_ANON_FLAG 64             /* the initiator is anonymous; not supported */
#define GSS_C_PROT_READY_FLAG 128      /* messages can be protected */
#define GSS_C_TRANS_FLAG 256           /* the context can be exported */
#define GSS_C_CHANNEL_BOUND_FLAG 2048  /* channel bindings are equal; requested: they are always supplied */
#define GSS_C_DCE_STYLE 0x1000         /* a third token, for DCE RPC */
#define GSS_C_IDENTIFY_FLAG 0x2000     /* the acceptor may identify, not impersonate, the initiator (RFC 4757) */
#define GSS_C_EXTENDED_ERROR_FLAG 0x4000 /* errors carry extended information (RFC 4757) */
#define GSS_C_DELEG_POLICY_FLAG 32768  /* delegate only if the KDC approves (RFC 5896) */

/* Usage of a credential */
#define GSS_C_BOTH 0
#define GSS_C_INITIATE 1
#define GSS_C_ACCEPT 2

/* status_type of gss_display_status */
#define GSS_C_GSS_CODE 1
#define GSS_C_MECH_CODE 2

/* Address families of channel bindings (RFC 2744, Section 3.11) */
#define GSS_C_AF_UNSPEC 0
#define GSS_C_AF_LOCAL 1
#define GSS_C_AF_INET 2
#define GSS_C_AF_IMPLINK 3
#define GSS_C_AF_PUP 4
#define GSS_C_AF_CHAOS 5
#define GSS_C_AF_NS 6
#define GSS_C_AF_NBS 7
#define GSS_C_AF_ECMA 8
#define GSS_C_AF_DATAKIT 9
#define GSS_C_AF_CCITT 10
#define GSS_C_AF_SNA 11
#define GSS_C_AF_DECnet 12
#define GSS_C_AF_DLI 13
#define GSS_C_AF_LAT 14
#define GSS_C_AF_HYLINK 15
#define GSS_C_AF_APPLETALK 16
#define GSS_C_AF_BSC 17
#define GSS_C_AF_DSS 18
#define GSS_C_AF_OSI 19
#define GSS_C_AF_NETBIOS 20
#define GSS_C_AF_X25 21
#define GSS_C_AF_INET6 24
#define GSS_C_AF_NULLADDR 255

#define GSS_C_QOP_DEFAULT 0
#define GSS_C_INDEFINITE ((OM_uint32)0xfffffffful)

/* prf_key of gss_pseudo_random (RFC 4401) */
#define GSS_C_PRF_KEY_FULL 0
#define GSS_C_PRF_KEY_PARTIAL 1

/* Major status (RFC 2744, Section 3.9): calling error, routine error, supplementary bits */

#define GSS_S_COMPLETE 0

#define GSS_C_CALLING_ERROR_OFFSET 24
#define GSS_C_ROUTINE_ERROR_OFFSET 16
#define GSS_C_SUPPLEMENTARY_OFFSET 0
#define GSS_C_CALLING_ERROR_MASK ((OM_uint32)0xfful)
#define GSS_C_ROUTINE_ERROR_MASK ((OM_uint32)0xfful)
#define GSS_C_SUPPLEMENTARY_MASK ((OM_uint32)0xfffful)

#define GSS_CALLING_ERROR(x) ((x) & (GSS_C_CALLING_ERROR_MASK << GSS_C_CALLING_ERROR_OFFSET))
#define GSS_ROUTINE_ERROR(x) ((x) & (GSS_C_ROUTINE_ERROR_MASK << GSS_C_ROUTINE_ERROR_OFFSET))
#define GSS_SUPPLEMENTARY_INFO(x) ((x) & (GSS_C_SUPPLEMENTARY_MASK << GSS_C_SUPPLEMENTARY_OFFSET))
/* Evaluates x once: programs write GSS_ERROR(gss_release_name(...)). */
#define GSS_ERROR(x) \
	((x) & ((GSS_C_CALLING_ERROR_MASK << GSS_C_CALLING_ERROR_OFFSET) | \
	    (GSS_C_ROUTINE_ERROR_MASK << GSS_C_ROUTINE_ERROR_OFFSET)))

#define GSS_CALLING_ERROR_FIELD(x) (((x) >> GSS_C_CALLING_ERROR_OFFSET) & GSS_C_CALLING_ERROR_MASK)
#define GSS_ROUTINE_ERROR_FIELD(x) (((x) >> GSS_C_ROUTINE_ERROR_OFFSET) & GSS_C_ROUTINE_ERROR_MASK)
#define GSS_SUPPLEMENTARY_INFO_FIELD(x) (((x) >> GSS_C_SUPPLEMENTARY_OFFSET) & GSS_C_SUPPLEMENTARY_MASK)

/* Calling errors: bugs in the program */
#define GSS_S_CALL_INACCESSIBLE_READ ((OM_uint32)1ul << GSS_C_CALLING_ERROR_OFFSET)
#define GSS_S_CALL_INACCESSIBLE_WRITE ((OM_uint32)2ul << GSS_C_CALLING_ERROR_OFFSET)
#define GSS_S_CALL_BAD_STRUCTURE ((OM_uint32)3ul << GSS_C_CALLING_ERROR_OFFSET)

/* Routine errors */
#define GSS_S_BAD_MECH ((OM_uint32)1ul << GSS_C_ROUTINE_ERROR_OFFSET)
#define GSS_S_BAD_NAME ((OM_uint32)2ul << GSS_C_ROUTINE_ERROR_OFFSET)
#define GSS_S_BAD_NAMETYPE ((OM_uint32)3ul << GSS_C_ROUTINE_ERROR_OFFSET)
#define GSS_S_BAD_BINDINGS ((OM_uint32)4ul << GSS_C_ROUTINE_ERROR_OFFSET)
#define GSS_S_BAD_STATUS ((OM_uint32)5ul << GSS_C_ROUTINE_ERROR_OFFSET)
#define GSS_S_BAD_SIG ((OM_uint32)6ul << GSS_C_ROUTINE_ERROR_OFFSET)
#define GSS_S_BAD_MIC GSS_S_BAD_SIG
#define GSS_S_NO_CRED ((OM_uint32)7ul << GSS_C_ROUTINE_ERROR_OFFSET)
#define GSS_S_NO_CONTEXT ((OM_uint32)8ul << GSS_C_ROUTINE_ERROR_OFFSET)
#define GSS_S_DEFECTIVE_TOKEN ((OM_uint32)9ul << GSS_C_ROUTINE_ERROR_OFFSET)
#define GSS_S_DEFECTIVE_CREDENTIAL ((OM_uint32)10ul << GSS_C_ROUTINE_ERROR_OFFSET)
#define GSS_S_CREDENTIALS_EXPIRED ((OM_uint32)11ul << GSS_C_ROUTINE_ERROR_OFFSET)
#define GSS_S_CONTEXT_EXPIRED ((OM_uint32)12ul << GSS_C_ROUTINE_ERROR_OFFSET)
#define GSS_S_FAILURE ((OM_uint32)13ul << GSS_C_ROUTINE_ERROR_OFFSET)
#define GSS_S_BAD_QOP ((OM_uint32)14ul << GSS_C_ROUTINE_ERROR_OFFSET)
#define GSS_S_UNAUTHORIZED ((OM_uint32)15ul << GSS_C_ROUTINE_ERROR_OFFSET)
#define GSS_S_UNAVAILABLE ((OM_uint32)16ul << GSS_C_ROUTINE_ERROR_OFFSET)
#define GSS_S_DUPLICATE_ELEMENT ((OM_uint32)17ul << GSS_C_ROUTINE_ERROR_OFFSET)
#define GSS_S_NAME_NOT_MN ((OM_uint32)18ul << GSS_C_ROUTINE_ERROR_OFFSET)
#define GSS_S_BAD_MECH_ATTR ((OM_uint32)19ul << GSS_C_ROUTINE_ERROR_OFFSET)
#define GSS_S_CRED_UNAVAIL GSS_S_FAILURE

/* Supplementary bits */
#define GSS_S_CONTINUE_NEEDED ((OM_uint32)1ul << GSS_C_SUPPLEMENTARY_OFFSET)
#define GSS_S_DUPLICATE_TOKEN ((OM_uint32)1ul << (GSS_C_SUPPLEMENTARY_OFFSET + 1))
#define GSS_S_OLD_TOKEN ((OM_uint32)1ul << (GSS_C_SUPPLEMENTARY_OFFSET + 2))
#define GSS_S_UNSEQ_TOKEN ((OM_uint32)1ul << (GSS_C_SUPPLEMENTARY_OFFSET + 3))
#define GSS_S_GAP_TOKEN ((OM_uint32)1ul << (GSS_C_SUPPLEMENTARY_OFFSET + 4))

#ifdef __cplusplus
extern "C" {
#endif

/* Name types (RFC 2744, Section 4): static objects that must not be released */

extern gss_OID GSS_C_NT_USER_NAME;           /* "alice": a user of this host or a principal */
extern gss_OID GSS_C_NT_MACHINE_UID_NAME;    /* a uid_t in the host's byte order */
extern gss_OID GSS_C_NT_STRING_UID_NAME;     /* a uid as a decimal number */
extern gss_OID GSS_C_NT_HOSTBASED_SERVICE;   /* "service@host" or "service" */
extern gss_OID GSS_C_NT_HOSTBASED_SERVICE_X; /* the same with the OID that RFC 2744 deprecates */
extern gss_OID GSS_C_NT_ANONYMOUS;           /* the anonymous name; the text is ignored */
extern gss_OID GSS_C_NT_EXPORT_NAME;         /* octets returned by gss_export_name */

/* Name types of Kerberos (RFC 1964, Section 2.1) */

extern gss_OID GSS_KRB5_NT_PRINCIPAL_NAME;   /* "service/host@REALM"; \ escapes special characters */
extern gss_OID GSS_KRB5_NT_USER_NAME;        /* as GSS_C_NT_USER_NAME */
extern gss_OID GSS_KRB5_NT_MACHINE_UID_NAME; /* as GSS_C_NT_MACHINE_UID_NAME */
extern gss_OID GSS_KRB5_NT_STRING_UID_NAME;  /* as GSS_C_NT_STRING_UID_NAME */

/* Credentials (RFC 2744, Sections 5.2, 5.3, 5.21, 5.22, 5.27) */

/*
 * Acquires credentials for desired_name, or for the default identity if it is GSS_C_NO_NAME: for an initiator from the
 * credential cache (KRB5CCNAME), for an acceptor from the keytab (KRB5_KTNAME). time_req is in seconds and applies
 * only to tickets obtained with a client keytab. Expired credentials are returned with a lifetime of 0.
 * GSS_S_NO_CRED (the error text names the file), GSS_S_DEFECTIVE_CREDENTIAL, GSS_S_BAD_NAME, GSS_S_BAD_MECH.
 * RFC 2744, Section 5.2.
 */
OM_uint32 gss_acquire_cred(
	OM_uint32 *minor_status, /* out */
	gss_name_t desired_name,
	OM_uint32 time_req,
	gss_OID_set desired_mechs, /* GSS_C_NO_OID_SET: the default */
	gss_cred_usage_t cred_usage,
	gss_cred_id_t *output_cred_handle, /* out */
	gss_OID_set *actual_mechs,         /* out, may be NULL */
	OM_uint32 *time_rec                /* out, seconds, may be NULL */
);

/*
 * Adds an element for one mechanism to a credential. If output_cred_handle is not NULL, it receives a new credential
 * with the elements of input_cred_handle and the new one; otherwise input_cred_handle itself is modified.
 * GSS_S_DUPLICATE_ELEMENT (there is already an element for this mechanism), and the errors of gss_acquire_cred.
 * RFC 2744, Section 5.3.
 */
OM_uint32 gss_add_cred(
	OM_uint32 *minor_status, /* out */
	gss_cred_id_t input_cred_handle,
	gss_name_t desired_name,
	gss_OID desired_mech,
	gss_cred_usage_t cred_usage,
	OM_uint32 initiator_time_req,
	OM_uint32 acceptor_time_req,
	gss_cred_id_t *output_cred_handle, /* out, may be NULL */
	gss_OID_set *actual_mechs,         /* out, may be NULL */
	OM_uint32 *initiator_time_rec,     /* out, seconds, may be NULL */
	OM_uint32 *acceptor_time_rec       /* out, seconds, may be NULL */
);

/*
 * Returns information about a credential, or about an initiator's default credential if cred_handle is
 * GSS_C_NO_CREDENTIAL. GSS_S_NO_CRED, GSS_S_CREDENTIALS_EXPIRED, GSS_S_DEFECTIVE_CREDENTIAL. RFC 2744, Section 5.21.
 */
OM_uint32 gss_inquire_cred(
	OM_uint32 *minor_status, /* out */
	gss_cred_id_t cred_handle,
	gss_name_t *name,             /* out, may be NULL */
	OM_uint32 *lifetime,          /* out, seconds, may be NULL */
	gss_cred_usage_t *cred_usage, /* out, may be NULL */
	gss_OID_set *mechanisms       /* out, may be NULL */
);

/* Returns information about the element of a credential for one mechanism. Lifetimes are 0 if the element has expired
 * or is not for this usage. GSS_S_NO_CRED, GSS_S_DEFECTIVE_CREDENTIAL, GSS_S_BAD_MECH. RFC 2744, Section 5.22. */
OM_uint32 gss_inquire_cred_by_mech(
	OM_uint32 *minor_status, /* out */
	gss_cred_id_t cred_handle,
	gss_OID mech_type,
	gss_name_t *name,              /* out, may be NULL */
	OM_uint32 *initiator_lifetime, /* out, seconds, may be NULL */
	OM_uint32 *acceptor_lifetime,  /* out, seconds, may be NULL */
	gss_cred_usage_t *cred_usage   /* out, may be NULL */
);

/* Releases a credential and sets *cred_handle to GSS_C_NO_CREDENTIAL. GSS_S_NO_CRED. RFC 2744, Section 5.27. */
OM_uint32 gss_release_cred(
	OM_uint32 *minor_status,   /* out */
	gss_cred_id_t *cred_handle /* in, out */
);

/* Returns mechanism-specific information about a credential. GSS_S_UNAVAILABLE (unknown object), GSS_S_NO_CRED,
 * GSS_S_DEFECTIVE_CREDENTIAL. No RFC specifies this function; see gss_inquire_cred_by_oid(3) for the objects. */
OM_uint32 gss_inquire_cred_by_oid(
	OM_uint32 *minor_status, /* out */
	const gss_cred_id_t cred_handle,
	const gss_OID desired_object,
	gss_buffer_set_t *data_set /* out */
);

/* Sets a mechanism-specific option of a credential. GSS_S_UNAVAILABLE (unknown option, or no credential),
 * GSS_S_NO_CRED. No RFC specifies this function; see gss_set_cred_option(3) for the options. */
OM_uint32 gss_set_cred_option(
	OM_uint32 *minor_status,    /* out */
	gss_cred_id_t *cred_handle, /* in, out */
	const gss_OID desired_object,
	const gss_buffer_t value);

/* Contexts (RFC 2744, Sections 5.1, 5.7, 5.9, 5.14, 5.17, 5.19, 5.20, 5.25) */

/*
 * Establishes a context as the initiator. In the first call *context_handle is GSS_C_NO_CONTEXT and input_token is
 * empty; later, input_token is the token received from the acceptor. Send output_token if its length is not 0, even
 * after an error, and call again for as long as GSS_S_CONTINUE_NEEDED is returned. After a failure, release the
 * context with gss_delete_sec_context.
 * GSS_S_DEFECTIVE_TOKEN, GSS_S_BAD_SIG, GSS_S_NO_CRED, GSS_S_CREDENTIALS_EXPIRED, GSS_S_DEFECTIVE_CREDENTIAL,
 * GSS_S_BAD_NAME, GSS_S_BAD_MECH, GSS_S_NO_CONTEXT. Most Kerberos errors are GSS_S_FAILURE. RFC 2744, Section 5.19.
 */
OM_uint32 gss_init_sec_context(
	OM_uint32 *minor_status, /* out */
	gss_cred_id_t initiator_cred_handle,
	gss_ctx_id_t *context_handle, /* in, out */
	gss_name_t target_name,
	gss_OID mech_type,   /* GSS_C_NO_OID: the default */
	OM_uint32 req_flags, /* GSS_C_*_FLAG */
	OM_uint32 time_req,  /* seconds, 0: the default */
	gss_channel_bindings_t input_chan_bindings,
	gss_buffer_t input_token,
	gss_OID *actual_mech_type, /* out, static, may be NULL */
	gss_buffer_t output_token, /* out */
	OM_uint32 *ret_flags,      /* out, may be NULL */
	OM_uint32 *time_rec        /* out, seconds, may be NULL */
);

/*
 * Establishes a context as the acceptor. Send output_token if its length is not 0, even after an error, and call again
 * for as long as GSS_S_CONTINUE_NEEDED is returned. src_name and delegated_cred_handle are valid once GSS_S_COMPLETE
 * is returned. After a failure, release the context with gss_delete_sec_context.
 * GSS_S_DEFECTIVE_TOKEN, GSS_S_BAD_SIG, GSS_S_BAD_BINDINGS, GSS_S_NO_CRED, GSS_S_CREDENTIALS_EXPIRED, GSS_S_BAD_MECH,
 * GSS_S_NO_CONTEXT. A replayed request is GSS_S_FAILURE with the minor status KRB5KRB_AP_ERR_REPEAT.
 * RFC 2744, Section 5.1.
 */
OM_uint32 gss_accept_sec_context(
	OM_uint32 *minor_status,      /* out */
	gss_ctx_id_t *context_handle, /* in, out */
	gss_cred_id_t acceptor_cred_handle,
	gss_buffer_t input_token_buffer,
	gss_channel_bindings_t input_chan_bindings,
	gss_name_t *src_name,                /* out, may be NULL */
	gss_OID *mech_type,                  /* out, static, may be NULL */
	gss_buffer_t output_token,           /* out */
	OM_uint32 *ret_flags,                /* out, may be NULL */
	OM_uint32 *time_rec,                 /* out, seconds, may be NULL */
	gss_cred_id_t *delegated_cred_handle /* out, may be NULL */
);

/* Processes a token about an established context. Kerberos has no such tokens and returns GSS_S_DEFECTIVE_TOKEN for
 * all. GSS_S_NO_CONTEXT. RFC 2744, Section 5.25. */
OM_uint32 gss_process_context_token(
	OM_uint32 *minor_status, /* out */
	gss_ctx_id_t context_handle,
	gss_buffer_t token_buffer);

/* Deletes a context, wipes its keys and sets *context_handle to GSS_C_NO_CONTEXT. output_token is always empty: pass
 * GSS_C_NO_BUFFER. GSS_S_NO_CONTEXT. RFC 2744, Section 5.9. */
OM_uint32 gss_delete_sec_context(
	OM_uint32 *minor_status,      /* out */
	gss_ctx_id_t *context_handle, /* in, out */
	gss_buffer_t output_token     /* out, may be NULL */
);

/* Returns the remaining lifetime of a context. GSS_S_CONTEXT_EXPIRED, GSS_S_NO_CONTEXT. RFC 2744, Section 5.7. */
OM_uint32 gss_context_time(
	OM_uint32 *minor_status, /* out */
	gss_ctx_id_t context_handle,
	OM_uint32 *time_rec /* out, seconds */
);

/* Returns information about a context. The names are copies, which the caller releases. GSS_S_NO_CONTEXT. RFC 2744,
 * Section 5.20. */
OM_uint32 gss_inquire_context(
	OM_uint32 *minor_status, /* out */
	gss_ctx_id_t context_handle,
	gss_name_t *src_name,    /* out, may be NULL */
	gss_name_t *targ_name,   /* out, may be NULL */
	OM_uint32 *lifetime_rec, /* out, seconds, 0 if expired, may be NULL */
	gss_OID *mech_type,      /* out, static, may be NULL */
	OM_uint32 *ctx_flags,    /* out, may be NULL */
	int *locally_initiated,  /* out, may be NULL */
	int *open                /* out, 1 if the context is established, may be NULL */
);

/*
 * Converts an established context to a token for another process, deletes it here and sets *context_handle to
 * GSS_C_NO_CONTEXT. On failure the context is unchanged. Whoever has the token may be able to import the context: pass
 * it only to the process that it is for.
 * GSS_S_NO_CONTEXT, GSS_S_CONTEXT_EXPIRED, GSS_S_UNAVAILABLE (GSS_C_TRANS_FLAG is not set, or the activation ledger
 * cannot be used). RFC 2744, Section 5.14.
 */
OM_uint32 gss_export_sec_context(
	OM_uint32 *minor_status,       /* out */
	gss_ctx_id_t *context_handle,  /* in, out */
	gss_buffer_t interprocess_token /* out */
);

/* Imports a context that another process exported. GSS_S_NO_CONTEXT (already imported, or expired),
 * GSS_S_DEFECTIVE_TOKEN, GSS_S_UNAUTHORIZED, GSS_S_UNAVAILABLE. RFC 2744, Section 5.17. */
OM_uint32 gss_import_sec_context(
	OM_uint32 *minor_status, /* out */
	gss_buffer_t interprocess_token,
	gss_ctx_id_t *context_handle /* out */
);

/* Returns mechanism-specific information about a context. GSS_S_UNAVAILABLE (unknown object), GSS_S_NO_CONTEXT. No RFC
 * specifies this function; see gss_inquire_sec_context_by_oid(3) for the objects. */
OM_uint32 gss_inquire_sec_context_by_oid(
	OM_uint32 *minor_status, /* out */
	const gss_ctx_id_t context_handle,
	const gss_OID desired_object,
	gss_buffer_set_t *data_set /* out */
);

/* Sets a mechanism-specific option of a context or, without a context, of the process. GSS_S_UNAVAILABLE (unknown
 * option), GSS_S_NO_CONTEXT. No RFC specifies this function; see gss_set_sec_context_option(3) for the options. */
OM_uint32 gss_set_sec_context_option(
	OM_uint32 *minor_status,      /* out */
	gss_ctx_id_t *context_handle, /* in, out, may be NULL */
	const gss_OID desired_object,
	const gss_buffer_t value);

/*
 * Derives desired_output_len octets from the context's key and prf_in; the result is the same on both sides. prf_key
 * is GSS_C_PRF_KEY_FULL or GSS_C_PRF_KEY_PARTIAL. GSS_S_NO_CONTEXT. RFC 4401, Section 3.
 */
OM_uint32 gss_pseudo_random(
	OM_uint32 *minor_status, /* out */
	gss_ctx_id_t context,
	int prf_key,
	const gss_buffer_t prf_in,
	ssize_t desired_output_len,
	gss_buffer_t prf_out /* out */
);

/* Messages (RFC 2744, Sections 5.15, 5.31-5.34) */

/* Calculates the integrity code of a message, to be sent along with it. GSS_S_NO_CONTEXT, GSS_S_BAD_QOP. As in other
 * implementations, contexts continue to protect messages after they have expired: see gss_context_time. RFC 2744,
 * Section 5.15. */
OM_uint32 gss_get_mic(
	OM_uint32 *minor_status, /* out */
	gss_ctx_id_t context_handle,
	gss_qop_t qop_req,
	gss_buffer_t message_buffer,
	gss_buffer_t message_token /* out */
);

/*
 * Verifies a token from gss_get_mic. GSS_S_BAD_SIG (the message or token was modified), GSS_S_DEFECTIVE_TOKEN,
 * GSS_S_NO_CONTEXT. With the supplementary bits GSS_S_DUPLICATE_TOKEN, GSS_S_OLD_TOKEN, GSS_S_UNSEQ_TOKEN and
 * GSS_S_GAP_TOKEN the message is authentic but is not the next one in sequence. RFC 2744, Section 5.32.
 */
OM_uint32 gss_verify_mic(
	OM_uint32 *minor_status, /* out */
	gss_ctx_id_t context_handle,
	gss_buffer_t message_buffer,
	gss_buffer_t token_buffer,
	gss_qop_t *qop_state /* out, may be NULL */
);

/* Protects a message, and encrypts it if conf_req_flag is nonzero. *conf_state is 1 if it is encrypted.
 * GSS_S_NO_CONTEXT, GSS_S_BAD_QOP. RFC 2744, Section 5.33. */
OM_uint32 gss_wrap(
	OM_uint32 *minor_status, /* out */
	gss_ctx_id_t context_handle,
	int conf_req_flag,
	gss_qop_t qop_req,
	gss_buffer_t input_message_buffer,
	int *conf_state,                   /* out, may be NULL */
	gss_buffer_t output_message_buffer /* out */
);

/* Verifies and decrypts a token from gss_wrap. The errors and supplementary bits are those of gss_verify_mic; after an
 * error there is no message. RFC 2744, Section 5.31. */
OM_uint32 gss_unwrap(
	OM_uint32 *minor_status, /* out */
	gss_ctx_id_t context_handle,
	gss_buffer_t input_message_buffer,
	gss_buffer_t output_message_buffer, /* out */
	int *conf_state,                    /* out, may be NULL */
	gss_qop_t *qop_state                /* out, may be NULL */
);

/* Returns the length of the longest message whose gss_wrap token is at most req_output_size octets long.
 * GSS_S_NO_CONTEXT, GSS_S_BAD_QOP. RFC 2744, Section 5.34. */
OM_uint32 gss_wrap_size_limit(
	OM_uint32 *minor_status, /* out */
	gss_ctx_id_t context_handle,
	int conf_req_flag,
	gss_qop_t qop_req,
	OM_uint32 req_output_size,
	OM_uint32 *max_input_size /* out, octets */
);

/* gss_get_mic, gss_verify_mic, gss_wrap and gss_unwrap as version 1 (RFC 1509) names them; qop is an int */

OM_uint32 gss_sign(
	OM_uint32 *minor_status, /* out */
	gss_ctx_id_t context_handle,
	int qop_req,
	gss_buffer_t message_buffer,
	gss_buffer_t message_token /* out */
);

OM_uint32 gss_verify(
	OM_uint32 *minor_status, /* out */
	gss_ctx_id_t context_handle,
	gss_buffer_t message_buffer,
	gss_buffer_t token_buffer,
	int *qop_state /* out, may be NULL */
);

OM_uint32 gss_seal(
	OM_uint32 *minor_status, /* out */
	gss_ctx_id_t context_handle,
	int conf_req_flag,
	int qop_req,
	gss_buffer_t input_message_buffer,
	int *conf_state,                   /* out, may be NULL */
	gss_buffer_t output_message_buffer /* out */
);

OM_uint32 gss_unseal(
	OM_uint32 *minor_status, /* out */
	gss_ctx_id_t context_handle,
	gss_buffer_t input_message_buffer,
	gss_buffer_t output_message_buffer, /* out */
	int *conf_state,                    /* out, may be NULL */
	int *qop_state                      /* out, may be NULL */
);

/* Names (RFC 2744, Sections 5.5, 5.6, 5.10, 5.12, 5.13, 5.16, 5.28) */

/* Creates a name from its text or octets. GSS_S_BAD_NAMETYPE, GSS_S_BAD_NAME, GSS_S_BAD_MECH. RFC 2744, Section
 * 5.16. */
OM_uint32 gss_import_name(
	OM_uint32 *minor_status, /* out */
	gss_buffer_t input_name_buffer,
	gss_OID input_name_type, /* GSS_C_NO_OID: GSS_KRB5_NT_PRINCIPAL_NAME */
	gss_name_t *output_name  /* out */
);

/* Returns the text and the type of a name. The text is followed by a NUL that the length does not include.
 * GSS_S_BAD_NAME. RFC 2744, Section 5.10. */
OM_uint32 gss_display_name(
	OM_uint32 *minor_status, /* out */
	gss_name_t input_name,
	gss_buffer_t output_name_buffer, /* out */
	gss_OID *output_name_type        /* out, static, may be NULL */
);

/* Sets *name_equal to 1 if both names are known to denote the same identity, otherwise to 0. GSS_S_BAD_NAME. RFC 2744,
 * Section 5.6. */
OM_uint32 gss_compare_name(
	OM_uint32 *minor_status, /* out */
	gss_name_t name1,
	gss_name_t name2,
	int *name_equal /* out */
);

/* Converts a name to a mechanism name (MN). GSS_S_BAD_MECH, GSS_S_BAD_NAME. RFC 2744, Section 5.5. */
OM_uint32 gss_canonicalize_name(
	OM_uint32 *minor_status, /* out */
	const gss_name_t input_name,
	const gss_OID mech_type,
	gss_name_t *output_name /* out */
);

/* Returns the octets of a mechanism name, for access lists: names are equal if their octets are. GSS_S_NAME_NOT_MN
 * (call gss_canonicalize_name first), GSS_S_BAD_NAME. RFC 2744, Section 5.13. */
OM_uint32 gss_export_name(
	OM_uint32 *minor_status, /* out */
	const gss_name_t input_name,
	gss_buffer_t exported_name /* out */
);

/* Copies a name. GSS_S_BAD_NAME. RFC 2744, Section 5.12. */
OM_uint32 gss_duplicate_name(
	OM_uint32 *minor_status, /* out */
	const gss_name_t src_name,
	gss_name_t *dest_name /* out */
);

/* Releases a name and sets *input_name to GSS_C_NO_NAME. GSS_S_BAD_NAME. RFC 2744, Section 5.28. */
OM_uint32 gss_release_name(
	OM_uint32 *minor_status, /* out */
	gss_name_t *input_name   /* in, out */
);

/* Maps a name to the user ID of a local account according to krb5.conf (auth_to_local). If there is none, returns
 * GSS_S_FAILURE and sets *uidp to (uid_t)-1. GSS_S_BAD_NAME, GSS_S_BAD_MECH. */
OM_uint32 gss_pname_to_uid(
	OM_uint32 *minor_status, /* out */
	const gss_name_t pname,
	const gss_OID mech,
	uid_t *uidp /* out */
);

/* Mechanisms (RFC 2744, Sections 5.18, 5.23, 5.24) */

/* Returns the available mechanisms. RFC 2744, Section 5.18. */
OM_uint32 gss_indicate_mechs(
	OM_uint32 *minor_status, /* out */
	gss_OID_set *mech_set    /* out */
);

/* Returns the name types that a mechanism supports. GSS_S_BAD_MECH. RFC 2744, Section 5.24. */
OM_uint32 gss_inquire_names_for_mech(
	OM_uint32 *minor_status, /* out */
	gss_OID mechanism,
	gss_OID_set *name_types /* out */
);

/* Returns the mechanisms that support the type of a name. GSS_S_BAD_NAME. RFC 2744, Section 5.23. */
OM_uint32 gss_inquire_mechs_for_name(
	OM_uint32 *minor_status, /* out */
	const gss_name_t input_name,
	gss_OID_set *mech_types /* out */
);

/* Status (RFC 2744, Section 5.11) */

/*
 * Returns text for a status code, one message per call. Set *message_context to 0 before the first call and call again
 * while it is nonzero. status_type is GSS_C_GSS_CODE or GSS_C_MECH_CODE. The text is followed by a NUL that the length
 * does not include. GSS_S_BAD_STATUS (invalid status_type), GSS_S_BAD_MECH, GSS_S_FAILURE (invalid *message_context).
 */
OM_uint32 gss_display_status(
	OM_uint32 *minor_status, /* out */
	OM_uint32 status_value,
	int status_type,
	gss_OID mech_type,          /* GSS_C_NO_OID: the default */
	OM_uint32 *message_context, /* in, out */
	gss_buffer_t status_string  /* out */
);

/* Buffers and buffer sets (RFC 2744, Section 5.26; RFC 6339) */

/* Frees the contents of a buffer and sets it to empty. The caller may have allocated them with malloc(3). RFC 2744,
 * Section 5.26. */
OM_uint32 gss_release_buffer(
	OM_uint32 *minor_status, /* out */
	gss_buffer_t buffer      /* in, out */
);

/* Creates an empty buffer set. */
OM_uint32 gss_create_empty_buffer_set(
	OM_uint32 *minor_status,    /* out */
	gss_buffer_set_t *buffer_set /* out */
);

/* Appends a copy of a buffer to a set, which is created if *buffer_set is GSS_C_NO_BUFFER_SET. */
OM_uint32 gss_add_buffer_set_member(
	OM_uint32 *minor_status, /* out */
	const gss_buffer_t member_buffer,
	gss_buffer_set_t *buffer_set /* in, out */
);

/* Wipes and frees all members and the set, and sets *buffer_set to GSS_C_NO_BUFFER_SET. */
OM_uint32 gss_release_buffer_set(
	OM_uint32 *minor_status,    /* out */
	gss_buffer_set_t *buffer_set /* in, out */
);

/* Object identifiers (RFC 2744, Sections 5.4, 5.8, 5.29, 5.30; RFC 6339) */

/* Creates an empty OID set. RFC 2744, Section 5.8. */
OM_uint32 gss_create_empty_oid_set(
	OM_uint32 *minor_status, /* out */
	gss_OID_set *oid_set     /* out */
);

/* Adds a copy of an OID to a set, unless the set already contains it. RFC 2744, Section 5.4. */
OM_uint32 gss_add_oid_set_member(
	OM_uint32 *minor_status, /* out */
	gss_OID member_oid,
	gss_OID_set *oid_set /* in, out */
);

/* Sets *present to 1 if the set contains the OID, otherwise to 0. RFC 2744, Section 5.30. */
OM_uint32 gss_test_oid_set_member(
	OM_uint32 *minor_status, /* out */
	gss_OID member,
	gss_OID_set set,
	int *present /* out */
);

/* Frees a set and all its members, and sets *oid_set to GSS_C_NO_OID_SET. RFC 2744, Section 5.29. */
OM_uint32 gss_release_oid_set(
	OM_uint32 *minor_status, /* out */
	gss_OID_set *oid_set     /* in, out */
);

/* Copies an OID. The caller releases the copy with gss_release_oid. */
OM_uint32 gss_duplicate_oid(
	OM_uint32 *minor_status, /* out */
	gss_OID src_oid,
	gss_OID *dest_oid /* out */
);

/* Frees an OID returned by gss_duplicate_oid or gss_str_to_oid, does not free a static one, and sets *oid to
 * GSS_C_NO_OID. */
OM_uint32 gss_release_oid(
	OM_uint32 *minor_status, /* out */
	gss_OID *oid             /* in, out */
);

/* Returns nonzero if the OIDs are equal. GSS_C_NO_OID is not equal to any OID. RFC 6339, Section 3.3. */
int gss_oid_equal(
	gss_const_OID first_oid,
	gss_const_OID second_oid);

/* Converts an OID to text, such as "{ 1 2 840 113554 }". The length includes the terminating NUL. GSS_S_FAILURE (the
 * OID is malformed). */
OM_uint32 gss_oid_to_str(
	OM_uint32 *minor_status, /* out */
	gss_OID oid,
	gss_buffer_t oid_str /* out */
);

/* Converts text such as "{ 1 2 840 }", "1.2.840" or "1 2 840" to an OID, which the caller releases with
 * gss_release_oid. GSS_S_FAILURE (the text is not an OID). */
OM_uint32 gss_str_to_oid(
	OM_uint32 *minor_status, /* out */
	gss_buffer_t oid_str,
	gss_OID *oid /* out */
);

/* Adds the framing of RFC 2743, Section 3.1, to a token. RFC 6339, Section 3.1. */
OM_uint32 gss_encapsulate_token(
	gss_const_buffer_t input_token,
	gss_const_OID token_oid,
	gss_buffer_t output_token /* out */
);

/* Removes the framing. GSS_S_DEFECTIVE_TOKEN (no framing, or another OID). RFC 6339, Section 3.2. */
OM_uint32 gss_decapsulate_token(
	gss_const_buffer_t input_token,
	gss_const_OID token_oid,
	gss_buffer_t output_token /* out */
);

#ifdef __cplusplus
}
#endif

#ifdef GSSAPI_ABI
#include <gssapi/gssapi_abi.h> /* the functions that each library lacks */
#endif

#endif
