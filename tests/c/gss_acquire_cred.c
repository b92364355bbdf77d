/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_acquire_cred: names, usages, mechanisms, and files that are missing or damaged. */
#include "harness.h"

static void acquire(const char *label, gss_name_t name, gss_cred_usage_t usage, OM_uint32 time, gss_OID_set mechs)
{
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	gss_OID_set actual = GSS_C_NO_OID_SET;
	OM_uint32 major, minor, ignored, lifetime = 77;
	int present = 0;

	major = gss_acquire_cred(&minor, name, time, mechs, usage, &cred, &actual, &lifetime);
	if (GSS_ERROR(major)) {
		fact("%s: %s", label, major_text(major));
		check(cred == GSS_C_NO_CREDENTIAL, "%s: an error and a credential", label);
		check(minor != 0 || GSS_CALLING_ERROR(major) != 0 || GSS_ERROR(major) == GSS_S_BAD_MECH,
		    "%s: minor status 0", label);
	} else {
		gss_test_oid_set_member(&ignored, &krb5_mech, actual, &present);
		fact("%s: %s, krb5 %d, lifetime %s", label, major_text(major), present, lifetime_text(lifetime));
	}
	gss_release_oid_set(&ignored, &actual);
	gss_release_cred(&ignored, &cred);
	if (name != GSS_C_NO_NAME)
		gss_release_name(&ignored, &name);
}

static void file(const char *name, const char *octets, size_t length)
{
	FILE *f = fopen(scratch(name), "wb");

	if (f == NULL || fwrite(octets, 1, length, f) != length || fclose(f) != 0)
		exit(2);
}

static void point(const char *variable, const char *name)
{
	char value[4096];

	snprintf(value, sizeof(value), "FILE:%s", scratch(name));
	setenv(variable, value, 1);
}

/* broken prints the codes for a default cache that cannot be read. */
static void broken(const char *name, gss_OID_set krb5)
{
	static const char *const labels[] = { "both", "initiate" };
	const char *saved = getenv("KRB5CCNAME");
	gss_name_t alice = import("alice", GSS_C_NT_USER_NAME), target = import(SERVICE, GSS_C_NT_HOSTBASED_SERVICE);
	gss_ctx_id_t context = GSS_C_NO_CONTEXT;
	gss_buffer_desc token = GSS_C_EMPTY_BUFFER;
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	OM_uint32 major, minor, ignored;
	char label[80], *before = strdup(saved == NULL ? "" : saved);
	int usage;

	point("KRB5CCNAME", name);
	for (usage = GSS_C_BOTH; usage <= GSS_C_INITIATE; usage++) {
		snprintf(label, sizeof(label), "%s, default cache %s", labels[usage], name);
		major = gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, krb5, usage, &cred, NULL, NULL);
		result_minor(label, major, minor);
	}
	snprintf(label, sizeof(label), "initiate, default cache %s, alice's", name);
	major = gss_acquire_cred(&minor, alice, 0, krb5, GSS_C_INITIATE, &cred, NULL, NULL);
	result_minor(label, major, minor);
	snprintf(label, sizeof(label), "gss_init_sec_context, default cache %s", name);
	major = gss_init_sec_context(&minor, GSS_C_NO_CREDENTIAL, &context, target, GSS_C_NO_OID, 0, 0, GSS_C_NO_CHANNEL_BINDINGS,
	    GSS_C_NO_BUFFER, NULL, &token, NULL, NULL);
	result_minor(label, major, minor);
	setenv("KRB5CCNAME", before, 1);
	free(before);
	gss_release_name(&ignored, &alice);
	gss_release_name(&ignored, &target);
}

#define USER_OF(text) import(text, GSS_C_NT_USER_NAME)
#define HOSTBASED(text) import(text, GSS_C_NT_HOSTBASED_SERVICE)

int main(void)
{
	static const char *const labels[] = { "both", "initiate", "accept" };
	gss_OID_set krb5, unknown, two, none;
	OM_uint32 major, minor;
	gss_cred_id_t cred;
	char label[80];
	int usage;

	begin(60);
	gss_create_empty_oid_set(&minor, &krb5);
	gss_add_oid_set_member(&minor, &krb5_mech, &krb5);
	gss_create_empty_oid_set(&minor, &unknown);
	gss_add_oid_set_member(&minor, &unknown_mech, &unknown);
	gss_create_empty_oid_set(&minor, &two);
	gss_add_oid_set_member(&minor, &krb5_mech, &two);
	gss_add_oid_set_member(&minor, &unknown_mech, &two);
	gss_create_empty_oid_set(&minor, &none);

	for (usage = GSS_C_BOTH; usage <= GSS_C_ACCEPT; usage++) {
#define TRY(what, name, time, set) \
	snprintf(label, sizeof(label), "%s, %s", labels[usage], what); \
	acquire(label, name, usage, time, set)
		TRY("default", GSS_C_NO_NAME, GSS_C_INDEFINITE, GSS_C_NO_OID_SET);
		TRY("default for krb5", GSS_C_NO_NAME, GSS_C_INDEFINITE, krb5);
		TRY("no time", GSS_C_NO_NAME, 0, krb5);
		TRY("ten seconds", GSS_C_NO_NAME, 10, krb5);
		TRY("an unknown mechanism", GSS_C_NO_NAME, 0, unknown);
		TRY("krb5 and an unknown mechanism", GSS_C_NO_NAME, 0, two);
		TRY("an empty set of mechanisms", GSS_C_NO_NAME, 0, none);
		TRY("our user", USER_OF(USER), 0, krb5);
		TRY("our user with realm", USER_OF(USER "@" REALM), 0, krb5);
		TRY("another user", USER_OF("bob"), 0, krb5);
		TRY("our user in another realm", USER_OF(USER "@OTHER.TEST"), 0, krb5);
		TRY("our service", HOSTBASED(SERVICE), 0, krb5);
		TRY("our service, without host", HOSTBASED("host"), 0, krb5);
		TRY("our service on another host", HOSTBASED("host@elsewhere.demo.test"), 0, krb5);
		TRY("another service", HOSTBASED("nfs@" HOST), 0, krb5);
		TRY("our principal", import(PRINCIPAL, &principal_name), 0, krb5);
		TRY("anonymous", import("x", GSS_C_NT_ANONYMOUS), 0, krb5);
	}
	acquire("usage 3", GSS_C_NO_NAME, 3, 0, krb5);
	acquire("usage -1", GSS_C_NO_NAME, -1, 0, krb5);

	point("KRB5CCNAME", "cc.expired");
	acquire("initiate, an expired ticket", GSS_C_NO_NAME, GSS_C_INITIATE, 0, krb5);
	acquire("both, an expired ticket", GSS_C_NO_NAME, GSS_C_BOTH, 0, krb5);
	point("KRB5CCNAME", "cc.missing");
	acquire("initiate, no ccache", GSS_C_NO_NAME, GSS_C_INITIATE, 0, krb5);
	acquire("both, no ccache", GSS_C_NO_NAME, GSS_C_BOTH, 0, krb5);
	acquire("accept, no ccache", GSS_C_NO_NAME, GSS_C_ACCEPT, 0, krb5);
	file("cc.empty", "", 0);
	point("KRB5CCNAME", "cc.empty");
	acquire("initiate, an empty ccache", GSS_C_NO_NAME, GSS_C_INITIATE, 0, krb5);
	file("cc.text", "this is no ccache\n", 18);
	point("KRB5CCNAME", "cc.text");
	acquire("initiate, a ccache that is none", GSS_C_NO_NAME, GSS_C_INITIATE, 0, krb5);
	file("cc.version", "\x05\x09\x00\x00", 4);
	point("KRB5CCNAME", "cc.version");
	acquire("initiate, a ccache of version 9", GSS_C_NO_NAME, GSS_C_INITIATE, 0, krb5);
	file("cc.short", "\x05\x04\x00\x00\x00\x00\x00\x01\x00\x00\x00\x01\x00\x00\x00\xff" "DEMO", 20);
	point("KRB5CCNAME", "cc.short");
	acquire("initiate, a ccache cut off", GSS_C_NO_NAME, GSS_C_INITIATE, 0, krb5);
	setenv("KRB5CCNAME", "NOSUCHTYPE:x", 1);
	acquire("initiate, a ccache of an unknown type", GSS_C_NO_NAME, GSS_C_INITIATE, 0, krb5);
	setenv("KRB5CCNAME", "FILE:/", 1);
	acquire("initiate, a directory", GSS_C_NO_NAME, GSS_C_INITIATE, 0, krb5);
	point("KRB5CCNAME", "cc");
	broken("cc.missing", krb5);
	broken("cc.empty", krb5);
	broken("cc.text", krb5);
	broken("cc.version", krb5);
	broken("cc.short", krb5);
	broken("", krb5); /* a directory */
	broken("cc/below", krb5);

	point("KRB5_KTNAME", "kt.missing");
	acquire("accept, no keytab", GSS_C_NO_NAME, GSS_C_ACCEPT, 0, krb5);
	acquire("both, no keytab", GSS_C_NO_NAME, GSS_C_BOTH, 0, krb5);
	acquire("initiate, no keytab", GSS_C_NO_NAME, GSS_C_INITIATE, 0, krb5);
	acquire("accept, no keytab, our service", HOSTBASED(SERVICE), GSS_C_ACCEPT, 0, krb5);
	file("kt.empty", "", 0);
	point("KRB5_KTNAME", "kt.empty");
	acquire("accept, an empty keytab", GSS_C_NO_NAME, GSS_C_ACCEPT, 0, krb5);
	file("kt.none", "\x05\x02", 2);
	point("KRB5_KTNAME", "kt.none");
	acquire("accept, a keytab without keys", GSS_C_NO_NAME, GSS_C_ACCEPT, 0, krb5);
	acquire("accept, a keytab without keys, our service", HOSTBASED(SERVICE), GSS_C_ACCEPT, 0, krb5);
	file("kt.text", "this is no keytab\n", 18);
	point("KRB5_KTNAME", "kt.text");
	acquire("accept, a keytab that is none", GSS_C_NO_NAME, GSS_C_ACCEPT, 0, krb5);
	acquire("accept, a keytab that is none, our service", HOSTBASED(SERVICE), GSS_C_ACCEPT, 0, krb5);
	setenv("KRB5_KTNAME", "NOSUCHTYPE:x", 1);
	acquire("accept, a keytab of an unknown type", GSS_C_NO_NAME, GSS_C_ACCEPT, 0, krb5);

	major = gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, krb5, GSS_C_INITIATE, &cred, NULL, NULL);
	result("no outputs but the handle", major);
	gss_release_cred(&minor, &cred);
	result("no output", gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, krb5, GSS_C_INITIATE, NULL, NULL, NULL));
	gss_release_oid_set(&minor, &krb5);
	gss_release_oid_set(&minor, &unknown);
	gss_release_oid_set(&minor, &two);
	gss_release_oid_set(&minor, &none);
	return end();
}
