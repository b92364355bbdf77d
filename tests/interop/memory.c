/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * memory.c: credential caches and keytabs in memory, in a program that uses a libkrb5 beside libgssapi_krb5.so.2: what it
 * makes with functions of one it uses with those of the other.
 *
 *	memory CCACHE KEYTAB [NAME]...	the files, which it copies into memory first, and caches to store credentials in
 */

#include <gssapi/gssapi_ext.h>
#include <gssapi/gssapi_krb5.h>

#include <krb5.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int failed;
static krb5_context krb5;

static void
fact(const char *what, int holds)
{
	printf("%s %s\n", holds ? "ok" : "not ok", what);
	failed |= !holds;
}

static void
need_krb5(const char *what, krb5_error_code code)
{
	if (code != 0) {
		printf("not ok %s: %s\n", what, krb5_get_error_message(krb5, code));
		exit(1);
	}
}

static void
tell(OM_uint32 minor)
{
	static gss_OID_desc mech = {9, (void *)"\x2a\x86\x48\x86\xf7\x12\x01\x02\x02"};
	OM_uint32 m, more = 0;
	gss_buffer_desc text;

	if (gss_display_status(&m, minor, GSS_C_MECH_CODE, &mech, &more, &text) == GSS_S_COMPLETE) {
		printf("  minor %#x: %.*s\n", (unsigned int)minor, (int)text.length, (char *)text.value);
		(void)gss_release_buffer(&m, &text);
	}
}

/* acquire gives a credential from a store of one element, or the default one. */
static gss_cred_id_t
acquire(const char *key, const char *value, gss_cred_usage_t usage)
{
	gss_key_value_element_desc element = {key, value};
	gss_key_value_set_desc store = {1, &element};
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	OM_uint32 minor;

	if (gss_acquire_cred_from(&minor, GSS_C_NO_NAME, GSS_C_INDEFINITE, GSS_C_NO_OID_SET, usage, key != NULL ? &store : NULL,
	        &cred, NULL, NULL) != GSS_S_COMPLETE)
		tell(minor);
	return cred;
}

/* speaks reports whether the initiator and the acceptor establish a context. */
static int
speaks(gss_cred_id_t initiator, gss_cred_id_t acceptor)
{
	gss_buffer_desc name = {strlen("demo@localhost"), (void *)"demo@localhost"}, out = GSS_C_EMPTY_BUFFER,
	                back = GSS_C_EMPTY_BUFFER;
	gss_ctx_id_t client = GSS_C_NO_CONTEXT, server = GSS_C_NO_CONTEXT;
	gss_name_t target;
	OM_uint32 major, minor, m;

	(void)gss_import_name(&m, &name, GSS_C_NT_HOSTBASED_SERVICE, &target);
	major = gss_init_sec_context(&minor, initiator, &client, target, GSS_C_NO_OID, 0, 0, GSS_C_NO_CHANNEL_BINDINGS,
	    GSS_C_NO_BUFFER, NULL, &out, NULL, NULL);
	if (major == GSS_S_COMPLETE)
		major = gss_accept_sec_context(&minor, &server, acceptor, &out, GSS_C_NO_CHANNEL_BINDINGS, NULL, NULL, &back, NULL,
		    NULL, NULL);
	if (major != GSS_S_COMPLETE)
		tell(minor);
	(void)gss_release_name(&m, &target);
	(void)gss_release_buffer(&m, &out);
	(void)gss_release_buffer(&m, &back);
	(void)gss_delete_sec_context(&m, &client, GSS_C_NO_BUFFER);
	(void)gss_delete_sec_context(&m, &server, GSS_C_NO_BUFFER);
	return major == GSS_S_COMPLETE;
}

static void
fill_keytab(krb5_keytab from, krb5_keytab to)
{
	krb5_keytab_entry entry;
	krb5_kt_cursor cursor;

	need_krb5("krb5_kt_start_seq_get", krb5_kt_start_seq_get(krb5, from, &cursor));
	while (krb5_kt_next_entry(krb5, from, &entry, &cursor) == 0) {
		need_krb5("krb5_kt_add_entry", krb5_kt_add_entry(krb5, to, &entry));
#ifdef HEIMDAL
		(void)krb5_kt_free_entry(krb5, &entry);
#else
		(void)krb5_free_keytab_entry_contents(krb5, &entry);
#endif
	}
	(void)krb5_kt_end_seq_get(krb5, from, &cursor);
}

static void
copy_ccache(krb5_ccache from, krb5_ccache to)
{
	krb5_principal client;

	need_krb5("krb5_cc_get_principal", krb5_cc_get_principal(krb5, from, &client));
	need_krb5("krb5_cc_initialize", krb5_cc_initialize(krb5, to, client));
#ifdef HEIMDAL
	need_krb5("krb5_cc_copy_cache", krb5_cc_copy_cache(krb5, from, to));
#else
	need_krb5("krb5_cc_copy_creds", krb5_cc_copy_creds(krb5, from, to));
#endif
	krb5_free_principal(krb5, client);
}

int
main(int argc, char **argv)
{
	gss_key_value_element_desc element = {"ccache", "MEMORY:stored"};
	gss_key_value_set_desc store = {1, &element};
	krb5_keytab file_keytab, keytab, empty;
	krb5_ccache file_ccache, ccache, copy;
	gss_cred_id_t initiator, acceptor, both = GSS_C_NO_CREDENTIAL, stored;
	krb5_principal client = NULL;
	OM_uint32 minor, m;

	int i;

	if (argc < 3)
		return 2;
	need_krb5("krb5_init_context", krb5_init_context(&krb5));
	need_krb5("krb5_kt_resolve", krb5_kt_resolve(krb5, argv[2], &file_keytab));
	need_krb5("krb5_kt_resolve", krb5_kt_resolve(krb5, "MEMORY:mine", &keytab));
	need_krb5("krb5_kt_resolve", krb5_kt_resolve(krb5, "MEMORY:empty", &empty));
	fill_keytab(file_keytab, keytab);
	need_krb5("krb5_cc_resolve", krb5_cc_resolve(krb5, argv[1], &file_ccache));
	need_krb5("krb5_cc_resolve", krb5_cc_resolve(krb5, "MEMORY:mine", &ccache));
	copy_ccache(file_ccache, ccache);

	acceptor = acquire("keytab", "MEMORY:mine", GSS_C_ACCEPT);
	fact("a keytab in memory accepts", acceptor != GSS_C_NO_CREDENTIAL);
	fact("an empty keytab in memory does not", acquire("keytab", "MEMORY:empty", GSS_C_ACCEPT) == GSS_C_NO_CREDENTIAL);
	fact("nor does one that nobody has made", acquire("keytab", "MEMORY:none", GSS_C_ACCEPT) == GSS_C_NO_CREDENTIAL);
	initiator = acquire("ccache", "MEMORY:mine", GSS_C_INITIATE);
	fact("a cache in memory initiates", initiator != GSS_C_NO_CREDENTIAL && speaks(initiator, acceptor));
	fact("a cache that nobody has made does not", acquire("ccache", "MEMORY:none", GSS_C_INITIATE) == GSS_C_NO_CREDENTIAL);

	fact("objects of libkrb5 in memory are imported",
	    gss_krb5_import_cred(&minor, ccache, NULL, keytab, &both) == GSS_S_COMPLETE && speaks(both, both));

	/* As programs choose them for the whole process. */
	(void)setenv("KRB5CCNAME", "MEMORY:mine", 1);
	(void)setenv("KRB5_KTNAME", "MEMORY:mine", 1);
	fact("both are the default ones", speaks(GSS_C_NO_CREDENTIAL, GSS_C_NO_CREDENTIAL));
	(void)unsetenv("KRB5_KTNAME");
	fact("gsskrb5_register_acceptor_identity", gsskrb5_register_acceptor_identity("MEMORY:mine") == GSS_S_COMPLETE &&
	        speaks(GSS_C_NO_CREDENTIAL, GSS_C_NO_CREDENTIAL));

	/* And back. */
	fact("a credential is stored in memory",
	    gss_store_cred_into(&minor, initiator, GSS_C_INITIATE, GSS_C_NO_OID, 1, 1, &store, NULL, NULL) == GSS_S_COMPLETE);
	stored = acquire("ccache", "MEMORY:stored", GSS_C_INITIATE);
	fact("and found there", stored != GSS_C_NO_CREDENTIAL && speaks(stored, acceptor));
	need_krb5("krb5_cc_resolve", krb5_cc_resolve(krb5, "MEMORY:copy", &copy));
	if (krb5_cc_get_principal(krb5, ccache, &client) == 0)
		(void)krb5_cc_initialize(krb5, copy, client);
	fact("gss_krb5_copy_ccache copies it to libkrb5", gss_krb5_copy_ccache(&minor, stored, copy) == GSS_S_COMPLETE);
	stored = acquire("ccache", "MEMORY:copy", GSS_C_INITIATE);
	fact("where it is found again", stored != GSS_C_NO_CREDENTIAL && speaks(stored, acceptor));

	for (i = 3; i < argc; i++) {
		gss_cred_id_t there;

		element.value = argv[i];
		fact(argv[i], gss_store_cred_into(&minor, initiator, GSS_C_INITIATE, GSS_C_NO_OID, 1, 1, &store, NULL, NULL) ==
		        GSS_S_COMPLETE);
		there = acquire("ccache", argv[i], GSS_C_INITIATE);
		fact("is used from there", there != GSS_C_NO_CREDENTIAL && speaks(there, acceptor));
		(void)gss_release_cred(&m, &there);
	}

	(void)krb5_cc_destroy(krb5, ccache);
	fact("a cache that the program has destroyed is gone",
	    acquire("ccache", "MEMORY:mine", GSS_C_INITIATE) == GSS_C_NO_CREDENTIAL);
	(void)gss_release_cred(&m, &initiator);
	(void)gss_release_cred(&m, &acceptor);
	(void)gss_release_cred(&m, &both);
	(void)gss_release_cred(&m, &stored);
	return failed;
}
