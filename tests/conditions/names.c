/* SPDX-License-Identifier: BSD-2-Clause */
/* Names that are too long, empty, hold NULs, escapes or nonsense. */
#include "condition.h"

#define EXPORTED "\4\1\0\13\6\11\x2a\x86\x48\x86\xf7\x12\1\2\2"

/* canonical imports and canonicalizes; the answer is of the call that failed. */
static struct answer canonical(const void *octets, size_t length, gss_OID type, gss_name_t *mn)
{
	struct answer a;
	gss_name_t name;
	OM_uint32 ignored;
	double began = now();

	*mn = GSS_C_NO_NAME;
	a = try_import(octets, length, type, &name);
	if (GSS_ERROR(a.major))
		return a;
	a.major = gss_canonicalize_name(&a.minor, name, &krb5_mech, mn);
	a.seconds = now() - began;
	if (GSS_ERROR(a.major) && *mn != GSS_C_NO_NAME)
		a.dirty = "output_name";
	gss_release_name(&ignored, &name);
	return a;
}

static void refused(const char *title, const void *octets, size_t length, gss_OID type, OM_uint32 major,
    OM_uint32 minor, const char *list)
{
	gss_name_t mn;
	struct answer a = canonical(octets, length, type, &mn);
	OM_uint32 ignored;

	gss_release_name(&ignored, &mn);
	expect(title, &a, major, minor, list);
}

/* reads checks that a name means what its other form says, and that its exported form comes back as the same name. */
static void reads(const char *title, const char *octets, size_t length, gss_OID type, const char *form)
{
	gss_name_t mn, back = GSS_C_NO_NAME;
	struct answer a = canonical(octets, length, type, &mn);
	gss_buffer_desc text = GSS_C_EMPTY_BUFFER, exported = GSS_C_EMPTY_BUFFER;
	OM_uint32 minor;
	int equal = 0;

	if (GSS_ERROR(a.major)) {
		verdict(title, 0, "%s", status_text(a.major, a.minor));
		return;
	}
	gss_display_name(&minor, mn, &text, NULL);
	a.major = gss_export_name(&a.minor, mn, &exported);
	if (!GSS_ERROR(a.major))
		a.major = gss_import_name(&a.minor, &exported, GSS_C_NT_EXPORT_NAME, &back);
	if (!GSS_ERROR(a.major))
		a.major = gss_compare_name(&a.minor, mn, back, &equal);
	verdict(title, !GSS_ERROR(a.major) && equal && text.length == strlen(form) &&
	    memcmp(text.value, form, text.length) == 0, "%s; %s and back: %s", quoted(&text), quoted(&exported),
	    GSS_ERROR(a.major) ? status_text(a.major, a.minor) : equal ? "equal" : "another name");
	gss_release_buffer(&minor, &text);
	gss_release_buffer(&minor, &exported);
	gss_release_name(&minor, &mn);
	gss_release_name(&minor, &back);
}

static void lengths(void)
{
	static const struct {
		const char *name;
		gss_OID *type;
	} types[] = {
		{ "user", &GSS_C_NT_USER_NAME }, { "hostbased", &GSS_C_NT_HOSTBASED_SERVICE },
		{ "machine-uid", &GSS_C_NT_MACHINE_UID_NAME }, { "string-uid", &GSS_C_NT_STRING_UID_NAME },
		{ "export", &GSS_C_NT_EXPORT_NAME },
	};
	size_t sizes[] = { 1 << 20, 64 << 20 }, i, k;
	char *text = malloc(64 << 20), title[64];
	gss_name_t name;
	struct answer a;
	long before = peak();
	OM_uint32 ignored;

	if (text == NULL)
		abort();
	memset(text, 'x', 64 << 20);
	for (i = 0; i < COUNT(types); i++) {
		for (k = 0; k < COUNT(sizes); k++) {
			a = try_import(text, sizes[k], *types[i].type, &name);
			snprintf(title, sizeof(title), "%s-of-%lu-mib", types[i].name, (unsigned long)sizes[k] >> 20);
			expect(title, &a, GSS_S_BAD_NAME, ANY_MINOR, "");
			gss_release_name(&ignored, &name);
		}
	}
	memcpy(text, EXPORTED "\3\xff\xff\xed", 19);
	a = try_import(text, 64 << 20, GSS_C_NT_EXPORT_NAME, &name);
	expect("exported-of-64-mib-that-fits", &a, GSS_S_BAD_NAME, ANY_MINOR, "");
	verdict("long-names-memory", peak() - before < 80 << 10, "%ld KiB more", peak() - before);

	/* The longest that are taken, to the KDC and back. */
	memset(text, 'x', 65536);
	memcpy(text, "host@", 5);
	text[65000] = '\0';
	a = try_init(text);
	expect("host-of-65000-octets", &a, GSS_S_FAILURE, ANY_MINOR, "host/xxx");
	for (i = 0; i < 60000; i++)
		text[i] = i % 2 ? '/' : 'a';
	strcpy(text + 59999, "@DEMO.TEST");
	a = try_init_as(text, &principal_name);
	expect("components-30000", &a, a.major, ANY_MINOR, "");
	free(text);
}

static void exported(void)
{
	static const char good[] = EXPORTED "\0\0\0\17alice@DEMO.TEST";
	static char longer[sizeof(good)];
	gss_name_t name;
	struct answer a;
	const char *wrong = NULL;
	OM_uint32 ignored;
	size_t n;

	reads("exported", good, sizeof(good) - 1, GSS_C_NT_EXPORT_NAME, "alice@DEMO.TEST");
	for (n = 0; n < sizeof(good) - 1 && wrong == NULL; n++) {
		a = try_import(good, n, GSS_C_NT_EXPORT_NAME, &name);
		wrong = judge(&a, GSS_S_BAD_NAME, ANY_MINOR, "");
		gss_release_name(&ignored, &name);
	}
	verdict("exported-every-truncation", wrong == NULL, "%lu octets: %s", (unsigned long)n - 1,
	    wrong == NULL ? "" : wrong);
	memcpy(longer, good, sizeof(good) - 1);
	longer[sizeof(good) - 1] = 'x';
	refused("07818f1fd3-exported-with-octets-left", longer, sizeof(good), GSS_C_NT_EXPORT_NAME, GSS_S_BAD_NAME,
	    ANY_MINOR, "");
	refused("exported-length-0xffffffff", EXPORTED "\xff\xff\xff\xff" "alice@DEMO.TEST", 34, GSS_C_NT_EXPORT_NAME,
	    GSS_S_BAD_NAME, ANY_MINOR, "");
	refused("exported-oid-length-0xffff", "\4\1\xff\xff\6\11\x2a\x86\x48\x86\xf7\x12\1\2\2\0\0\0\1a", 20,
	    GSS_C_NT_EXPORT_NAME, GSS_S_BAD_NAME, ANY_MINOR, "");
	refused("exported-of-an-unknown-mechanism", "\4\1\0\6\6\4\x2b\6\1\4\0\0\0\1a", 15, GSS_C_NT_EXPORT_NAME,
	    GSS_S_BAD_MECH, ANY_MINOR, "");
	refused("exported-without-realm", EXPORTED "\0\0\0\5alice", 24, GSS_C_NT_EXPORT_NAME, GSS_S_BAD_NAME, ANY_MINOR,
	    "realm");
	refused("exported-of-nothing", EXPORTED "\0\0\0\0", 19, GSS_C_NT_EXPORT_NAME, GSS_S_BAD_NAME, ANY_MINOR, "");
}

/* A name that ends for C where another goes on: what is before the NUL must not get the rights of the whole. */
static void nul(void)
{
	gss_name_t whole, part;
	struct answer a, b;
	OM_uint32 ignored;
	int equal = 0;

	a = canonical("al\0ice@DEMO.TEST", 16, &principal_name, &whole);
	b = canonical("al@DEMO.TEST", 12, &principal_name, &part);
	if (!GSS_ERROR(a.major) && !GSS_ERROR(b.major))
		gss_compare_name(&ignored, whole, part, &equal);
	verdict("cve-2015-2697-nul-in-a-principal", !equal, "it equals what is before the NUL");
	if (!GSS_ERROR(a.major)) {
		gss_buffer_desc text;

		gss_display_name(&ignored, whole, &text, NULL);
		verdict("nul-in-a-principal-is-displayed", strstr(text.value,
		    "al\\0ice") != NULL || text.length == 16, "%s",
		    quoted(&text));
		gss_release_buffer(&ignored, &text);
	}
	gss_release_name(&ignored, &whole);
	gss_release_name(&ignored, &part);
	a = canonical("alice@DEMO\0.TEST", 16, &principal_name, &whole);
	equal = 0;
	b = canonical("alice@DEMO", 10, &principal_name, &part);
	if (!GSS_ERROR(a.major) && !GSS_ERROR(b.major))
		gss_compare_name(&ignored, whole, part, &equal);
	verdict("cve-2015-2697-nul-in-a-realm", !equal, "it equals what is before the NUL");
	gss_release_name(&ignored, &whole);
	gss_release_name(&ignored, &part);
	refused("nul-in-a-host", "host@server.demo.test\0.evil.test", 32, GSS_C_NT_HOSTBASED_SERVICE, GSS_S_BAD_NAME,
	    G_BAD_SERVICE_NAME, "NUL");
	refused("nul-in-a-service", "ho\0st@server.demo.test", 22, GSS_C_NT_HOSTBASED_SERVICE, GSS_S_BAD_NAME,
	    G_BAD_SERVICE_NAME, "NUL");
	refused("nul-in-a-string-uid", "0\0" "1", 3, GSS_C_NT_STRING_UID_NAME, GSS_S_BAD_NAME, ANY_MINOR, "");
}

static void escapes(void)
{
	static const struct {
		const char *title, *name, *form;
	} good[] = {
		{ "escape-slash", "a\\/b@DEMO.TEST", "a\\/b@DEMO.TEST" },
		{ "escape-at", "a\\@b@DEMO.TEST", "a\\@b@DEMO.TEST" },
		{ "escape-backslash", "a\\\\b@DEMO.TEST", "a\\\\b@DEMO.TEST" },
		{ "escape-newline", "a\\nb@DEMO.TEST", "a\\nb@DEMO.TEST" },
		{ "escape-in-the-realm", "a@DE\\@MO", "a@DE\\@MO" },
		{ "slash-in-the-realm", "alice@C=XX\\/O=Y", "alice@C=XX\\/O=Y" }, /* as X.500 realms have */
		{ "components", "a/b/c/d@DEMO.TEST", "a/b/c/d@DEMO.TEST" },
		{ "realm-is-added", "a/b", "a/b@DEMO.TEST" },
		{ "octets-that-are-no-utf-8", "\xff\xfe@DEMO.TEST", "\xff\xfe@DEMO.TEST" },
	};
	size_t i;

	for (i = 0; i < COUNT(good); i++)
		reads(good[i].title, good[i].name, strlen(good[i].name), &principal_name, good[i].form);
	refused("backslash-at-the-end", "alice\\", 6, &principal_name, GSS_S_BAD_NAME, KRB5_PARSE_MALFORMED, "");
	refused("slash-behind-the-realm", "alice@DEMO.TEST/admin", 21, &principal_name, GSS_S_BAD_NAME, KRB5_PARSE_MALFORMED,
	    "behind the @");
	refused("two-realms", "alice@DEMO.TEST@DEMO.TEST", 25, &principal_name, GSS_S_BAD_NAME, KRB5_PARSE_MALFORMED,
	    "");
}

int main(void)
{
	struct answer a;
	gss_name_t name;

	start(120);
	escapes();
	nul();
	exported();
	refused("empty", "", 0, &principal_name, GSS_S_BAD_NAME, ANY_MINOR, "empty");
	refused("hostbased-empty", "", 0, GSS_C_NT_HOSTBASED_SERVICE, GSS_S_BAD_NAME, ANY_MINOR, "");
	refused("hostbased-without-service", "@server.demo.test", 17, GSS_C_NT_HOSTBASED_SERVICE, GSS_S_BAD_NAME,
	    G_BAD_SERVICE_NAME, "service@host");
	refused("machine-uid-of-3-octets", "\0\0\0", 3, GSS_C_NT_MACHINE_UID_NAME, GSS_S_BAD_NAME, ANY_MINOR, "uid");
	refused("string-uid-negative", "-1", 2, GSS_C_NT_STRING_UID_NAME, GSS_S_BAD_NAME, ANY_MINOR, "user id");
	refused("string-uid-2-to-32", "4294967296", 10, GSS_C_NT_STRING_UID_NAME, GSS_S_BAD_NAME, ANY_MINOR, "user id");
	refused("string-uid-text", "root", 4, GSS_C_NT_STRING_UID_NAME, GSS_S_BAD_NAME, ANY_MINOR, "user id");
	refused("string-uid-of-nobody", "3999999999", 10, GSS_C_NT_STRING_UID_NAME, GSS_S_BAD_NAME, ANY_MINOR,
	    "3999999999");
	a = try_import("alice", 5, &unknown_mech, &name);
	expect("unknown-type", &a, GSS_S_BAD_NAMETYPE, ANY_MINOR, "1.3.6.1.4.1.999|not supported");
	lengths();
	return finish(224L << 10);
}
