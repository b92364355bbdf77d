/* SPDX-License-Identifier: BSD-2-Clause */
/* Client keytabs: when an initiator obtains a ticket with one, for whom, when it is refreshed, and what happens without a KDC. */
#include "harness.h"

#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <gssapi/gssapi_ext.h>

static char keytab[4096], cache[4096], before[1 << 16];
static size_t size;

static size_t read_cache(char *octets, size_t most)
{
	FILE *f = fopen(scratch("cc.kept"), "rb");
	size_t n;

	if (f == NULL)
		return 0;
	n = fread(octets, 1, most, f);
	fclose(f);
	return n;
}

/* ticket reports whether the cache still has the ticket from before, whatever else the libraries write there. */
static const char *ticket(void)
{
	static char now[1 << 16];
	size_t n = read_cache(now, sizeof(now));

	if (n == 0)
		return "none";
	return n >= 400 && size >= 400 && memcmp(now + 100, before + 100, 300) == 0 ? "as before" : "another one";
}

/* put installs a cache, or none for NULL. */
static void put(const char *name)
{
	remove(scratch("cc.kept"));
	if (name != NULL)
		copy_file(scratch(name), scratch("cc.kept"));
	size = read_cache(before, sizeof(before));
}

/* due changes the refresh time of the cache "made", and installs it. */
static void due(long seconds)
{
	char text[20], *at, *end;
	FILE *f;

	put("made");
	end = before + size;
	for (at = before; at + 12 < end && memcmp(at, "refresh_time", 12) != 0; at++)
		;
	for (at += 12; at + 10 < end && strspn(at, "0123456789") < 10; at++)
		;
	check(at + 10 < end, "the cache does not say when its ticket is to be had anew");
	snprintf(text, sizeof(text), "%010ld", (long)time(NULL) + seconds);
	memcpy(at, text, 10);
	f = fopen(scratch("cc.kept"), "wb");
	fwrite(before, 1, size, f);
	fclose(f);
}

/* without_kdc uses a krb5.conf that names a KDC where nobody listens; with_kdc uses the real one. */
static void without_kdc(void)
{
	char line[1024], *at;
	FILE *in = fopen(getenv("ORIGINAL_CONFIG"), "r"), *out = fopen(scratch("nowhere.conf"), "w");

	if (in == NULL || out == NULL)
		exit(2);
	while (fgets(line, sizeof(line), in) != NULL) {
		if ((at = strstr(line, "kdc = ")) != NULL && strstr(line, "lookup") == NULL)
			strcpy(at, "kdc = 127.0.0.1:9\n");
		fputs(line, out);
	}
	fclose(in);
	fclose(out);
	setenv("KRB5_CONFIG", scratch("nowhere.conf"), 1);
}

static void with_kdc(void)
{
	setenv("KRB5_CONFIG", getenv("ORIGINAL_CONFIG"), 1);
}

/* try acquires a credential, asks for its name and lifetime, and uses it. */
static void try(const char *label, const char *name, gss_const_key_value_set_t store)
{
	gss_name_t desired = name != NULL ? import(name, GSS_C_NT_USER_NAME) : GSS_C_NO_NAME, whose = GSS_C_NO_NAME;
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	struct options o = { .flags = ALL_FLAGS };
	OM_uint32 major, minor, ignored, lifetime = 0;
	struct pair p;

	major = gss_acquire_cred_from(&minor, desired, 0, GSS_C_NO_OID_SET, GSS_C_INITIATE, store, &cred, NULL, NULL);
	if (!GSS_ERROR(major)) /* MIT's library may not ask the KDC before this */
		major = gss_inquire_cred(&minor, cred, &whose, &lifetime, NULL, NULL);
	if (major != GSS_S_COMPLETE) {
		fact("%s: %s, ticket %s", label, major_text(major), ticket());
	} else {
		o.init_cred = cred;
		establish(&p, &o);
		fact("%s: of %s, lifetime %s, a context %s, ticket %s", label, name_text(whose), lifetime_text(lifetime),
		    major_text(p.init_major), ticket());
		release_pair(&p);
	}
	gss_release_name(&ignored, &whose);
	gss_release_name(&ignored, &desired);
	gss_release_cred(&ignored, &cred);
}

/* of prints the credential that can be acquired without a keytab, for anybody or for a user. */
static const char *of(const char *name)
{
	gss_name_t desired = name != NULL ? import(name, GSS_C_NT_USER_NAME) : GSS_C_NO_NAME, whose = GSS_C_NO_NAME;
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	OM_uint32 major, minor, ignored;
	const char *text;

	setenv("KRB5_CLIENT_KTNAME", "FILE:/nonexistent/keytab", 1);
	major = gss_acquire_cred(&minor, desired, 0, GSS_C_NO_OID_SET, GSS_C_INITIATE, &cred, NULL, NULL);
	if (!GSS_ERROR(major))
		major = gss_inquire_cred(&minor, cred, &whose, NULL, NULL, NULL);
	text = major == GSS_S_COMPLETE ? name_text(whose) : "nobody's";
	gss_release_name(&ignored, &whose);
	gss_release_name(&ignored, &desired);
	gss_release_cred(&ignored, &cred);
	setenv("KRB5_CLIENT_KTNAME", keytab, 1);
	return text;
}

/* collections creates a directory with these caches, of which the first is the primary one. */
static void collections(void)
{
	static const struct {
		const char *what, *primary, *other;
	} sets[] = {
		{ "nobody", NULL, NULL },
		{ "alice", "cc.tgt", NULL },
		{ "alice, expired", "cc.expired", NULL },
		{ "bob", "cc.bob", NULL },
		{ "bob, and alice", "cc.bob", "cc.tgt" },
		{ "bob, and alice, expired", "cc.bob", "cc.expired" },
		{ "nobody first, then bob", NULL, "cc.bob" },
	};
	static const char *const names[] = { NULL, "alice", "bob" };
	char label[200], path[4200], value[4200], primary[4400];
	const char *first;
	size_t i, n;

	for (i = 0; i < COUNT(sets); i++) {
		for (n = 0; n < COUNT(names); n++) {
			snprintf(label, sizeof(label), "dir%zu%zu", i, n);
			snprintf(value, sizeof(value), "DIR:%s", scratch(label));
			mkdir(value + 4, 0700);
			snprintf(path, sizeof(path), "%s/tkt", value + 4);
			snprintf(primary, sizeof(primary), "DIR::%s", path);
			if (sets[i].primary != NULL)
				copy_file(scratch(sets[i].primary), path);
			strcat(path, "2");
			if (sets[i].other != NULL)
				copy_file(scratch(sets[i].other), path);
			setenv("KRB5CCNAME", value, 1);
			put(NULL);
			snprintf(label, sizeof(label), "caches of %s, for %s", sets[i].what, names[n] != NULL ? names[n] : "anybody");
			try(label, names[n], GSS_C_NO_CRED_STORE);
			setenv("KRB5CCNAME", primary, 1);
			first = of(NULL);
			setenv("KRB5CCNAME", value, 1);
			fact("%s, then: primary %s, alice's %s, bob's %s", label, first, of("alice"), of("bob"));
		}
	}
}

int main(void)
{
	gss_key_value_element_desc elements[] = { { "client_keytab", keytab }, { "ccache", cache } };
	gss_key_value_set_desc both = { 2, elements }, keytab_only = { 1, elements };

	begin(60);
	setenv("ORIGINAL_CONFIG", getenv("KRB5_CONFIG"), 1);
	snprintf(keytab, sizeof(keytab), "%s", getenv("KRB5_KTNAME"));
	strcpy(strrchr(keytab, '/'), "/alice.keytab");
	snprintf(cache, sizeof(cache), "FILE:%s", scratch("cc.kept"));
	setenv("KRB5CCNAME", cache, 1);
	setenv("KRB5_CLIENT_KTNAME", keytab, 1);

	put(NULL);
	try("no cache", NULL, GSS_C_NO_CRED_STORE);
	copy_file(scratch("cc.kept"), scratch("made"));
	put(NULL);
	try("no cache, alice", "alice", GSS_C_NO_CRED_STORE);
	put(NULL);
	try("no cache, bob, who has no key", "bob", GSS_C_NO_CRED_STORE);
	put("cc.tgt");
	try("a cache of alice", NULL, GSS_C_NO_CRED_STORE);
	put("cc.bob");
	try("a cache of bob", NULL, GSS_C_NO_CRED_STORE);
	put("cc.bob");
	try("a cache of bob, for alice", "alice", GSS_C_NO_CRED_STORE);
	put("cc.expired");
	try("an expired one", NULL, GSS_C_NO_CRED_STORE);
	put("cc.expired");
	try("an expired one, for alice", "alice", GSS_C_NO_CRED_STORE);
	put("cc.expired");
	try("an expired one, for bob", "bob", GSS_C_NO_CRED_STORE);

	due(3600);
	try("due in an hour", NULL, GSS_C_NO_CRED_STORE);
	due(-10);
	try("due", NULL, GSS_C_NO_CRED_STORE);
	due(-10);
	try("due, alice", "alice", GSS_C_NO_CRED_STORE);
	due(-10);
	setenv("KRB5_CLIENT_KTNAME", "FILE:/nonexistent/keytab", 1);
	try("due, without a keytab", NULL, GSS_C_NO_CRED_STORE);
	put("cc.expired");
	try("expired, without a keytab", NULL, GSS_C_NO_CRED_STORE);

	put(NULL);
	try("in a store", NULL, &both);
	put(NULL);
	try("in a store, alice", "alice", &both);
	put("cc.bob");
	try("in a store, a cache of bob, for alice", "alice", &both);
	put("cc.expired");
	try("in a store, an expired one", NULL, &both);
	put(NULL);
	try("a store with a keytab alone", NULL, &keytab_only);

	setenv("KRB5_CLIENT_KTNAME", keytab, 1);
	collections();
	setenv("KRB5CCNAME", cache, 1);
	without_kdc();
	put(NULL);
	try("no KDC, no cache", NULL, GSS_C_NO_CRED_STORE);
	put("cc.tgt");
	try("no KDC, a cache", NULL, GSS_C_NO_CRED_STORE);
	put("cc.expired");
	try("no KDC, an expired one", NULL, GSS_C_NO_CRED_STORE);
	due(-10);
	try("no KDC, due", NULL, GSS_C_NO_CRED_STORE);
	with_kdc();
	try("due, and put off", NULL, GSS_C_NO_CRED_STORE);
	return end();
}
