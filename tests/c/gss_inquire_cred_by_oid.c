/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_inquire_cred_by_oid: unknown OIDs, where the tickets are, and tickets that are only in memory. */
#include "harness.h"

#ifndef PEER_MIT /* an OID of FreeBSD's library */
static gss_OID_desc ccache_name = { 6, (void *)"\x2a\x85\x70\x2b\x0d\x01" };

static unsigned long number(const unsigned char **at, int octets)
{
	unsigned long n = 0;

	while (octets-- > 0)
		n = n << 8 | *(*at)++;
	return n;
}

/* key_of finds the key of a ticket in the format of a cache file, after the names of client and server. */
static const unsigned char *key_of(const gss_buffer_desc *ticket, size_t *length)
{
	const unsigned char *at = ticket->value;
	unsigned long strings;
	int names;

	for (names = 0; names < 2; names++) {
		number(&at, 4);
		for (strings = number(&at, 4) + 1; strings > 0; strings--)
			at += number(&at, 4);
	}
	number(&at, 2);
	*length = number(&at, 4);
	return at;
}

/* A delegated ticket is returned in memory, and nothing of it is left after the release. */
static void delegated(int *before, int *after)
{
	static const struct options deleg = { .flags = ALL_FLAGS | GSS_C_DELEG_FLAG };
	gss_buffer_set_t set = GSS_C_NO_BUFFER_SET;
	const unsigned char *key;
	unsigned char masked[64];
	OM_uint32 major, minor;
	struct pair p;
	size_t i, length;

	need_pair(&p, &deleg);
	major = gss_inquire_cred_by_oid(&minor, p.delegated, &ccache_name, &set);
	need("gss_inquire_cred_by_oid", major, minor);
	if (set->count != 3 || set->elements[0].length != 0 || set->elements[1].length != strlen(USER "@" REALM) ||
	    memcmp(set->elements[1].value, USER "@" REALM, strlen(USER "@" REALM)) != 0) {
		check(0, "%d answers", (int)set->count);
		exit(1);
	}
	key = key_of(&set->elements[2], &length);
	for (i = 0; i < length; i++)
		masked[i] = (unsigned char)~key[i];
	*before += copies_in_memory(masked, length);
	gss_release_buffer_set(&minor, &set);
	release_pair(&p);
	*after += copies_in_memory(masked, length);
}
#endif

int main(void)
{
	gss_OID_desc nonsense = { 3, (void *)"\x2a\x03\x04" };
	gss_buffer_set_t set = GSS_C_NO_BUFFER_SET;
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	OM_uint32 major, minor;

	begin(60);
	major = gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, GSS_C_NO_OID_SET, GSS_C_INITIATE, &cred, NULL, NULL);
	need("gss_acquire_cred", major, minor);
	result("an unknown OID", gss_inquire_cred_by_oid(&minor, cred, &nonsense, &set));
	check(set == GSS_C_NO_BUFFER_SET, "an error and a set");
	gss_release_cred(&minor, &cred);
#ifndef PEER_MIT
	{
		int before = 0, after = 0, i;

		major = gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, GSS_C_NO_OID_SET, GSS_C_INITIATE, &cred, NULL, NULL);
		need("gss_acquire_cred", major, minor);
		major = gss_inquire_cred_by_oid(&minor, cred, &ccache_name, &set);
		check(major == GSS_S_COMPLETE && set != GSS_C_NO_BUFFER_SET && set->count == 1 &&
		    set->elements[0].length >= strlen(getenv("KRB5CCNAME")) &&
		    memcmp(set->elements[0].value, getenv("KRB5CCNAME"), strlen(getenv("KRB5CCNAME"))) == 0,
		    "the name of the ccache: %s", major_text(major));
		gss_release_buffer_set(&minor, &set);
		gss_release_cred(&minor, &cred);
		for (i = 0; i < 20; i++)
			delegated(&before, &after);
		/* A stack of the engine that has just been replaced by a larger one may hold a copy for a while. */
		check(after <= before / 20, "keys of released tickets are there %d times (%d before)", after, before);
	}
#endif
	return end();
}
