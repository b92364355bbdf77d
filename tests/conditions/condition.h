/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the programs of bad conditions share. A program prints a line per condition: "ok NAME", "not ok NAME: what came
 * instead", or "skip NAME: reason". After each condition the same process must still be able to do its work: a context
 * is made and a message goes both ways.
 */
#ifndef CONDITION_H
#define CONDITION_H

#include "../c/harness.h"

/* Minor codes that the conditions have: those of the com_err tables (krb5, k5g, asn1, ggss). */
#define KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN 0x96c73a07u
#define KRB5KDC_ERR_POLICY              0x96c73a0cu
#define KRB5KDC_ERR_SVC_UNAVAILABLE     0x96c73a1du
#define KRB5KRB_AP_ERR_BAD_INTEGRITY    0x96c73a1fu
#define KRB5KRB_AP_ERR_TKT_EXPIRED      0x96c73a20u
#define KRB5KRB_AP_ERR_TKT_NYV          0x96c73a21u
#define KRB5KRB_AP_ERR_REPEAT           0x96c73a22u
#define KRB5KRB_AP_ERR_NOT_US           0x96c73a23u
#define KRB5KRB_AP_ERR_BADMATCH         0x96c73a24u
#define KRB5KRB_AP_ERR_SKEW             0x96c73a25u
#define KRB5KRB_AP_ERR_MSG_TYPE         0x96c73a28u
#define KRB5KRB_AP_ERR_BADKEYVER        0x96c73a2cu
#define KRB5KRB_ERR_GENERIC             0x96c73a3cu
#define KRB5_PARSE_MALFORMED            0x96c73a86u
#define KRB5_CONFIG_CANTOPEN            0x96c73a87u
#define KRB5_CONFIG_BADFORMAT           0x96c73a88u
#define KRB5_CC_NOTFOUND                0x96c73a8du
#define KRB5KRB_AP_WRONG_PRINC          0x96c73a90u
#define KRB5KRB_AP_ERR_TKT_INVALID      0x96c73a91u
#define KRB5_KDCREP_MODIFIED            0x96c73a93u
#define KRB5_REALM_UNKNOWN              0x96c73a9au
#define KRB5_KDC_UNREACH                0x96c73a9cu
#define KRB5_RC_TYPE_NOTFOUND           0x96c73aa1u
#define KRB5_RC_IO                      0x96c73aa4u
#define KRB5_RC_PARSE                   0x96c73aa6u
#define KRB5_RC_IO_PERM                 0x96c73aa9u
#define KRB5_RC_IO_UNKNOWN              0x96c73aabu
#define KRB5_KT_UNKNOWN_TYPE            0x96c73ab4u
#define KRB5_KT_NOTFOUND                0x96c73ab5u
#define KRB5_NO_TKT_IN_RLM              0x96c73ab9u
#define KRB5_BAD_ENCTYPE                0x96c73abcu
#define KRB5_BAD_KEYSIZE                0x96c73abdu
#define KRB5_FCC_PERM                   0x96c73ac2u
#define KRB5_FCC_NOFILE                 0x96c73ac3u
#define KRB5_CC_FORMAT                  0x96c73ac7u
#define KRB5_CCACHE_BADVNO              0x96c73ad4u
#define KRB5_KEYTAB_BADVNO              0x96c73ad5u
#define KRB5_CONFIG_NODEFREALM          0x96c73ae0u
#define KRB5_KT_FORMAT                  0x96c73aebu
#define KRB5_NOPERM_ETYPE               0x96c73aecu
#define KRB5_CONFIG_ETYPE_NOSUPP        0x96c73aedu
#define KG_CCACHE_NOMATCH               0x025ea100u
#define KG_KEYTAB_NOMATCH               0x025ea101u
#define KG_CONTEXT_ESTABLISHED          0x025ea104u
#define KG_CTX_INCOMPLETE               0x025ea107u
#define KG_EMPTY_CCACHE                 0x025ea10cu
#define G_BAD_SERVICE_NAME              0x861b6d00u
#define G_BAD_TOK_HEADER                0x861b6d0cu
#define G_TOK_TRUNC                     0x861b6d0eu
#define G_WRONG_MECH                    0x861b6d0bu
#define G_WRONG_TOKID                   0x861b6d10u
#define ANY_MINOR                       0xffffffffu /* any but 0 */

/* What a call answered. dirty names an output that a failing call did not clear. */
struct answer {
	OM_uint32 major, minor;
	const char *dirty;
	gss_buffer_desc token; /* of a call that gives one */
	double seconds;
};

/* start reads the environment, which sane brings back; finish gives main's result, and fails if the process ever took
   more memory than so many KiB. */
void start(unsigned seconds);
int finish(long most);
void sane(void);

/* set is setenv with a format; NULL is unsetenv. plain is the value that start found. */
void set(const char *variable, const char *format, ...);
const char *plain(const char *variable);

/* The limit of time in seconds for the conditions that follow; 0 brings back the usual one. */
void limit(double seconds);

/* verdict prints the line of a condition: ok if holds. skip says why a condition cannot be tried here. */
void verdict(const char *name, int holds, const char *format, ...);
void skip(const char *name, const char *reason);

/* went_on tells whether a context can still be made; if not, why says where it ended. */
int went_on(const char **why);

/* expect judges a failing call: major, minor, each of the words (separated by |) in the texts of gss_display_status,
   outputs cleared, in time. Then it tells whether the process goes on. succeed is for what must succeed. */
void expect(const char *name, const struct answer *a, OM_uint32 major, OM_uint32 minor, const char *words);
void succeed(const char *name, const struct answer *a);

/* judge is expect without printing, for conditions in which many calls fail: it returns NULL if all is well, or what is
   wrong. words may be "". minor may be ANY_MINOR. */
const char *judge(const struct answer *a, OM_uint32 major, OM_uint32 minor, const char *words);

/* words makes a list for expect out of a format. */
const char *words(const char *format, ...);

/* status_text gives both texts of a status. */
const char *status_text(OM_uint32 major, OM_uint32 minor);

/* try_init makes the first token of a new context, which is deleted again, for a host-based service with the default
   credential. try_init_as takes another type of name. try_reply gives a reply to a context; try_accept gives a token to
   a new one. The answer's token is to be freed with gss_release_buffer. */
struct answer try_init(const char *service);
struct answer try_init_as(const char *target, gss_OID type);
struct answer try_reply(gss_ctx_id_t *context, const void *token, size_t length);
struct answer try_accept(const void *token, size_t length);
struct answer try_accept_as(gss_cred_id_t cred, const void *token, size_t length);
struct answer try_acquire(const char *name, gss_OID type, gss_cred_usage_t usage);
struct answer try_import(const void *octets, size_t length, gss_OID type, gss_name_t *name);

/* accepted gives a fresh token of the sound realm to an acceptor in the environment of the moment. */
struct answer accepted(void);

/* Files. put writes one anew; get reads one; their paths are relative to the program's own directory. */
const char *put(const char *name, const void *octets, size_t length);
const char *put_text(const char *name, const char *text);
gss_buffer_desc get(const char *path);
gss_buffer_desc noise(size_t length); /* the same on each run */

/* KiB that the process took at most until now. */
long peak(void);

#endif
