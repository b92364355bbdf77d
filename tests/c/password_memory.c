/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * After a call with a password has returned, the process has no copy of the password or of a key made from it, whether it
 * was right or wrong. The program itself has both only with all bits inverted.
 */
#include "harness.h"

#include <gssapi/gssapi_ext.h>

#include <fcntl.h>
#include <unistd.h>

/* Other systems do not let a program read its memory (harness.h). */
#ifdef __linux__
static const int searched = 1;
#else
static const int searched = 0;
#endif

/* turn replaces octets with their complement. */
static void turn(unsigned char *octets, size_t length)
{
	while (length-- > 0)
		*octets++ ^= 0xff;
}

static unsigned char keys[4][32]; /* alice's, as complements */
static size_t sizes[4];

/* read_keys reads alice's keytab: 4 octets of length, and the key at the end of each entry, behind enctype and length, before 4
   octets of version. */
static void read_keys(void)
{
	unsigned char octets[4096], *at, *end;
	char path[4096];
	int fd, i = 0;
	ssize_t n;

	snprintf(path, sizeof(path), "%s", getenv("KRB5_KTNAME") + 5);
	snprintf(strrchr(path, '/'), 32, "/alice.keytab");
	fd = open(path, O_RDONLY);
	n = fd < 0 ? -1 : read(fd, octets, sizeof(octets));
	close(fd);
	check(n > 2, "%s cannot be read", path);
	turn(octets, n > 0 ? (size_t)n : 0);
	at = octets + 2;
	end = octets + n;
	while (i < 4 && at + 4 < end) {
		size_t length = (size_t)((at[2] ^ 0xff) << 8 | (at[3] ^ 0xff)), size = 32;
		unsigned char *last = at + 4 + length;

		if ((last[-4 - 17] ^ 0xff) == 16)
			size = 16;
		memcpy(keys[i], last - 4 - size, size);
		sizes[i++] = size;
		at = last;
	}
	check(i == 4, "%d keys in %s", i, path);
	for (i = 0; i < 4; i++) {
		unsigned char *key = malloc(32);

		memcpy(key, keys[i], sizes[i]);
		turn(key, sizes[i]);
		check(copies_in_memory(keys[i], sizes[i]) == searched, "key %d is not found: the search is blind", i);
		memset(key, 0, sizes[i]);
		free(key);
	}
}

/* copies counts the copies of the password and the keys in this process. */
static int copies(const unsigned char *password, size_t length)
{
	int i, n = copies_in_memory(password, length);

	for (i = 0; i < 4; i++)
		n += copies_in_memory(keys[i], sizes[i]);
	return n;
}

/* with passes a password, given as its complement, and searches for it before and after the call. */
static void with(const char *label, const char *user, unsigned char *turned, size_t length, int by_store)
{
	gss_name_t name = import(user, GSS_C_NT_USER_NAME);
	gss_buffer_desc password;
	gss_key_value_element_desc element = { "password", NULL };
	gss_key_value_set_desc store = { 1, &element };
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	OM_uint32 major, minor;
	int before;

	password.length = length;
	password.value = calloc(1, length + 1);
	memcpy(password.value, turned, length);
	turn(password.value, length);
	element.value = password.value;
	before = copies_in_memory(turned, length);
	if (by_store)
		major = gss_acquire_cred_from(&minor, name, GSS_C_INDEFINITE, GSS_C_NO_OID_SET, GSS_C_INITIATE, &store, &cred, NULL, NULL);
	else
		major = gss_acquire_cred_with_password(&minor, name, &password, GSS_C_INDEFINITE, GSS_C_NO_OID_SET, GSS_C_INITIATE, &cred,
		    NULL, NULL);
	fact("%s: %s", label, major_text(major));
	check(before == searched, "%s: %d copies are found of the one that there is: the search is blind", label, before);
	memset(password.value, 0, length);
	check(copies(turned, length) == 0, "%s: %d copies are left", label, copies(turned, length));
	free(password.value);
	gss_release_cred(&minor, &cred);
	gss_release_name(&minor, &name);
}

int main(void)
{
	static const char right[] = "alice-password", wrong[] = "quite another one";
	unsigned char turned[2][32];
	size_t i;

	begin(60);
	/* The literals are in this program's read-only memory, which is not searched. */
	for (i = 0; i < sizeof(right) - 1; i++)
		turned[0][i] = (unsigned char)~right[i];
	for (i = 0; i < sizeof(wrong) - 1; i++)
		turned[1][i] = (unsigned char)~wrong[i];
	read_keys();
	with("right", "alice", turned[0], sizeof(right) - 1, 0);
	with("wrong", "alice", turned[1], sizeof(wrong) - 1, 0);
	with("right, by a store", "alice", turned[0], sizeof(right) - 1, 1);
	with("wrong, by a store", "alice", turned[1], sizeof(wrong) - 1, 1);
	with("without preauthentication", "carol", turned[1], sizeof(wrong) - 1, 0);
	return end();
}
