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

/* All functions of all libraries of the front, with the names that no public header declares. */
#include "freebsd/private.h"
#include "functions.h"
#include "mit/private.h"

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
