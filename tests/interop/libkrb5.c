/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libkrb5 CHECK: one of the functions of gssapi_krb5.h, beside a libkrb5 whose objects some of them take. Exits with 0
 * if it does what it should, else says what it did.
 */
#include <gssapi/gssapi_krb5.h>

#include <krb5.h>

#include <sys/wait.h>

#include <dirent.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What only this library promises is not asked from MIT's. */
#ifdef PEER_MIT
#define OURS(fact) ((void)sizeof(fact))
#else
#define OURS(fact) CHECK(fact)
#endif

static int failed;
static krb5_context krb5;

#define CHECK(fact) \
	do { \
		if (!(fact)) { \
			printf("line %d: not so: %s\n", __LINE__, #fact); \
			failed = 1; \
		} \
	} while (0)

/* text gives what gss_display_status says of a minor code. */
static const char *text(OM_uint32 minor)
{
	static char shown[1024];
	gss_buffer_desc buffer;
	OM_uint32 ignored, context = 0;

	shown[0] = '\0';
	if (gss_display_status(&ignored, minor, GSS_C_MECH_CODE, GSS_C_NO_OID, &context, &buffer) == GSS_S_COMPLETE) {
		snprintf(shown, sizeof(shown), "%.*s", (int)buffer.length, (char *)buffer.value);
		gss_release_buffer(&ignored, &buffer);
	}
	return shown;
}

static void need(const char *what, OM_uint32 major, const OM_uint32 *minor)
{
	if (GSS_ERROR(major)) {
		printf("%s: %#x, %s\n", what, (unsigned)major, minor != NULL ? text(*minor) : "");
		exit(1);
	}
}

static void need_krb5(const char *what, krb5_error_code code)
{
	if (code != 0) {
		printf("%s: %s\n", what, krb5_get_error_message(krb5, code));
		exit(1);
	}
}

/* whose gives the name of a credential; "" for one that answers to all. */
static const char *whose(gss_cred_id_t cred)
{
	static char shown[256];
	gss_buffer_desc buffer;
	gss_name_t name = GSS_C_NO_NAME;
	OM_uint32 minor;

	shown[0] = '\0';
	need("inquire_cred", gss_inquire_cred(&minor, cred, &name, NULL, NULL, NULL), &minor);
	if (name != GSS_C_NO_NAME) {
		need("display_name", gss_display_name(&minor, name, &buffer, NULL), &minor);
		snprintf(shown, sizeof(shown), "%.*s", (int)buffer.length, (char *)buffer.value);
		gss_release_buffer(&minor, &buffer);
		gss_release_name(&minor, &name);
	}
	return shown;
}

static OM_uint32 acquire(gss_cred_usage_t usage, gss_cred_id_t *cred, OM_uint32 *minor)
{
	return gss_acquire_cred(minor, GSS_C_NO_NAME, 0, GSS_C_NO_OID_SET, usage, cred, NULL, NULL);
}

static void copy_ccache(void)
{
	gss_cred_id_t cred;
	krb5_ccache from, to;
	krb5_cc_cursor cursor;
	krb5_creds creds;
	OM_uint32 minor;
	int tickets = 0;

	need("acquire_cred", acquire(GSS_C_INITIATE, &cred, &minor), &minor);
	need_krb5("cc_default", krb5_cc_default(krb5, &from));
	need_krb5("cc_resolve", krb5_cc_resolve(krb5, "MEMORY:copy", &to));
	{
		krb5_principal client;

		need_krb5("cc_get_principal", krb5_cc_get_principal(krb5, from, &client));
		need_krb5("cc_initialize", krb5_cc_initialize(krb5, to, client));
		krb5_free_principal(krb5, client);
	}
	CHECK(strcmp(whose(cred), "alice@MIT.TEST") == 0); /* MIT's library needs to be asked first */
	need("krb5_copy_ccache", gss_krb5_copy_ccache(&minor, cred, to), &minor);
	need_krb5("cc_start_seq_get", krb5_cc_start_seq_get(krb5, to, &cursor));
	while (krb5_cc_next_cred(krb5, to, &cursor, &creds) == 0) {
		tickets += !krb5_is_config_principal(krb5, creds.server);
		krb5_free_cred_contents(krb5, &creds);
	}
	krb5_cc_end_seq_get(krb5, to, &cursor);
	CHECK(tickets == 1);
	OURS(gss_krb5_copy_ccache(&minor, cred, NULL) == GSS_S_CALL_INACCESSIBLE_WRITE);
	gss_release_cred(&minor, &cred);
	OURS(gss_krb5_copy_ccache(&minor, (gss_cred_id_t)(uintptr_t)0x8000000000000001u, to) == GSS_S_NO_CRED);
	krb5_cc_destroy(krb5, to);
	krb5_cc_close(krb5, from);
}

static void import_cred(void)
{
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	krb5_principal service;
	krb5_ccache cache, memory;
	krb5_keytab keytab;
	OM_uint32 major, minor;

	need_krb5("cc_default", krb5_cc_default(krb5, &cache));
	need_krb5("kt_default", krb5_kt_default(krb5, &keytab));
	need_krb5("parse_name", krb5_parse_name(krb5, "demo/localhost", &service));
	need("a cache", gss_krb5_import_cred(&minor, cache, NULL, NULL, &cred), &minor);
	CHECK(strcmp(whose(cred), "alice@MIT.TEST") == 0);
	gss_release_cred(&minor, &cred);
	need("a keytab", gss_krb5_import_cred(&minor, NULL, NULL, keytab, &cred), &minor);
	gss_release_cred(&minor, &cred);
	need("a key", gss_krb5_import_cred(&minor, NULL, service, keytab, &cred), &minor);
	CHECK(strcmp(whose(cred), "demo/localhost@MIT.TEST") == 0);
	gss_release_cred(&minor, &cred);
	need("both", gss_krb5_import_cred(&minor, cache, NULL, keytab, &cred), &minor);
	gss_release_cred(&minor, &cred);
	need_krb5("cc_resolve", krb5_cc_resolve(krb5, "MEMORY:x", &memory));
	major = gss_krb5_import_cred(&minor, memory, NULL, NULL, &cred);
	OURS(GSS_ERROR(major) && cred == GSS_C_NO_CREDENTIAL && strstr(text(minor), "MEMORY") != NULL);
	OURS(GSS_ERROR(gss_krb5_import_cred(&minor, NULL, NULL, NULL, &cred)));
	krb5_free_principal(krb5, service);
	krb5_kt_close(krb5, keytab);
	krb5_cc_close(krb5, memory);
	krb5_cc_close(krb5, cache);
}

static void *choose_none(void *found)
{
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	const char *old = NULL;
	OM_uint32 minor;

	need("krb5_ccache_name", gss_krb5_ccache_name(&minor, "FILE:/nonexistent/cache", NULL), &minor);
	*(OM_uint32 *)found = acquire(GSS_C_INITIATE, &cred, &minor);
	need("krb5_ccache_name", gss_krb5_ccache_name(&minor, NULL, &old), &minor);
	CHECK(old != NULL && strcmp(old, "FILE:/nonexistent/cache") == 0);
	return NULL;
}

/* A thread's choice is its own: rpc.gssd serves one user in each. */
static void ccache_name(void)
{
	const char *old = NULL, *environment = getenv("KRB5CCNAME");
	OM_uint32 major = 0, minor;
	gss_cred_id_t cred;
	pthread_t thread;

	need("krb5_ccache_name", gss_krb5_ccache_name(&minor, NULL, &old), &minor);
	CHECK(old != NULL && environment != NULL && strcmp(old, environment) == 0);
	if (pthread_create(&thread, NULL, choose_none, &major) != 0 || pthread_join(thread, NULL) != 0)
		exit(1);
	CHECK(GSS_ERROR(major) == GSS_S_NO_CRED);
	need("the other thread", acquire(GSS_C_INITIATE, &cred, &minor), &minor);
	gss_release_cred(&minor, &cred);
	need("krb5_ccache_name", gss_krb5_ccache_name(&minor, "FILE:/nonexistent/other", NULL), &minor);
	CHECK(GSS_ERROR(acquire(GSS_C_INITIATE, &cred, &minor)) == GSS_S_NO_CRED);
	need("krb5_ccache_name", gss_krb5_ccache_name(&minor, "", NULL), &minor);
	CHECK(GSS_ERROR(acquire(GSS_C_INITIATE, &cred, &minor)) == GSS_S_NO_CRED);
	need("krb5_ccache_name", gss_krb5_ccache_name(&minor, NULL, NULL), &minor);
	need("the default again", acquire(GSS_C_INITIATE, &cred, &minor), &minor);
	gss_release_cred(&minor, &cred);
}

/* threads counts those of this process. */
static int threads(void)
{
	DIR *tasks = opendir("/proc/self/task");
	int n = 0;

	while (tasks != NULL && readdir(tasks) != NULL)
		n++;
	closedir(tasks);
	return n - 2;
}

static void acceptor_identity(void)
{
	gss_cred_id_t cred;
	OM_uint32 minor;
	pid_t child;
	int status = -1;

	need("register", krb5_gss_register_acceptor_identity("FILE:/nonexistent/another"), NULL);
	need("register", krb5_gss_register_acceptor_identity("FILE:/nonexistent/keytab"), NULL);
	CHECK(threads() == 1); /* no engine has started */
	child = fork();
	if (child == 0) {
		CHECK(GSS_ERROR(acquire(GSS_C_ACCEPT, &cred, &minor)) == GSS_S_NO_CRED);
		CHECK(strstr(text(minor), "/nonexistent/keytab") != NULL);
		fflush(stdout);
		_exit(failed);
	}
	CHECK(waitpid(child, &status, 0) == child && status == 0);
	CHECK(GSS_ERROR(acquire(GSS_C_ACCEPT, &cred, &minor)) == GSS_S_NO_CRED);
	CHECK(strstr(text(minor), "/nonexistent/keytab") != NULL);
	need("register", krb5_gss_register_acceptor_identity(""), NULL);
	CHECK(GSS_ERROR(acquire(GSS_C_ACCEPT, &cred, &minor)) == GSS_S_NO_CRED);
	need("register", krb5_gss_register_acceptor_identity(NULL), NULL);
	need("the default again", acquire(GSS_C_ACCEPT, &cred, &minor), &minor);
	gss_release_cred(&minor, &cred);
}

/* establish makes a context in this process; its acceptor's side. */
static gss_ctx_id_t establish(gss_cred_id_t cred)
{
	gss_buffer_desc name = { 14, (void *)"demo@localhost" }, in = GSS_C_EMPTY_BUFFER, out;
	gss_ctx_id_t init = GSS_C_NO_CONTEXT, accept = GSS_C_NO_CONTEXT;
	gss_name_t target;
	OM_uint32 major, minor;

	need("import_name", gss_import_name(&minor, &name, GSS_C_NT_HOSTBASED_SERVICE, &target), &minor);
	major = gss_init_sec_context(&minor, cred, &init, target, GSS_C_NO_OID, 0, 0, NULL, &in, NULL, &out, NULL, NULL);
	need("init_sec_context", major, &minor);
	major = gss_accept_sec_context(&minor, &accept, GSS_C_NO_CREDENTIAL, &out, NULL, NULL, NULL, &in, NULL, NULL, NULL);
	need("accept_sec_context", major, &minor);
	gss_release_buffer(&minor, &out);
	gss_release_buffer(&minor, &in);
	gss_release_name(&minor, &target);
	gss_delete_sec_context(&minor, &init, GSS_C_NO_BUFFER);
	return accept;
}

/* principals imports names that are objects of libkrb5, as MIT's kadmin does. */
static void principals(void)
{
	static gss_OID_desc principal_type = { 10, (void *)"\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x02" };
	static const char *const texts[] = { "demo/localhost@MIT.TEST", "a\\/b\\@c/d\\\\e@REALM\\/X", "x@" };
	gss_buffer_desc buffer, shown, token, in = GSS_C_EMPTY_BUFFER;
	gss_ctx_id_t context = GSS_C_NO_CONTEXT;
	gss_cred_id_t cred;
	krb5_principal principal;
	gss_name_t name, canonical;
	OM_uint32 major, minor, ignored;
	gss_OID_set types;
	size_t i;
	int listed;

	need("inquire_names_for_mech", gss_inquire_names_for_mech(&minor, (gss_OID)gss_mech_krb5, &types), &minor);
	CHECK(gss_test_oid_set_member(&minor, &principal_type, types, &listed) == GSS_S_COMPLETE && listed);
	gss_release_oid_set(&minor, &types);
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		need_krb5(texts[i], krb5_parse_name(krb5, texts[i], &principal));
		buffer.length = sizeof(principal);
		buffer.value = &principal;
		need("import_name", gss_import_name(&minor, &buffer, &principal_type, &name), &minor);
#ifndef PEER_MIT /* which looks at it later */
		krb5_free_principal(krb5, principal);
#endif
		need("canonicalize_name", gss_canonicalize_name(&minor, name, (gss_OID)gss_mech_krb5, &canonical), &minor);
		need("display_name", gss_display_name(&minor, canonical, &shown, NULL), &minor);
		CHECK(strncmp(shown.value, texts[i], shown.length) == 0 && shown.length == strlen(texts[i]));
		gss_release_buffer(&minor, &shown);
		if (i == 0) {
			major = gss_init_sec_context(&minor, GSS_C_NO_CREDENTIAL, &context, name, GSS_C_NO_OID, 0, 0, NULL, &in, NULL,
			    &token, NULL, NULL);
			need("init_sec_context", major, &minor);
			gss_release_buffer(&ignored, &token);
			gss_delete_sec_context(&ignored, &context, GSS_C_NO_BUFFER);
		}
		gss_release_name(&minor, &canonical);
		gss_release_name(&minor, &name);
#ifdef PEER_MIT
		krb5_free_principal(krb5, principal);
#endif
	}
	need_krb5("alice", krb5_parse_name(krb5, "alice@MIT.TEST", &principal));
	need("import_name", gss_import_name(&minor, &buffer, &principal_type, &name), &minor);
	need("acquire_cred", gss_acquire_cred(&minor, name, 0, GSS_C_NO_OID_SET, GSS_C_INITIATE, &cred, NULL, NULL), &minor);
	gss_release_cred(&minor, &cred);
	gss_release_name(&minor, &name);
	buffer.length--;
	OURS(gss_import_name(&minor, &buffer, &principal_type, &name) == GSS_S_BAD_NAME && name == GSS_C_NO_NAME);
	OURS(strstr(text(minor), "krb5_principal") != NULL);
	buffer.length++;
	krb5_free_principal(krb5, principal);
	principal = NULL;
	OURS(gss_import_name(&minor, &buffer, &principal_type, &name) == GSS_S_BAD_NAME && name == GSS_C_NO_NAME);
}

static void inquiries(void)
{
	gss_ctx_id_t context = establish(GSS_C_NO_CREDENTIAL);
	struct { int32_t value, guard; } flags = { 0, 0x12345678 }, authtime = { 0, 0x12345678 };
	gss_buffer_desc data = { 77, &data };
	OM_uint32 major, minor;

	need("tkt_flags", gss_krb5_get_tkt_flags(&minor, context, &flags.value), &minor);
	CHECK((flags.value & TKT_FLG_FORWARDABLE) != 0 && flags.guard == 0x12345678);
	need("authtime", gsskrb5_extract_authtime_from_sec_context(&minor, context, &authtime.value), &minor);
	CHECK(authtime.value > 1700000000 && authtime.guard == 0x12345678);
	/* The KDC's PAC comes in AD-IF-RELEVANT, which is given as it is: a SEQUENCE. */
	need("authz_data", gsskrb5_extract_authz_data_from_sec_context(&minor, context, 1, &data), &minor);
	CHECK(data.length > 0 && *(unsigned char *)data.value == 0x30);
	gss_release_buffer(&minor, &data);
	major = gsskrb5_extract_authz_data_from_sec_context(&minor, context, 4711, &data);
	OURS(GSS_ERROR(major) && data.length == 0 && data.value == NULL && strstr(text(minor), "4711") != NULL);
	gss_delete_sec_context(&minor, &context, GSS_C_NO_BUFFER);
	OURS(GSS_ERROR(gss_krb5_get_tkt_flags(&minor, context, &flags.value)));
	OURS(GSS_ERROR(gss_krb5_get_tkt_flags(&minor, GSS_C_NO_CONTEXT, NULL)));
}

static void enctypes(void)
{
	int32_t aes128[] = { 17 };
	gss_cred_id_t cred;
	gss_ctx_id_t context;
	OM_uint32 minor;

	need("acquire_cred", acquire(GSS_C_INITIATE, &cred, &minor), &minor);
	need("enctypes", gss_krb5_set_allowable_enctypes(&minor, cred, 1, aes128), &minor);
	context = establish(cred);
	gss_delete_sec_context(&minor, &context, GSS_C_NO_BUFFER);
	OURS(GSS_ERROR(gss_krb5_set_allowable_enctypes(&minor, cred, 1, NULL)));
	OURS(GSS_ERROR(gss_krb5_set_allowable_enctypes(&minor, cred, 0x40000001, aes128)));
#ifndef PEER_MIT /* its headers do not declare what it exports */
	{
		gss_OID_desc option = { 6, "\x2a\x85\x70\x2b\x0d\x0e" };
		gss_buffer_desc aes256 = { 4, "\0\0\0\x12" }, cut = { 3, "\0\0\0" };

		need("option", gssspi_set_cred_option(&minor, cred, &option, &aes256), &minor);
		OURS(GSS_ERROR(gssspi_set_cred_option(&minor, cred, &option, &cut)));
	}
#endif
	gss_release_cred(&minor, &cred);
}

/* missing FILE: each function that is named there says that it is not there. */
static void missing(const char *file)
{
	OM_uint32 (*function)(OM_uint32 *, void *, void *, void *, void *, void *, void *, void *, void *, void *, void *,
	    void *);
	char name[128], wanted[192];
	OM_uint32 minor;
	FILE *list = fopen(file, "r");
	int names = 0, more = -1;
	void *p;

	if (list == NULL)
		exit(2);
	while (fscanf(list, "%127s", name) == 1) {
		/* These have no major status. */
		if (strncmp(name, "gssint_", 7) == 0 || strncmp(name, "gss_krb5int_", 12) == 0)
			continue;
		p = dlsym(RTLD_DEFAULT, name);
		if (p == NULL) {
			printf("no %s\n", name);
			exit(1);
		}
		memcpy(&function, &p, sizeof(p));
		minor = 0;
		snprintf(wanted, sizeof(wanted), "%s is not implemented in this version of libgssapi", name);
		if (function(&minor, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL) != GSS_S_UNAVAILABLE ||
		    strcmp(text(minor), wanted) != 0) {
			printf("%s: %s\n", name, text(minor));
			failed = 1;
		}
		names++;
	}
	printf("%d functions\n", names);
	fclose(list);
	/* A program that asks for one value after the other ends. */
	OURS(gss_get_name_attribute(&minor, GSS_C_NO_NAME, NULL, NULL, NULL, NULL, NULL, &more) != GSS_S_COMPLETE && more == 0);
	OURS(gss_userok(GSS_C_NO_NAME, "root") == 0);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} checks[] = {
		{ "copy_ccache", copy_ccache }, { "import_cred", import_cred }, { "ccache_name", ccache_name },
		{ "acceptor_identity", acceptor_identity }, { "principals", principals },
		{ "inquiries", inquiries }, { "enctypes", enctypes },
	};
	size_t i;

	need_krb5("init_context", krb5_init_context(&krb5));
	if (argc == 3 && strcmp(argv[1], "missing") == 0) {
		missing(argv[2]);
		return failed;
	}
	for (i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		if (argc == 2 && strcmp(argv[1], checks[i].name) == 0) {
			checks[i].run();
			krb5_free_context(krb5);
			return failed;
		}
	}
	fprintf(stderr, "usage: libkrb5 CHECK\n");
	return 2;
}
