/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_pname_to_uid: the account of a principal, by krb5.conf's rules. root is the account that every host has. */
#include "harness.h"

#include <gssapi/gssapi_ext.h>

static void uid_of(const char *label, const char *text, gss_OID type, gss_OID mech)
{
	gss_name_t name = import(text, type);
	OM_uint32 major, minor;
	uid_t uid = (uid_t)-2;

	major = gss_pname_to_uid(&minor, name, mech, &uid);
	if (GSS_ERROR(major))
		fact("%s: %s", label, major_text(major));
	else
		fact("%s: %s, uid %lu", label, major_text(major), (unsigned long)uid);
	gss_release_name(&minor, &name);
}

/* expression maps a name by a rule that substitutes what the expression matches, and says what the account is. */
static void expression(const char *expr, const char *name)
{
	gss_buffer_desc local = GSS_C_EMPTY_BUFFER;
	gss_name_t principal;
	OM_uint32 major, minor;
	char text[500];

	snprintf(text, sizeof(text), "[realms]\n\t" REALM " = {\n\t\tauth_to_local = RULE:[1:$1]s/%s/<>/\n\t}\n", expr);
	with_config(text);
	snprintf(text, sizeof(text), "%s@" REALM, name);
	principal = import(text, &principal_name);
	major = gss_localname(&minor, principal, &krb5_mech, &local);
	fact("%s in %s: %s %s", expr, name, major_text(major), quoted(&local));
	gss_release_buffer(&minor, &local);
	gss_release_name(&minor, &principal);
}

/* expressions has what GNU's C library adds to POSIX, and where other syntaxes of regular expressions differ from it. */
static void expressions(void)
{
	static const char *const exprs[] = { "\\<j", "e\\>", "\\bj", "\\B[oe]", "\\w+", "\\W", "\\s", "\\S+", "\\`j", "e\\'", "\\d", "\\.",
		"[\\w]", "[^j]", "[]x.]+", "[[:alpha:]]+", "[[.-.]]", "[[=o=]]", "o*?", "o+?e", "(o|oe|joe)", "o{1,2}", "o{,2}e", "j{2", "(?i)J",
		"\\x6a", "\\A", "\\pL", "\\<*", "*o", "(jo", "a||e", "^$" };
	size_t i;

	for (i = 0; i < COUNT(exprs); i++) {
		expression(exprs[i], "joe");
		expression(exprs[i], "joe-d.x jo");
	}
}

int main(void)
{
	begin(30);
	uid_of("root of our realm", "root@" REALM, &principal_name, &krb5_mech);
	uid_of("root as user", "root", GSS_C_NT_USER_NAME, &krb5_mech);
	uid_of("root of another realm", "root@OTHER.TEST", &principal_name, &krb5_mech);
	uid_of("root/admin", "root/admin@" REALM, &principal_name, &krb5_mech);
	uid_of("no such account", "nobody-has-this-name@" REALM, &principal_name, &krb5_mech);
	uid_of("a service", SERVICE, GSS_C_NT_HOSTBASED_SERVICE, &krb5_mech);
	uid_of("string uid 0", "0", GSS_C_NT_STRING_UID_NAME, &krb5_mech);
	uid_of("an unknown mechanism", "root@" REALM, &principal_name, &unknown_mech);
	uid_of("no mechanism", "root@" REALM, &principal_name, GSS_C_NO_OID);

	with_config("[realms]\n\t" REALM " = {\n\t\tauth_to_local_names = {\n\t\t\tchief = root\n"
	    "\t\t\tchief@corp.test = root\n\t\t}\n\t}\n");
	uid_of("auth_to_local_names", "chief@" REALM, &principal_name, &krb5_mech);
	uid_of("auth_to_local_names, an @ in the name", "chief\\@corp.test@" REALM, &principal_name, &krb5_mech);
	uid_of("auth_to_local_names, others as before", "root@" REALM, &principal_name, &krb5_mech);
	with_config("[realms]\n\t" REALM " = {\n\t\tauth_to_local = RULE:[2:$1](^ro.*)\n"
	    "\t\tauth_to_local = RULE:[1:$1@$0](.*@OTHER\\.TEST)s/@.*//\n\t\tauth_to_local = DEFAULT\n\t}\n");
	uid_of("a rule of two components", "root/admin@" REALM, &principal_name, &krb5_mech);
	uid_of("a rule for another realm", "root@OTHER.TEST", &principal_name, &krb5_mech);
	uid_of("DEFAULT after rules", "root@" REALM, &principal_name, &krb5_mech);
	uid_of("no rule fits", "admin/root@" REALM, &principal_name, &krb5_mech);
	with_config("[realms]\n\t" REALM " = {\n\t\tauth_to_local = RULE:[1:$1](^joe$)s/joe/root/\n\t}\n");
	uid_of("a rule that substitutes", "joe@" REALM, &principal_name, &krb5_mech);
	uid_of("without DEFAULT", "root@" REALM, &principal_name, &krb5_mech);
	with_config("[realms]\n\t" REALM " = {\n\t\tauth_to_local = RULE:[1:$1](^joe$s/joe/root/\n\t}\n");
	uid_of("a rule that is no rule", "joe@" REALM, &principal_name, &krb5_mech);
	with_config("[realms]\n\t" REALM " = {\n\t\tauth_to_local = RULE\n\t}\n");
	uid_of("a rule of nothing but its name", "root@" REALM, &principal_name, &krb5_mech);
	with_config("[realms]\n\t" REALM " = {\n\t\tauth_to_local = RULE:(root@corp.test)s/@.*//\n\t}\n");
	uid_of("a rule without a format, an @ in the name", "root\\@corp.test@" REALM, &principal_name, &krb5_mech);
	expressions();
	with_config("");
	return end();
}
