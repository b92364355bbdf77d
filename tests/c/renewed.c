/* SPDX-License-Identifier: BSD-2-Clause */
/* renewed: a cache with an expired ticket-granting ticket beside a renewed one, or beside another client's. */
#include "harness.h"

#include <gssapi/gssapi_ext.h>

struct octets {
	unsigned char data[1 << 16];
	size_t n, tickets; /* the offset of the first ticket */
};

static size_t number(const unsigned char *p)
{
	return (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];
}

/* read_cache reads a cache of version 4 and finds its first ticket. */
static void read_cache(const char *name, struct octets *o)
{
	FILE *f = fopen(scratch(name), "rb");
	size_t at, count;

	if (f == NULL)
		exit(2);
	o->n = fread(o->data, 1, sizeof(o->data), f);
	fclose(f);
	at = 4 + ((size_t)o->data[2] << 8 | o->data[3]) + 4;
	count = number(o->data + at) + 1; /* components and the realm */
	for (at += 4; count > 0; count--)
		at += 4 + number(o->data + at);
	o->tickets = at;
}

/* write_cache writes the header of one cache and the tickets of others, terminated by NULL. */
static void write_cache(const char *name, const struct octets *owner, const struct octets *first,
    const struct octets *second)
{
	const struct octets *list[2];
	FILE *f = fopen(scratch(name), "wb");
	size_t i;

	if (f == NULL)
		exit(2);
	fwrite(owner->data, 1, owner->tickets, f);
	list[0] = first;
	list[1] = second;
	for (i = 0; i < 2; i++)
		if (list[i] != NULL)
			fwrite(list[i]->data + list[i]->tickets, 1, list[i]->n - list[i]->tickets, f);
	fclose(f);
}

static int same_file(const char *a, const struct octets *b, size_t *n)
{
	static struct octets now;

	read_cache(a, &now);
	*n = now.n;
	return now.n == b->n && memcmp(now.data, b->data, b->n) == 0;
}

/* look prints how the cache "mixed" is used. */
static void look(const char *label)
{
	static char path[4096], keytab[4096];
	static struct octets before;
	gss_key_value_element_desc element = { "ccache", path };
	gss_key_value_set_desc store = { 1, &element };
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	struct options o = { .flags = ALL_FLAGS };
	OM_uint32 major, minor, lifetime = 0;
	struct pair p;
	size_t n;

	snprintf(path, sizeof(path), "FILE:%s", scratch("mixed"));
	setenv("KRB5CCNAME", path, 1);
	read_cache("mixed", &before);

	/* A client keytab refreshes an expired cache and no other. */
	snprintf(keytab, sizeof(keytab), "%s", getenv("KRB5_KTNAME"));
	strcpy(strrchr(keytab, '/'), "/alice.keytab");
	setenv("KRB5_CLIENT_KTNAME", keytab, 1);
	major = gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, GSS_C_NO_OID_SET, GSS_C_INITIATE, &cred, NULL, NULL);
	if (!GSS_ERROR(major)) /* MIT's library does not ask the KDC before this */
		major = gss_inquire_cred(&minor, cred, NULL, &lifetime, NULL, NULL);
	fact("%s, with a client keytab: %s, the cache %s", label, major_text(major),
	    same_file("mixed", &before, &n) ? "stays" : "is another one");
	gss_release_cred(&minor, &cred);
	unsetenv("KRB5_CLIENT_KTNAME");
	write_cache("mixed", &before, &before, NULL);

	major = gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, GSS_C_NO_OID_SET, GSS_C_INITIATE, &cred, NULL, NULL);
	fact("%s, gss_acquire_cred: %s", label, major_text(major));
	if (!GSS_ERROR(major)) {
		major = gss_inquire_cred(&minor, cred, NULL, &lifetime, NULL, NULL);
		fact("%s, gss_inquire_cred: %s, lifetime %s", label, major_text(major), lifetime_text(lifetime));
		snprintf(path, sizeof(path), "FILE:%s", scratch("stored"));
		remove(scratch("stored"));
		major = gss_store_cred_into(&minor, cred, GSS_C_INITIATE, &krb5_mech, 0, 0, &store, NULL, NULL);
		fact("%s, gss_store_cred_into: %s", label, major_text(major));
	}
	gss_release_cred(&minor, &cred);
	establish(&p, &o);
	fact("%s, gss_init_sec_context: %s", label, major_text(p.init_major));
	release_pair(&p);
}

int main(void)
{
	static struct octets good, expired, bob;

	begin(60);
	read_cache("cc.tgt", &good);
	read_cache("cc.expired", &expired);
	read_cache("cc.bob", &bob);
	write_cache("mixed", &good, &expired, &good);
	look("expired first");
	write_cache("mixed", &good, &good, &expired);
	look("expired last");
	write_cache("mixed", &good, &bob, &expired);
	look("another client's first");
	write_cache("mixed", &good, &bob, NULL);
	look("another client's alone");
	write_cache("mixed", &good, &expired, NULL);
	look("expired alone");
	return end();
}
