/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_export_cred and gss_import_cred: credentials of all kinds are recreated from their tokens. */
#include "harness.h"

#include <gssapi/gssapi_ext.h>

static int has(const gss_buffer_desc *token, const char *text)
{
	size_t i, n = strlen(text);

	for (i = 0; i + n <= token->length; i++)
		if (memcmp((const char *)token->value + i, text, n) == 0)
			return 1;
	return 0;
}

static gss_cred_id_t acquired(gss_cred_usage_t usage, const char *name, gss_OID mech)
{
	gss_OID_set_desc one = { 1, mech };
	gss_name_t desired = name == NULL ? GSS_C_NO_NAME : import(name, GSS_C_NT_HOSTBASED_SERVICE);
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	OM_uint32 major, minor;

	major = gss_acquire_cred(&minor, desired, 0, mech == NULL ? GSS_C_NO_OID_SET : &one, usage, &cred, NULL, NULL);
	need("acquire_cred", major, minor);
	gss_release_name(&minor, &desired);
	return cred;
}

/* moved exports and releases a credential, and imports the token. */
static gss_cred_id_t moved(const char *label, gss_cred_id_t *cred, gss_buffer_desc *token)
{
	gss_cred_id_t back = GSS_C_NO_CREDENTIAL;
	gss_cred_usage_t usage = 77;
	gss_name_t name = GSS_C_NO_NAME;
	OM_uint32 major, minor, lifetime = 0;

	major = gss_export_cred(&minor, *cred, token);
	need("export_cred", major, minor);
	gss_release_cred(&minor, cred);
	major = gss_import_cred(&minor, token, &back);
	if (GSS_ERROR(major)) {
		fact("%s: %s", label, major_text(major));
		return GSS_C_NO_CREDENTIAL;
	}
	need("inquire_cred", gss_inquire_cred(&minor, back, &name, &lifetime, &usage, NULL), minor);
	/* A service on any host gets the name of this host. */
	fact("%s: of %s, usage %d, lifetime %s", label, name == GSS_C_NO_NAME ? "nobody" :
	    strstr(label, "any host") != NULL ? "this host" : name_text(name), usage, lifetime_text(lifetime));
	gss_release_name(&minor, &name);
	return back;
}

/* works establishes a context with a credential on either side. */
static void works(const char *label, gss_cred_id_t init, gss_cred_id_t accept, gss_OID mech, const char *target)
{
	struct options o = { .init_cred = init, .accept_cred = accept, .flags = ALL_FLAGS, .mech = mech, .target = target };
	struct pair pair;
	int ready = establish(&pair, &o);

	fact("%s: %s, %s, from %s", label, major_text(pair.init_major), major_text(pair.accept_major),
	    ready ? name_text(pair.source) : "nobody");
	release_pair(&pair);
}

static void one(const char *label, gss_cred_usage_t usage, const char *name, gss_OID mech)
{
	gss_cred_id_t cred = acquired(usage, name, mech), back;
	gss_buffer_desc token = GSS_C_EMPTY_BUFFER;
	char text[128];
	OM_uint32 minor;

	back = moved(label, &cred, &token);
	snprintf(text, sizeof(text), "%s, a context", label);
	works(text, usage == GSS_C_ACCEPT ? GSS_C_NO_CREDENTIAL : back, usage == GSS_C_INITIATE ? GSS_C_NO_CREDENTIAL : back,
	    mech, SERVICE);
	gss_release_cred(&minor, &back);
	gss_release_buffer(&minor, &token);
}

/* A file is passed by name: the token contains no key, and its importer needs the rights to the file. */
static void file(void)
{
	gss_cred_id_t cred = acquired(GSS_C_INITIATE, NULL, &krb5_mech), back;
	gss_buffer_desc token = GSS_C_EMPTY_BUFFER;
	OM_uint32 minor;

	back = moved("a file", &cred, &token);
	fact("a file, its token: it has%s the file's name", has(&token, strchr(getenv("KRB5CCNAME"), '/')) ? "" : " not");
	gss_release_cred(&minor, &back);
	need("import_cred again", gss_import_cred(&minor, &token, &back), minor);
	fact("a file, again: %s", back == GSS_C_NO_CREDENTIAL ? "nothing" : "a credential");
	gss_release_cred(&minor, &back);
	gss_release_buffer(&minor, &token);
}

/* Delegated tickets are in memory: their keys are in the token. */
static void delegated(void)
{
	struct options delegate = { .flags = ALL_FLAGS | GSS_C_DELEG_FLAG };
	gss_buffer_desc token = GSS_C_EMPTY_BUFFER;
	gss_cred_id_t back, again = GSS_C_NO_CREDENTIAL;
	struct pair pair;
	OM_uint32 major, minor;

	need_pair(&pair, &delegate);
	back = moved("delegated", &pair.delegated, &token);
	setenv("KRB5CCNAME", "FILE:/nonexistent/cc", 1);
	works("delegated, a context", back, GSS_C_NO_CREDENTIAL, &krb5_mech, OTHER_SERVICE);
	fact("delegated, its token: it has%s readable tickets", has(&token, "K5C1") ? "" : " no");
	major = gss_import_cred(&minor, &token, &again);
	fact("delegated, again: %s", major_text(major));
	gss_release_cred(&minor, &again);
	gss_release_cred(&minor, &back);
	gss_release_buffer(&minor, &token);
	release_pair(&pair);
	with_login("cc.tgt");
}

int main(void)
{
	gss_buffer_desc token = buffer("dirty");
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	OM_uint32 major, minor;

	begin(60);
	one("an initiator", GSS_C_INITIATE, NULL, &krb5_mech);
	one("any acceptor", GSS_C_ACCEPT, NULL, &krb5_mech);
	one("an acceptor of a name", GSS_C_ACCEPT, SERVICE, &krb5_mech);
	one("an acceptor on any host", GSS_C_ACCEPT, "host", &krb5_mech);
	one("negotiating", GSS_C_INITIATE, NULL, &spnego_mech);
	one("negotiating acceptor", GSS_C_ACCEPT, SERVICE, &spnego_mech);
	one("all mechanisms", GSS_C_INITIATE, NULL, GSS_C_NO_OID);
	one("both sides", GSS_C_BOTH, NULL, &krb5_mech);
	file();
	delegated();

	major = gss_export_cred(&minor, GSS_C_NO_CREDENTIAL, &token);
	fact("no credential: %s, %zu octets", major_text(major), token.length);
	major = gss_export_cred(NULL, GSS_C_NO_CREDENTIAL, &token);
	fact("no place for the minor code: %s", major_text(major));
	cred = acquired(GSS_C_INITIATE, NULL, &krb5_mech);
	major = gss_export_cred(&minor, cred, GSS_C_NO_BUFFER);
	fact("no place for the token: %s", major_text(major));
	gss_release_cred(&minor, &cred);
	return end();
}
