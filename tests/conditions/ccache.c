/* SPDX-License-Identifier: BSD-2-Clause */
/* The credential cache is missing, of another type, truncated, damaged, or somebody else's. */
#include "condition.h"

#include <sys/stat.h>

static char path[512]; /* of the cache that is wrong */

/* refused tries contents. A cache is refused where it is opened: major and minor are those of the file's fault. */
static void refused(const char *name, const void *octets, size_t length, OM_uint32 major, OM_uint32 minor,
    const char *why)
{
	struct answer a;

	snprintf(path, sizeof(path), "%s", put("cc.wrong", octets, length));
	set("KRB5CCNAME", "FILE:%s", path);
	a = try_init(SERVICE);
	expect(name, &a, major, minor, words("%s|%s", path, why));
}

static void named(const char *name, const char *value, OM_uint32 minor, const char *why)
{
	struct answer a;

	set("KRB5CCNAME", "%s", value);
	a = try_init(SERVICE);
	expect(name, &a, GSS_S_NO_CRED, minor, words("%.200s|%s", value, why));
}

static void names(void)
{
	static char value[600];
	char *large;
	size_t n = 1 << 20;
	struct answer a;

	named("missing", "FILE:/nonexistent/cc", KRB5_CC_NOTFOUND, "No Kerberos credentials available");
	named("type-KCM", "KCM:", KRB5_CC_NOTFOUND, "No KCM server found");
	named("type-KEYRING", "KEYRING:persistent:0", KRB5_CC_NOTFOUND, "No Kerberos credentials available");
	named("type-DIR", "DIR:/nonexistent/tickets", KRB5_CC_NOTFOUND, "No Kerberos credentials available");
	named("type-MEMORY", "MEMORY:x", KRB5_CC_NOTFOUND, "No Kerberos credentials available");
	named("type-API", "API:", KRB5_CC_NOTFOUND, "of a type that this system does not have");
	named("type-nonsense", "nonsense:/tmp/cc", KRB5_CC_NOTFOUND, "is of type nonsense; the supported types are FILE, DIR");
	named("no-path", "FILE:", KRB5_CC_NOTFOUND, "default cache: FILE:");
	named("empty", "", KRB5_CC_NOTFOUND, "default cache: FILE:");
	snprintf(value, sizeof(value), "FILE:%s", scratch("."));
	named("a-directory", value, KRB5_CC_NOTFOUND, "is a directory");
	snprintf(value, sizeof(value), "FILE:%s/file", scratch("cc.tgt"));
	named("below-a-file", value, KRB5_CC_NOTFOUND, "not a directory");
	snprintf(value, sizeof(value), "FILE:%s", scratch("pipe"));
	if (mkfifo(scratch("pipe"), 0600) != 0)
		skip("a-named-pipe", "mkfifo failed");
	else
		named("a-named-pipe", value, KRB5_CC_NOTFOUND, "not a regular file");
	named("endless", "FILE:/dev/zero", KRB5_CC_NOTFOUND, "not a regular file");
	set("KRB5CCNAME", "FILE:/dev/null");
	a = try_init(SERVICE);
	expect("nothing", &a, GSS_S_NO_CRED, KRB5_CC_NOTFOUND, "default cache: FILE:/dev/null");
	large = malloc(n);
	if (large == NULL)
		abort();
	memset(large, 'x', n - 1);
	memcpy(large, "FILE:/", 6);
	large[n - 1] = '\0';
	setenv("KRB5CCNAME", large, 1);
	a = try_init(SERVICE);
	expect("path-of-a-mebibyte", &a, GSS_S_NO_CRED, ANY_MINOR, "FILE:/xxxx|too long");
	free(large);
}

/* Every prefix of a cache: nothing at all is no cache; a name cut short is an error; a last ticket cut short is none, as with MIT krb5. */
static void truncated(const gss_buffer_desc *good)
{
	size_t n;
	struct answer a;
	const char *wrong = NULL;

	for (n = 0; n < good->length && wrong == NULL; n++) {
		snprintf(path, sizeof(path), "%s", put("cc.wrong", good->value, n));
		set("KRB5CCNAME", "FILE:%s", path);
		a = try_init(SERVICE);
		wrong = judge(&a, GSS_S_NO_CRED, n > 0 && a.minor == KG_EMPTY_CCACHE ? KG_EMPTY_CCACHE : KRB5_CC_NOTFOUND, path);
	}
	verdict("every-truncation", wrong == NULL, "%lu octets: %s", (unsigned long)n - 1, wrong == NULL ? "" : wrong);
	sane();
}

/* Every octet changed, and every four octets set to a count that is too large. The KDC is asked with what comes out of
   it, so that any error is right; what is checked is that there is a text, and an end. */
static void changed(const gss_buffer_desc *good, const char *name, unsigned long count, size_t width)
{
	unsigned char saved[4];
	unsigned char *octets = good->value;
	const char *wrong = NULL;
	struct answer a;
	OM_uint32 ignored;
	size_t i, k;

	for (i = 0; i + width <= good->length && wrong == NULL; i++) {
		memcpy(saved, octets + i, width);
		for (k = 0; k < width; k++)
			octets[i + k] = width == 1 ? octets[i] ^ 0xff : (unsigned char)(count >> 8 * (3 - k));
		set("KRB5CCNAME", "FILE:%s", put("cc.wrong", octets, good->length));
		memcpy(octets + i, saved, width);
		a = try_init(SERVICE);
		if (GSS_ERROR(a.major))
			wrong = judge(&a, a.major, ANY_MINOR, "");
		gss_release_buffer(&ignored, &a.token);
	}
	sane();
	verdict(name, wrong == NULL, "octet %lu: %s", (unsigned long)i - 1, wrong == NULL ? "" : wrong);
}

/* A cache made by hand: file version 4, no header, the client and one ticket. */
struct file {
	unsigned char octets[4096];
	size_t length;
};

static void u32(struct file *f, unsigned long n)
{
	int shift;

	for (shift = 24; shift >= 0; shift -= 8)
		f->octets[f->length++] = (unsigned char)(n >> shift);
}

static void text(struct file *f, const char *s)
{
	u32(f, strlen(s));
	memcpy(f->octets + f->length, s, strlen(s));
	f->length += strlen(s);
}

static void principal(struct file *f, const char *first, const char *second)
{
	u32(f, 1);
	u32(f, second == NULL ? 1 : 2);
	text(f, REALM);
	text(f, first);
	if (second != NULL)
		text(f, second);
}

static void begin_file(struct file *f)
{
	memcpy(f->octets, "\5\4\0\0", 4);
	f->length = 4;
	principal(f, USER, NULL);
}

/* ticket adds a ticket-granting ticket up to its times; the key has the given type and length. */
static void ticket(struct file *f, unsigned enctype, size_t key, unsigned long end_time)
{
	principal(f, USER, NULL);
	principal(f, "krbtgt", REALM);
	f->octets[f->length++] = (unsigned char)(enctype >> 8);
	f->octets[f->length++] = (unsigned char)enctype;
	u32(f, key);
	memset(f->octets + f->length, 1, key);
	f->length += key;
	u32(f, 1000000000);
	u32(f, 1000000000);
	u32(f, end_time);
	u32(f, 0);
	f->octets[f->length++] = 0;
	u32(f, 0x40a00000);
}

static void made(void)
{
	struct file f;

	begin_file(&f);
	refused("no-ticket", f.octets, f.length, GSS_S_NO_CRED, KG_EMPTY_CCACHE, "alice@DEMO.TEST");
	ticket(&f, 18, 32, 0x7fffffff);
	u32(&f, 0xffffffff);
	refused("addresses-0xffffffff", f.octets, f.length, GSS_S_NO_CRED, KRB5_CC_NOTFOUND, "credential 1");
	f.length -= 4;
	u32(&f, 0);
	u32(&f, 0x7fffffff);
	refused("authorization-data-0x7fffffff", f.octets, f.length, GSS_S_NO_CRED, KRB5_CC_NOTFOUND,
	    "credential 1");
	f.length -= 4;
	u32(&f, 0);
	u32(&f, 0xfffffffe);
	refused("ticket-of-0xfffffffe-octets", f.octets, f.length, GSS_S_NO_CRED, KRB5_CC_NOTFOUND,
	    "credential 1");
	f.length -= 4;
	text(&f, "no ticket at all");
	text(&f, "");
	snprintf(path, sizeof(path), "%s", put("cc.wrong", f.octets, f.length));
	set("KRB5CCNAME", "FILE:%s", path);
	{
		struct answer a = try_init(SERVICE);

		expect("ticket-that-is-none", &a, GSS_S_FAILURE, ANY_MINOR, "alice@DEMO.TEST|KDC of realm DEMO.TEST");
	}

	begin_file(&f);
	ticket(&f, 18, 5, 0x7fffffff);
	u32(&f, 0);
	u32(&f, 0);
	text(&f, "x");
	text(&f, "");
	refused("key-too-short", f.octets, f.length, GSS_S_DEFECTIVE_CREDENTIAL, KRB5_BAD_KEYSIZE, "5 octets");
	begin_file(&f);
	ticket(&f, 23, 16, 0x7fffffff);
	u32(&f, 0);
	u32(&f, 0);
	text(&f, "x");
	text(&f, "");
	refused("key-of-an-unsupported-enctype", f.octets, f.length, GSS_S_FAILURE, KRB5_BAD_ENCTYPE, "23");
	begin_file(&f);
	ticket(&f, 18, 32, 1000000001);
	u32(&f, 0);
	u32(&f, 0);
	text(&f, "x");
	text(&f, "");
	refused("expired", f.octets, f.length, GSS_S_CREDENTIALS_EXPIRED, KRB5KRB_AP_ERR_TKT_EXPIRED,
	    "alice@DEMO.TEST|2001-09-09|expired");

	memcpy(f.octets, "\5\4\xff\xff", 4);
	refused("header-of-65535-octets", f.octets, f.length, GSS_S_NO_CRED, KRB5_CC_NOTFOUND, "header");
	f.length = 4;
	memcpy(f.octets, "\5\4\0\0", 4);
	u32(&f, 1);
	u32(&f, 0xffffffff);
	text(&f, REALM);
	refused("components-0xffffffff", f.octets, f.length, GSS_S_NO_CRED, KRB5_CC_NOTFOUND, "principal");
	f.length = 8;
	u32(&f, 1);
	u32(&f, 0x80000000);
	refused("realm-of-0x80000000-octets", f.octets, f.length, GSS_S_NO_CRED, KRB5_CC_NOTFOUND,
	    "principal");
}

static void large(void)
{
	static unsigned char block[1 << 16];
	const char *file = scratch("cc.large");
	FILE *f = fopen(file, "wb");
	struct answer a;
	struct file one;
	gss_buffer_desc good = get(scratch("cc.tgt"));
	size_t n;
	int i;

	if (f == NULL) {
		perror(file);
		exit(2);
	}
	memcpy(block, good.value, good.length);
	fwrite(block, 1, sizeof(block), f);
	fseek(f, 70L << 20, SEEK_SET);
	fwrite(block, 1, 1, f);
	fclose(f);
	snprintf(path, sizeof(path), "%s", scratch("cc.large"));
	set("KRB5CCNAME", "FILE:%s", path);
	a = try_init(SERVICE);
	expect("70-mib", &a, GSS_S_NO_CRED, KRB5_CC_NOTFOUND, words("%s|larger", path));

	/* Ten thousand old tickets in front of a good one. */
	begin_file(&one);
	n = one.length;
	ticket(&one, 18, 32, 1000000001);
	u32(&one, 0);
	u32(&one, 0);
	text(&one, "x");
	text(&one, "");
	f = fopen(path, "wb");
	fwrite(good.value, 1, good.length, f);
	for (i = 0; i < 10000; i++)
		fwrite(one.octets + n, 1, one.length - n, f);
	fclose(f);
	set("KRB5CCNAME", "FILE:%s", path);
	a = try_init(SERVICE);
	succeed("ten-thousand-tickets", &a);
	free(good.value);
}

int main(void)
{
	gss_buffer_desc good, garbage = noise(4096);
	struct answer a;

	start(240);
	good = get(scratch("cc.tgt"));
	names();
	refused("empty", "", 0, GSS_S_NO_CRED, KRB5_CC_NOTFOUND, "No Kerberos credentials available");
	refused("noise", garbage.value, garbage.length, GSS_S_NO_CRED, KRB5_CC_NOTFOUND, "version");
	memcpy(garbage.value, "\5\4", 2);
	refused("noise-after-the-version", garbage.value, garbage.length, GSS_S_NO_CRED, KRB5_CC_NOTFOUND,
	    "");
	((unsigned char *)good.value)[1] = 5;
	refused("version-5", good.value, good.length, GSS_S_NO_CRED, KRB5_CC_NOTFOUND, "version");
	((unsigned char *)good.value)[1] = 4;
	refused("a-text", "[libdefaults]\n", 14, GSS_S_NO_CRED, KRB5_CC_NOTFOUND, "version");
	made();
	set("KRB5CCNAME", "FILE:%s", scratch("cc.bob"));
	snprintf(path, sizeof(path), "%s", scratch("cc.bob"));
	a = try_acquire("alice", GSS_C_NT_USER_NAME, GSS_C_INITIATE);
	expect("of-another-client", &a, GSS_S_NO_CRED, KRB5_CC_NOTFOUND, words("%s|bob@DEMO.TEST|alice@DEMO.TEST",
	    path));
	truncated(&good);
	changed(&good, "every-octet-flipped", 0, 1);
	changed(&good, "every-count-0xffffffff", 0xffffffff, 4);
	changed(&good, "every-count-0x7fffffff", 0x7fffffff, 4);
	changed(&good, "every-count-0x00ffffff", 0x00ffffff, 4);
	large();
	return finish(160L << 10);
}
