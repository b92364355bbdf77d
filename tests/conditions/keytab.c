/* SPDX-License-Identifier: BSD-2-Clause */
/* The keytab is missing, of another type, truncated, damaged, or without the key that the ticket needs. */
#include "condition.h"

#include <sys/stat.h>

static char path[512]; /* of the keytab that is wrong */

static void refused(const char *name, const void *octets, size_t length, OM_uint32 minor, const char *why)
{
	struct answer a;

	snprintf(path, sizeof(path), "%s", put("wrong.keytab", octets, length));
	set("KRB5_KTNAME", "FILE:%s", path);
	a = accepted();
	expect(name, &a, GSS_S_NO_CRED, minor, words("%s|%s", path, why));
}

static void named(const char *name, const char *value, OM_uint32 minor, const char *why)
{
	struct answer a;

	set("KRB5_KTNAME", "%s", value);
	a = accepted();
	expect(name, &a, GSS_S_NO_CRED, minor, words("%.200s|%s", value, why));
}

static void names(void)
{
	static char value[600];

	named("missing", "/nonexistent/keytab", KRB5_KT_NOTFOUND, "not found");
	named("type-MEMORY", "MEMORY:x", KRB5_KT_NOTFOUND, "nonexistent or empty");
	named("type-SRVTAB", "SRVTAB:/etc/srvtab", KRB5_KT_UNKNOWN_TYPE, "is of type SRVTAB; the supported types are FILE");
	named("type-nonsense", "nonsense:/etc/keytab", KRB5_KT_UNKNOWN_TYPE, "is of type nonsense; the supported types are FILE");
	named("no-path", "FILE:", KRB5_KT_NOTFOUND, "no path");
	named("empty", "", KRB5_KT_NOTFOUND, "no path");
	snprintf(value, sizeof(value), "FILE:%s", scratch("."));
	named("a-directory", value, ANY_MINOR, "is a directory");
	snprintf(value, sizeof(value), "FILE:%s/file", scratch("cc.tgt"));
	named("below-a-file", value, ANY_MINOR, "not a directory");
	snprintf(value, sizeof(value), "FILE:%s", scratch("pipe"));
	if (mkfifo(scratch("pipe"), 0600) != 0)
		skip("a-named-pipe", "mkfifo failed");
	else
		named("a-named-pipe", value, ANY_MINOR, "not a regular file");
	named("endless", "FILE:/dev/zero", ANY_MINOR, "not a regular file");
}

static void changes(const char *good_path)
{
	gss_buffer_desc good = get(good_path);
	unsigned char *octets = good.value, saved[4];
	static const unsigned long sizes[] = { 0x7fffffff, 0x80000000, 0xffffffff, 0x00ffffff };
	const char *wrong = NULL;
	struct answer a;
	size_t i, k, tried = 0, stop = good.length < 700 ? good.length : 700;

	/* What is cut may lie behind the key that is needed. */
	for (i = 0; i < stop && wrong == NULL; i++) {
		snprintf(path, sizeof(path), "%s", put("wrong.keytab", octets, i));
		set("KRB5_KTNAME", "FILE:%s", path);
		a = accepted();
		if (GSS_ERROR(a.major))
			wrong = judge(&a, a.major, ANY_MINOR, path);
	}
	verdict("every-truncation", wrong == NULL, "%lu octets: %s", (unsigned long)i - 1, wrong == NULL ? "" : wrong);
	for (i = 0; i < stop && wrong == NULL; i++) {
		octets[i] ^= 0xff;
		snprintf(path, sizeof(path), "%s", put("wrong.keytab", octets, good.length));
		octets[i] ^= 0xff;
		set("KRB5_KTNAME", "FILE:%s", path);
		a = accepted();
		if (GSS_ERROR(a.major))
			wrong = judge(&a, a.major, ANY_MINOR, path);
	}
	verdict("every-octet-flipped", wrong == NULL, "octet %lu: %s", (unsigned long)i - 1,
	    wrong == NULL ? "" : wrong);
	for (k = 0; k < COUNT(sizes) && wrong == NULL; k++) {
		for (i = 0; i + 4 <= stop && wrong == NULL; i += 1) {
			memcpy(saved, octets + i, 4);
			octets[i] = (unsigned char)(sizes[k] >> 24);
			octets[i + 1] = (unsigned char)(sizes[k] >> 16);
			octets[i + 2] = (unsigned char)(sizes[k] >> 8);
			octets[i + 3] = (unsigned char)sizes[k];
			snprintf(path, sizeof(path), "%s", put("wrong.keytab", octets, good.length));
			memcpy(octets + i, saved, 4);
			set("KRB5_KTNAME", "FILE:%s", path);
			a = accepted();
			if (GSS_ERROR(a.major))
				wrong = judge(&a, a.major, ANY_MINOR, path);
			tried++;
		}
	}
	verdict("every-size-too-large", wrong == NULL, "try %lu: %s", (unsigned long)tried, wrong == NULL ? "" : wrong);
	sane();
	free(good.value);
}

int main(void)
{
	gss_buffer_desc garbage = noise(4096);
	char realm[512];
	struct answer a;

	start(240);
	names();
	refused("empty", "", 0, KRB5_KT_FORMAT, "too few");
	refused("noise", garbage.value, garbage.length, KRB5_KEYTAB_BADVNO, "version");
	memcpy(garbage.value, "\5\2", 2);
	refused("noise-after-the-version", garbage.value, garbage.length, ANY_MINOR, "");
	refused("version-3", "\5\3\0\0\0\0", 6, KRB5_KEYTAB_BADVNO, "version");
	refused("no-key", "\5\2", 2, KRB5_KT_NOTFOUND, "no key");
	refused("entry-beyond-the-end", "\5\2\x7f\xff\xff\xff", 6, KRB5_KT_FORMAT, "entry 1");
	refused("hole-of-2-gib", "\5\2\x80\0\0\0", 6, KRB5_KT_NOTFOUND, "no key");
	refused("components-65535", "\5\2\0\0\0\10\xff\xff\0\0\0\0\0\0", 14, KRB5_KT_FORMAT, "entry 1");

	/* Keys of others. */
	snprintf(realm, sizeof(realm), "%s/realm", getenv("CONDITIONS_DIR"));
	set("KRB5_KTNAME", "FILE:%s/other.keytab", realm);
	a = accepted();
	expect("keys-of-another-realm", &a, GSS_S_FAILURE, KRB5KRB_AP_ERR_NOT_US,
	    words("host/server.demo.test@DEMO.TEST|%s/other.keytab", realm));
	set("KRB5_KTNAME", "FILE:%s/alice.keytab", realm);
	a = accepted();
	expect("keys-of-another-principal", &a, GSS_S_FAILURE, KRB5KRB_AP_ERR_NOT_US,
	    words("host/server.demo.test@DEMO.TEST|%s/alice.keytab", realm));
	set("KRB5_KTNAME", "FILE:%s/kvno.keytab", getenv("CONDITIONS_DIR"));
	a = accepted();
	expect("keys-of-another-version", &a, GSS_S_FAILURE, KRB5KRB_AP_ERR_BADKEYVER,
	    words("host/server.demo.test@DEMO.TEST|kvno 2|%s/kvno.keytab", getenv("CONDITIONS_DIR")));
	set("KRB5_KTNAME", "FILE:%s/password.keytab", getenv("CONDITIONS_DIR"));
	a = accepted();
	expect("another-key-of-the-same-version", &a, GSS_S_FAILURE, KRB5KRB_AP_ERR_BAD_INTEGRITY,
	    words("host/server.demo.test@DEMO.TEST|kvno 2|%s/password.keytab", getenv("CONDITIONS_DIR")));
	a = try_acquire("nosuch@server.demo.test", GSS_C_NT_HOSTBASED_SERVICE, GSS_C_ACCEPT);
	expect("no-key-of-the-wanted-service", &a, GSS_S_NO_CRED, KG_KEYTAB_NOMATCH,
	    words("nosuch/server.demo.test|%s/krb5.keytab", realm));
	changes(plain("KRB5_KTNAME"));
	return finish(160L << 10);
}
