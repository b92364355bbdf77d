/* SPDX-License-Identifier: BSD-2-Clause */
/* keytab_tail: the keys in a keytab are used even if garbage follows them. */
#include "harness.h"

static unsigned char keytab[1 << 16];
static size_t length;

static void with_tail(const char *label, const void *tail, size_t n)
{
	struct options o = { .flags = ALL_FLAGS };
	FILE *f = fopen(scratch("keytab"), "wb");
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	OM_uint32 major, minor;
	char name[4096];
	struct pair p;

	if (f == NULL)
		exit(2);
	fwrite(keytab, 1, length, f);
	fwrite(tail, 1, n, f);
	fclose(f);
	snprintf(name, sizeof(name), "FILE:%s", scratch("keytab"));
	setenv("KRB5_KTNAME", name, 1);
	major = gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, GSS_C_NO_OID_SET, GSS_C_ACCEPT, &cred, NULL, NULL);
	gss_release_cred(&minor, &cred);
	establish(&p, &o);
	fact("%s: gss_acquire_cred %s, gss_accept_sec_context %s", label, major_text(major), major_text(p.accept_major));
	release_pair(&p);
#ifndef PEER_MIT
	/* A failure says what could not be read. */
	if (n > 0) {
		gss_name_t other = import("nosuch@" HOST, GSS_C_NT_HOSTBASED_SERVICE);

		gss_acquire_cred(&minor, other, 0, GSS_C_NO_OID_SET, GSS_C_ACCEPT, &cred, NULL, NULL);
		check(says(minor, "(entry ") == (strstr(label, "entry") != NULL || strstr(label, "line") != NULL),
		    "%s: the text of a failure", label);
		gss_release_name(&minor, &other);
	}
#endif
}

int main(void)
{
	const char *path = getenv("KRB5_KTNAME");
	unsigned char malformed[256];
	FILE *f;

	begin(60);
	f = path == NULL ? NULL : fopen(strchr(path, ':') + 1, "rb");
	if (f == NULL)
		return 2;
	length = fread(keytab, 1, sizeof(keytab), f);
	fclose(f);
	with_tail("nothing", "", 0);
	with_tail("an entry that is cut off", keytab + 2, 30);
	with_tail("two line ends", "\r\n\r\n", 4);
	with_tail("a size that is cut off", "\0\0", 2);
	with_tail("zeros", "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16);
	with_tail("a hole", "\xff\xff\xff\xfcxxxx", 8);
	with_tail("a hole that reaches beyond the end", "\xff\xff\xf0\0", 4);
	memcpy(malformed, keytab + 2, sizeof(malformed));
	malformed[6] = malformed[7] = 0xff; /* the length of the realm */
	with_tail("an entry whose realm is longer than it", malformed, 4 + ((size_t)malformed[2] << 8 | malformed[3]));
	return end();
}
