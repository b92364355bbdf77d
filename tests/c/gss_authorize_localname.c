/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_authorize_localname, gss_userok: an account's file .k5login decides who may use it, or else krb5.conf does. */
#include "harness.h"

#include <sys/stat.h>

#include <pwd.h>
#include <unistd.h>

#ifndef PEER_MIT
#include <gssapi/gssapi_ext.h>
#endif

static const char *me; /* whose files are ours */

static gss_name_t principal(const char *text)
{
	gss_name_t name = import(text, &principal_name), mn = GSS_C_NO_NAME;
	OM_uint32 major, minor;

	major = gss_canonicalize_name(&minor, name, &krb5_mech, &mn);
	need("gss_canonicalize_name", major, minor);
	gss_release_name(&minor, &name);
	return mn;
}

static void ask(const char *label, const char *client, const char *account)
{
	gss_name_t name = principal(client), user = import(account, GSS_C_NT_USER_NAME);
	OM_uint32 major, minor;
	int ok = gss_userok(name, account);

	major = gss_authorize_localname(&minor, name, user);
	fact("%s: %s", label, ok ? "yes" : "no");
	check(ok == (major == GSS_S_COMPLETE), "%s: gss_userok says %d, gss_authorize_localname %s", label, ok, major_text(major));
	gss_release_name(&minor, &name);
	gss_release_name(&minor, &user);
}

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	if (f == NULL || fputs(text, f) < 0 || fclose(f) != 0) {
		perror(path);
		exit(1);
	}
}

/* config has the directory of the files, and more of [libdefaults] and of the realm. */
static void config(const char *directory, const char *libdefaults, const char *realm)
{
	char text[4096];

	snprintf(text, sizeof(text), "[libdefaults]\n\tk5login_directory = %s\n%s[realms]\n\t" REALM " = {\n%s\t}\n", directory,
	    libdefaults, realm);
	with_config(text);
}

int main(void)
{
	char directory[1024], path[2048], self[300], elsewhere[300], rule[400];
	struct passwd *account = getpwuid(getuid());
	gss_name_t name, user;
	OM_uint32 major, minor;

	begin(30);
	if (account == NULL) {
		fprintf(stderr, "this user has no account\n");
		return 1;
	}
	me = strdup(account->pw_name);
	snprintf(directory, sizeof(directory), "%s", scratch("logins"));
	snprintf(path, sizeof(path), "%s/%s", directory, me);
	snprintf(self, sizeof(self), "%s@" REALM, me);
	snprintf(elsewhere, sizeof(elsewhere), "%s@OTHER.TEST", me);
	config(directory, "", "");

	ask("no such directory, our own name", self, me);
	mkdir(directory, 0755);
	ask("no file, our own name", self, me);
	ask("no file, our own name in another realm", elsewhere, me);
	ask("no file, another name", "bob@" REALM, me);
	ask("no such account", "bob@" REALM, "nobody-has-this-name");
	ask("no account, but a file", "bob@" REALM, "../logins");
	snprintf(rule, sizeof(rule), "\t\tauth_to_local = RULE:[1:$1](bob)s/bob/%s/\n", me);
	config(directory, "", rule);
	ask("no file, a name that maps to the account", "bob@" REALM, me);
	config(directory, "", "");

	write_file(path, "bob@" REALM "\nalice/admin@" REALM "\ncarol@" REALM " \nalice@" REALM);
	ask("listed first", "bob@" REALM, me);
	ask("listed with an instance", "alice/admin@" REALM, me);
	ask("listed with a blank behind it", "carol@" REALM, me);
	ask("listed without an end of line", "alice@" REALM, me);
	ask("listed in another realm", "bob@OTHER.TEST", me);
	ask("the beginning of a listed name", "bob@" REALM "X", me);
	ask("not listed, our own name", self, me);
	config(directory, "\tk5login_authoritative = false\n", "");
	ask("not authoritative, our own name", self, me);
	ask("not authoritative, another name", "dave@" REALM, me);
	ask("not authoritative, listed", "bob@" REALM, me);
	config(directory, "", "");
	write_file(path, "");
	ask("an empty file, our own name", self, me);
#ifndef PEER_MIT
	write_file(path, "bob@" REALM "\n");
	chmod(path, 0602);
	name = principal("bob@" REALM);
	check(!gss_userok(name, me), "a file that everybody can write is believed");
	gss_release_name(&minor, &name);
#endif
	unlink(path);
	mkdir(path, 0755);
	ask("a directory, our own name", self, me);
	rmdir(path);
	rmdir(directory);

	name = principal("bob@" REALM);
	user = import(me, GSS_C_NT_USER_NAME);
	result("refused", gss_authorize_localname(&minor, name, user));
#ifndef PEER_MIT /* "No such file or directory" */
	check(says(minor, me), "the text does not name the account");
#endif
	result("no name", gss_authorize_localname(&minor, GSS_C_NO_NAME, user));
	result("no account", gss_authorize_localname(&minor, name, GSS_C_NO_NAME));
	result("no minor status", gss_authorize_localname(NULL, name, user));
	fact("no name, gss_userok: %d", gss_userok(GSS_C_NO_NAME, me));
#ifndef PEER_MIT /* MIT's library does not survive it */
	check(gss_userok(name, NULL) == 0, "no account is allowed");
#endif
	gss_release_name(&minor, &user);
	user = import(me, &principal_name);
	result("an account that is another type of name", gss_authorize_localname(&minor, name, user));
	gss_release_name(&minor, &name);
	gss_release_name(&minor, &user);
	name = import(me, GSS_C_NT_USER_NAME);
	major = gss_authorize_localname(&minor, name, name);
	result("a name of no mechanism", major);
	fact("a name of no mechanism, gss_userok: %d", gss_userok(name, me));
	gss_release_name(&minor, &name);
	return end();
}
