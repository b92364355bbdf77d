/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_acquire_cred_from and gss_add_cred_from: credential stores, with each of their keys. */
#include "harness.h"

#include <gssapi/gssapi_ext.h>

static char value[4][4096];

/* path returns the name of a file in this program's directory, with FILE: before it. */
static const char *path(int i, const char *name)
{
	snprintf(value[i], sizeof(value[i]), "FILE:%s", scratch(name));
	return value[i];
}

static void acquire(const char *label, gss_cred_usage_t usage, gss_key_value_element_desc *elements, unsigned count)
{
	gss_key_value_set_desc store = { count, elements };
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL, added = GSS_C_NO_CREDENTIAL;
	gss_name_t name = GSS_C_NO_NAME;
	OM_uint32 major, minor, lifetime = 77;

	major = gss_acquire_cred_from(&minor, GSS_C_NO_NAME, GSS_C_INDEFINITE, GSS_C_NO_OID_SET, usage, &store, &cred, NULL,
	    &lifetime);
	if (GSS_ERROR(major)) {
		fact("%s: %s", label, major_text(major));
		check(cred == GSS_C_NO_CREDENTIAL, "%s: an error and a credential", label);
	} else {
		need("inquire_cred", gss_inquire_cred(&minor, cred, &name, NULL, NULL, NULL), minor);
		fact("%s: %s, of %s, lifetime %s", label, major_text(major), name_text(name), lifetime_text(lifetime));
		gss_release_name(&minor, &name);
	}
	gss_release_cred(&minor, &cred);
	major = gss_add_cred_from(&minor, GSS_C_NO_CREDENTIAL, GSS_C_NO_NAME, &krb5_mech, usage, GSS_C_INDEFINITE,
	    GSS_C_INDEFINITE, &store, &added, NULL, NULL, NULL);
	fact("%s, added: %s", label, major_text(major));
	gss_release_cred(&minor, &added);
}

/* each tries all values that this kind of key can have, for each side. */
static void each(void)
{
	static const char *const keys[] = { "ccache", "keytab", "client_keytab", "rcache" };
	static char there[4200], none[4200], empty[4200], keytab[4200];
	static const struct {
		const char *what, *value;
	} values[] = {
		{ "what is there", there },
		{ "no file", none },
		{ "an empty file", empty },
		{ "an unknown type", "NOSUCHTYPE:x" },
		{ "a path without a type", there + 5 },
		{ "a type alone", "FILE:" },
		{ "a directory", "FILE:/" },
		{ "none:", "none:" },
		{ "dfl:", "dfl:" },
		{ "memory", "MEMORY:x" },
		{ "a keyring's unknown anchor", "KEYRING:nowhere:x" },
		{ "a persistent keyring of no user", "KEYRING:persistent:x" },
		{ "a file of no collection", "DIR::/tmp/x" },
	};
	static const struct {
		const char *what;
		gss_cred_usage_t usage;
	} sides[] = { { "initiate", GSS_C_INITIATE }, { "accept", GSS_C_ACCEPT }, { "both", GSS_C_BOTH } };
	gss_key_value_element_desc element;
	char label[200];
	size_t k, v, u;

	snprintf(none, sizeof(none), "FILE:%s", scratch("none"));
	snprintf(empty, sizeof(empty), "FILE:%s", scratch("empty"));
	fclose(fopen(scratch("empty"), "w"));
	snprintf(keytab, sizeof(keytab), "%s", getenv("KRB5_KTNAME"));
	for (k = 0; k < COUNT(keys); k++) {
		if (k == 0)
			snprintf(there, sizeof(there), "FILE:%s", scratch("cc.bob"));
		else
			snprintf(there, sizeof(there), "%s", keytab);
		if (k == 2)
			strcpy(strrchr(there, '/'), "/alice.keytab");
		if (k == 3)
			snprintf(there, sizeof(there), "file2:%s", scratch("rcache"));
		for (v = 0; v < COUNT(values); v++) {
			for (u = 0; u < COUNT(sides); u++) {
				element.key = keys[k];
				element.value = values[v].value + (k == 3 && v == 4 ? 1 : 0);
				snprintf(label, sizeof(label), "%s, %s, %s", keys[k], values[v].what, sides[u].what);
				acquire(label, sides[u].usage, &element, 1);
			}
		}
	}
}

int main(void)
{
	gss_key_value_element_desc bob[] = { { "ccache", path(0, "cc.bob") } };
	gss_key_value_element_desc missing[] = { { "ccache", path(1, "none") } };
	gss_key_value_element_desc no_keys[] = { { "keytab", path(2, "none") } };
	gss_key_value_element_desc twice[] = { { "ccache", value[0] }, { "ccache", value[0] } };
	gss_key_value_element_desc other[] = { { "no such key", "x" }, { "ccache", value[0] } };
	gss_key_value_element_desc password[] = { { "ccache", value[0] }, { "password", "wrong" } };
	gss_key_value_element_desc type[] = { { "ccache", "NOSUCHTYPE:x" } };
	gss_key_value_element_desc replay[] = { { "rcache", "none:" } };

	begin(60);
	acquire("nothing", GSS_C_INITIATE, NULL, 0);
	acquire("a cache", GSS_C_INITIATE, bob, 1);
	acquire("a missing cache", GSS_C_INITIATE, missing, 1);
	acquire("a missing keytab", GSS_C_ACCEPT, no_keys, 1);
	acquire("a cache for an acceptor", GSS_C_ACCEPT, bob, 1);
	acquire("a key twice", GSS_C_INITIATE, twice, 2);
	acquire("a key of no meaning", GSS_C_INITIATE, other, 2);
	acquire("a wrong password beside a valid cache", GSS_C_INITIATE, password, 2);
	acquire("a type of cache that is not there", GSS_C_INITIATE, type, 1);
	acquire("a replay cache", GSS_C_ACCEPT, replay, 1);
	each();
	return end();
}
