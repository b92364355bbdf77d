/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * harness.h: what the C test programs share. A program prints one fact on each line, without times, keys, addresses or
 * anything else that differs from run to run, so that the output with two libraries can be compared line by line. The
 * beginning of a line names the fact and is unique in its program.
 */
#ifndef HARNESS_H
#define HARNESS_H

#define _DEFAULT_SOURCE
#include <sys/types.h>

#include <gssapi/gssapi.h>
#ifdef PEER_MIT /* MIT krb5 declares in several headers what FreeBSD declares in one */
#include <gssapi/gssapi_ext.h>
#include <gssapi/gssapi_krb5.h>
#endif

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The realm in which the programs run (tests/kdc). */
#define REALM "DEMO.TEST"
#define HOST "server.demo.test"
#define SERVICE "host@" HOST           /* has keys of all four enctypes in the keytab */
#define PRINCIPAL "host/" HOST "@" REALM
#define OTHER_SERVICE "demo@" HOST     /* also in the keytab */
#define USER "alice"                   /* the client of the ccache */

/* All flags that a Kerberos context can have without delegation. */
#define ALL_FLAGS (GSS_C_MUTUAL_FLAG | GSS_C_REPLAY_FLAG | GSS_C_SEQUENCE_FLAG | GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG)

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

extern gss_OID_desc krb5_mech, spnego_mech, unknown_mech, principal_name;

/* now returns a monotonic time in seconds; pause_for waits for the whole time even if signals arrive. */
double now(void);
void pause_for(double seconds);

/* raw_fork forks without running the handlers of pthread_atfork(3). */
pid_t raw_fork(void);

/* begin sets the program's time limit, which is long enough for a busy machine; end returns the result of main: 1 if a check
   has failed. */
void begin(unsigned seconds);
int end(void);

/* fact prints a line. check prints and counts a failure unless holds is nonzero. */
void fact(const char *format, ...);
void check(int holds, const char *format, ...);

/* result prints "what: GSS_S_..." and returns true unless the call has failed. result_minor also prints the minor code. */
int result(const char *what, OM_uint32 major);
int result_minor(const char *what, OM_uint32 major, OM_uint32 minor);

/* says reports whether the text of gss_display_status for a minor code contains these words. */
int says(OM_uint32 minor, const char *words);

/* need ends the program if a call has failed that the test needs but does not test. */
void need(const char *what, OM_uint32 major, OM_uint32 minor);

/* Texts for values. They are in one of a few buffers that are used in turn. */
const char *major_text(OM_uint32 major);
const char *flags_text(OM_uint32 flags);
const char *oid_text(gss_OID oid);
const char *quoted(const gss_buffer_desc *buffer);   /* "..." with \xNN for octets that are not printable */
const char *hex(const void *octets, size_t length);
const char *name_text(gss_name_t name);              /* "alice@REALM" (krb5-principal) */
const char *lifetime_text(OM_uint32 seconds);        /* "0", "indefinite", "some" */
const char *set_text(gss_OID_set set);

/* buffer returns a gss_buffer_desc for a string; copy_of returns one in memory of exactly this size from malloc(3). */
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

/* establish returns true if both sides are established; otherwise the fields say which one failed. need_pair ends the program
   in that case. */
int establish(struct pair *p, const struct options *o);
void need_pair(struct pair *p, const struct options *o);
void release_pair(struct pair *p);

/* first_token returns an initiator's first token with these flags, and stores the half-open context. */
gss_buffer_desc first_token(gss_ctx_id_t *context, OM_uint32 flags);

/* wrapped and mic_of are for messages that the test needs but does not test. */
gss_buffer_desc wrapped(gss_ctx_id_t context, int conf, const char *text);
gss_buffer_desc mic_of(gss_ctx_id_t context, const char *text);

/* masked_key stores the complement of a context's message key, so that the key itself is not in this program's memory.
   copies_in_memory is copies_of (copies.h). */
size_t masked_key(gss_ctx_id_t context, unsigned char masked[64]);
int copies_in_memory(const unsigned char *masked, size_t length);

/* with_config adds text before the realm's krb5.conf for the following calls, or removes it if text is "". with_login uses a
   copy of a ccache; "cc.tgt" is the usual one without service tickets. scratch returns a path in the program's own directory. */
void with_config(const char *text);
void with_login(const char *cache);
const char *scratch(const char *name);
void copy_file(const char *from, const char *to);

/* The four enctypes: the name in krb5.conf, a service that has only a key of this enctype, and a login with such a key. */
struct enctype {
	const char *name, *service, *cache;
};
extern const struct enctype enctypes[4];

/* with_enctype permits only this enctype from here on; NULL restores the realm's krb5.conf and the usual login. */
void with_enctype(const struct enctype *e);

#endif
