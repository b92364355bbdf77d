/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_store_cred_into and gss_store_cred: stored tickets can be used. */
#include "harness.h"

#include <gssapi/gssapi_ext.h>

static char file[4096];

/* into stores a credential in a cache, and prints the cache's client. */
static void into(const char *label, gss_cred_id_t cred, gss_cred_usage_t usage, gss_OID mech, int overwrite,
    const char *name)
{
	gss_key_value_element_desc element = { "ccache", file };
	gss_key_value_set_desc store = { 1, &element };
	gss_OID_set stored = GSS_C_NO_OID_SET;
	gss_cred_usage_t usage_stored = 77;
	gss_cred_id_t again = GSS_C_NO_CREDENTIAL;
	gss_name_t whose = GSS_C_NO_NAME;
	OM_uint32 major, minor;
	int present = 0;

	snprintf(file, sizeof(file), "FILE:%s", scratch(name));
	major = gss_store_cred_into(&minor, cred, usage, mech, overwrite, 1, &store, &stored, &usage_stored);
	if (GSS_ERROR(major)) {
		fact("%s: %s", label, major_text(major));
	} else {
		gss_test_oid_set_member(&minor, &krb5_mech, stored, &present);
		fact("%s: %s, krb5 %d, usage %d", label, major_text(major), present, usage_stored);
	}
	gss_release_oid_set(&minor, &stored);
	major = gss_acquire_cred_from(&minor, GSS_C_NO_NAME, 0, GSS_C_NO_OID_SET, GSS_C_INITIATE, &store, &again, NULL, NULL);
	if (!GSS_ERROR(major))
		need("inquire_cred", gss_inquire_cred(&minor, again, &whose, NULL, NULL, NULL), minor);
	fact("%s, what is there: %s", label, GSS_ERROR(major) ? major_text(major) : name_text(whose));
	gss_release_name(&minor, &whose);
	gss_release_cred(&minor, &again);
}

/* refused stores a credential where there can be no cache. */
static void refused(const char *label, gss_cred_id_t cred, const char *cache)
{
	gss_key_value_element_desc element = { "ccache", cache };
	gss_key_value_set_desc store = { 1, &element };
	OM_uint32 major, minor;
	int overwrite;

	for (overwrite = 0; overwrite < 2; overwrite++) {
		major = gss_store_cred_into(&minor, cred, GSS_C_INITIATE, &krb5_mech, (OM_uint32)overwrite, 0, &store, NULL, NULL);
		fact("%s, overwrite %d: %s", label, overwrite, major_text(major));
	}
}

static gss_cred_id_t login(const char *cache)
{
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	OM_uint32 major, minor;

	with_login(cache);
	major = gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, GSS_C_NO_OID_SET, GSS_C_INITIATE, &cred, NULL, NULL);
	need("acquire_cred", major, minor);
	return cred;
}

int main(void)
{
	struct options delegate = { .flags = ALL_FLAGS | GSS_C_DELEG_FLAG }, stored = { .flags = ALL_FLAGS };
	gss_cred_id_t alice, acceptor = GSS_C_NO_CREDENTIAL;
	struct pair pair;
	OM_uint32 major, minor;

	begin(60);
	alice = login("cc.tgt");
	into("a new cache", alice, GSS_C_INITIATE, &krb5_mech, 0, "new");
	into("the same again", alice, GSS_C_INITIATE, &krb5_mech, 0, "new");
	into("over it", alice, GSS_C_INITIATE, &krb5_mech, 1, "new");
	refused("no path", alice, "FILE:");
	refused("a directory", alice, scratch("."));
	refused("a directory that is missing", alice, "FILE:/nonexistent/directory/cache");
	refused("an unknown type", alice, "NONE:cache");
	into("for both", alice, GSS_C_BOTH, GSS_C_NO_OID, 1, "both");
	into("another mechanism", alice, GSS_C_INITIATE, &unknown_mech, 1, "other");
	major = gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, GSS_C_NO_OID_SET, GSS_C_ACCEPT, &acceptor, NULL, NULL);
	need("acquire_cred", major, minor);
	into("an acceptor's", acceptor, GSS_C_INITIATE, &krb5_mech, 1, "acceptor");
	gss_release_cred(&minor, &acceptor);
	gss_release_cred(&minor, &alice);

	need_pair(&pair, &delegate);
	into("delegated", pair.delegated, GSS_C_INITIATE, &krb5_mech, 1, "delegated");
	release_pair(&pair);
	setenv("KRB5CCNAME", file, 1);
	need_pair(&pair, &stored);
	fact("a context from there: %s", name_text(pair.source));
	major = gss_store_cred(&minor, GSS_C_NO_CREDENTIAL, GSS_C_INITIATE, GSS_C_NO_OID, 0, 1, NULL, NULL);
	fact("the default over itself: %s", major_text(major));
	release_pair(&pair);
	return end();
}
