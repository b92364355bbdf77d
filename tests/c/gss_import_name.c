/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_import_name: every name type, good and bad texts, and the result of gss_display_name. */
#include "harness.h"

static void try(const char *label, const gss_buffer_desc *text, gss_OID type)
{
	gss_buffer_desc input = copy_of(text->value == NULL ? "" : text->value, text->length);
	gss_name_t name = GSS_C_NO_NAME;
	OM_uint32 major, minor;

	major = gss_import_name(&minor, &input, type, &name);
	free(input.value); /* the name must not refer to it */
	if (GSS_ERROR(major))
		fact("%s %s: %s%s", label, quoted(text), major_text(major),
		    name == GSS_C_NO_NAME ? "" : ", and a name");
	else
		fact("%s %s: %s", label, quoted(text), name_text(name));
	if (name != GSS_C_NO_NAME)
		gss_release_name(&minor, &name);
}

static void texts(const char *label, gss_OID type, const char *const *list)
{
	gss_buffer_desc text;

	for (; *list != NULL; list++) {
		text = buffer(*list);
		try(label, &text, type);
	}
}

int main(void)
{
	static const char *const hostbased[] = {
		"host@server.demo.test", "host", "HTTP@SERVER.demo.test", "host@", "@server", "a@b@c", "host@localhost",
		"nfs/extra@server", "host@server.demo.test@DEMO.TEST", NULL,
	};
	static const char *const users[] = {
		"alice", "alice@DEMO.TEST", "alice@", "@DEMO.TEST", "alice/admin", "a\\@b", "a\\/b", "a\\tb", "a\\",
		"a b",
		"alice@OTHER.TEST", "alice@A@B", "/", "//", "\xc3\xa9ric", NULL,
	};
	static const char *const principals[] = {
		"host/server.demo.test@DEMO.TEST", "alice", "alice@OTHER.TEST", "a/b/c@R", "a\\/b@R", "a\\@b@R",
		"a@R\\@S",
		"a\\nb@R", "a\\0b@R", "a\\bb@R", "a\\\\b@R", "a@R/S", "@R", "a@", "", NULL,
	};
	static const char *const uids[] = {
		"0", "00", "x", "-1", "4294967296", "99999999999999999999", "0 ", " 0", "", NULL,
	};
	static const char *const plain[] = {
		"alice", "host@server.demo.test", "host/server.demo.test@DEMO.TEST", NULL,
	};
	gss_buffer_desc text;
	gss_name_t name;
	OM_uint32 major, minor, uid = 0;
	unsigned short half = 0;
	gss_OID_desc nonsense = { 3, (void *)"\x2a\x03\x04" };
	char *big;

	begin(30);
	texts("hostbased", GSS_C_NT_HOSTBASED_SERVICE, hostbased);
	texts("hostbased-x", GSS_C_NT_HOSTBASED_SERVICE_X, plain + 1);
	texts("user", GSS_C_NT_USER_NAME, users);
	texts("principal", &principal_name, principals);
	texts("string uid", GSS_C_NT_STRING_UID_NAME, uids);
	texts("no type", GSS_C_NO_OID, plain);
	texts("unknown type", &nonsense, plain);
	texts("anonymous", GSS_C_NT_ANONYMOUS, plain);

	text.value = &uid;
	text.length = sizeof(uid);
	try("machine uid of root", &text, GSS_C_NT_MACHINE_UID_NAME);
	uid = 4000000001u;
	try("machine uid of nobody known", &text, GSS_C_NT_MACHINE_UID_NAME);
	text.value = &half;
	text.length = sizeof(half);
	try("machine uid of two octets", &text, GSS_C_NT_MACHINE_UID_NAME);

	text.value = (void *)"al\0ice";
	text.length = 6;
	try("user with a NUL within", &text, GSS_C_NT_USER_NAME);
	try("principal with a NUL within", &text, &principal_name);
	text.value = (void *)"alice\0";
	try("user with a NUL at the end", &text, GSS_C_NT_USER_NAME);
	text.length = 0;
	try("user of no length", &text, GSS_C_NT_USER_NAME);
	try("hostbased of no length", &text, GSS_C_NT_HOSTBASED_SERVICE);
	try("anonymous of no length", &text, GSS_C_NT_ANONYMOUS);

	/* A long name is accepted or refused, and quickly. */
	big = malloc(1000000);
	if (big == NULL)
		return 2;
	memset(big, 'a', 1000000);
	text.value = big;
	text.length = 1000000;
	major = gss_import_name(&minor, &text, &principal_name, &name);
	fact("a principal of a million octets: %s", GSS_ERROR(major) ? "an error" : "a name");
	if (!GSS_ERROR(major))
		gss_release_name(&minor, &name);
	memset(big, '/', 1000000);
	name = GSS_C_NO_NAME;
	major = gss_import_name(&minor, &text, &principal_name, &name);
	check(GSS_ERROR(major) == 0 || name == GSS_C_NO_NAME, "an error and a name");
	if (!GSS_ERROR(major))
		gss_release_name(&minor, &name);
	free(big);

	text = buffer("alice");
	result("no output", gss_import_name(&minor, &text, GSS_C_NT_USER_NAME, NULL));
	result("no input", gss_import_name(&minor, GSS_C_NO_BUFFER, GSS_C_NT_USER_NAME, &name));
	return end();
}
