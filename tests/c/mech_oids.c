/* SPDX-License-Identifier: BSD-2-Clause */
/* mech_oids: the other OIDs of krb5 are mechanisms by themselves, for programs that ask for them. */
#include "harness.h"

#include <gssapi/gssapi_ext.h>

#include <sys/wait.h>
#include <unistd.h>

static gss_OID_desc old_mech = {5, (void *)"\x2b\x05\x01\x05\x02"};
static gss_OID_desc windows_mech = {9, (void *)"\x2a\x86\x48\x82\xf7\x12\x01\x02\x02"};
static gss_OID_desc deprecated = {7, (void *)"\x2b\x06\x01\x05\x05\x0d\x07"};

static const struct named {
	const char *name;
	gss_OID oid;
} mechs[] = {{"krb5", &krb5_mech}, {"old", &old_mech}, {"windows", &windows_mech}};

#define MECHS (sizeof(mechs) / sizeof(mechs[0]))

static const char *name_of(gss_OID oid)
{
	size_t i;

	for (i = 0; i < MECHS; i++) {
		if (gss_oid_equal(oid, mechs[i].oid))
			return mechs[i].name;
	}
	return oid_text(oid);
}

static const char *names_of(gss_OID_set set)
{
	static char text[200];
	size_t i;

	text[0] = '\0';
	for (i = 0; set != GSS_C_NO_OID_SET && i < set->count; i++) {
		strcat(text, " ");
		strcat(text, name_of(&set->elements[i]));
	}
	return text;
}

static gss_cred_id_t credential(const struct named *m, gss_cred_usage_t usage, const char *what)
{
	gss_OID_set_desc one = {1, m->oid};
	gss_OID_set actual = GSS_C_NO_OID_SET;
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	OM_uint32 major, minor;

	major = gss_acquire_cred(&minor, GSS_C_NO_NAME, GSS_C_INDEFINITE, &one, usage, &cred, &actual, NULL);
	if (what != NULL)
		fact("%s, %s: %s, mechanisms%s", m->name, what, major_text(major), names_of(actual));
	gss_release_oid_set(&minor, &actual);
	return cred;
}

/* Credentials: an element for each OID. */
static void elements(const struct named *m)
{
	gss_cred_id_t cred = credential(m, GSS_C_INITIATE, "for initiators"), more;
	OM_uint32 major, minor;
	gss_OID_set set;
	gss_name_t name;
	size_t i;

	for (i = 0; i < MECHS; i++) {
		name = GSS_C_NO_NAME;
		major = gss_inquire_cred_by_mech(&minor, cred, mechs[i].oid, &name, NULL, NULL, NULL);
		fact("%s, by %s: %s, %s", m->name, mechs[i].name, major_text(major), name_text(name));
		gss_release_name(&minor, &name);
		more = GSS_C_NO_CREDENTIAL;
		set = GSS_C_NO_OID_SET;
		major = gss_add_cred(&minor, cred, GSS_C_NO_NAME, mechs[i].oid, GSS_C_INITIATE, 0, 0, &more, &set, NULL, NULL);
		fact("%s and %s: %s, %lu mechanisms", m->name, mechs[i].name, major_text(major),
		    set == GSS_C_NO_OID_SET ? 0ul : (unsigned long)set->count);
		gss_release_oid_set(&minor, &set);
		gss_release_cred(&minor, &more);
	}
	gss_release_cred(&minor, &cred);
}

static void inquiries(const struct named *m)
{
	gss_buffer_desc sasl = GSS_C_EMPTY_BUFFER, name = GSS_C_EMPTY_BUFFER;
	gss_OID_set attributes = GSS_C_NO_OID_SET, types = GSS_C_NO_OID_SET, all = GSS_C_NO_OID_SET;
	gss_name_t alice = import("alice", GSS_C_NT_USER_NAME), canonical = GSS_C_NO_NAME;
	OM_uint32 major, minor;
	int present = -1;

	major = gss_inquire_attrs_for_mech(&minor, m->oid, &attributes, NULL);
	gss_test_oid_set_member(&minor, &deprecated, attributes, &present);
	fact("%s: %s, deprecated %d", m->name, major_text(major), present);
	gss_release_oid_set(&minor, &attributes);
	major = gss_inquire_saslname_for_mech(&minor, m->oid, &sasl, &name, GSS_C_NO_BUFFER);
	fact("%s: %s, %s %s", m->name, major_text(major), quoted(&sasl), quoted(&name));
	gss_release_buffer(&minor, &sasl);
	gss_release_buffer(&minor, &name);
	major = gss_inquire_names_for_mech(&minor, m->oid, &types);
	gss_test_oid_set_member(&minor, GSS_C_NT_HOSTBASED_SERVICE, types, &present);
	fact("%s: %s, host-based names %d", m->name, major_text(major), present);
	gss_release_oid_set(&minor, &types);
	gss_indicate_mechs(&minor, &all);
	gss_test_oid_set_member(&minor, m->oid, all, &present);
	fact("%s is in gss_indicate_mechs: %d", m->name, present);
	gss_release_oid_set(&minor, &all);
	major = gss_canonicalize_name(&minor, alice, m->oid, &canonical);
	fact("%s: %s, %s", m->name, major_text(major), name_text(canonical));
	major = gss_export_name(&minor, canonical, &name);
	fact("%s: %s, %s", m->name, major_text(major), hex(name.value, name.length));
	gss_release_buffer(&minor, &name);
	gss_release_name(&minor, &canonical);
	gss_release_name(&minor, &alice);
}

/* A child after fork(2) goes on with a context under the same OID. */
static void in_child(const char *name, gss_ctx_id_t context)
{
	gss_OID oid = GSS_C_NO_OID;
	OM_uint32 minor;
	int status = -1;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		alarm(30);
		gss_inquire_context(&minor, context, NULL, NULL, NULL, &oid, NULL, NULL, NULL);
		fact("%s, in a child: %s", name, name_of(oid));
		fflush(stdout);
		_exit(0);
	}
	check(pid > 0 && waitpid(pid, &status, 0) == pid && status == 0, "%s, a child: status %#x", name, (unsigned)status);
}

/* Contexts: tokens begin with the OID that was asked for, and only a credential for it accepts them. */
static void context(const struct named *m)
{
	gss_cred_id_t its_own = credential(m, GSS_C_ACCEPT, NULL), initiator;
	struct options o = { .mech = m->oid, .flags = ALL_FLAGS };
	gss_buffer_desc token, message = GSS_C_EMPTY_BUFFER, exported = GSS_C_EMPTY_BUFFER;
	OM_uint32 major, minor;
	struct pair p;
	gss_OID oid;
	int conf = 0;

	establish(&p, &o);
	fact("%s, any acceptor: %s, %s", m->name, major_text(p.init_major), major_text(p.accept_major));
	release_pair(&p);

	initiator = credential(&mechs[m->oid == &krb5_mech ? 1 : 0], GSS_C_INITIATE, NULL);
	o.init_cred = initiator;
	o.accept_cred = its_own;
	establish(&p, &o);
	fact("%s, with a credential of %s: %s", m->name, mechs[m->oid == &krb5_mech ? 1 : 0].name, major_text(p.init_major));
	release_pair(&p);
	gss_release_cred(&minor, &initiator);

	initiator = credential(m, GSS_C_INITIATE, NULL);
	o.init_cred = initiator;
	if (!establish(&p, &o))
		need("gss_accept_sec_context", p.accept_major, p.accept_minor);
	fact("%s: %s, %s, from %s", m->name, name_of(p.init_mech), name_of(p.accept_mech), name_text(p.source));
	oid = GSS_C_NO_OID;
	major = gss_inquire_context(&minor, p.accept, NULL, NULL, NULL, &oid, NULL, NULL, NULL);
	fact("%s: %s, %s", m->name, major_text(major), name_of(oid));
	token = wrapped(p.init, 1, "to the acceptor");
	major = gss_unwrap(&minor, p.accept, &token, &message, &conf, NULL);
	fact("%s: %s, %s", m->name, major_text(major), quoted(&message));
	gss_release_buffer(&minor, &message);
	gss_release_buffer(&minor, &token);

	in_child(m->name, p.accept);
	major = gss_export_sec_context(&minor, &p.accept, &exported);
	fact("%s, export: %s", m->name, major_text(major));
	major = gss_import_sec_context(&minor, &exported, &p.accept);
	fact("%s, import: %s", m->name, major_text(major));
	gss_release_buffer(&minor, &exported);
	token = mic_of(p.accept, "to the initiator");
	message = buffer("to the initiator");
	fact("%s: %s", m->name, major_text(gss_verify_mic(&minor, p.init, &message, &token, NULL)));
	oid = GSS_C_NO_OID;
	major = gss_inquire_context(&minor, p.accept, NULL, NULL, NULL, &oid, NULL, NULL, NULL);
	fact("%s: %s, %s", m->name, major_text(major), name_of(oid));
	gss_release_buffer(&minor, &token);
	release_pair(&p);
	gss_release_cred(&minor, &initiator);
	gss_release_cred(&minor, &its_own);
}

/* What a program sees of the OID on the wire. */
static void first(const struct named *m)
{
	gss_name_t target = import(SERVICE, GSS_C_NT_HOSTBASED_SERVICE);
	gss_ctx_id_t context = GSS_C_NO_CONTEXT;
	gss_buffer_desc token = GSS_C_EMPTY_BUFFER;
	OM_uint32 major, minor;
	unsigned char *octets;

	major = gss_init_sec_context(&minor, GSS_C_NO_CREDENTIAL, &context, target, m->oid, 0, 0, GSS_C_NO_CHANNEL_BINDINGS,
	    GSS_C_NO_BUFFER, NULL, &token, NULL, NULL);
	octets = token.value;
	fact("%s: %s, the token's OID %s", m->name, major_text(major), token.length < 60 ? "" : hex(octets + 4, 2u + octets[5]));
	gss_release_buffer(&minor, &token);
	gss_delete_sec_context(&minor, &context, GSS_C_NO_BUFFER);
	gss_release_name(&minor, &target);
}

int main(void)
{
	size_t i;

	begin(60);
	for (i = 0; i < MECHS; i++) {
		elements(&mechs[i]);
		inquiries(&mechs[i]);
		first(&mechs[i]);
		context(&mechs[i]);
	}
	return end();
}
