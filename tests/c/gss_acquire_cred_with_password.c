/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_acquire_cred_with_password and gss_add_cred_with_password: the credential for a password, and errors. */
#include "harness.h"

#include <gssapi/gssapi_ext.h>

#include <sys/wait.h>

#include <unistd.h>

/* of prints the owner of a credential, its usage, its lifetime, and its mechanisms. */
static void of(const char *label, gss_cred_id_t cred)
{
	gss_name_t name = GSS_C_NO_NAME;
	gss_OID_set mechs = GSS_C_NO_OID_SET;
	OM_uint32 major, minor, lifetime = 77;
	gss_cred_usage_t usage = 77;
	int krb5 = 0, spnego = 0;

	major = gss_inquire_cred(&minor, cred, &name, &lifetime, &usage, &mechs);
	if (major == GSS_S_COMPLETE) {
		gss_test_oid_set_member(&minor, &krb5_mech, mechs, &krb5);
		gss_test_oid_set_member(&minor, &spnego_mech, mechs, &spnego);
		fact("%s: of %s, usage %d, lifetime %s, krb5 %d, SPNEGO %d", label, name_text(name), usage, lifetime_text(lifetime),
		    krb5, spnego);
	} else {
		result_minor(label, major, minor);
	}
	gss_release_name(&minor, &name);
	gss_release_oid_set(&minor, &mechs);
}

static void acquire(const char *label, const char *user, const char *password, gss_cred_usage_t usage, gss_OID_set mechs)
{
	gss_name_t name = user != NULL ? import(user, GSS_C_NT_USER_NAME) : GSS_C_NO_NAME;
	gss_buffer_desc octets = buffer(password);
	gss_cred_id_t cred = (gss_cred_id_t)&octets;
	OM_uint32 major, minor, lifetime = 77, ignored;

	major = gss_acquire_cred_with_password(&minor, name, &octets, GSS_C_INDEFINITE, mechs, usage, &cred, NULL, &lifetime);
	result_minor(label, major, minor);
	if (GSS_ERROR(major)) {
		check(cred == GSS_C_NO_CREDENTIAL && lifetime == 0, "%s: an error and a credential", label);
	} else {
		of(label, cred);
		check(lifetime > 0, "%s: no lifetime", label);
	}
	gss_release_cred(&ignored, &cred);
	gss_release_name(&ignored, &name);
}

/* pointers: a missing argument is an error, and outputs are cleared. */
static void pointers(void)
{
	gss_buffer_desc octets = buffer("alice-password"), broken = { 5, NULL };
	gss_name_t name = import("alice", GSS_C_NT_USER_NAME);
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	OM_uint32 minor;

	fact("no name: %s", major_text(gss_acquire_cred_with_password(&minor, GSS_C_NO_NAME, &octets, 0, NULL, GSS_C_INITIATE, &cred,
	    NULL, NULL)));
	fact("no password: %s", major_text(gss_acquire_cred_with_password(&minor, name, GSS_C_NO_BUFFER, 0, NULL, GSS_C_INITIATE,
	    &cred, NULL, NULL)));
	fact("a password that is not there: %s", major_text(gss_acquire_cred_with_password(&minor, name, &broken, 0, NULL,
	    GSS_C_INITIATE, &cred, NULL, NULL)));
	fact("no handle: %s", major_text(gss_acquire_cred_with_password(&minor, name, &octets, 0, NULL, GSS_C_INITIATE, NULL, NULL,
	    NULL)));
	fact("unknown usage: %s", major_text(gss_acquire_cred_with_password(&minor, name, &octets, 0, NULL, 3, &cred, NULL, NULL)));
	gss_release_name(&minor, &name);
}

/* add adds a krb5 element to a credential for SPNEGO, or to a new one. */
static void add(void)
{
	gss_OID_set_desc spnego = { 1, &spnego_mech };
	gss_buffer_desc octets = buffer("alice-password"), wrong = buffer("wrong");
	gss_name_t name = import("alice", GSS_C_NT_USER_NAME);
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL, other = GSS_C_NO_CREDENTIAL;
	OM_uint32 major, minor, initiate = 77, accept = 77;

	major = gss_add_cred_with_password(&minor, GSS_C_NO_CREDENTIAL, name, &krb5_mech, &octets, GSS_C_INITIATE, GSS_C_INDEFINITE,
	    GSS_C_INDEFINITE, &cred, NULL, &initiate, &accept);
	fact("added: %s, initiator %s, acceptor %s", major_text(major), lifetime_text(initiate), lifetime_text(accept));
	of("what was added", cred);
	major = gss_add_cred_with_password(&minor, cred, name, &krb5_mech, &octets, GSS_C_INITIATE, 0, 0, &other, NULL, NULL, NULL);
	fact("added twice: %s", major_text(major));
	gss_release_cred(&minor, &other);
	major = gss_add_cred_with_password(&minor, GSS_C_NO_CREDENTIAL, name, &krb5_mech, &wrong, GSS_C_INITIATE, 0, 0, &other, NULL, NULL,
	    NULL);
	fact("added with a wrong password: %s", major_text(major));
	major = gss_add_cred_with_password(&minor, GSS_C_NO_CREDENTIAL, name, &unknown_mech, &octets, GSS_C_INITIATE, 0, 0, &other, NULL,
	    NULL, NULL);
	fact("added for an unknown mechanism: %s", major_text(major));
	major = gss_add_cred_with_password(&minor, GSS_C_NO_CREDENTIAL, name, &krb5_mech, GSS_C_NO_BUFFER, GSS_C_INITIATE, 0, 0, &other,
	    NULL, NULL, NULL);
	fact("added without a password: %s", major_text(major));
	major = gss_add_cred_with_password(&minor, GSS_C_NO_CREDENTIAL, name, &krb5_mech, &octets, GSS_C_INITIATE, 0, 0, NULL, NULL, NULL,
	    NULL);
	fact("added to nothing: %s", major_text(major));
	gss_release_cred(&minor, &cred);
	need("acquire_cred", gss_acquire_cred(&minor, GSS_C_NO_NAME, GSS_C_INDEFINITE, &spnego, GSS_C_INITIATE, &cred, NULL, NULL), minor);
	major = gss_add_cred_with_password(&minor, cred, name, &krb5_mech, &octets, GSS_C_INITIATE, 0, 0, NULL, NULL, NULL, NULL);
	fact("added in place: %s", major_text(major));
	of("what that is", cred);
	gss_release_cred(&minor, &cred);
	gss_release_name(&minor, &name);
}

/* use establishes a context with the credential, and stores it in the default cache. */
static void use(void)
{
	gss_buffer_desc octets = copy_of("bob-password", 12);
	gss_name_t name = import("bob", GSS_C_NT_USER_NAME);
	gss_key_value_element_desc element = { "ccache", NULL };
	gss_key_value_set_desc store = { 1, &element };
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	struct options o = { .flags = ALL_FLAGS };
	struct pair p;
	char path[4096];
	OM_uint32 minor;
	pid_t child;
	int status;

	need("acquire_cred_with_password", gss_acquire_cred_with_password(&minor, name, &octets, GSS_C_INDEFINITE, GSS_C_NO_OID_SET,
	    GSS_C_INITIATE, &cred, NULL, NULL), minor);
	memset(octets.value, 'x', octets.length);
	o.init_cred = cred;
	need_pair(&p, &o);
	fact("the acceptor sees %s", name_text(p.source));
	release_pair(&p);
	fflush(stdout);
	child = fork();
	if (child == 0) {
		need_pair(&p, &o);
		fact("in a child, the acceptor sees %s", name_text(p.source));
		fflush(stdout);
		_exit(0);
	}
	waitpid(child, &status, 0);
	check(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the child ends with %d", status);
	o.mech = &spnego_mech;
	need_pair(&p, &o);
	fact("negotiated, the acceptor sees %s", name_text(p.source));
	release_pair(&p);
	snprintf(path, sizeof(path), "FILE:%s", scratch("stored"));
	element.value = path;
	result("store", gss_store_cred_into(&minor, cred, GSS_C_INITIATE, &krb5_mech, 1, 0, &store, NULL, NULL));
	gss_release_cred(&minor, &cred);
	need("acquire_cred_from", gss_acquire_cred_from(&minor, GSS_C_NO_NAME, GSS_C_INDEFINITE, GSS_C_NO_OID_SET, GSS_C_INITIATE,
	    &store, &cred, NULL, NULL), minor);
	of("what was stored", cred);
	gss_release_cred(&minor, &cred);
	gss_release_name(&minor, &name);
	free(octets.value);
}

/* from passes the password in a credential store. */
static void from(const char *label, const char *user, gss_cred_usage_t usage, const char *keys[][2], unsigned count)
{
	gss_key_value_element_desc elements[4];
	gss_key_value_set_desc store = { count, elements };
	gss_name_t name = user != NULL ? import(user, GSS_C_NT_USER_NAME) : GSS_C_NO_NAME;
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	OM_uint32 major, minor, ignored;
	unsigned i;

	for (i = 0; i < count; i++) {
		elements[i].key = keys[i][0];
		elements[i].value = keys[i][1];
	}
	major = gss_acquire_cred_from(&minor, name, GSS_C_INDEFINITE, GSS_C_NO_OID_SET, usage, &store, &cred, NULL, NULL);
	result_minor(label, major, minor);
	if (!GSS_ERROR(major))
		of(label, cred);
	gss_release_cred(&ignored, &cred);
	gss_release_name(&ignored, &name);
}

/* enterprise: an @ in a name of that type is part of the name. The KDC of the tests has no aliases. */
static void enterprise(const char *text)
{
	static gss_OID_desc type = { 10, "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x06" };
	gss_name_t name = import(text, &type), canonical = GSS_C_NO_NAME;
	gss_buffer_desc octets = buffer("wrong");
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	OM_uint32 major, minor;

	need("canonicalize_name", gss_canonicalize_name(&minor, name, &krb5_mech, &canonical), minor);
	fact("enterprise name %s: %s", text, name_text(canonical));
	major = gss_acquire_cred_with_password(&minor, name, &octets, GSS_C_INDEFINITE, GSS_C_NO_OID_SET, GSS_C_INITIATE, &cred, NULL,
	    NULL);
	fact("its password, %s: %s, minor %u", text, major_text(major), (unsigned)minor);
	gss_release_name(&minor, &canonical);
	gss_release_name(&minor, &name);
}

int main(void)
{
	gss_OID_desc both[2] = { krb5_mech, spnego_mech };
	gss_OID_set_desc krb5 = { 1, &both[0] }, spnego = { 1, &both[1] }, all = { 2, both }, unknown = { 1, &unknown_mech };
	static char keytab[4096], none[4096], others[4096], value[4096];
	const char *right[][2] = { { "password", "alice-password" } };
	const char *wrong[][2] = { { "password", "wrong" } };
	const char *empty[][2] = { { "password", "" } };
	const char *cache[][2] = { { "password", "alice-password" }, { "ccache", "" } };
	const char *client[][2] = { { "password", "alice-password" }, { "client_keytab", "FILE:/nonexistent/keytab" } };
	const char *verified[][2] = { { "password", "alice-password" }, { "verify", "" } };
	const char *by_host[][2] = { { "password", "alice-password" }, { "verify", PRINCIPAL } };
	const char *by_nobody[][2] = { { "password", "alice-password" }, { "verify", "host/nobody" } };
	const char *by_service[][2] = { { "password", "alice-password" }, { "verify", "demo/" HOST } };
	const char *malformed[][2] = { { "password", "alice-password" }, { "verify", "a@b@c" } };
	const char *by_keytab[][2] = { { "password", "alice-password" }, { "verify", "" }, { "keytab", keytab } };
	const char *by_missing[][2] = { { "password", "alice-password" }, { "verify", "" }, { "keytab", none } };
	const char *by_others[][2] = { { "password", "alice-password" }, { "verify", "" }, { "keytab", others } };
	const char *wrong_too[][2] = { { "password", "wrong" }, { "verify", "" } };
	const char *lone[][2] = { { "verify", "" } };

	begin(60);
	acquire("alice", "alice", "alice-password", GSS_C_INITIATE, GSS_C_NO_OID_SET);
	acquire("for krb5", "alice", "alice-password", GSS_C_INITIATE, &krb5);
	acquire("for SPNEGO", "alice", "alice-password", GSS_C_INITIATE, &spnego);
	acquire("for both mechanisms", "alice", "alice-password", GSS_C_INITIATE, &all);
	acquire("for an unknown mechanism", "alice", "alice-password", GSS_C_INITIATE, &unknown);
	acquire("without preauthentication", "carol", "carol-password", GSS_C_INITIATE, &krb5);
	acquire("of another realm", "dave@OTHER.TEST", "dave-password", GSS_C_INITIATE, &krb5);
	acquire("of an empty realm", "alice@", "alice-password", GSS_C_INITIATE, &krb5);
	acquire("for both sides", "alice", "alice-password", GSS_C_BOTH, &krb5);
	acquire("a host for both sides", PRINCIPAL, "no password of it", GSS_C_BOTH, &krb5);
	acquire("for acceptors", "alice", "alice-password", GSS_C_ACCEPT, &krb5);
	acquire("a wrong password", "alice", "wrong", GSS_C_INITIATE, &krb5);
	acquire("an empty password", "alice", "", GSS_C_INITIATE, &krb5);
	acquire("a wrong password without preauthentication", "carol", "wrong", GSS_C_INITIATE, &krb5);
	acquire("nobody", "nobody", "wrong", GSS_C_INITIATE, &krb5);
	acquire("of a realm without KDC", "alice@NOWHERE.TEST", "wrong", GSS_C_INITIATE, &krb5);
	acquire("an expired password", "stale", "stale-password", GSS_C_INITIATE, &krb5);
	acquire("a locked account", "locked", "locked-password", GSS_C_INITIATE, &krb5);
	enterprise("joe@corp.example");
	enterprise("joe/admin@corp.example@OTHER.TEST");
	pointers();
	add();
	use();
	snprintf(keytab, sizeof(keytab), "FILE:%s", scratch("host.keytab"));
	copy_file(getenv("KRB5_KTNAME") + 5, keytab + 5);
	snprintf(none, sizeof(none), "FILE:%s", scratch("none"));
	snprintf(others, sizeof(others), "FILE:%s", scratch("other.keytab"));
	from("by a store", "alice", GSS_C_INITIATE, right, 1);
	from("a wrong one by a store", "alice", GSS_C_INITIATE, wrong, 1);
	from("an empty one by a store", "alice", GSS_C_INITIATE, empty, 1);
	from("nobody's by a store", NULL, GSS_C_INITIATE, right, 1);
	from("for acceptors by a store", NULL, GSS_C_ACCEPT, right, 1);
	from("for a named acceptor by a store", PRINCIPAL, GSS_C_ACCEPT, wrong, 1);
	from("for a named acceptor by a store, verified", PRINCIPAL, GSS_C_ACCEPT, wrong_too, 2);
	snprintf(value, sizeof(value), "FILE:%s", scratch("cc.bob"));
	cache[1][1] = value;
	from("beside a cache", "alice", GSS_C_INITIATE, cache, 2);
	from("beside a client keytab", "alice", GSS_C_INITIATE, client, 2);
	from("verified", "alice", GSS_C_INITIATE, verified, 2);
	from("verified by a service", "alice", GSS_C_INITIATE, by_host, 2);
	from("verified by another service", "alice", GSS_C_INITIATE, by_service, 2);
	from("verified by a service without a key", "alice", GSS_C_INITIATE, by_nobody, 2);
	from("verified by no name", "alice", GSS_C_INITIATE, malformed, 2);
	from("verified by a keytab", "alice", GSS_C_INITIATE, by_keytab, 3);
	from("verified by a missing keytab", "alice", GSS_C_INITIATE, by_missing, 3);
	from("verified by keys of another realm", "alice", GSS_C_INITIATE, by_others, 3);
	from("a wrong one, verified", "alice", GSS_C_INITIATE, wrong_too, 2);
	from("verified without a password", NULL, GSS_C_INITIATE, lone, 1);
	with_config("[libdefaults]\nverify_ap_req_nofail = false\n");
	from("verified by a missing keytab, though it need not", "alice", GSS_C_INITIATE, by_missing, 3);
	return end();
}
