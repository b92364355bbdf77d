/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the C test programs share. A program prints what it saw, one fact a line, without times, keys, addresses or
 * anything else that differs from run to run, so that the output of two libraries can be compared line by line. The
 * beginning of each line says which fact it is and is unique in its program.
 */
#ifndef HARNESS_H
#define HARNESS_H

#define _DEFAULT_SOURCE
#include <sys/types.h>

#include <gssapi/gssapi.h>
#ifdef PEER_MIT /* MIT's headers spread over several files what FreeBSD's have in one */
#include <gssapi/gssapi_ext.h>
#include <gssapi/gssapi_krb5.h>
#endif

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The realm that the programs run in (tests/kdc). */
#define REALM "DEMO.TEST"
#define HOST "server.demo.test"
#define SERVICE "host@" HOST           /* has keys of all four enctypes in the keytab */
#define PRINCIPAL "host/" HOST "@" REALM
#define OTHER_SERVICE "demo@" HOST     /* in the keytab, too */
#define USER "alice"                   /* whose ticket is in the ccache */

/* All flags that a Kerberos context has without delegation. */
#define ALL_FLAGS (GSS_C_MUTUAL_FLAG | GSS_C_REPLAY_FLAG | GSS_C_SEQUENCE_FLAG | GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG)

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

extern gss_OID_desc krb5_mech, spnego_mech, unknown_mech, principal_name;

/* now is a time in seconds that only goes on; pause_for lasts so long whatever signals come. */
double now(void);
void pause_for(double seconds);

/* raw_fork makes a child without the handlers of pthread_atfork(3). */
pid_t raw_fork(void);

/* begin sets a limit of time to the program, which is no less than what a busy machine takes; end gives main's result: 1
   if any check failed. */
void begin(unsigned seconds);
int end(void);

/* fact prints a line. check counts and prints a failure unless it holds. */
void fact(const char *format, ...);
void check(int holds, const char *format, ...);

/* result prints "what: GSS_S_..."; it returns true when the call did not fail. result_minor adds the minor code. */
int result(const char *what, OM_uint32 major);
int result_minor(const char *what, OM_uint32 major, OM_uint32 minor);

/* says tells whether gss_display_status has a text with these words in it for a minor code. */
int says(OM_uint32 minor, const char *words);

/* need ends the program if a call that the test only builds upon failed. */
void need(const char *what, OM_uint32 major, OM_uint32 minor);

/* Words for values. The text lies in one of a few buffers that are used in turn. */
const char *major_text(OM_uint32 major);
const char *flags_text(OM_uint32 flags);
const char *oid_text(gss_OID oid);
const char *quoted(const gss_buffer_desc *buffer);   /* "..." with \xNN for what does not print */
const char *hex(const void *octets, size_t length);
const char *name_text(gss_name_t name);              /* "alice@REALM" (krb5-principal) */
const char *lifetime_text(OM_uint32 seconds);        /* "0", "indefinite", "some" */
const char *set_text(gss_OID_set set);

/* buffer makes a gss_buffer_desc over a string; copy_of one in memory of exactly that size, from malloc. */
gss_buffer_desc buffer(const char *text);
gss_buffer_desc copy_of(const void *octets, size_t length);
gss_name_t import(const char *text, gss_OID type);
int same(const gss_buffer_desc *a, const gss_buffer_desc *b);

/* A context and its peer, in one process. */
struct pair {
	gss_ctx_id_t init, accept;
	OM_uint32 init_major, init_minor, accept_major, accept_minor;
	OM_uint32 init_flags, accept_flags, init_time, accept_time;
	gss_OID init_mech, accept_mech;
	gss_name_t source;
	gss_cred_id_t delegated;
	int tokens; /* how many were exchanged */
};

struct options {
	const char *target; /* default: SERVICE */
	gss_cred_id_t init_cred, accept_cred;
	OM_uint32 flags, time;
	gss_channel_bindings_t init_bindings, accept_bindings;
	gss_OID mech;
};

/* establish returns true if both sides are ready; if not, the fields say who failed. need_pair ends the program. */
int establish(struct pair *p, const struct options *o);
void need_pair(struct pair *p, const struct options *o);
void release_pair(struct pair *p);

/* first_token gives the initiator's first token with these flags, and the half-open context. */
gss_buffer_desc first_token(gss_ctx_id_t *context, OM_uint32 flags);

/* wrapped, mic_of and unwrapped are for messages that the test only builds upon. */
gss_buffer_desc wrapped(gss_ctx_id_t context, int conf, const char *text);
gss_buffer_desc mic_of(gss_ctx_id_t context, const char *text);

/* masked_key gives the complement of the key of a context's messages, so that it is not in this program's own memory;
   copies_in_memory is copies_of (copies.h). */
size_t masked_key(gss_ctx_id_t context, unsigned char masked[64]);
int copies_in_memory(const unsigned char *masked, size_t length);

/* with_config puts text before the realm's krb5.conf for what follows; "" takes it away. with_login makes a copy of a
   ccache ours: "cc.tgt" is our own without service tickets. scratch gives a path in the program's own directory. */
void with_config(const char *text);
void with_login(const char *cache);
const char *scratch(const char *name);
void copy_file(const char *from, const char *to);

/* The four enctypes: the name in krb5.conf, a service with a key of that enctype alone, a login with such a key. */
struct enctype {
	const char *name, *service, *cache;
};
extern const struct enctype enctypes[4];

/* with_enctype allows no other from here on; NULL brings back the realm's krb5.conf and the login of all programs. */
void with_enctype(const struct enctype *e);

#endif
