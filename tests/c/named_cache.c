/* SPDX-License-Identifier: BSD-2-Clause */
/* named_cache: initiators with a host-based name, or without a realm, get tickets from a cache or with a client keytab. */
#include "harness.h"

/* config writes a krb5.conf with this default realm and without [domain_realm]. */
static void config(const char *realm)
{
	char line[1024];
	const char *original = getenv("ORIGINAL_CONFIG");
	FILE *in = fopen(original, "r"), *out = fopen(scratch("krb5.conf"), "w");

	if (in == NULL || out == NULL)
		exit(2);
	while (fgets(line, sizeof(line), in) != NULL && strncmp(line, "[domain_realm]", 14) != 0) {
		if (strstr(line, "default_realm") != NULL)
			snprintf(line, sizeof(line), "\tdefault_realm = %s\n", realm);
		fputs(line, out);
	}
	fclose(in);
	fclose(out);
	setenv("KRB5_CONFIG", scratch("krb5.conf"), 1);
}

static void try(const char *label, const char *name, gss_OID type, const char *show)
{
	gss_name_t desired = import(name, type), whose = GSS_C_NO_NAME;
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	struct options o = { .flags = ALL_FLAGS };
	OM_uint32 major, minor, lifetime;
	struct pair p;

	major = gss_acquire_cred(&minor, desired, 0, GSS_C_NO_OID_SET, GSS_C_INITIATE, &cred, NULL, NULL);
	if (!GSS_ERROR(major))
		major = gss_inquire_cred(&minor, cred, &whose, &lifetime, NULL, NULL);
	if (GSS_ERROR(major) || strcspn(name, "@/") == strlen(name)) {
		fact("%s, %s: %s", label, show, major_text(major)); /* with a name of this host, or without */
	} else {
		o.init_cred = cred;
		establish(&p, &o);
		fact("%s, %s: %s, of %s, a context %s from %s", label, show, major_text(major), name_text(whose),
		    major_text(p.init_major), name_text(p.source));
		release_pair(&p);
	}
	gss_release_name(&minor, &whose);
	gss_release_name(&minor, &desired);
	gss_release_cred(&minor, &cred);
}

static void all(const char *label)
{
	try(label, "host@" HOST, GSS_C_NT_HOSTBASED_SERVICE, "host@" HOST);
	try(label, "host@SERVER.Demo.Test", GSS_C_NT_HOSTBASED_SERVICE, "host@SERVER.Demo.Test");
	try(label, "host", GSS_C_NT_HOSTBASED_SERVICE, "host");
	try(label, "host@localhost", GSS_C_NT_HOSTBASED_SERVICE, "host@localhost");
	try(label, "demo@" HOST, GSS_C_NT_HOSTBASED_SERVICE, "demo@" HOST);
	try(label, "demo", GSS_C_NT_HOSTBASED_SERVICE, "demo");
	try(label, "host/" HOST, &principal_name, "principal host/" HOST);
	try(label, "host/" HOST "@", &principal_name, "principal host/" HOST "@");
	try(label, "host/" HOST "@", GSS_C_NT_USER_NAME, "user host/" HOST "@");
	try(label, "host/" HOST "@" REALM, &principal_name, "principal host/" HOST "@" REALM);
	try(label, "host/" HOST "@OTHER.TEST", &principal_name, "principal host/" HOST "@OTHER.TEST");
	try(label, "demo/" HOST "@", &principal_name, "principal demo/" HOST "@");
}

int main(void)
{
	char name[4096];

	begin(120);
	setenv("ORIGINAL_CONFIG", getenv("KRB5_CONFIG"), 1);
	snprintf(name, sizeof(name), "FILE:%s", scratch("host.cc"));
	setenv("KRB5CCNAME", name, 1);
	setenv("KRB5_CLIENT_KTNAME", getenv("KRB5_KTNAME"), 1);

	config("OTHER.TEST");
	try("no cache, another default realm", "host@" HOST, GSS_C_NT_HOSTBASED_SERVICE, "host@" HOST);
	try("no cache, another default realm", "host/" HOST "@", &principal_name, "principal host/" HOST "@");
	try("no cache, another default realm", "host", GSS_C_NT_HOSTBASED_SERVICE, "host");
	config(REALM);
	remove(scratch("host.cc"));
	try("no cache", "host/" HOST "@", &principal_name, "principal host/" HOST "@");
	remove(scratch("host.cc"));
	try("no cache", "nfs@" HOST, GSS_C_NT_HOSTBASED_SERVICE, "nfs@" HOST);
	remove(scratch("host.cc"));
	try("no cache", "host", GSS_C_NT_HOSTBASED_SERVICE, "host");
	remove(scratch("host.cc"));
	try("no cache", "host@" HOST, GSS_C_NT_HOSTBASED_SERVICE, "host@" HOST);

	setenv("KRB5_CLIENT_KTNAME", "FILE:/nonexistent/keytab", 1);
	all("a cache");
	config("OTHER.TEST");
	all("a cache, another default realm");

	with_login("cc.tgt");
	try("alice's cache", "alice@", &principal_name, "principal alice@");
	try("alice's cache", "alice@", GSS_C_NT_USER_NAME, "user alice@");
	try("alice's cache", "alice@" REALM, &principal_name, "principal alice@" REALM);
	return end();
}
