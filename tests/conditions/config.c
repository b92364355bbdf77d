/* SPDX-License-Identifier: BSD-2-Clause */
/* krb5.conf is missing, malformed, endless or says nothing of use. */
#include "condition.h"

#include <sys/stat.h>

/* A configuration that asks no DNS, so that the answer is the same on every machine. */
#define NO_DNS "[libdefaults]\n\tdns_lookup_kdc = false\n\tdns_canonicalize_hostname = false\n"

/* both judges an initiator and an acceptor that meet the configuration at path. */
static void both(const char *name, const char *path, OM_uint32 minor, const char *list)
{
	char title[128];
	struct answer a;

	set("KRB5_CONFIG", "%s", path);
	a = try_init(SERVICE);
	snprintf(title, sizeof(title), "%s-initiator", name);
	expect(title, &a, GSS_S_FAILURE, minor, list);
	set("KRB5_CONFIG", "%s", path);
	a = accepted();
	snprintf(title, sizeof(title), "%s-acceptor", name);
	expect(title, &a, GSS_S_FAILURE, minor, list);
}

/* malformed tries a text that is an error in its line. */
static void malformed(const char *name, const char *text, int line)
{
	char path[512], list[600];

	snprintf(path, sizeof(path), "%s", put_text("malformed.conf", text));
	snprintf(list, sizeof(list), "%s|line %d", path, line);
	both(name, path, KRB5_CONFIG_BADFORMAT, list);
}

static void includes(void)
{
	char path[512], text[1100];
	int i;

	snprintf(path, sizeof(path), "%s", scratch("include.conf"));
	put_text("include.conf", "include /nonexistent/part.conf\n" NO_DNS);
	both("included-file-missing", path, KRB5_CONFIG_CANTOPEN,
	    words("%s|line 1|/nonexistent/part.conf|no such file", path));
	put_text("include.conf", "includedir /nonexistent/parts\n" NO_DNS);
	both("included-directory-missing", path, KRB5_CONFIG_CANTOPEN,
	    words("%s|line 1|/nonexistent/parts|no such file", path));
	snprintf(text, sizeof(text), "include %s\n", path);
	put_text("include.conf", text);
	both("file-includes-itself", path, KRB5_CONFIG_BADFORMAT, path);
	put_text("part.conf", "[libdefaults]\n}\n");
	snprintf(text, sizeof(text), "\ninclude %s\n", scratch("part.conf"));
	put_text("include.conf", text);
	both("included-file-malformed", path, KRB5_CONFIG_BADFORMAT,
	    words("%s|line 2|%s", scratch("part.conf"), path));

	/* Each file includes the next one twice: without a bound, 2^20 reads. */
	for (i = 0; i < 20; i++) {
		snprintf(path, sizeof(path), "%s", scratch("fork."));
		snprintf(text, sizeof(text), "include %s%d\ninclude %s%d\n", path, i + 1, path, i + 1);
		snprintf(path, sizeof(path), "fork.%d", i);
		put_text(path, text);
	}
	put_text("fork.20", NO_DNS);
	both("includes-that-double", scratch("fork.0"), ANY_MINOR, scratch("fork."));
}

static void sizes(void)
{
	char *text, path[512];
	size_t n = 5 << 20;
	struct answer a;
	gss_buffer_desc octets;

	text = malloc(n + 1);
	if (text == NULL)
		abort();
	memset(text, '#', n);
	text[n] = '\0';
	snprintf(path, sizeof(path), "%s", put_text("long.conf", text));
	both("five-mib", path, KRB5_CONFIG_CANTOPEN, words("%s|larger", path));

	/* A name of a megabyte in front of a good configuration. */
	memcpy(text, "[libdefaults]\n", 14);
	memset(text + 14, 'x', 1 << 20);
	strcpy(text + 14 + (1 << 20), " = 1\n");
	snprintf(path, sizeof(path), "%s", put_text("name.conf", text));
	set("KRB5_CONFIG", "%s:%s", path, plain("KRB5_CONFIG"));
	a = accepted();
	succeed("name-of-a-mebibyte", &a);

	strcpy(text, "[libdefaults]\n");
	for (n = 14; n < 400000; n += 6)
		memcpy(text + n, "a = {\n", 6);
	text[n] = '\0';
	snprintf(path, sizeof(path), "%s", put_text("deep.conf", text));
	both("braces-65000-deep", path, KRB5_CONFIG_BADFORMAT, path);
	free(text);

	both("endless", "/dev/zero", KRB5_CONFIG_CANTOPEN, "/dev/zero|not a regular file");
	octets = noise(1 << 16);
	snprintf(path, sizeof(path), "%s", put("noise.conf", octets.value, octets.length));
	set("KRB5_CONFIG", "%s", path);
	a = try_init_as("nobody", GSS_C_NT_USER_NAME);
	expect("noise", &a, GSS_S_FAILURE, ANY_MINOR, path);
	free(octets.value);
}

static void missing(void)
{
	char path[512], long_list[3000];
	struct answer a;
	gss_name_t name, canonical = GSS_C_NO_NAME;
	OM_uint32 minor;

	set("KRB5_CONFIG", "/nonexistent/krb5.conf");
	name = import("someone", GSS_C_NT_USER_NAME);
	memset(&a, 0, sizeof(a));
	a.major = gss_canonicalize_name(&a.minor, name, &krb5_mech, &canonical);
	expect("file-missing", &a, GSS_S_FAILURE, KRB5_CONFIG_NODEFREALM,
	    "default_realm|/nonexistent/krb5.conf|no such file");

	snprintf(path, sizeof(path), "%s", put_text("norealm.conf", NO_DNS));
	set("KRB5_CONFIG", "%s", path);
	a.major = gss_canonicalize_name(&a.minor, name, &krb5_mech, &canonical);
	expect("no-default-realm", &a, GSS_S_FAILURE, KRB5_CONFIG_NODEFREALM, words("default_realm|%s", path));
	gss_release_name(&minor, &name);
	set("KRB5_CONFIG", "%s", path);
	a = try_init_as("someone", GSS_C_NT_USER_NAME);
	expect("no-default-realm-initiator", &a, GSS_S_FAILURE, KRB5_CONFIG_NODEFREALM, words("default_realm|%s",
	    path));
	with_login("cc.tgt");
	set("KRB5_CONFIG", "%s", path);
	a = try_init(SERVICE);
	expect("no-kdc-of-realm", &a, GSS_S_FAILURE, KRB5_REALM_UNKNOWN, "DEMO.TEST|Cannot find KDC");
	set("KRB5_CONFIG", "%s", path);
	a = accepted();
	succeed("acceptor-needs-no-realm", &a);

	/* Lists. */
	set("KRB5_CONFIG", "/nonexistent/a:%s:/nonexistent/b", plain("KRB5_CONFIG"));
	a = try_init(SERVICE);
	succeed("list-with-missing-files", &a);
	set("KRB5_CONFIG", "::%s:", plain("KRB5_CONFIG"));
	a = try_init(SERVICE);
	succeed("list-with-empty-names", &a);
	put_text("malformed.conf", "[libdefaults]\n}\n");
	set("KRB5_CONFIG", "%s:%s", plain("KRB5_CONFIG"), scratch("malformed.conf"));
	a = try_init(SERVICE);
	expect("list-with-a-malformed-file", &a, GSS_S_FAILURE, KRB5_CONFIG_BADFORMAT,
	    words("%s|line 2", scratch("malformed.conf")));
	put_text("first.conf", "[libdefaults]\n\tdefault_realm = FIRST.TEST\n");
	set("KRB5_CONFIG", "%s:%s", scratch("first.conf"), plain("KRB5_CONFIG"));
	name = import("someone", GSS_C_NT_USER_NAME);
	a.major = gss_canonicalize_name(&a.minor, name, &krb5_mech, &canonical);
	verdict("list-first-file-wins", strstr(name_text(canonical), "someone@FIRST.TEST") != NULL, "%s",
	    name_text(canonical));
	gss_release_name(&minor, &name);
	gss_release_name(&minor, &canonical);
	memset(long_list, ':', sizeof(long_list));
	snprintf(long_list + 2000, sizeof(long_list) - 2000, "%s", plain("KRB5_CONFIG"));
	set("KRB5_CONFIG", "%s", long_list);
	a = try_init(SERVICE);
	succeed("list-of-2000-colons", &a);
	set("KRB5_CONFIG", "");
	a = try_init_as("someone@NOWHERE.TEST", GSS_C_NT_USER_NAME);
	verdict("variable-empty", GSS_ERROR(a.major) && a.minor != 0 && a.dirty == NULL, "%s",
	    status_text(a.major, a.minor));
	sane();
}

static void kinds(void)
{
	char path[512];

	snprintf(path, sizeof(path), "%s", scratch("pipe.conf"));
	if (mkfifo(path, 0600) != 0)
		skip("named-pipe", "mkfifo failed");
	else
		both("named-pipe", path, KRB5_CONFIG_CANTOPEN, words("%s|not a regular file", path));
	snprintf(path, sizeof(path), "%s/", scratch("malformed.conf"));
	put_text("malformed.conf", "[libdefaults]\n");
	set("KRB5_CONFIG", "%s", path);
	{
		struct answer a = try_init_as("someone", GSS_C_NT_USER_NAME);

		expect("file-as-directory", &a, GSS_S_FAILURE, ANY_MINOR, path);
	}
}

/* A value that cannot be read has its default; one that allows nothing is an error that says so. */
static void values(void)
{
	struct answer a;

	with_config("[libdefaults]\n\tclockskew = soon\n\tkdc_timeout = -1\n\tmax_retries = many\n\trdns = perhaps\n"
	    "\tudp_preference_limit = 99999999999999999999\n");
	a = try_init(SERVICE);
	succeed("values-that-are-none-initiator", &a);
	with_config("[libdefaults]\n\tclockskew = soon\n");
	a = accepted();
	succeed("values-that-are-none-acceptor", &a);
	with_config("[libdefaults]\n\tpermitted_enctypes = rc4-hmac nonsense\n");
	a = try_init(SERVICE);
	expect("no-enctype-permitted-initiator", &a, GSS_S_FAILURE, KRB5_CONFIG_ETYPE_NOSUPP, "permitted_enctypes");
	with_config("[libdefaults]\n\tpermitted_enctypes = rc4-hmac nonsense\n");
	a = accepted();
	expect("no-enctype-permitted-acceptor", &a, GSS_S_FAILURE, KRB5_NOPERM_ETYPE, "permitted_enctypes");
	with_config("");
	set("KRB5CCNAME", NULL);
	with_config("[libdefaults]\n\tdefault_ccache_name = FILE:/tmp/%{nonsense}\n");
	a = try_init(SERVICE);
	expect("unknown-token-in-a-path", &a, GSS_S_FAILURE, KRB5_CONFIG_BADFORMAT, "default_ccache_name|%{nonsense}");
}

int main(void)
{
	start(120);
	missing();
	kinds();
	malformed("section-not-closed", "[libdefaults\n\tdefault_realm = X\n", 1);
	malformed("text-after-section", "[libdefaults] x\n", 1);
	malformed("relation-without-equals", "[libdefaults]\n\tdefault_realm\n", 2);
	malformed("relation-without-name", "[libdefaults]\n\n\t= X\n", 3);
	malformed("name-with-a-blank", "[libdefaults]\n\tdefault realm = X\n", 2);
	malformed("brace-too-many", "[realms]\n\tX = {\n\t}\n\t}\n", 4);
	malformed("section-within-braces", "[realms]\n\tX = {\n[libdefaults]\n", 3);
	malformed("brace-missing", "[realms]\n\tX =\n\tkdc = y\n", 3);
	includes();
	sizes();
	values();
	return finish(96L << 10);
}
