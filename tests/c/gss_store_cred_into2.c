/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * gss_store_cred_into2: flags in place of numbers, and the environment by which the tickets are found. It is Heimdal's, and
 * MIT's library lacks it.
 */
#include "harness.h"

#include <gssapi/gssapi_ext.h>

#include <sys/stat.h>

static gss_cred_id_t alice = GSS_C_NO_CREDENTIAL;

/* environment returns the variables in env, in the form of putenv(3). */
static const char *environment(gss_buffer_set_t env)
{
	static char text[4096];

	if (env == GSS_C_NO_BUFFER_SET)
		return "none";
	if (env->count != 1 || env->elements[0].length == 0 || env->elements[0].length > sizeof(text))
		return "another number of variables";
	memcpy(text, env->elements[0].value, env->elements[0].length);
	if (strlen(text) + 1 != env->elements[0].length)
		return "no NUL at the end";
	return text;
}

/* whose prints the client of the default cache. */
static const char *whose(void)
{
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	gss_name_t name = GSS_C_NO_NAME;
	const char *text = "nobody";
	OM_uint32 minor;

	if (gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, GSS_C_NO_OID_SET, GSS_C_INITIATE, &cred, NULL, NULL) == GSS_S_COMPLETE &&
	    gss_inquire_cred(&minor, cred, &name, NULL, NULL, NULL) == GSS_S_COMPLETE)
		text = name_text(name);
	gss_release_name(&minor, &name);
	gss_release_cred(&minor, &cred);
	return text;
}

/* store calls the function with all keys that programs for Heimdal use, and checks the results. */
static void store(const char *what, OM_uint32 flags, const char *cache, OM_uint32 expected, const char *env_expected,
    const char *then)
{
	gss_key_value_element_desc elements[] = { { "appname", "sshd" }, { "username", "alice" }, { "ccache", cache } };
	gss_key_value_set_desc into = { 3, elements };
	gss_buffer_set_t env = (gss_buffer_set_t)&into;
	gss_OID_set stored = (gss_OID_set)&into;
	gss_cred_usage_t usage_stored = 77;
	OM_uint32 major, minor = 77;
	int complete = expected == GSS_S_COMPLETE;

	major = gss_store_cred_into2(&minor, alice, GSS_C_INITIATE, &krb5_mech, flags, &into, &stored, &usage_stored, &env);
	check(major == expected, "%s: %s", what, major_text(major));
	check((minor == 0) == complete, "%s: minor_status is %u", what, (unsigned)minor);
	check((stored != GSS_C_NO_OID_SET) == complete, "%s: elements_stored are %s", what, set_text(stored));
	check(usage_stored == (complete ? GSS_C_INITIATE : 0), "%s: cred_usage_stored is %d", what, usage_stored);
	check(strcmp(environment(env), env_expected) == 0, "%s: env is %s", what, environment(env));
	check(strcmp(whose(), then) == 0, "%s: the process finds tickets of %s", what, whose());
	gss_release_oid_set(&minor, &stored);
	gss_release_buffer_set(&minor, &env);
}

/* collection stores alice's tickets in a collection whose primary cache is bob's. */
static void collection(void)
{
	static char bobs[4096], directory[4096], primary[4200];
	gss_key_value_element_desc element = { "ccache", bobs };
	gss_key_value_set_desc from = { 1, &element };
	gss_cred_id_t bob = GSS_C_NO_CREDENTIAL;
	gss_buffer_set_t env = GSS_C_NO_BUFFER_SET;
	OM_uint32 major, minor;

	snprintf(bobs, sizeof(bobs), "FILE:%s", scratch("cc.bob"));
	snprintf(directory, sizeof(directory), "DIR:%s", scratch("directory"));
	snprintf(primary, sizeof(primary), "KRB5CCNAME=DIR::%s/tkt", scratch("directory"));
	major = gss_acquire_cred_from(&minor, GSS_C_NO_NAME, 0, GSS_C_NO_OID_SET, GSS_C_INITIATE, &from, &bob, NULL, NULL);
	need("acquire_cred_from", major, minor);
	mkdir(directory + 4, 0700);
	setenv("KRB5CCNAME", directory, 1);

	need("bob's", gss_store_cred_into2(&minor, bob, GSS_C_INITIATE, &krb5_mech, GSS_C_STORE_CRED_DEFAULT, GSS_C_NO_CRED_STORE,
	    NULL, NULL, NULL), minor);
	need("alice's", gss_store_cred_into2(&minor, alice, GSS_C_INITIATE, &krb5_mech, GSS_C_STORE_CRED_SET_PROCESS,
	    GSS_C_NO_CRED_STORE, NULL, NULL, &env), minor);
	check(strncmp(environment(env), primary, strlen(primary)) == 0, "a collection: env is %s", environment(env));
	check(strcmp(whose(), "\"alice@" REALM "\" (krb5-principal)") == 0, "a collection: the process finds tickets of %s", whose());
	gss_release_buffer_set(&minor, &env);

	setenv("KRB5CCNAME", directory, 1);
	check(strcmp(whose(), "\"bob@" REALM "\" (krb5-principal)") == 0, "a collection: the primary ones are of %s", whose());
	need("alice's again", gss_store_cred_into2(&minor, alice, GSS_C_INITIATE, &krb5_mech,
	    GSS_C_STORE_CRED_DEFAULT | GSS_C_STORE_CRED_OVERWRITE, GSS_C_NO_CRED_STORE, NULL, NULL, NULL), minor);
	check(strcmp(whose(), "\"alice@" REALM "\" (krb5-principal)") == 0, "the default: the primary ones are of %s", whose());
	gss_release_cred(&minor, &bob);
}

/* unique stores alice's tickets in a new cache of a type, and gives its name, or "". */
static const char *unique(const char *type)
{
	static char name[4200];
	gss_key_value_element_desc element = { "unique_ccache_type", type };
	gss_key_value_set_desc into = { 1, &element };
	gss_buffer_set_t env = GSS_C_NO_BUFFER_SET;
	OM_uint32 major, minor;

	major = gss_store_cred_into2(&minor, alice, GSS_C_INITIATE, &krb5_mech, GSS_C_STORE_CRED_DEFAULT, &into, NULL, NULL, &env);
	snprintf(name, sizeof(name), "%s", GSS_ERROR(major) ? "" : environment(env) + strlen("KRB5CCNAME="));
	check(GSS_ERROR(major) == 0 || says(minor, type), "%s: the text does not say which type it is", type);
	gss_release_buffer_set(&minor, &env);
	return name;
}

static void is_unique(const char *type, const char *begins)
{
	static const char *const hers = "\"alice@" REALM "\" (krb5-principal)";
	static char first[4200];
	char *before = strdup(getenv("KRB5CCNAME"));

	snprintf(first, sizeof(first), "%s", unique(type));
	check(strncmp(first, begins, strlen(begins)) == 0 && strlen(first) > strlen(begins), "unique, %s: %s", type, first);
	check(strcmp(unique(type), first) != 0, "unique, %s: twice the same", type);
	setenv("KRB5CCNAME", first, 1);
	check(strcmp(whose(), hers) == 0, "unique, %s: the tickets there are of %s", type, whose());
	setenv("KRB5CCNAME", before, 1);
	free(before);
}

int main(void)
{
	static const char *const hers = "\"alice@" REALM "\" (krb5-principal)";
	char file[4096], named[4200];
	gss_buffer_set_t env = (gss_buffer_set_t)file;
	gss_cred_usage_t usage = 77;
	OM_uint32 major, minor;

	begin(60);
	with_login("cc.tgt");
	major = gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, GSS_C_NO_OID_SET, GSS_C_INITIATE, &alice, NULL, NULL);
	need("acquire_cred", major, minor);
	setenv("KRB5CCNAME", "FILE:/nonexistent", 1);

	snprintf(file, sizeof(file), "FILE:%s", scratch("target"));
	snprintf(named, sizeof(named), "KRB5CCNAME=%s", file);
	store("a new file", 0, file, GSS_S_COMPLETE, named, "nobody");
	store("a file that is there", GSS_C_STORE_CRED_SET_PROCESS, file, GSS_S_DUPLICATE_ELEMENT, "none", "nobody");
	store("over it", GSS_C_STORE_CRED_OVERWRITE, file, GSS_S_COMPLETE, named, "nobody");
	store("an unknown flag", GSS_C_STORE_CRED_OVERWRITE | GSS_C_STORE_CRED_SET_PROCESS | 8, file, GSS_S_FAILURE, "none", "nobody");
	store("for the process", GSS_C_STORE_CRED_OVERWRITE | GSS_C_STORE_CRED_SET_PROCESS, file, GSS_S_COMPLETE, named, hers);
	setenv("TMPDIR", scratch("."), 1);
	snprintf(named, sizeof(named), "FILE:%s/krb5cc_", scratch("."));
	is_unique("FILE", named);
	is_unique("MEMORY", "MEMORY:");
	check(unique("DIR")[0] == '\0' && unique("nonsense")[0] == '\0', "unique: there is no such type");
	collection();
	snprintf(named, sizeof(named), "DIR::%s/tkt", scratch("directory"));
	is_unique("DIR", named);
	check(strcmp(whose(), hers) == 0, "unique: the primary ones are of %s", whose());

	/* All outputs except minor_status are optional. */
	setenv("KRB5CCNAME", file, 1);
	major = gss_store_cred_into2(&minor, alice, GSS_C_INITIATE, GSS_C_NO_OID, GSS_C_STORE_CRED_OVERWRITE, GSS_C_NO_CRED_STORE,
	    NULL, NULL, NULL);
	check(major == GSS_S_COMPLETE, "no outputs: %s", major_text(major));
	major = gss_store_cred_into2(NULL, alice, GSS_C_INITIATE, GSS_C_NO_OID, 0, GSS_C_NO_CRED_STORE, NULL, &usage, &env);
	check(major == GSS_S_CALL_INACCESSIBLE_WRITE, "no minor_status: %s", major_text(major));
	check(env == GSS_C_NO_BUFFER_SET && usage == 0, "no minor_status: the outputs are not cleared");
	major = gss_store_cred_into2(&minor, alice, GSS_C_ACCEPT, GSS_C_NO_OID, GSS_C_STORE_CRED_SET_PROCESS, GSS_C_NO_CRED_STORE,
	    NULL, NULL, &env);
	check(major == GSS_S_UNAVAILABLE && env == GSS_C_NO_BUFFER_SET, "for acceptors: %s", major_text(major));
	gss_release_cred(&minor, &alice);
	return end();
}
