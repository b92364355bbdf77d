/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * acting: a service that acts for users, and credentials that go from process to process, whatever library they have.
 *
 *	acting export KIND FILE [USER]	writes a credential: file, acceptor, negotiated, delegated, or proxy for a user
 *	acting import FILE [TARGET]	reads it, and establishes a context with a service of the keytab, or accepts one
 *	acting for USER TARGET		acts for a user at a service of the keytab
 *	acting store USER CACHE		stores that credential
 *	acting from CACHE TARGET	goes on with it
 *	acting accept TARGET CACHE	accepts the client of a cache at demo@localhost, and acts for it
 */
#include <gssapi/gssapi.h>
#include <gssapi/gssapi_ext.h>
#include <gssapi/gssapi_krb5.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static gss_OID_desc krb5 = { 9, "\052\206\110\206\367\022\001\002\002" };
static gss_OID_desc spnego = { 6, "\053\006\001\005\005\002" };
static gss_OID_desc impersonator = { 11, "\052\206\110\206\367\022\001\002\002\005\016" };
static gss_OID mech = &krb5; /* of contexts */
static gss_OID_set_desc only_krb5 = { 1, &krb5 }, only_spnego = { 1, &spnego };

static void need(const char *what, OM_uint32 major, OM_uint32 minor)
{
	gss_buffer_desc text;
	OM_uint32 ignored, context = 0;

	if (!GSS_ERROR(major))
		return;
	printf("%s: %#x, minor %u\n", what, (unsigned)major, (unsigned)minor);
	if (gss_display_status(&ignored, minor, GSS_C_MECH_CODE, &krb5, &context, &text) == GSS_S_COMPLETE)
		printf("%.*s\n", (int)text.length, (char *)text.value);
	exit(1);
}

static gss_name_t name_of(const char *text, gss_OID type)
{
	gss_buffer_desc buffer = { strlen(text), (void *)text };
	gss_name_t name = GSS_C_NO_NAME;
	OM_uint32 major, minor;

	major = gss_import_name(&minor, &buffer, type, &name);
	need("import_name", major, minor);
	return name;
}

static void tell(const char *what, gss_name_t name)
{
	gss_buffer_desc text;
	OM_uint32 major, minor;

	major = gss_display_name(&minor, name, &text, NULL);
	need("display_name", major, minor);
	printf("%s %.*s\n", what, (int)text.length, (char *)text.value);
	gss_release_buffer(&minor, &text);
}

/* describe tells whose a credential is, and who acts with it. */
static gss_cred_usage_t describe(gss_cred_id_t cred)
{
	gss_buffer_set_t set = GSS_C_NO_BUFFER_SET;
	gss_name_t name = GSS_C_NO_NAME;
	gss_cred_usage_t usage;
	gss_OID_set mechs = GSS_C_NO_OID_SET;
	OM_uint32 major, minor, lifetime;
	int present = 0;

	major = gss_inquire_cred(&minor, cred, &name, &lifetime, &usage, &mechs);
	need("inquire_cred", major, minor);
	gss_test_oid_set_member(&minor, &krb5, mechs, &present);
	mech = present ? &krb5 : &spnego;
	gss_release_oid_set(&minor, &mechs);
	tell("credential of", name);
	if (lifetime == 0)
		printf("it has expired\n");
	major = gss_inquire_cred_by_oid(&minor, cred, &impersonator, &set);
	need("inquire_cred_by_oid", major, minor);
	if (set != GSS_C_NO_BUFFER_SET && set->count == 1)
		printf("acted with by %.*s\n", (int)set->elements[0].length, (char *)set->elements[0].value);
	gss_release_buffer_set(&minor, &set);
	gss_release_name(&minor, &name);
	return usage;
}

/* context establishes one with a service of the keytab, and gives what was delegated. */
static gss_cred_id_t context(gss_cred_id_t init, gss_cred_id_t accept, const char *target, OM_uint32 flags)
{
	gss_name_t desired = name_of(target, GSS_C_NT_HOSTBASED_SERVICE), source = GSS_C_NO_NAME;
	gss_buffer_desc there = GSS_C_EMPTY_BUFFER, back = GSS_C_EMPTY_BUFFER;
	gss_ctx_id_t a = GSS_C_NO_CONTEXT, b = GSS_C_NO_CONTEXT;
	gss_cred_id_t delegated = GSS_C_NO_CREDENTIAL;
	OM_uint32 major, minor, other;

	do {
		major = gss_init_sec_context(&minor, init, &a, desired, mech, flags | GSS_C_MUTUAL_FLAG, 0,
		    GSS_C_NO_CHANNEL_BINDINGS, &back, NULL, &there, NULL, NULL);
		need("init_sec_context", major, minor);
		if (there.length == 0)
			break;
		other = gss_accept_sec_context(&minor, &b, accept, &there, GSS_C_NO_CHANNEL_BINDINGS, &source, NULL, &back, NULL,
		    NULL, &delegated);
		need("accept_sec_context", other, minor);
	} while (major == GSS_S_CONTINUE_NEEDED);
	tell("context of", source);
	return delegated;
}

static gss_cred_id_t acquired(gss_cred_usage_t usage, const char *name, gss_OID_set mechs)
{
	gss_name_t desired = name == NULL ? GSS_C_NO_NAME : name_of(name, GSS_C_NT_HOSTBASED_SERVICE);
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	OM_uint32 major, minor;

	major = gss_acquire_cred(&minor, desired, 0, mechs, usage, &cred, NULL, NULL);
	need("acquire_cred", major, minor);
	return cred;
}

/* service is the one that acts. */
static const char *service(void)
{
	const char *name = getenv("SERVICE");

	return name == NULL ? "demo@localhost" : name;
}

static gss_cred_id_t acting_for(const char *user)
{
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	OM_uint32 major, minor;

	major = gss_acquire_cred_impersonate_name(&minor,
	    acquired(getenv("INITIATE") == NULL ? GSS_C_BOTH : GSS_C_INITIATE, service(), &only_krb5), name_of(user, GSS_C_NT_USER_NAME), 0,
	    &only_krb5, GSS_C_INITIATE, &cred, NULL, NULL);
	need("acquire_cred_impersonate_name", major, minor);
	return cred;
}

static gss_cred_id_t of_kind(const char *kind, const char *user)
{
	if (strcmp(kind, "file") == 0)
		return acquired(GSS_C_INITIATE, NULL, &only_krb5);
	if (strcmp(kind, "acceptor") == 0)
		return acquired(GSS_C_ACCEPT, "demo@localhost", &only_krb5);
	if (strcmp(kind, "negotiated") == 0)
		return acquired(GSS_C_INITIATE, NULL, &only_spnego);
	if (strcmp(kind, "all") == 0)
		return acquired(GSS_C_INITIATE, NULL, GSS_C_NO_OID_SET);
	if (strcmp(kind, "delegated") == 0)
		return context(GSS_C_NO_CREDENTIAL, GSS_C_NO_CREDENTIAL, "demo@localhost", GSS_C_DELEG_FLAG);
	return acting_for(user);
}

static void export(gss_cred_id_t cred, const char *file)
{
	gss_buffer_desc token;
	OM_uint32 major, minor;
	FILE *out = fopen(file, "w");

	major = gss_export_cred(&minor, cred, &token);
	need("export_cred", major, minor);
	if (out == NULL || fwrite(token.value, 1, token.length, out) != token.length || fclose(out) != 0)
		exit(2);
}

static gss_cred_id_t import(const char *file)
{
	static char octets[1 << 20];
	gss_buffer_desc token = { 0, octets };
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	OM_uint32 major, minor;
	FILE *in = fopen(file, "r");

	if (in == NULL)
		exit(2);
	token.length = fread(octets, 1, sizeof(octets), in);
	fclose(in);
	major = gss_import_cred(&minor, &token, &cred);
	need("import_cred", major, minor);
	return cred;
}

int main(int argc, char **argv)
{
	gss_key_value_element_desc element = { "ccache", argc > 3 ? argv[3] : "" };
	gss_key_value_set_desc store = { 1, &element };
	const char *what = argc > 1 ? argv[1] : "";
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	OM_uint32 major, minor;

	setvbuf(stdout, NULL, _IONBF, 0);
	if (strcmp(what, "export") == 0 && argc >= 4) {
		export(of_kind(argv[2], argc > 4 ? argv[4] : NULL), argv[3]);
	} else if (strcmp(what, "import") == 0 && argc >= 3) {
		cred = import(argv[2]);
		if (describe(cred) == GSS_C_ACCEPT)
			context(GSS_C_NO_CREDENTIAL, cred, "demo@localhost", 0);
		else if (argc > 3)
			context(cred, GSS_C_NO_CREDENTIAL, argv[3], 0);
	} else if (strcmp(what, "for") == 0 && argc == 4) {
		cred = acting_for(argv[2]);
		describe(cred);
		context(cred, GSS_C_NO_CREDENTIAL, argv[3], 0);
	} else if (strcmp(what, "store") == 0 && argc == 4) {
		major = gss_store_cred_into(&minor, acting_for(argv[2]), GSS_C_INITIATE, &krb5, 1, 0, &store, NULL, NULL);
		need("store_cred_into", major, minor);
	} else if (strcmp(what, "from") == 0 && argc == 4) {
		element.value = argv[2];
		major = gss_acquire_cred_from(&minor, GSS_C_NO_NAME, 0, &only_krb5, GSS_C_INITIATE, &store, &cred, NULL, NULL);
		need("acquire_cred_from", major, minor);
		describe(cred);
		context(cred, GSS_C_NO_CREDENTIAL, argv[3], 0);
	} else if (strcmp(what, "accept") == 0 && argc == 4) {
		element.value = argv[3];
		major = gss_acquire_cred_from(&minor, GSS_C_NO_NAME, 0, &only_krb5, GSS_C_INITIATE, &store, &cred, NULL, NULL);
		need("acquire_cred_from", major, minor);
		cred = context(cred, acquired(GSS_C_BOTH, service(), &only_krb5), "demo@localhost", 0);
		if (cred == GSS_C_NO_CREDENTIAL) {
			printf("nothing is delegated\n");
			return 1;
		}
		describe(cred);
		context(cred, GSS_C_NO_CREDENTIAL, argv[2], 0);
	} else {
		return 2;
	}
	return 0;
}
