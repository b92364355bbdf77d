/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_store_cred and gss_store_cred_into: which cache is written, and which is left alone. */
#include "harness.h"

#include <sys/stat.h>
#include <unistd.h>

#include <gssapi/gssapi_ext.h>

static char value[2][4096];

/* login acquires the credential in a cache, and asks for its name: MIT's library does not choose the cache before that. */
static gss_cred_id_t login(const char *cache, gss_cred_usage_t usage)
{
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	gss_name_t name = GSS_C_NO_NAME;
	OM_uint32 major, minor;

	with_login(cache);
	major = gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, GSS_C_NO_OID_SET, usage, &cred, NULL, NULL);
	need("acquire_cred", major, minor);
	need("inquire_cred", gss_inquire_cred(&minor, cred, &name, NULL, NULL, NULL), minor);
	gss_release_name(&minor, &name);
	return cred;
}

/* whose prints the client of a cache or, for a collection, of its primary cache. */
static const char *whose(const char *cache, const char *user)
{
	gss_key_value_element_desc element = { "ccache", cache };
	gss_key_value_set_desc store = { 1, &element };
	gss_name_t wanted = user != NULL ? import(user, GSS_C_NT_USER_NAME) : GSS_C_NO_NAME, name = GSS_C_NO_NAME;
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	const char *text;
	OM_uint32 major, minor;

	setenv("KRB5CCNAME", cache, 1);
	major = gss_acquire_cred_from(&minor, wanted, 0, GSS_C_NO_OID_SET, GSS_C_INITIATE, user != NULL ? NULL : &store, &cred, NULL,
	    NULL);
	if (!GSS_ERROR(major))
		major = gss_inquire_cred(&minor, cred, &name, NULL, NULL, NULL);
	text = major == GSS_S_COMPLETE ? name_text(name) : "nobody's";
	gss_release_name(&minor, &name);
	gss_release_name(&minor, &wanted);
	gss_release_cred(&minor, &cred);
	return text;
}

static int has_krb5(gss_OID_set set)
{
	OM_uint32 minor;
	int present = 0;

	if (set != GSS_C_NO_OID_SET)
		gss_test_oid_set_member(&minor, &krb5_mech, set, &present);
	return present;
}

/* store calls gss_store_cred_into or, without a cache, gss_store_cred, and prints the results. */
static OM_uint32 store(const char *label, gss_cred_id_t cred, gss_cred_usage_t usage, gss_OID mech, int overwrite,
    int to_default, const char *cache)
{
	gss_key_value_element_desc element = { "ccache", cache };
	gss_key_value_set_desc into = { 1, &element };
	gss_OID_set stored = (gss_OID_set)&into;
	gss_cred_usage_t usage_stored = 77;
	OM_uint32 major, minor = 77, ignored;

	if (cache != NULL)
		major = gss_store_cred_into(&minor, cred, usage, mech, overwrite, to_default, &into, &stored, &usage_stored);
	else
		major = gss_store_cred(&minor, cred, usage, mech, overwrite, to_default, &stored, &usage_stored);
	if (GSS_ERROR(major))
		fact("%s: %s", label, major_text(major));
	else
		fact("%s: %s, krb5 %d, usage %d", label, major_text(major), has_krb5(stored), usage_stored);
	gss_release_oid_set(&ignored, &stored);
	return major;
}

/* The contents before a credential is stored. */
static const struct state {
	const char *what, *cache; /* of the logins, or NULL */
} states[] = {
	{ "none", NULL },
	{ "alice's", "cc.tgt" },
	{ "bob's", "cc.bob" },
	{ "an expired one", "cc.expired" },
	{ "a damaged one", "damaged" },
	{ "an empty one", "empty" },
};

/* files stores alice's tickets in each state of a file, as the default cache and as a named one. */
static void files(gss_cred_id_t alice)
{
	static const char *const ways[] = { "the default", "not the default", "named", "named, not the default" };
	char label[200];
	size_t i, way;
	int overwrite;

	fclose(fopen(scratch("empty"), "w"));
	copy_file(scratch("cc.bob"), scratch("damaged"));
	if (truncate(scratch("damaged"), 60) != 0)
		exit(2);
	snprintf(value[0], sizeof(value[0]), "FILE:%s", scratch("target"));
	for (i = 0; i < COUNT(states); i++) {
		for (way = 0; way < COUNT(ways); way++) {
			for (overwrite = 0; overwrite < 2; overwrite++) {
				remove(scratch("target"));
				if (states[i].cache != NULL)
					copy_file(scratch(states[i].cache), scratch("target"));
				setenv("KRB5CCNAME", value[0], 1);
				snprintf(label, sizeof(label), "%s, %s%s", states[i].what, ways[way], overwrite ? ", overwritten" : "");
				store(label, alice, GSS_C_INITIATE, &krb5_mech, overwrite, way % 2 == 0, way < 2 ? NULL : value[0]);
				fact("%s, is then %s", label, whose(value[0], NULL));
			}
		}
	}
}

static const char *another_directory(int n)
{
	char name[20];

	snprintf(name, sizeof(name), "dir%d", n);
	snprintf(value[1], sizeof(value[1]), "DIR:%s", scratch(name));
	mkdir(value[1] + 4, 0700);
	return value[1];
}

static const char *another_memory(int n)
{
	snprintf(value[1], sizeof(value[1]), "MEMORY:%d", n);
	return value[1];
}

/* found prints the tickets that are found in a collection without a name and by name. */
static void found(const char *label, const char *cache)
{
	fact("%s, is then %s; alice is %s, bob %s", label, whose(cache, NULL), whose(cache, "alice"), whose(cache, "bob"));
}

/* collection stores alice's tickets into a collection: one that has nothing, alice's or bob's tickets in its primary cache,
   and bob's with alice's in another one. */
static void collection(const char *type, gss_cred_id_t alice, gss_cred_id_t bob, const char *(*another)(int))
{
	static const char *const before[] = { "nobody", "alice", "bob", "alice, then bob" };
	static const char *const ways[] = { "the default", "not the default", "named", "named, not the default" };
	char label[200];
	size_t i, way;
	int overwrite, n = 0;

	for (i = 0; i < COUNT(before); i++) {
		for (way = 0; way < COUNT(ways); way++) {
			for (overwrite = 0; overwrite < 2; overwrite++) {
				const char *cache = another(n++);
				OM_uint32 minor;

				setenv("KRB5CCNAME", cache, 1);
				if (i == 1 || i == 3)
					need("store", gss_store_cred(&minor, alice, GSS_C_INITIATE, &krb5_mech, 1, 1, NULL, NULL), minor);
				if (i > 1)
					need("store", gss_store_cred(&minor, bob, GSS_C_INITIATE, &krb5_mech, 1, 1, NULL, NULL), minor);
				snprintf(label, sizeof(label), "%s of %s, %s%s", type, before[i], ways[way], overwrite ? ", overwritten" : "");
				store(label, alice, GSS_C_INITIATE, &krb5_mech, overwrite, way % 2 == 0, way < 2 ? NULL : cache);
				found(label, cache);
			}
		}
	}
}

/* subsidiary stores in one cache of a directory, by its name. */
static void subsidiary(gss_cred_id_t alice, gss_cred_id_t bob)
{
	const char *directory = another_directory(100);
	static char cache[8192];
	OM_uint32 minor;

	snprintf(cache, sizeof(cache), "DIR::%s/tktX", directory + 4);
	setenv("KRB5CCNAME", directory, 1);
	need("store", gss_store_cred(&minor, bob, GSS_C_INITIATE, &krb5_mech, 1, 1, NULL, NULL), minor);
	store("one of a directory", alice, GSS_C_INITIATE, &krb5_mech, 0, 1, cache);
	fact("one of a directory is %s", whose(cache, NULL));
	found("the directory", directory);
}

/* itself stores tickets in the cache that they come from. */
static void itself(void)
{
	gss_cred_id_t cred = login("cc.tgt", GSS_C_INITIATE);
	char cache[4096];
	OM_uint32 minor;

	snprintf(cache, sizeof(cache), "%s", getenv("KRB5CCNAME"));
	store("over themselves, the default", cred, GSS_C_INITIATE, &krb5_mech, 1, 1, NULL);
	fact("over themselves, the default, is then %s", whose(cache, NULL));
	gss_release_cred(&minor, &cred);
	cred = login("cc.tgt", GSS_C_INITIATE);
	snprintf(cache, sizeof(cache), "%s", getenv("KRB5CCNAME"));
	store("over themselves, named", cred, GSS_C_INITIATE, &krb5_mech, 1, 1, cache);
	fact("over themselves, named, is then %s", whose(cache, NULL));
	gss_release_cred(&minor, &cred);
}

/* made stores in a directory that does not exist yet. */
static void made(gss_cred_id_t alice)
{
	const char *directory = another_directory(101);

	rmdir(directory + 4);
	setenv("KRB5CCNAME", directory, 1);
	store("no directory yet", alice, GSS_C_INITIATE, &krb5_mech, 0, 1, NULL);
	found("no directory yet", directory);
}

/* arguments tries the other arguments. */
static void arguments(gss_cred_id_t alice)
{
	gss_cred_id_t acceptor = GSS_C_NO_CREDENTIAL, both = GSS_C_NO_CREDENTIAL, expired = GSS_C_NO_CREDENTIAL;
	gss_name_t name = GSS_C_NO_NAME;
	OM_uint32 major, minor;

	snprintf(value[0], sizeof(value[0]), "FILE:%s", scratch("other"));
	need("acquire_cred", gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, GSS_C_NO_OID_SET, GSS_C_ACCEPT, &acceptor, NULL, NULL), minor);
	setenv("KRB5CCNAME", value[0], 1);
	store("any mechanism", alice, GSS_C_INITIATE, GSS_C_NO_OID, 1, 1, NULL);
	store("SPNEGO", alice, GSS_C_INITIATE, &spnego_mech, 1, 1, NULL);
	store("for both sides", alice, GSS_C_BOTH, &krb5_mech, 1, 1, NULL);
	fact("is then %s", whose(value[0], NULL));
	remove(scratch("other"));
	store("an unknown mechanism", alice, GSS_C_INITIATE, &unknown_mech, 1, 1, NULL);
	store("for acceptors", alice, GSS_C_ACCEPT, &krb5_mech, 1, 1, NULL);
	store("an unknown usage", alice, 3, &krb5_mech, 1, 1, NULL);
	store("an acceptor's", acceptor, GSS_C_INITIATE, &krb5_mech, 1, 1, NULL);
	store("an acceptor's, for acceptors", acceptor, GSS_C_ACCEPT, &krb5_mech, 1, 1, NULL);
	store("nobody's", GSS_C_NO_CREDENTIAL, GSS_C_INITIATE, &krb5_mech, 1, 1, NULL);
	store("a type that is not there", alice, GSS_C_INITIATE, &krb5_mech, 1, 1, "NOSUCHTYPE:x");
	store("no directory", alice, GSS_C_INITIATE, &krb5_mech, 1, 1, "FILE:/nonexistent/directory/cc");
	fact("after errors there is %s", whose(value[0], NULL));

	both = login("cc.tgt", GSS_C_BOTH);
	setenv("KRB5CCNAME", value[0], 1);
	store("of both sides", both, GSS_C_INITIATE, &krb5_mech, 1, 1, NULL);
	with_login("cc.expired");
	major = gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, GSS_C_NO_OID_SET, GSS_C_INITIATE, &expired, NULL, NULL);
	need("acquire_cred", major, minor);
	gss_inquire_cred(&minor, expired, &name, NULL, NULL, NULL);
	gss_release_name(&minor, &name);
	setenv("KRB5CCNAME", value[0], 1);
	store("expired tickets", expired, GSS_C_INITIATE, &krb5_mech, 1, 1, NULL);
	gss_release_cred(&minor, &acceptor);
	gss_release_cred(&minor, &both);
	gss_release_cred(&minor, &expired);
}

/* keys: the elements of a credential store. */
static void keys(gss_cred_id_t alice)
{
	static const char *const other[] = { "keytab", "client_keytab", "rcache", "password", "verify", "no such key" };
	gss_key_value_element_desc elements[2] = { { "ccache", value[0] }, { NULL, value[1] } };
	gss_key_value_element_desc twice[2] = { { "ccache", value[0] }, { "ccache", value[0] } };
	gss_key_value_element_desc nothing = { "ccache", "" };
	gss_key_value_set_desc set = { 2, elements };
	gss_OID_set stored = GSS_C_NO_OID_SET;
	OM_uint32 minor;
	size_t i;

	snprintf(value[0], sizeof(value[0]), "FILE:%s", scratch("keys"));
	snprintf(value[1], sizeof(value[1]), "FILE:%s", scratch("none"));
	for (i = 0; i < COUNT(other); i++) {
		char label[100];

		remove(scratch("keys"));
		elements[1].key = other[i];
		snprintf(label, sizeof(label), "with the key %s", other[i]);
		result(label, gss_store_cred_into(&minor, alice, GSS_C_INITIATE, &krb5_mech, 0, 0, &set, &stored, NULL));
		gss_release_oid_set(&minor, &stored);
	}
	set.elements = twice;
	result("a cache twice", gss_store_cred_into(&minor, alice, GSS_C_INITIATE, &krb5_mech, 1, 0, &set, NULL, NULL));
	set.count = 0;
	setenv("KRB5CCNAME", value[0], 1);
	result("a store without keys, not the default", gss_store_cred_into(&minor, alice, GSS_C_INITIATE, &krb5_mech, 1, 0, &set, NULL,
	    NULL));
	result("a store without keys", gss_store_cred_into(&minor, alice, GSS_C_INITIATE, &krb5_mech, 1, 1, &set, NULL, NULL));
	set.count = 1;
	set.elements = &elements[1];
	elements[1].key = "keytab";
	result("a keytab alone, not the default", gss_store_cred_into(&minor, alice, GSS_C_INITIATE, &krb5_mech, 1, 0, &set, NULL,
	    NULL));
	result("a keytab alone", gss_store_cred_into(&minor, alice, GSS_C_INITIATE, &krb5_mech, 1, 1, &set, NULL, NULL));
	set.elements = &nothing;
	result("a cache without a name", gss_store_cred_into(&minor, alice, GSS_C_INITIATE, &krb5_mech, 1, 1, &set, NULL, NULL));
}

int main(void)
{
	gss_cred_id_t alice, bob;
	OM_uint32 minor;

	begin(60);
	setenv("KRB5_CLIENT_KTNAME", "FILE:/nonexistent/keytab", 1);
	alice = login("cc.tgt", GSS_C_INITIATE);
	bob = login("cc.bob", GSS_C_INITIATE);
	files(alice);
	collection("DIR", alice, bob, another_directory);
	subsidiary(alice, bob);
	made(alice);
	collection("MEMORY", alice, bob, another_memory);
	itself();
	arguments(alice);
	keys(alice);
	gss_release_cred(&minor, &alice);
	gss_release_cred(&minor, &bob);
	return end();
}
