/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * gss_acquire_cred_impersonate_name: a service acts for users at itself and, if the KDC permits, at other services, also
 * from a file and in another process. An acceptor that is also an initiator does so for its clients.
 */
#include "harness.h"

#include <gssapi/gssapi_ext.h>
#include <gssapi/gssapi_krb5.h>

static gss_OID_desc impersonator = { 11, "\052\206\110\206\367\022\001\002\002\005\016" };

/* service acquires the service's credential for both sides, with its keytab. */
static gss_cred_id_t service(const char *who, const char *cache)
{
	gss_name_t name = import(who, GSS_C_NT_HOSTBASED_SERVICE);
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	char path[4096];
	OM_uint32 major, minor;

	snprintf(path, sizeof(path), "FILE:%s", scratch(cache));
	setenv("KRB5CCNAME", path, 1);
	setenv("KRB5_CLIENT_KTNAME", getenv("KRB5_KTNAME"), 1);
	major = gss_acquire_cred(&minor, name, 0, GSS_C_NO_OID_SET, GSS_C_BOTH, &cred, NULL, NULL);
	need("acquire_cred", major, minor);
	gss_release_name(&minor, &name);
	unsetenv("KRB5_CLIENT_KTNAME");
	with_login("cc.tgt");
	return cred;
}

/* who prints the owner of a credential, and who acts with it. */
static void who(const char *label, gss_cred_id_t cred)
{
	gss_buffer_set_t set = GSS_C_NO_BUFFER_SET;
	gss_cred_usage_t usage = 77;
	gss_name_t name = GSS_C_NO_NAME;
	OM_uint32 major, minor, lifetime = 0;

	major = gss_inquire_cred(&minor, cred, &name, &lifetime, &usage, NULL);
	need("inquire_cred", major, minor);
	major = gss_inquire_cred_by_oid(&minor, cred, &impersonator, &set);
	need("inquire_cred_by_oid", major, minor);
	fact("%s: of %s, usage %d, lifetime %s, acts: %s", label, name_text(name), usage, lifetime_text(lifetime),
	    set == GSS_C_NO_BUFFER_SET || set->count == 0 ? "nobody" : quoted(&set->elements[0]));
	gss_release_buffer_set(&minor, &set);
	gss_release_name(&minor, &name);
}

static gss_cred_id_t acts_for(const char *label, gss_cred_id_t by, const char *user, OM_uint32 time)
{
	gss_name_t name = import(user, GSS_C_NT_USER_NAME);
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	gss_OID_set mechs = GSS_C_NO_OID_SET;
	OM_uint32 major, minor, lifetime = 77;

	major = gss_acquire_cred_impersonate_name(&minor, by, name, time, GSS_C_NO_OID_SET, GSS_C_INITIATE, &cred, &mechs,
	    &lifetime);
	gss_release_name(&minor, &name);
	if (GSS_ERROR(major)) {
		fact("%s: %s", label, major_text(major));
		check(cred == GSS_C_NO_CREDENTIAL, "%s: an error and a credential", label);
		return GSS_C_NO_CREDENTIAL;
	}
	gss_release_oid_set(&minor, &mechs);
	if (time != 0)
		fact("%s: %s", label, lifetime <= time + 1 && lifetime + 60 > time ? "as asked for" : "longer");
	else
		who(label, cred);
	return cred;
}

/* at establishes a context with a service whose key is in the keytab. */
static void at(const char *label, gss_cred_id_t cred, const char *target, gss_OID mech)
{
	struct options o = { .init_cred = cred, .flags = ALL_FLAGS, .target = target, .mech = mech };
	struct pair pair;

	if (establish(&pair, &o))
		fact("%s: from %s", label, name_text(pair.source));
	else
		fact("%s: %s", label, major_text(pair.init_major));
	release_pair(&pair);
}

/* elsewhere initiates a context with a service whose key is elsewhere. */
static void elsewhere(const char *label, gss_cred_id_t cred, const char *target)
{
	gss_name_t name = import(target, GSS_C_NT_HOSTBASED_SERVICE);
	gss_ctx_id_t context = GSS_C_NO_CONTEXT;
	gss_buffer_desc token = GSS_C_EMPTY_BUFFER;
	OM_uint32 major, minor;

	major = gss_init_sec_context(&minor, cred, &context, name, &krb5_mech, ALL_FLAGS, 0, NULL, GSS_C_NO_BUFFER, NULL, &token,
	    NULL, NULL);
	fact("%s: %s", label, major_text(major));
	gss_release_buffer(&minor, &token);
	gss_delete_sec_context(&minor, &context, GSS_C_NO_BUFFER);
	gss_release_name(&minor, &name);
}

/* stored continues from a file, as another process would. */
static void stored(gss_cred_id_t cred)
{
	char path[4096];
	gss_key_value_element_desc element = { "ccache", path };
	gss_key_value_set_desc store = { 1, &element };
	gss_cred_id_t again = GSS_C_NO_CREDENTIAL;
	OM_uint32 major, minor;

	snprintf(path, sizeof(path), "FILE:%s", scratch("proxy"));
	major = gss_store_cred_into(&minor, cred, GSS_C_INITIATE, &krb5_mech, 1, 0, &store, NULL, NULL);
	need("store_cred_into", major, minor);
	major = gss_acquire_cred_from(&minor, GSS_C_NO_NAME, 0, GSS_C_NO_OID_SET, GSS_C_INITIATE, &store, &again, NULL, NULL);
	need("acquire_cred_from", major, minor);
	who("from a file", again);
	at("from a file, at another service", again, "host@localhost", &krb5_mech);
	gss_release_cred(&minor, &again);
}

static void exported(gss_cred_id_t cred)
{
	gss_buffer_desc token = GSS_C_EMPTY_BUFFER;
	gss_cred_id_t again = GSS_C_NO_CREDENTIAL;
	OM_uint32 major, minor;

	major = gss_export_cred(&minor, cred, &token);
	need("export_cred", major, minor);
	major = gss_import_cred(&minor, &token, &again);
	need("import_cred", major, minor);
	who("exported", again);
	gss_release_buffer(&minor, &token);
	gss_release_cred(&minor, &again);
}

/* The service acts with the ticket of a client that delegates nothing. */
static void accepted(gss_cred_id_t both)
{
	struct options o = { .accept_cred = both, .flags = ALL_FLAGS, .target = "demo@localhost" };
	struct pair pair;
	OM_uint32 minor;

	need_pair(&pair, &o);
	fact("an acceptor: flags %s", flags_text(pair.accept_flags & GSS_C_DELEG_FLAG));
	if (pair.delegated != GSS_C_NO_CREDENTIAL) {
		who("an acceptor's client", pair.delegated);
		at("an acceptor's client, at another service", pair.delegated, "host@localhost", &krb5_mech);
		at("an acceptor's client, at the acceptor", pair.delegated, "demo@localhost", &krb5_mech);
	}
	release_pair(&pair);

	o.mech = &spnego_mech;
	need_pair(&pair, &o);
	fact("a negotiated acceptor's client: %s", pair.delegated == GSS_C_NO_CREDENTIAL ? "nothing" : "a credential");
	release_pair(&pair);

	/* A delegated credential takes precedence. */
	o.mech = &krb5_mech;
	o.flags |= GSS_C_DELEG_FLAG;
	need_pair(&pair, &o);
	who("delegated", pair.delegated);
	release_pair(&pair);

	o.accept_cred = GSS_C_NO_CREDENTIAL;
	o.flags = ALL_FLAGS;
	need_pair(&pair, &o);
	fact("an acceptor alone: %s", pair.delegated == GSS_C_NO_CREDENTIAL ? "nothing" : "a credential");
	release_pair(&pair);
	gss_release_cred(&minor, &o.accept_cred);
}

static void mistakes(gss_cred_id_t both, gss_cred_id_t acted)
{
	gss_name_t alice = import("alice", GSS_C_NT_USER_NAME);
	gss_OID_set_desc other = { 1, &unknown_mech };
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL, acceptor = GSS_C_NO_CREDENTIAL;
	OM_uint32 major, minor;

	major = gss_acquire_cred_impersonate_name(&minor, GSS_C_NO_CREDENTIAL, alice, 0, GSS_C_NO_OID_SET, GSS_C_INITIATE, &cred,
	    NULL, NULL);
	fact("nobody acts: %s", major_text(major));
	major = gss_acquire_cred_impersonate_name(&minor, both, GSS_C_NO_NAME, 0, GSS_C_NO_OID_SET, GSS_C_INITIATE, &cred, NULL,
	    NULL);
	fact("for nobody: %s", major_text(major));
	major = gss_acquire_cred_impersonate_name(&minor, both, alice, 0, GSS_C_NO_OID_SET, GSS_C_INITIATE, NULL, NULL, NULL);
	fact("no place for it: %s", major_text(major));
	major = gss_acquire_cred_impersonate_name(&minor, both, alice, 0, GSS_C_NO_OID_SET, GSS_C_ACCEPT, &cred, NULL, NULL);
	fact("as acceptor: %s", major_text(major));
	major = gss_acquire_cred_impersonate_name(&minor, both, alice, 0, GSS_C_NO_OID_SET, GSS_C_BOTH, &cred, NULL, NULL);
	fact("as both: %s", major_text(major));
	major = gss_acquire_cred_impersonate_name(&minor, both, alice, 0, &other, GSS_C_INITIATE, &cred, NULL, NULL);
	fact("another mechanism: %s", major_text(major));
	major = gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, GSS_C_NO_OID_SET, GSS_C_ACCEPT, &acceptor, NULL, NULL);
	need("acquire_cred", major, minor);
	major = gss_acquire_cred_impersonate_name(&minor, acceptor, alice, 0, GSS_C_NO_OID_SET, GSS_C_INITIATE, &cred, NULL,
	    NULL);
	fact("an acceptor acts: %s", major_text(major));
	if (acted != GSS_C_NO_CREDENTIAL) {
		major = gss_acquire_cred_impersonate_name(&minor, acted, alice, 0, GSS_C_NO_OID_SET, GSS_C_INITIATE, &cred, NULL,
		    NULL);
		fact("one who is acted for acts: %s", major_text(major));
	}
	gss_release_cred(&minor, &acceptor);
	gss_release_name(&minor, &alice);
}

int main(void)
{
	gss_cred_id_t demo, host, alice, frida, dave, cred;
	OM_uint32 minor;

	begin(60);
	demo = service("demo@localhost", "service");
	host = service("host@localhost", "other");
	who("the service", demo);

	alice = acts_for("for alice", demo, "alice", 0);
	at("for alice, at itself", alice, "demo@localhost", &krb5_mech);
	at("for alice, at another service", alice, "host@localhost", &krb5_mech);
	at("for alice, again", alice, "host@localhost", &krb5_mech);
	at("for alice, negotiated", alice, "host@localhost", &spnego_mech);
	at("for alice, at one that lets it", alice, "resource@localhost", &krb5_mech);
	at("for alice, at one that it may not act at", alice, "host@" HOST, &krb5_mech);
	elsewhere("for alice, in another realm", alice, "demo@server.other.test");
	elsewhere("for alice, in another realm where it may not act", alice, "host@server.other.test");

	frida = acts_for("for frida", demo, "frida", 0);
	at("for frida, at itself", frida, "demo@localhost", &krb5_mech);
	at("for frida, whose tickets are not forwardable", frida, "host@localhost", &krb5_mech);
	at("for frida, at one that lets it", frida, "resource@localhost", &krb5_mech);

	dave = acts_for("for dave of another realm", demo, "dave@OTHER.TEST", 0);
	at("for dave, at itself", dave, "demo@localhost", &krb5_mech);
	at("for dave, at another service", dave, "host@localhost", &krb5_mech);

	cred = acts_for("for alice, for ten minutes", demo, "alice", 600);
	gss_release_cred(&minor, &cred);
	cred = acts_for("one that may act nowhere", host, "alice", 0);
	at("one that may act nowhere, at itself", cred, "host@localhost", &krb5_mech);
	at("one that may act nowhere, elsewhere", cred, "demo@localhost", &krb5_mech);
	gss_release_cred(&minor, &cred);
	acts_for("for an unknown user", demo, "nobody", 0);
	acts_for("for a user of an unknown realm", demo, "alice@NOWHERE.TEST", 0);

	stored(alice);
	exported(alice);
	accepted(demo);
	mistakes(demo, alice);
	gss_release_cred(&minor, &alice);
	gss_release_cred(&minor, &frida);
	gss_release_cred(&minor, &dave);
	gss_release_cred(&minor, &demo);
	gss_release_cred(&minor, &host);
	return end();
}
