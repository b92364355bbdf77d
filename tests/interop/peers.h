/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Two libraries in one process, ours and MIT's, and contexts between them.
 */
#ifndef INTEROP_PEERS_H
#define INTEROP_PEERS_H

#include <gssapi/gssapi.h>
#include <gssapi/gssapi_ext.h>
#include <gssapi/gssapi_krb5.h>
#include <stdint.h>

#define FLAGS (GSS_C_MUTUAL_FLAG | GSS_C_REPLAY_FLAG | GSS_C_SEQUENCE_FLAG | GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG)

#define FUNCTIONS(X) X(gss_import_name) X(gss_release_name) X(gss_display_name) X(gss_release_cred) \
	X(gss_init_sec_context) X(gss_accept_sec_context) X(gss_delete_sec_context) X(gss_release_buffer) X(gss_display_status) X(gss_wrap) X(gss_unwrap) X(gss_get_mic) \
	X(gss_verify_mic) X(gss_wrap_size_limit) X(gss_pseudo_random) X(gss_wrap_iov) X(gss_wrap_iov_length) \
	X(gss_unwrap_iov) X(gss_get_mic_iov) X(gss_get_mic_iov_length) X(gss_verify_mic_iov) X(gss_release_iov_buffer) \
	X(gss_wrap_aead) X(gss_unwrap_aead) X(gss_krb5_export_lucid_sec_context) X(gss_krb5_free_lucid_sec_context)

#if !defined(__GNUC__)
#error "typeof is needed"
#endif
struct library {
	const char *name;
	void *handle;
#define X(f) __typeof__(&f) f;
	FUNCTIONS(X)
#undef X
};
extern struct library ours, mits;

/* A side of a context. */
struct side {
	struct library *l;
	gss_ctx_id_t context;
};

/* What a failure says: which part of the program, and how far it was. */
extern const char *label;
extern unsigned long rounds;
extern int legacy; /* the key is of an old type */

/* The random numbers are those of a seed. */
extern uint64_t state;
uint32_t rnd(void);
uint32_t below(uint32_t n); /* 0 if n is */

void die(const char *format, ...);
/* need wants a call to succeed. The call comes first: minor is its result. */
#define need(l, what, call, minor) do { OM_uint32 major_ = (call); failed(l, what, major_, minor); } while (0)
void failed(struct library *l, const char *what, OM_uint32 major, OM_uint32 minor);

void load(struct library *l, const char *path);
void establish(struct side *i, struct side *a, const char *service, OM_uint32 flags);
void drop(struct side *s);

#endif
