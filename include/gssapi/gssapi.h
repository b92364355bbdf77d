/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * gssapi.h: the Generic Security Service API, version 2 (RFC 2743), in C (RFC 2744), with its extensions in RFC 4401,
 * RFC 5587 and RFC 6339, and what C programs on FreeBSD expect beside them.
 *
 * Conventions
 *
 * Results. Each function returns a major status: 0, or an error (GSS_ERROR is not zero), or supplementary bits. Beside
 * it *minor_status is the mechanism's own code, 0 on success. gss_display_status gives the texts of both; ask on the
 * thread that made the failing call. The major codes that are not listed with a function can come from every one:
 * GSS_S_FAILURE (see the minor code), GSS_S_CALL_INACCESSIBLE_READ and GSS_S_CALL_INACCESSIBLE_WRITE (a pointer that
 * may not be NULL was; correct the program).
 *
 * Ownership. What a function gives, the caller releases: buffers with gss_release_buffer, names with gss_release_name,
 * OID sets with gss_release_oid_set, buffer sets with gss_release_buffer_set, credentials with gss_release_cred,
 * contexts with gss_delete_sec_context. A single gss_OID that a function gives is static and never released. Functions
 * keep no pointer to their arguments.
 *
 * Outputs. They are cleared before anything else happens, so that they can be released after a failure, too. Where "may
 * be NULL" stands, the caller does not want the value. Every release function takes a pointer to a null object.
 *
 * Handles. A context, credential or name is the address of 16 random octets, which can be read while the handle is live.
 * A handle that was deleted, exported or never given out gets GSS_S_NO_CONTEXT, GSS_S_NO_CRED or GSS_S_BAD_NAME.
 *
 * Units. Lifetimes are seconds from now, GSS_C_INDEFINITE for no end. Lengths are octets.
 *
 * Parameters are marked "out" if the function writes them, "in, out" if it reads and writes them; stubs are generated
 * from these marks.
 */

#ifndef GSSAPI_GSSAPI_H_
#define GSSAPI_GSSAPI_H_

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Decorations of declarations in other implementations' headers, for programs that declare function pointers with
 * them. */
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

/* Handles are opaque; the structures are defined nowhere. */
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

/* Octets. A buffer whose length is 0 is empty, whatever value is. */
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

/* What both sides know of the channel below them (RFC 2744, Section 3.11); address types are GSS_C_AF_*. */
typedef struct gss_channel_bindings_struct {
	OM_uint32 initiator_addrtype;
	gss_buffer_desc initiator_address;
	OM_uint32 acceptor_addrtype;
	gss_buffer_desc acceptor_address;
	gss_buffer_desc application_data;
} *gss_channel_bindings_t;
typedef const struct gss_channel_bindings_struct *gss_const_channel_bindings_t;

typedef OM_uint32 gss_qop_t;    /* quality of protection */
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

/* Flags of a context: asked for in req_flags, and what was reached in ret_flags. */
#define GSS_C_DELEG_FLAG 1             /* the acceptor may act as the initiator */
#define GSS_C_MUTUAL_FLAG 2            /* the acceptor proves who it is, too */
#define GSS_C_REPLAY_FLAG 4            /* repeated messages are detected */
#define GSS_C_SEQUENCE_FLAG 8          /* messages out of order are detected */
#define GSS_C_CONF_FLAG 16             /* gss_wrap can encrypt */
#define GSS_C_INTEG_FLAG 32            /* gss_wrap and gss_get_mic are there */
#define GSS_C_ANON_FLAG 64             /* the initiator stays unknown */
#define GSS_C_PROT_READY_FLAG 128      /* messages can be protected now, even if the context is not yet complete */
#define GSS_C_TRANS_FLAG 256           /* gss_export_sec_context can be called */
#define GSS_C_CHANNEL_BOUND_FLAG 2048  /* channel bindings were there and equal; asked for: they must be */
#define GSS_C_DCE_STYLE 0x1000         /* a third leg, as DCE RPC wants */
#define GSS_C_IDENTIFY_FLAG 0x2000     /* the acceptor may identify, not impersonate, the initiator (RFC 4757) */
#define GSS_C_EXTENDED_ERROR_FLAG 0x4000 /* errors carry extended information (RFC 4757) */
#define GSS_C_DELEG_POLICY_FLAG 32768  /* delegate if the KDC trusts the acceptor (RFC 5896) */

/* Usage of a credential */
#define GSS_C_BOTH 0
#define GSS_C_INITIATE 1
#define GSS_C_ACCEPT 2

/* Kinds of status for gss_display_status */
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
/* x once: programs write GSS_ERROR(gss_release_name(...)). */
#define GSS_ERROR(x) \
	((x) & ((GSS_C_CALLING_ERROR_MASK << GSS_C_CALLING_ERROR_OFFSET) | \
	    (GSS_C_ROUTINE_ERROR_MASK << GSS_C_ROUTINE_ERROR_OFFSET)))

#define GSS_CALLING_ERROR_FIELD(x) (((x) >> GSS_C_CALLING_ERROR_OFFSET) & GSS_C_CALLING_ERROR_MASK)
#define GSS_ROUTINE_ERROR_FIELD(x) (((x) >> GSS_C_ROUTINE_ERROR_OFFSET) & GSS_C_ROUTINE_ERROR_MASK)
#define GSS_SUPPLEMENTARY_INFO_FIELD(x) (((x) >> GSS_C_SUPPLEMENTARY_OFFSET) & GSS_C_SUPPLEMENTARY_MASK)

/* Calling errors: the program is wrong. */
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

/* Name types (RFC 2744, Section 4): static objects, never released. */

extern gss_OID GSS_C_NT_USER_NAME;           /* "alice": a user of this host, or a principal */
extern gss_OID GSS_C_NT_MACHINE_UID_NAME;    /* a uid_t in the host's byte order */
extern gss_OID GSS_C_NT_STRING_UID_NAME;     /* a uid in decimal digits */
extern gss_OID GSS_C_NT_HOSTBASED_SERVICE;   /* "service@host" or "service" */
extern gss_OID GSS_C_NT_HOSTBASED_SERVICE_X; /* the same under the older OID of RFC 2744 */
extern gss_OID GSS_C_NT_ANONYMOUS;           /* nobody; the text means nothing */
extern gss_OID GSS_C_NT_EXPORT_NAME;         /* what gss_export_name gave */

/* Name types of Kerberos (RFC 1964, Section 2.1) */

extern gss_OID GSS_KRB5_NT_PRINCIPAL_NAME;   /* "service/host@REALM", with \ before /, @, \ and blanks of a component */
extern gss_OID GSS_KRB5_NT_USER_NAME;        /* as GSS_C_NT_USER_NAME */
extern gss_OID GSS_KRB5_NT_MACHINE_UID_NAME; /* as GSS_C_NT_MACHINE_UID_NAME */
extern gss_OID GSS_KRB5_NT_STRING_UID_NAME;  /* as GSS_C_NT_STRING_UID_NAME */

/* Credentials (RFC 2744, Sections 5.2, 5.3, 5.21, 5.22, 5.27) */

/*
 * Gives a handle to credentials: of desired_name, or of the default identity if that is GSS_C_NO_NAME. time_req is
 * advice only. An initiator's come from the credential cache (KRB5CCNAME), an acceptor's from the keytab (KRB5_KTNAME).
 * GSS_S_BAD_MECH, GSS_S_BAD_NAMETYPE, GSS_S_BAD_NAME, GSS_S_CREDENTIALS_EXPIRED, GSS_S_NO_CRED (the text names the
 * file). RFC 2744, Section 5.2.
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
 * Adds an element for one mechanism. With output_cred_handle the result is a new credential that holds the elements of
 * input_cred_handle, too; without, input_cred_handle itself gets it.
 * GSS_S_BAD_MECH, GSS_S_BAD_NAMETYPE, GSS_S_BAD_NAME, GSS_S_DUPLICATE_ELEMENT (it has one for this mechanism already),
 * GSS_S_CREDENTIALS_EXPIRED, GSS_S_NO_CRED. RFC 2744, Section 5.3.
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
 * Tells about a credential, or about the default initiator's if the handle is GSS_C_NO_CREDENTIAL. lifetime is 0 if it
 * has expired. GSS_S_NO_CRED, GSS_S_DEFECTIVE_CREDENTIAL. RFC 2744, Section 5.21.
 */
OM_uint32 gss_inquire_cred(
	OM_uint32 *minor_status, /* out */
	gss_cred_id_t cred_handle,
	gss_name_t *name,             /* out, may be NULL */
	OM_uint32 *lifetime,          /* out, seconds, may be NULL */
	gss_cred_usage_t *cred_usage, /* out, may be NULL */
	gss_OID_set *mechanisms       /* out, may be NULL */
);

/* As gss_inquire_cred, for one mechanism's element. GSS_S_NO_CRED, GSS_S_BAD_MECH. RFC 2744, Section 5.22. */
OM_uint32 gss_inquire_cred_by_mech(
	OM_uint32 *minor_status, /* out */
	gss_cred_id_t cred_handle,
	gss_OID mech_type,
	gss_name_t *name,              /* out, may be NULL */
	OM_uint32 *initiator_lifetime, /* out, seconds, may be NULL */
	OM_uint32 *acceptor_lifetime,  /* out, seconds, may be NULL */
	gss_cred_usage_t *cred_usage   /* out, may be NULL */
);

/* Forgets a credential and sets *cred_handle to GSS_C_NO_CREDENTIAL. GSS_S_NO_CRED. RFC 2744, Section 5.27. */
OM_uint32 gss_release_cred(
	OM_uint32 *minor_status,   /* out */
	gss_cred_id_t *cred_handle /* in, out */
);

/* What a mechanism knows about a credential under an OID of its own. GSS_S_UNAVAILABLE, GSS_S_NO_CRED. */
OM_uint32 gss_inquire_cred_by_oid(
	OM_uint32 *minor_status, /* out */
	const gss_cred_id_t cred_handle,
	const gss_OID desired_object,
	gss_buffer_set_t *data_set /* out */
);

/* Sets what a mechanism lets be set under an OID of its own; may make a credential. GSS_S_UNAVAILABLE, GSS_S_NO_CRED.
 */
OM_uint32 gss_set_cred_option(
	OM_uint32 *minor_status,    /* out */
	gss_cred_id_t *cred_handle, /* in, out */
	const gss_OID desired_object,
	const gss_buffer_t value);

/* Contexts (RFC 2744, Sections 5.1, 5.7, 5.9, 5.14, 5.17, 5.19, 5.20, 5.25) */

/*
 * One step of the initiator: *context_handle is GSS_C_NO_CONTEXT at first, input_token what the acceptor sent (at first
 * nothing). Send output_token if it has a length, also after an error; go on while GSS_S_CONTINUE_NEEDED is set. A
 * failed step leaves the context to gss_delete_sec_context.
 * GSS_S_DEFECTIVE_TOKEN, GSS_S_DEFECTIVE_CREDENTIAL, GSS_S_NO_CRED, GSS_S_CREDENTIALS_EXPIRED, GSS_S_NO_CONTEXT,
 * GSS_S_BAD_NAME, GSS_S_BAD_MECH, GSS_S_FAILURE. RFC 2744, Section 5.19.
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
 * One step of the acceptor. Send output_token if it has a length, also after an error; go on while
 * GSS_S_CONTINUE_NEEDED is set. src_name and delegated_cred_handle are valid when GSS_S_COMPLETE is returned.
 * Errors as gss_init_sec_context, and GSS_S_BAD_BINDINGS; a replay is a GSS_S_FAILURE with KRB5KRB_AP_ERR_REPEAT.
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

/* Gives a context the peer's token that gss_delete_sec_context made. GSS_S_DEFECTIVE_TOKEN, GSS_S_NO_CONTEXT. RFC 2744,
 * Section 5.25. */
OM_uint32 gss_process_context_token(
	OM_uint32 *minor_status, /* out */
	gss_ctx_id_t context_handle,
	gss_buffer_t token_buffer);

/* Ends a context, wipes its keys and sets *context_handle to GSS_C_NO_CONTEXT. output_token stays empty: pass
 * GSS_C_NO_BUFFER. GSS_S_NO_CONTEXT. RFC 2744, Section 5.9. */
OM_uint32 gss_delete_sec_context(
	OM_uint32 *minor_status,      /* out */
	gss_ctx_id_t *context_handle, /* in, out */
	gss_buffer_t output_token     /* out, may be NULL */
);

/* How long a context still lives. GSS_S_CONTEXT_EXPIRED, GSS_S_NO_CONTEXT. RFC 2744, Section 5.7. */
OM_uint32 gss_context_time(
	OM_uint32 *minor_status, /* out */
	gss_ctx_id_t context_handle,
	OM_uint32 *time_rec /* out, seconds */
);

/* Tells about a context. The names are copies that the caller releases. GSS_S_NO_CONTEXT. RFC 2744, Section 5.20. */
OM_uint32 gss_inquire_context(
	OM_uint32 *minor_status, /* out */
	gss_ctx_id_t context_handle,
	gss_name_t *src_name,    /* out, may be NULL */
	gss_name_t *targ_name,   /* out, may be NULL */
	OM_uint32 *lifetime_rec, /* out, seconds, 0 if expired, may be NULL */
	gss_OID *mech_type,      /* out, static, may be NULL */
	OM_uint32 *ctx_flags,    /* out, may be NULL */
	int *locally_initiated,  /* out, may be NULL */
	int *open                /* out, 1 when the context is complete, may be NULL */
);

/*
 * Turns a complete context into octets for another process and ends it here: *context_handle becomes GSS_C_NO_CONTEXT.
 * On failure the context stays as it was. The token holds what protects the session: give it to nobody else.
 * GSS_S_NO_CONTEXT, GSS_S_CONTEXT_EXPIRED, GSS_S_UNAVAILABLE (GSS_C_TRANS_FLAG is not set). RFC 2744, Section 5.14.
 */
OM_uint32 gss_export_sec_context(
	OM_uint32 *minor_status,       /* out */
	gss_ctx_id_t *context_handle,  /* in, out */
	gss_buffer_t interprocess_token /* out */
);

/* Takes over a context that another process exported. GSS_S_NO_CONTEXT, GSS_S_DEFECTIVE_TOKEN, GSS_S_UNAVAILABLE,
 * GSS_S_UNAUTHORIZED. RFC 2744, Section 5.17. */
OM_uint32 gss_import_sec_context(
	OM_uint32 *minor_status, /* out */
	gss_buffer_t interprocess_token,
	gss_ctx_id_t *context_handle /* out */
);

/* What a mechanism knows about a context under an OID of its own. GSS_S_UNAVAILABLE, GSS_S_NO_CONTEXT. */
OM_uint32 gss_inquire_sec_context_by_oid(
	OM_uint32 *minor_status, /* out */
	const gss_ctx_id_t context_handle,
	const gss_OID desired_object,
	gss_buffer_set_t *data_set /* out */
);

/* Sets what a mechanism lets be set under an OID of its own; with GSS_C_NO_CONTEXT, for the process.
 * GSS_S_UNAVAILABLE, GSS_S_NO_CONTEXT. */
OM_uint32 gss_set_sec_context_option(
	OM_uint32 *minor_status,      /* out */
	gss_ctx_id_t *context_handle, /* in, out, may be NULL */
	const gss_OID desired_object,
	const gss_buffer_t value);

/*
 * desired_output_len octets from the context's key and prf_in, the same on both sides. prf_key is GSS_C_PRF_KEY_FULL or
 * GSS_C_PRF_KEY_PARTIAL. GSS_S_UNAVAILABLE, GSS_S_NO_CONTEXT. RFC 4401, Section 3.
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

/* A token that proves a message's origin, to be sent beside it. GSS_S_NO_CONTEXT, GSS_S_BAD_QOP. Like its peers the
 * library protects messages after the ticket's end, too: see gss_context_time. RFC 2744, Section 5.15. */
OM_uint32 gss_get_mic(
	OM_uint32 *minor_status, /* out */
	gss_ctx_id_t context_handle,
	gss_qop_t qop_req,
	gss_buffer_t message_buffer,
	gss_buffer_t message_token /* out */
);

/*
 * Checks what gss_get_mic made. GSS_S_BAD_SIG: message or token were changed. Supplementary, with GSS_S_COMPLETE:
 * GSS_S_DUPLICATE_TOKEN, GSS_S_OLD_TOKEN, GSS_S_UNSEQ_TOKEN, GSS_S_GAP_TOKEN; the message is genuine, but not the next
 * one. GSS_S_DEFECTIVE_TOKEN, GSS_S_NO_CONTEXT. RFC 2744, Section 5.32.
 */
OM_uint32 gss_verify_mic(
	OM_uint32 *minor_status, /* out */
	gss_ctx_id_t context_handle,
	gss_buffer_t message_buffer,
	gss_buffer_t token_buffer,
	gss_qop_t *qop_state /* out, may be NULL */
);

/* Protects a message, encrypts it if conf_req_flag is not 0. *conf_state tells whether it is encrypted.
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

/* Checks and opens what gss_wrap made. Errors and supplementary bits as gss_verify_mic; on an error there is no
 * message. RFC 2744, Section 5.31. */
OM_uint32 gss_unwrap(
	OM_uint32 *minor_status, /* out */
	gss_ctx_id_t context_handle,
	gss_buffer_t input_message_buffer,
	gss_buffer_t output_message_buffer, /* out */
	int *conf_state,                    /* out, may be NULL */
	gss_qop_t *qop_state                /* out, may be NULL */
);

/* The longest message whose gss_wrap token has at most req_output_size octets. GSS_S_NO_CONTEXT, GSS_S_CONTEXT_EXPIRED,
 * GSS_S_BAD_QOP. RFC 2744, Section 5.34. */
OM_uint32 gss_wrap_size_limit(
	OM_uint32 *minor_status, /* out */
	gss_ctx_id_t context_handle,
	int conf_req_flag,
	gss_qop_t qop_req,
	OM_uint32 req_output_size,
	OM_uint32 *max_input_size /* out, octets */
);

/* The names of version 1 (RFC 1509) for gss_get_mic, gss_verify_mic, gss_wrap and gss_unwrap; qop is an int in them. */

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

/* Makes a name from its text or octets. GSS_S_BAD_NAMETYPE, GSS_S_BAD_NAME, GSS_S_BAD_MECH. RFC 2744, Section 5.16. */
OM_uint32 gss_import_name(
	OM_uint32 *minor_status, /* out */
	gss_buffer_t input_name_buffer,
	gss_OID input_name_type, /* GSS_C_NO_OID: the mechanism's default */
	gss_name_t *output_name  /* out */
);

/* Gives a name's text, without a NUL in its length (one follows), and its type. GSS_S_BAD_NAME. RFC 2744, Section
 * 5.10. */
OM_uint32 gss_display_name(
	OM_uint32 *minor_status, /* out */
	gss_name_t input_name,
	gss_buffer_t output_name_buffer, /* out */
	gss_OID *output_name_type        /* out, static, may be NULL */
);

/* *name_equal is 1 if both names are known to be the same identity, else 0. GSS_S_BAD_NAME. RFC 2744,
 * Section 5.6. */
OM_uint32 gss_compare_name(
	OM_uint32 *minor_status, /* out */
	gss_name_t name1,
	gss_name_t name2,
	int *name_equal /* out */
);

/* The mechanism's own name (MN) of a name. GSS_S_BAD_MECH, GSS_S_BAD_NAMETYPE, GSS_S_BAD_NAME. RFC 2744, Section 5.5.
 */
OM_uint32 gss_canonicalize_name(
	OM_uint32 *minor_status, /* out */
	const gss_name_t input_name,
	const gss_OID mech_type,
	gss_name_t *output_name /* out */
);

/* The octets of a mechanism name, for access lists: equal octets are equal names. GSS_S_NAME_NOT_MN (call
 * gss_canonicalize_name first), GSS_S_BAD_NAMETYPE, GSS_S_BAD_NAME. RFC 2744, Section 5.13. */
OM_uint32 gss_export_name(
	OM_uint32 *minor_status, /* out */
	const gss_name_t input_name,
	gss_buffer_t exported_name /* out */
);

/* A copy of a name. GSS_S_BAD_NAME. RFC 2744, Section 5.12. */
OM_uint32 gss_duplicate_name(
	OM_uint32 *minor_status, /* out */
	const gss_name_t src_name,
	gss_name_t *dest_name /* out */
);

/* Forgets a name and sets *input_name to GSS_C_NO_NAME. GSS_S_BAD_NAME. RFC 2744, Section 5.28. */
OM_uint32 gss_release_name(
	OM_uint32 *minor_status, /* out */
	gss_name_t *input_name   /* in, out */
);

/* The local account of a name, by the rules of krb5.conf (auth_to_local). GSS_S_FAILURE if there is none, then *uidp is
 * (uid_t)-1. */
OM_uint32 gss_pname_to_uid(
	OM_uint32 *minor_status, /* out */
	const gss_name_t pname,
	const gss_OID mech,
	uid_t *uidp /* out */
);

/* Mechanisms (RFC 2744, Sections 5.18, 5.23, 5.24) */

/* The mechanisms that are there. RFC 2744, Section 5.18. */
OM_uint32 gss_indicate_mechs(
	OM_uint32 *minor_status, /* out */
	gss_OID_set *mech_set    /* out */
);

/* The name types of a mechanism. GSS_S_BAD_MECH. RFC 2744, Section 5.24. */
OM_uint32 gss_inquire_names_for_mech(
	OM_uint32 *minor_status, /* out */
	gss_OID mechanism,
	gss_OID_set *name_types /* out */
);

/* The mechanisms that may take a name. GSS_S_BAD_NAME. RFC 2744, Section 5.23. */
OM_uint32 gss_inquire_mechs_for_name(
	OM_uint32 *minor_status, /* out */
	const gss_name_t input_name,
	gss_OID_set *mech_types /* out */
);

/* Status (RFC 2744, Section 5.11) */

/*
 * The text of a status code, one message per call: *message_context is 0 at first, and not 0 after the call as long as
 * there are more. status_type is GSS_C_GSS_CODE or GSS_C_MECH_CODE. The length does not count the NUL that follows.
 * GSS_S_BAD_STATUS (no such status_type), GSS_S_BAD_MECH, GSS_S_FAILURE (*message_context is not one that was given).
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

/* Frees a buffer's octets and empties it. They may come from the caller's own malloc(3). RFC 2744, Section 5.26. */
OM_uint32 gss_release_buffer(
	OM_uint32 *minor_status, /* out */
	gss_buffer_t buffer      /* in, out */
);

/* Gives a buffer set with no member. */
OM_uint32 gss_create_empty_buffer_set(
	OM_uint32 *minor_status,    /* out */
	gss_buffer_set_t *buffer_set /* out */
);

/* Appends a copy of a buffer; makes the set if *buffer_set is GSS_C_NO_BUFFER_SET. */
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

/* Gives an OID set with no member. RFC 2744, Section 5.8. */
OM_uint32 gss_create_empty_oid_set(
	OM_uint32 *minor_status, /* out */
	gss_OID_set *oid_set     /* out */
);

/* Puts a copy of an OID into a set, if it is not there already. RFC 2744, Section 5.4. */
OM_uint32 gss_add_oid_set_member(
	OM_uint32 *minor_status, /* out */
	gss_OID member_oid,
	gss_OID_set *oid_set /* in, out */
);

/* *present is 1 if the OID is in the set, else 0. RFC 2744, Section 5.30. */
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

/* A copy of an OID, to be released with gss_release_oid. */
OM_uint32 gss_duplicate_oid(
	OM_uint32 *minor_status, /* out */
	gss_OID src_oid,
	gss_OID *dest_oid /* out */
);

/* Frees an OID that gss_duplicate_oid or gss_str_to_oid gave, leaves a static one alone, and sets *oid to
 * GSS_C_NO_OID. */
OM_uint32 gss_release_oid(
	OM_uint32 *minor_status, /* out */
	gss_OID *oid             /* in, out */
);

/* Not 0 if both are the same OID; GSS_C_NO_OID equals nothing. RFC 6339, Section 3.3. */
int gss_oid_equal(
	gss_const_OID first_oid,
	gss_const_OID second_oid);

/* The text "{ 1 2 840 113554 }" of an OID; its length counts the NUL at the end. GSS_S_FAILURE: the OID is malformed.
 */
OM_uint32 gss_oid_to_str(
	OM_uint32 *minor_status, /* out */
	gss_OID oid,
	gss_buffer_t oid_str /* out */
);

/* The OID of a text "{ 1 2 840 }", "1.2.840" or "1 2 840", to be released with gss_release_oid. GSS_S_FAILURE: it is
 * none. */
OM_uint32 gss_str_to_oid(
	OM_uint32 *minor_status, /* out */
	gss_buffer_t oid_str,
	gss_OID *oid /* out */
);

/* Puts the frame of RFC 2743, Section 3.1, around a token. RFC 6339, Section 3.1. */
OM_uint32 gss_encapsulate_token(
	gss_const_buffer_t input_token,
	gss_const_OID token_oid,
	gss_buffer_t output_token /* out */
);

/* Takes the frame off. GSS_S_DEFECTIVE_TOKEN: it is no frame, or of another OID. RFC 6339, Section 3.2. */
OM_uint32 gss_decapsulate_token(
	gss_const_buffer_t input_token,
	gss_const_OID token_oid,
	gss_buffer_t output_token /* out */
);

#ifdef __cplusplus
}
#endif

#endif
