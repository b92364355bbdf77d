/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * delegated: a ticket that a client has delegated goes from gss_krb5_copy_ccache to a cache of the program's libkrb5,
 * MIT's or, with -DHEIMDAL, Heimdal's, in a process that can write to no file. It is usable there, and when both sides
 * have released it, its key is nowhere in memory.
 */
#include "../c/copies.h"

#include <gssapi/gssapi_krb5.h>

#include <krb5.h>

#include <sys/resource.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef HEIMDAL
#define KEY(creds) (creds)->session.keyvalue.data
#define KEY_LENGTH(creds) (creds)->session.keyvalue.length
#else
#define KEY(creds) (creds)->keyblock.contents
#define KEY_LENGTH(creds) (creds)->keyblock.length
#endif

static krb5_context krb5;

/* limit_files sets how long a file may become that the process writes to, its output too. */
static void limit_files(rlim_t size)
{
	struct rlimit limit = { size, RLIM_INFINITY };

	if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
		exit(2);
}

static void need(const char *what, OM_uint32 major, OM_uint32 minor)
{
	gss_buffer_desc text;
	OM_uint32 ignored, context = 0;

	if (!GSS_ERROR(major))
		return;
	limit_files(RLIM_INFINITY);
	printf("%s: %#x, minor %u\n", what, (unsigned)major, (unsigned)minor);
	if (gss_display_status(&ignored, minor, GSS_C_MECH_CODE, GSS_C_NO_OID, &context, &text) == GSS_S_COMPLETE)
		printf("%.*s\n", (int)text.length, (char *)text.value);
	exit(1);
}

static void need_krb5(const char *what, krb5_error_code code)
{
	if (code != 0) {
		limit_files(RLIM_INFINITY);
		printf("%s: %s\n", what, krb5_get_error_message(krb5, code));
		exit(1);
	}
}

static gss_cred_id_t delegated(void)
{
	gss_buffer_desc name = { 14, (void *)"demo@localhost" }, in = GSS_C_EMPTY_BUFFER, out;
	gss_ctx_id_t init = GSS_C_NO_CONTEXT, accept = GSS_C_NO_CONTEXT;
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	gss_name_t target;
	OM_uint32 major, minor;

	major = gss_import_name(&minor, &name, GSS_C_NT_HOSTBASED_SERVICE, &target);
	need("gss_import_name", major, minor);
	major = gss_init_sec_context(&minor, GSS_C_NO_CREDENTIAL, &init, target, GSS_C_NO_OID, GSS_C_DELEG_FLAG, 0, NULL, &in,
	    NULL, &out, NULL, NULL);
	need("gss_init_sec_context", major, minor);
	major = gss_accept_sec_context(&minor, &accept, GSS_C_NO_CREDENTIAL, &out, NULL, NULL, NULL, &in, NULL, NULL, &cred);
	need("gss_accept_sec_context", major, minor);
	if (cred == GSS_C_NO_CREDENTIAL) {
		printf("nothing was delegated\n");
		exit(1);
	}
	gss_release_buffer(&minor, &out);
	gss_release_buffer(&minor, &in);
	gss_release_name(&minor, &target);
	gss_delete_sec_context(&minor, &init, GSS_C_NO_BUFFER);
	gss_delete_sec_context(&minor, &accept, GSS_C_NO_BUFFER);
	return cred;
}

/* What is looked for in memory must not be found in this program's own. */
static unsigned char complement[64];
static size_t key_length;

/* only_ticket takes the key of the ticket that the cache holds. */
static void only_ticket(krb5_ccache cache)
{
	krb5_cc_cursor cursor;
	krb5_creds creds;
	char *server;
	size_t i;
	int n = 0;

	need_krb5("krb5_cc_start_seq_get", krb5_cc_start_seq_get(krb5, cache, &cursor));
	while (krb5_cc_next_cred(krb5, cache, &cursor, &creds) == 0) {
		need_krb5("krb5_unparse_name", krb5_unparse_name(krb5, creds.server, &server));
		if (strstr(server, "X-CACHECONF:") == NULL) { /* else it is Heimdal's configuration */
			key_length = KEY_LENGTH(&creds);
			for (i = 0; i < key_length; i++)
				complement[i] = (unsigned char)~((unsigned char *)KEY(&creds))[i];
			n++;
		}
		free(server);
		krb5_free_cred_contents(krb5, &creds);
	}
	krb5_cc_end_seq_get(krb5, cache, &cursor);
	if (n != 1) {
		limit_files(RLIM_INFINITY);
		printf("%d tickets\n", n);
		exit(1);
	}
}

/* use asks the KDC for a service's ticket with what is in the cache. */
static void use(krb5_ccache cache)
{
	krb5_creds wanted, *got;

	memset(&wanted, 0, sizeof(wanted));
	need_krb5("krb5_cc_get_principal", krb5_cc_get_principal(krb5, cache, &wanted.client));
	need_krb5("krb5_parse_name", krb5_parse_name(krb5, "demo/localhost", &wanted.server));
	need_krb5("krb5_get_credentials", krb5_get_credentials(krb5, 0, cache, &wanted, &got));
	krb5_free_creds(krb5, got);
	krb5_free_cred_contents(krb5, &wanted);
}

/* copies counts the key in what the process may write to. */
static int copies(void)
{
	return copies_of(complement, key_length);
}

static krb5_ccache copy(gss_cred_id_t cred, const char *name)
{
	OM_uint32 major, minor;
	krb5_ccache cache;
#ifndef HEIMDAL
	krb5_principal client;
#endif

	need_krb5("krb5_cc_resolve", krb5_cc_resolve(krb5, name, &cache));
#ifndef HEIMDAL
	need_krb5("krb5_parse_name", krb5_parse_name(krb5, "alice", &client));
	need_krb5("krb5_cc_initialize", krb5_cc_initialize(krb5, cache, client));
	krb5_free_principal(krb5, client);
#endif
	major = gss_krb5_copy_ccache(&minor, cred, cache);
	need("gss_krb5_copy_ccache", major, minor);
	only_ticket(cache);
	return cache;
}

int main(void)
{
	gss_cred_id_t cred;
	krb5_ccache cache;
	OM_uint32 minor;
	int i, before = 0, after = 0;

	need_krb5("krb5_init_context", krb5_init_context(&krb5));
	cred = delegated();
	signal(SIGXFSZ, SIG_IGN);
	limit_files(0);
	cache = copy(cred, "MEMORY:used");
	use(cache);
	krb5_cc_destroy(krb5, cache);
	gss_release_cred(&minor, &cred);

	/* Others, for libkrb5 keeps copies of a key that it has used. */
	limit_files(RLIM_INFINITY);
	for (i = 0; i < 10; i++) {
		cred = delegated();
		cache = copy(cred, "MEMORY:unused");
		before += copies();
		krb5_cc_destroy(krb5, cache);
		gss_release_cred(&minor, &cred);
		after += copies();
	}
	/* A stack of the engine that has just been replaced by a larger one may hold a copy for a while. */
	if (before < 20 || after > 1) {
		printf("%d copies of keys, then %d\n", before, after);
		return 1;
	}
	krb5_free_context(krb5);
	return 0;
}
