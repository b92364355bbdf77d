/* SPDX-License-Identifier: BSD-2-Clause */
/* plugins: what [plugins] in krb5.conf disables of MIT krb5 is disabled here, too. */
#include "harness.h"

#include <gssapi/gssapi_ext.h>

#include <sys/stat.h>

/* plugins writes a krb5.conf with such a subsection. */
static void plugins(const char *kind, const char *settings, const char *more)
{
	char text[1000];

	snprintf(text, sizeof(text), "[plugins]\n\t%s = {\n\t\t%s\n\t}\n%s", kind, settings, more);
	with_config(text);
}

static void account(const char *label, const char *principal)
{
	gss_name_t name = import(principal, &principal_name);
	gss_buffer_desc local = GSS_C_EMPTY_BUFFER;
	OM_uint32 major, minor;

	major = gss_localname(&minor, name, &krb5_mech, &local);
	fact("%s, %s: %s, %s", label, principal, major_text(major), quoted(&local));
	gss_release_buffer(&minor, &local);
	gss_release_name(&minor, &name);
}

static void accounts(const char *label, const char *settings)
{
	plugins("localauth", settings, "[realms]\n\t" REALM " = {\n\t\tauth_to_local = RULE:[1:$1](^joe$)s/joe/root/\n"
	    "\t\tauth_to_local = DEFAULT\n\t\tauth_to_local_names = {\n\t\t\tchief = root\n\t\t}\n\t}\n");
	account(label, "alice@" REALM);
	account(label, "joe@" REALM);
	account(label, "chief@" REALM);
}

static void login(const char *label)
{
	gss_OID_set_desc krb5 = {1, &krb5_mech};
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	gss_buffer_desc password = buffer("alice-password");
	gss_name_t name = import("alice@" REALM, &principal_name);
	OM_uint32 major, minor, ignored;

	major = gss_acquire_cred_with_password(&minor, name, &password, 0, &krb5, GSS_C_INITIATE, &cred, NULL, NULL);
	fact("%s: %s", label, major_text(major));
	gss_release_cred(&ignored, &cred);
	gss_release_name(&ignored, &name);
}

static void source(const char *label)
{
	struct options o = { .flags = ALL_FLAGS, .target = "demo@localhost" };
	struct pair p;

	establish(&p, &o);
	fact("%s: %s, from %s", label, major_text(p.init_major), name_text(p.source));
	release_pair(&p);
}

static void write_file(const char *name, const char *text)
{
	FILE *f = fopen(scratch(name), "w");

	if (f == NULL || fputs(text, f) < 0 || fclose(f) != 0)
		exit(2);
}

int main(void)
{
	char value[4200];

	begin(60);
	accounts("nothing disabled", "disable = nonsense");
	accounts("no default", "disable = default");
	accounts("no rules", "disable = rule");
	accounts("no names", "disable = names");
	accounts("no auth_to_local", "disable = auth_to_local");
	accounts("none of two", "disable = names\n\t\tdisable = auth_to_local");
	accounts("names alone", "enable_only = names");
	accounts("a module that is not there alone", "enable_only = sssd");

	plugins("clpreauth", "disable = nonsense", "");
	login("a password");
	plugins("clpreauth", "disable = encrypted_timestamp", "");
	login("a password without timestamps");
	plugins("clpreauth", "enable_only = encrypted_timestamp", "");
	login("a password with timestamps alone");
	plugins("clpreauth", "enable_only = spake", "");
	login("a password with SPAKE alone");

	mkdir(scratch("caches"), 0700);
	copy_file(scratch("cc.tgt"), scratch("caches/tkt"));
	copy_file(scratch("cc.bob"), scratch("caches/tktbob"));
	write_file("caches/primary", "tkt\n");
	snprintf(value, sizeof(value), "DIR:%s", scratch("caches"));
	setenv("KRB5CCNAME", value, 1);
	setenv("HOME", scratch("."), 1);
	write_file(".k5identity", "bob@" REALM " service=demo\n");
	with_config("");
	source("by .k5identity");
	plugins("ccselect", "disable = realm", "");
	source("by .k5identity, not by realm");
	plugins("ccselect", "disable = k5identity", "");
	source("not by .k5identity");
	plugins("ccselect", "enable_only = hostname", "");
	source("by the host's domain alone");
	return end();
}
