/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the parts of api share: the library under test, threads with random numbers of their own, memory for arguments,
 * handles of all threads.
 *
 * An operation takes its arguments from the thread's memory, which ends at pages that nobody may touch, makes one call
 * or a few, and leaves what they gave in the thread's list of outputs. Each call is judged when it returns (judge.c).
 */
#ifndef HAMMER_H
#define HAMMER_H

#define _GNU_SOURCE
#include <gssapi/gssapi.h>
#include <gssapi/gssapi_ext.h>
#include <gssapi/gssapi_krb5.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pthread.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Names that libraries export and no public header declares. */
OM_uint32 _gss_copy_oid(OM_uint32 *, const gss_OID, gss_OID);
OM_uint32 _gss_free_oid(OM_uint32 *, gss_OID);
OM_uint32 _gss_copy_buffer(OM_uint32 *, const gss_buffer_t, gss_buffer_t);
void _gss_mg_collect_error(gss_OID, OM_uint32, OM_uint32);
OM_uint32 krb5_gss_use_kdc_context(void);
int gssint_g_seqstate_init(void);
int gss_krb5int_make_seal_token_v3(void);

/* All functions of all fronts; run.sh makes sure that none is missing here. */
#define FUNCTIONS(X) X(_gss_copy_buffer) X(_gss_copy_oid) X(_gss_free_oid) X(_gss_mg_collect_error) \
	X(gss_accept_sec_context) X(gss_acquire_cred) X(gss_acquire_cred_from) X(gss_acquire_cred_impersonate_name) \
	X(gss_acquire_cred_with_password) X(gss_add_buffer_set_member) X(gss_add_cred) X(gss_add_cred_from) \
	X(gss_add_cred_impersonate_name) X(gss_add_cred_with_password) X(gss_add_oid_set_member) \
	X(gss_authorize_localname) X(gss_canonicalize_name) X(gss_compare_name) X(gss_complete_auth_token) \
	X(gss_context_time) X(gss_create_empty_buffer_set) X(gss_create_empty_oid_set) X(gss_decapsulate_token) \
	X(gss_delete_name_attribute) X(gss_delete_sec_context) X(gss_display_mech_attr) X(gss_display_name) \
	X(gss_display_name_ext) X(gss_display_status) X(gss_duplicate_name) X(gss_duplicate_oid) X(gss_encapsulate_token) \
	X(gss_export_cred) X(gss_export_name) X(gss_export_name_composite) X(gss_export_sec_context) X(gss_get_mic) \
	X(gss_get_mic_iov) X(gss_get_mic_iov_length) X(gss_get_name_attribute) X(gss_import_cred) X(gss_import_name) \
	X(gss_import_sec_context) X(gss_indicate_mechs) X(gss_indicate_mechs_by_attrs) X(gss_init_sec_context) \
	X(gss_inquire_attrs_for_mech) X(gss_inquire_context) X(gss_inquire_cred) X(gss_inquire_cred_by_mech) \
	X(gss_inquire_cred_by_oid) X(gss_inquire_mech_for_saslname) X(gss_inquire_mechs_for_name) X(gss_inquire_name) \
	X(gss_inquire_names_for_mech) X(gss_inquire_saslname_for_mech) X(gss_inquire_sec_context_by_oid) \
	X(gss_krb5_ccache_name) X(gss_krb5_copy_ccache) X(gss_krb5_export_lucid_sec_context) \
	X(gss_krb5_free_lucid_sec_context) X(gss_krb5_get_tkt_flags) X(gss_krb5_import_cred) \
	X(gss_krb5_set_allowable_enctypes) X(gss_krb5_set_cred_rcache) X(gss_krb5int_make_seal_token_v3) X(gss_localname) \
	X(gss_map_name_to_any) X(gss_oid_equal) X(gss_oid_to_str) X(gss_pname_to_uid) X(gss_process_context_token) \
	X(gss_pseudo_random) X(gss_release_any_name_mapping) X(gss_release_buffer) X(gss_release_buffer_set) \
	X(gss_release_cred) X(gss_release_iov_buffer) X(gss_release_name) X(gss_release_oid) X(gss_release_oid_set) \
	X(gss_seal) X(gss_set_cred_option) X(gss_set_name_attribute) X(gss_set_neg_mechs) X(gss_set_sec_context_option) \
	X(gss_sign) X(gss_store_cred) X(gss_store_cred_into) X(gss_str_to_oid) X(gss_test_oid_set_member) X(gss_unseal) \
	X(gss_unwrap) X(gss_unwrap_aead) X(gss_unwrap_iov) X(gss_userok) X(gss_verify) X(gss_verify_mic) \
	X(gss_verify_mic_iov) X(gss_wrap) X(gss_wrap_aead) X(gss_wrap_iov) X(gss_wrap_iov_length) X(gss_wrap_size_limit) \
	X(gssint_g_seqstate_init) X(gsskrb5_extract_authtime_from_sec_context) \
	X(gsskrb5_extract_authz_data_from_sec_context) X(gssspi_mech_invoke) X(gssspi_set_cred_option) \
	X(krb5_gss_register_acceptor_identity) X(krb5_gss_use_kdc_context)

/* The library; a function that it does not have is NULL. */
struct api {
#define X(f) __typeof__(&f) f;
	FUNCTIONS(X)
#undef X
};
extern struct api gss;
extern int mits_front; /* it is libgssapi_krb5.so.2 */

enum function {
#define X(f) F_##f,
	FUNCTIONS(X)
#undef X
	FUNCTION_COUNT
};
extern const char *const function_names[FUNCTION_COUNT];
void library_load(const char *path);

/* Threads */

#define SLOTS 40              /* for arguments of one call */
#define SLOT_SIZE (64u << 10) /* octets of one at most */
#define LARGE 2               /* slots for larger ones */
#define LARGE_SIZE (4u << 20)
#define OUTPUTS 40            /* of one operation */

struct input {
	const unsigned char *at;
	size_t length;
	const unsigned char *before; /* a copy */
};

enum kind { CONTEXT, CREDENTIAL, NAME, KINDS };

enum output_kind {
	OUT_NUMBER, /* of 32 bits */
	OUT_STATIC, /* a pointer that is not released: an OID */
	OUT_BUFFER,
	OUT_TOKEN, /* a buffer that may be given with an error, too */
	OUT_SET,
	OUT_BUFFERS,
	OUT_NAME,
	OUT_CREDENTIAL,
	OUT_CONTEXT, /* the operation takes it */
	OUT_OID      /* to be released */
};

struct output {
	enum output_kind kind;
	void *at;
	int checked; /* it holds what a call gave */
};

struct thread {
	pthread_t id;
	unsigned number;
	uint64_t random;
	unsigned long operations;

	unsigned char *memory; /* for arguments */
	unsigned slots, large; /* in use */
	struct input inputs[SLOTS + LARGE];
	unsigned inputs_used;
	struct output outputs[OUTPUTS];
	unsigned outputs_used;

	/* Of the call that comes, or is made. */
	OM_uint32 *minor;
	int dead;       /* a handle of its arguments must be refused */
	int hollow;     /* an input is not what the operation meant to pass */
	int sealed;     /* the inputs cannot be written */
	unsigned fails; /* one of so many allocations does; 0: none */
	volatile int function;
	double begun;
};

/* thread_begin gives a thread its memory, and random numbers by the seed and its own number. */
void thread_begin(struct thread *t, unsigned number);
void thread_reseed(struct thread *t, unsigned number);
void thread_end(struct thread *t);
extern uint64_t seed;

uint64_t rnd(struct thread *t);
unsigned below(struct thread *t, unsigned n); /* 0 if n is */
int one_in(struct thread *t, unsigned n);

/* fail prints what is wrong and the seed, and ends the process with 1. */
void fail(struct thread *t, const char *format, ...) __attribute__((format(printf, 2, 3), noreturn));
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
double now(void);

/* Arguments. All of them lie at the end of a page before one that cannot be touched. */

/* in copies octets there, and they must not change; room leaves them uninitialized for what a call may write. */
void *in(struct thread *t, const void *octets, size_t length);
void *room(struct thread *t, size_t length);
/* buffer_in is a descriptor over such octets, or now and then something that is none. */
gss_buffer_t buffer_in(struct thread *t, const void *octets, size_t length);
gss_buffer_t text_in(struct thread *t, const char *text);
gss_buffer_t random_in(struct thread *t); /* any octets */
size_t random_length(struct thread *t);
gss_OID oid_in(struct thread *t);         /* any, or none */
gss_OID mech_in(struct thread *t);        /* mostly a mechanism */
gss_OID oid_of(struct thread *t, const void *elements, size_t length);
gss_OID_set set_in(struct thread *t);     /* mostly of mechanisms */
gss_channel_bindings_t bindings_in(struct thread *t);
OM_uint32 *minor_in(struct thread *t);    /* now and then NULL, as all outputs */

/* Outputs, filled with rubbish. */
OM_uint32 *number_out(struct thread *t);
int *int_out(struct thread *t);
void *pointer_out(struct thread *t, enum output_kind kind);
gss_buffer_t buffer_out(struct thread *t);
gss_buffer_t token_out(struct thread *t);
#define set_out(t) ((gss_OID_set *)pointer_out(t, OUT_SET))
#define buffers_out(t) ((gss_buffer_set_t *)pointer_out(t, OUT_BUFFERS))
#define static_out(t) ((gss_OID *)pointer_out(t, OUT_STATIC))
#define name_out(t) ((gss_name_t *)pointer_out(t, OUT_NAME))
#define cred_out(t) ((gss_cred_id_t *)pointer_out(t, OUT_CREDENTIAL))

/* CALL makes one: enter notes what is called, leave judges it. The result of leave is the major status. */
#define HAS(f) (gss.f != NULL)
#define CALL(t, f, ...) (enter(t, F_##f), leave(t, gss.f(__VA_ARGS__)))
/* NOMAJOR is for functions that have none. */
#define NOMAJOR(t, f, ...) (enter(t, F_##f), gss.f(__VA_ARGS__))
void enter(struct thread *t, enum function f);
OM_uint32 leave(struct thread *t, OM_uint32 major);
void left(struct thread *t); /* after NOMAJOR */

/* forget ends the arguments of a call within an operation; outputs stay. settle ends the operation: what was given is
   kept for others or released. */
void forget(struct thread *t);
void settle(struct thread *t);

/* Handles (pool.c) */

struct handle {
	uintptr_t value;
	unsigned id; /* of a context, counted over all processes; 0: not known */
	int dead;    /* every call must refuse it */
};

/* pick gives a handle of this kind: mostly a live one that others use, too. */
struct handle pick(struct thread *t, enum kind k);
/* use makes it an argument of the next call. */
uintptr_t use(struct thread *t, struct handle h);
#define context_in(t) ((gss_ctx_id_t)use(t, pick(t, CONTEXT)))
#define cred_in(t) ((gss_cred_id_t)use(t, pick(t, CREDENTIAL)))
#define name_in(t) ((gss_name_t)use(t, pick(t, NAME)))
/* pick_pair gives both sides of a context. */
void pick_pair(struct thread *t, struct handle *here, struct handle *there);

/* keep puts one into the pool, and releases what was in its place. keep_pair does so with a context's sides. */
void keep(struct thread *t, enum kind k, uintptr_t value);
void keep_pair(struct thread *t, uintptr_t here, uintptr_t there);
/* buried notes that a handle was released: from now on it must be refused. It gives the id, or 0 if it was not there. */
unsigned buried(enum kind k, uintptr_t value);
void pools_release(struct thread *t);
void pools_begin(void);
/* fork_all is fork(2) at a moment when no other thread changes the pools. */
int fork_all(void);

/* once notes that a context goes elsewhere, which must happen once: in this process, or in all that have the context by
   fork(2). new_id is one for a context. */
void once(struct thread *t, unsigned id, int family);
unsigned new_id(void);

/* Interprocess tokens, for all processes. tokens_put keeps one, and imports what was in its place; tokens_get copies
   one into at most size octets of to; imported notes that its context is here, which must happen once. */
void tokens_put(struct thread *t, const void *octets, size_t length);
size_t tokens_get(struct thread *t, void *to, size_t size, unsigned *serial);
void imported(struct thread *t, unsigned serial);
void tokens_release(struct thread *t);

/* Figures of all processes (pool.c). */
struct figures {
	unsigned long calls, contexts, exports, imports, messages;
	unsigned long called[FUNCTION_COUNT], completed[FUNCTION_COUNT];
	double longest;
	int longest_function;
};
extern struct figures *figures;
#define COUNTED(field) ((void)__atomic_add_fetch(&figures->field, 1, __ATOMIC_RELAXED))

/* malloc(3) of the program (memory.c). */

/* While the first is set, one in so many allocations of the thread fails; the second is their chance. */
extern __thread unsigned memory_fails;
extern __thread uint64_t memory_chance;
/* memory_octets is how many octets a block has that was allocated here, or -1. */
long memory_octets(const void *block);
/* memory_live gives how many blocks there are, and how often free(3) was given something else. */
long memory_live(void);
long memory_strangers(void);

/* Operations */

struct operation {
	void (*run)(struct thread *t);
	unsigned weight;
};
extern const struct operation data_operations[], name_operations[], cred_operations[], context_operations[],
    message_operations[], iov_operations[];

extern gss_OID_desc krb5_mech, spnego_mech;
/* path gives that of a file in the program's own directory. */
const char *path(struct thread *t, const char *prefix, const char *name);

#endif
