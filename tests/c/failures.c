/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The usual failures: what an administrator reads of them, and the minor code that programs compare. The cause may be
 * with the credentials, the KDC, or the ticket.
 */
#include "harness.h"

#include <gssapi/gssapi_ext.h>

/* failed prints the major code, the minor code, and whether the text contains the words of MIT krb5's. */
static void failed(const char *what, OM_uint32 major, OM_uint32 minor, const char *words)
{
	if (GSS_ERROR(major))
		fact("%s: %s, minor %#lx, \"%s\": %s", what, major_text(major), (unsigned long)minor, words,
		    says(minor, words) ? "yes" : "no");
	else
		fact("%s: %s", what, major_text(major));
}

/* acquire acquires a credential for a service, for a user, or (NULL) the default one. */
static void acquire(const char *what, const char *service, const char *user, gss_cred_usage_t usage, const char *words)
{
	gss_name_t name = service != NULL ? import(service, GSS_C_NT_HOSTBASED_SERVICE) :
	    user != NULL ? import(user, &principal_name) : GSS_C_NO_NAME;
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	OM_uint32 major, minor, ignored;

	major = gss_acquire_cred(&minor, name, 0, GSS_C_NO_OID_SET, usage, &cred, NULL, NULL);
	failed(what, major, minor, words);
	gss_release_cred(&ignored, &cred);
	gss_release_name(&ignored, &name);
}

/* acquire_from acquires a user's credential from a cache named by the program. */
static void acquire_from(const char *what, const char *user, const char *ccache, const char *words)
{
	gss_key_value_element_desc element = { "ccache", ccache };
	gss_key_value_set_desc store = { 1, &element };
	gss_name_t name = user != NULL ? import(user, &principal_name) : GSS_C_NO_NAME;
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	OM_uint32 major, minor, ignored;

	major = gss_acquire_cred_from(&minor, name, 0, GSS_C_NO_OID_SET, GSS_C_INITIATE, &store, &cred, NULL, NULL);
	failed(what, major, minor, words);
	gss_release_cred(&ignored, &cred);
	gss_release_name(&ignored, &name);
}

/* initiate returns the first token, or prints the failure. */
static gss_buffer_desc initiate(const char *what, const char *service, const char *words)
{
	gss_name_t name = import(service, GSS_C_NT_HOSTBASED_SERVICE);
	gss_ctx_id_t context = GSS_C_NO_CONTEXT;
	gss_buffer_desc token = GSS_C_EMPTY_BUFFER;
	OM_uint32 major, minor, ignored;

	major = gss_init_sec_context(&minor, GSS_C_NO_CREDENTIAL, &context, name, &krb5_mech, GSS_C_MUTUAL_FLAG, 0,
	    GSS_C_NO_CHANNEL_BINDINGS, GSS_C_NO_BUFFER, NULL, &token, NULL, NULL);
	if (GSS_ERROR(major))
		failed(what, major, minor, words);
	gss_delete_sec_context(&ignored, &context, GSS_C_NO_BUFFER);
	gss_release_name(&ignored, &name);
	return token;
}

/* refuse does the same for a call that must fail. */
static void refuse(const char *what, const char *service, const char *words)
{
	gss_buffer_desc token = initiate(what, service, words);
	OM_uint32 minor;

	check(token.length == 0, "%s: a token", what);
	gss_release_buffer(&minor, &token);
}

/* accept_token passes a token to an acceptor. */
static void accept_token(const char *what, gss_cred_id_t cred, gss_buffer_desc *token, const char *words)
{
	gss_buffer_desc output = GSS_C_EMPTY_BUFFER;
	gss_ctx_id_t context = GSS_C_NO_CONTEXT;
	OM_uint32 major, minor, ignored;

	major = gss_accept_sec_context(&minor, &context, cred, token, GSS_C_NO_CHANNEL_BINDINGS, NULL, NULL, &output, NULL,
	    NULL, NULL);
	failed(what, major, minor, words);
	gss_delete_sec_context(&ignored, &context, GSS_C_NO_BUFFER);
	gss_release_buffer(&ignored, &output);
}

/* accept passes a new token to an acceptor. */
static void accept(const char *what, const char *service, gss_cred_id_t cred, const char *words)
{
	gss_buffer_desc token = initiate(what, service, "");
	OM_uint32 minor;

	accept_token(what, cred, &token, words);
	gss_release_buffer(&minor, &token);
}

static void without_a_login(void)
{
	char cache[4096];

	setenv("KRB5CCNAME", "FILE:/nonexistent/ccache", 1);
	refuse("no cache, init", SERVICE, "No Kerberos credentials available (default cache: FILE:/nonexistent/ccache)");
	acquire("no cache, acquire", NULL, NULL, GSS_C_INITIATE,
	    "No Kerberos credentials available (default cache: FILE:/nonexistent/ccache)");
	acquire("no cache, acquire by name", NULL, "alice@DEMO.TEST", GSS_C_INITIATE,
	    "Can't find client principal alice@DEMO.TEST in cache collection");
	with_login("cc.expired");
	refuse("expired, init", SERVICE, "Ticket expired");
	acquire("expired, acquire", NULL, NULL, GSS_C_INITIATE, "");
	with_login("cc.tgt");
	acquire("another user, acquire", NULL, "bob@DEMO.TEST", GSS_C_INITIATE,
	    "Can't find client principal bob@DEMO.TEST in cache collection");
	acquire_from("no cache of that name", NULL, "FILE:/nonexistent/ccache", "No credentials cache found");
	acquire_from("no cache of that name, by name", "alice@DEMO.TEST", "FILE:/nonexistent/ccache",
	    "No credentials cache found");
	snprintf(cache, sizeof(cache), "FILE:%s", scratch("cc.bob"));
	acquire_from("another user's cache of that name", "alice@DEMO.TEST", cache,
	    "Principal in credential cache does not match desired name");
}

static void without_a_kdc(void)
{
	static const char unreachable[] = "[libdefaults]\n\tdefault_realm = DEMO.TEST\n\tdns_lookup_kdc = false\n\trdns = false\n"
	    "\tdns_canonicalize_hostname = false\n[realms]\n\tDEMO.TEST = {\n\t\tkdc = 127.0.0.1:1\n\t}\n[domain_realm]\n"
	    "\t.demo.test = DEMO.TEST\n";
	static const char unknown[] = "[libdefaults]\n\tdefault_realm = DEMO.TEST\n\tdns_lookup_kdc = false\n\trdns = false\n"
	    "\tdns_canonicalize_hostname = false\n[domain_realm]\n\t.demo.test = DEMO.TEST\n";
	const char *texts[] = { unreachable, unknown };
	const char *names[] = { "KDC unreachable", "no KDC known" };
	const char *words[] = { "Cannot contact any KDC for realm 'DEMO.TEST'", "Cannot find KDC for realm \"DEMO.TEST\"" };
	size_t i;

	for (i = 0; i < COUNT(texts); i++) {
		FILE *f = fopen(scratch("alone.conf"), "w");

		if (f == NULL || fputs(texts[i], f) < 0 || fclose(f) != 0)
			exit(2);
		setenv("KRB5_CONFIG", scratch("alone.conf"), 1);
		refuse(names[i], SERVICE, words[i]);
	}
	setenv("KRB5_CONFIG", getenv("SAVED_CONFIG"), 1);
}

static void by_the_kdc(void)
{
	refuse("unknown server", "nosuch@" HOST, "Server nosuch/" HOST "@" REALM " not found in Kerberos database");
	refuse("policy", "refused@localhost", "KDC policy rejects request");
	refuse("reply for another request", "nonce@localhost", "KDC reply did not match expectations");
}

static gss_cred_id_t acceptor_for(const char *service)
{
	gss_name_t name = import(service, GSS_C_NT_HOSTBASED_SERVICE);
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	OM_uint32 major, minor, ignored;

	major = gss_acquire_cred(&minor, name, 0, GSS_C_NO_OID_SET, GSS_C_ACCEPT, &cred, NULL, NULL);
	need("gss_acquire_cred", major, minor);
	gss_release_name(&ignored, &name);
	return cred;
}

/* with_key writes a keytab with a key of the service that differs from the KDC's. */
static void with_key(const char *kvno, const char *enctype)
{
	char command[4096], keytab[4096];

	snprintf(keytab, sizeof(keytab), "FILE:%s", scratch("changed.keytab"));
	setenv("KRB5_KTNAME", keytab, 1);
	snprintf(command, sizeof(command), "'%s' keytab -p x -kvno %s -enctypes %s -o '%s' %s", getenv("KDC"), kvno, enctype,
	    scratch("changed.keytab"), PRINCIPAL);
	if (system(command) != 0)
		exit(2);
}

static void keytabs(void)
{
	gss_cred_id_t cred;
	char keytab[4096];
	OM_uint32 minor;

	setenv("KRB5_KTNAME", "FILE:/nonexistent/keytab", 1);
	acquire("no keytab, acquire", NULL, NULL, GSS_C_ACCEPT, "is nonexistent or empty");
	acquire("no keytab, acquire by name", SERVICE, NULL, GSS_C_ACCEPT, "Key table file '/nonexistent/keytab' not found");
	accept("no keytab, accept", SERVICE, GSS_C_NO_CREDENTIAL, "not found");
	snprintf(keytab, sizeof(keytab), "FILE:%s", scratch("third.keytab"));
	setenv("KRB5_KTNAME", keytab, 1);
	acquire("no key, acquire by name", SERVICE, NULL, GSS_C_ACCEPT,
	    "No key table entry found matching host/server.demo.test@");
	accept("no key, accept", SERVICE, GSS_C_NO_CREDENTIAL, "Request ticket server " PRINCIPAL " not found in keytab");
	with_key("9", "18");
	accept("key of another version, accept", SERVICE, GSS_C_NO_CREDENTIAL,
	    "Request ticket server " PRINCIPAL " kvno 2 not found in keytab");
	cred = acceptor_for(SERVICE);
	accept("key of another version, accept by name", SERVICE, cred,
	    "Request ticket server " PRINCIPAL " kvno 2 not found in keytab");
	gss_release_cred(&minor, &cred);
	with_key("2", "17");
	accept("key of another enctype, accept", SERVICE, GSS_C_NO_CREDENTIAL,
	    "Request ticket server " PRINCIPAL " kvno 2 found in keytab");
	with_key("2", "18");
	accept("another key, accept", SERVICE, GSS_C_NO_CREDENTIAL,
	    "Request ticket server " PRINCIPAL " kvno 2 enctype aes256-cts");
	setenv("KRB5_KTNAME", getenv("SAVED_KTNAME"), 1);
	cred = acceptor_for(OTHER_SERVICE);
	accept("wrong service, accept", SERVICE, cred, "does not match server principal demo/server.demo.test@");
	gss_release_cred(&minor, &cred);
}

static void tickets(void)
{
	gss_buffer_desc token;
	OM_uint32 minor;

	accept("ticket that expired, accept", "expired@localhost", GSS_C_NO_CREDENTIAL, "Ticket expired");
	accept("ticket of the future, accept", "future@localhost", GSS_C_NO_CREDENTIAL, "Ticket not yet valid");
	accept("invalid ticket, accept", "invalid@localhost", GSS_C_NO_CREDENTIAL, "Ticket has invalid flag set");
	accept("damaged ticket, accept", "damaged@localhost", GSS_C_NO_CREDENTIAL, "cannot decrypt ticket");
	accept("ticket of another client, accept", "spoofed@localhost", GSS_C_NO_CREDENTIAL, "Ticket/authenticator don't match");
	token = initiate("replay", SERVICE, "");
	accept_token("not yet a replay, accept", GSS_C_NO_CREDENTIAL, &token, "");
	accept_token("replay, accept", GSS_C_NO_CREDENTIAL, &token, "Request is a replay");
	gss_release_buffer(&minor, &token);
	with_config("[libdefaults]\n\tclockskew = 1\n");
	token = initiate("clock skew", SERVICE, "");
	pause_for(3);
	accept_token("clock skew, accept", GSS_C_NO_CREDENTIAL, &token, "Clock skew too great");
	gss_release_buffer(&minor, &token);
	with_config("");
}

int main(void)
{
	begin(100);
	if (getenv("KRB5_KTNAME") != NULL)
		setenv("SAVED_KTNAME", getenv("KRB5_KTNAME"), 1);
	setenv("SAVED_CONFIG", getenv("KRB5_CONFIG"), 1);
	without_a_login();
	without_a_kdc();
	by_the_kdc();
	keytabs();
	tickets();
	return end();
}
