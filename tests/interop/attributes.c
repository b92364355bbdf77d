/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Attributes of a client's name (RFC 6680).
 *
 *	attributes ask SERVICE            what a name answers: that of a context, copies of it, and one without attributes
 *	attributes name SERVICE FILE      writes the client's composite name into the file
 *	attributes context SERVICE FILE   writes the acceptor's context into the file
 *	attributes named FILE             the attributes of the composite name in the file
 *	attributes moved FILE             the attributes of the client's name in the context in the file
 *
 * The ticket comes from the cache, so that two libraries see the same one and must print the same.
 */
#include <gssapi/gssapi.h>
#include <gssapi/gssapi_ext.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static gss_OID_desc krb5 = { 9, (void *)"\x2a\x86\x48\x86\xf7\x12\x01\x02\x02" };

static void die(const char *what, OM_uint32 major)
{
	printf("%s: %#x\n", what, (unsigned)major);
	exit(1);
}

static void octets(const char *label, const gss_buffer_desc *b)
{
	size_t i;

	printf(", %s ", label);
	for (i = 0; i < b->length; i++)
		printf("%02x", ((unsigned char *)b->value)[i]);
}

static gss_buffer_desc text(const char *s)
{
	gss_buffer_desc b = { strlen(s), (void *)s };
	return b;
}

/* values prints all values of an attribute, beginning with more. */
static void values(const char *label, gss_name_t name, const char *attribute, int more)
{
	gss_buffer_desc a = text(attribute), value, display;
	OM_uint32 major, minor, ignored;
	int authenticated, complete, n;

	for (n = 0; n < 8; n++) {
		authenticated = complete = 77;
		value = display = (gss_buffer_desc)GSS_C_EMPTY_BUFFER;
		major = gss_get_name_attribute(&minor, name, &a, &authenticated, &complete, &value, &display, &more);
		printf("%s: %s: %#x", label, attribute, (unsigned)major);
		if (!GSS_ERROR(major)) {
			printf(", authenticated %d, complete %d, more %d", authenticated, complete, more);
			octets("value", &value);
			octets("display", &display);
		}
		printf("\n");
		gss_release_buffer(&ignored, &value);
		gss_release_buffer(&ignored, &display);
		if (GSS_ERROR(major) || more <= 0)
			break;
	}
}

/* all prints a name's attributes and their values. */
static void all(const char *label, gss_name_t name)
{
	gss_buffer_set_t set = GSS_C_NO_BUFFER_SET;
	gss_OID mech = GSS_C_NO_OID;
	OM_uint32 major, minor;
	char attribute[256];
	int mn = 77;
	size_t i;

	major = gss_inquire_name(&minor, name, &mn, &mech, &set);
	printf("%s: gss_inquire_name: %#x, MN %d, mechanism %d, %s %zu attributes\n", label, (unsigned)major, mn,
	    mech != GSS_C_NO_OID, set == GSS_C_NO_BUFFER_SET ? "no set" : "a set of", set == GSS_C_NO_BUFFER_SET ? 0 : set->count);
	for (i = 0; set != GSS_C_NO_BUFFER_SET && i < set->count; i++) {
		snprintf(attribute, sizeof(attribute), "%.*s", (int)set->elements[i].length, (char *)set->elements[i].value);
		values(label, name, attribute, -1);
	}
	gss_release_buffer_set(&minor, &set);
}

/* change prints whether attributes can be set and deleted. */
static void change(const char *label, gss_name_t name, const char *attribute)
{
	gss_buffer_desc a = text(attribute), v = text("content");
	OM_uint32 major, minor;

	major = gss_set_name_attribute(&minor, name, 1, &a, &v);
	printf("%s: gss_set_name_attribute %s: %#x\n", label, attribute, (unsigned)major);
	major = gss_delete_name_attribute(&minor, name, &a);
	printf("%s: gss_delete_name_attribute %s: %#x\n", label, attribute, (unsigned)major);
}

static gss_name_t import(const gss_buffer_desc *b, gss_OID type)
{
	gss_name_t name = GSS_C_NO_NAME;
	OM_uint32 major, minor;

	major = gss_import_name(&minor, (gss_buffer_t)b, type, &name);
	if (major != GSS_S_COMPLETE)
		die("gss_import_name", major);
	return name;
}

/* client returns the client's name in a context. */
static gss_name_t client(const char *service, gss_ctx_id_t *acceptor)
{
	gss_buffer_desc token = GSS_C_EMPTY_BUFFER, s = text(service);
	gss_ctx_id_t initiator = GSS_C_NO_CONTEXT;
	gss_name_t target, source = GSS_C_NO_NAME;
	OM_uint32 major, minor;

	target = import(&s, GSS_C_NT_HOSTBASED_SERVICE);
	major = gss_init_sec_context(&minor, GSS_C_NO_CREDENTIAL, &initiator, target, &krb5, 0, 0, NULL, GSS_C_NO_BUFFER, NULL,
	    &token, NULL, NULL);
	if (major != GSS_S_COMPLETE)
		die("gss_init_sec_context", major);
	major = gss_accept_sec_context(&minor, acceptor, GSS_C_NO_CREDENTIAL, &token, NULL, &source, NULL,
	    &s, NULL, NULL, NULL);
	if (major != GSS_S_COMPLETE)
		die("gss_accept_sec_context", major);
	return source;
}

/* copies prints what copies of a name say. */
static void copies(gss_name_t name, gss_ctx_id_t *context)
{
	gss_buffer_desc exported = GSS_C_EMPTY_BUFFER;
	gss_name_t other = GSS_C_NO_NAME;
	OM_uint32 minor;

	gss_duplicate_name(&minor, name, &other);
	all("duplicate", other);
	gss_release_name(&minor, &other);
	gss_canonicalize_name(&minor, name, &krb5, &other);
	all("canonical", other);
	gss_release_name(&minor, &other);
	gss_inquire_context(&minor, *context, &other, NULL, NULL, NULL, NULL, NULL, NULL);
	all("of gss_inquire_context", other);
	gss_release_name(&minor, &other);
	gss_export_name_composite(&minor, name, &exported);
	other = import(&exported, GSS_C_NT_COMPOSITE_EXPORT);
	all("composite", other);
	gss_release_name(&minor, &other);
	gss_release_buffer(&minor, &exported);
	gss_export_name(&minor, name, &exported);
	other = import(&exported, GSS_C_NT_EXPORT_NAME);
	all("exported", other);
	gss_release_name(&minor, &other);
	gss_release_buffer(&minor, &exported);
	gss_export_sec_context(&minor, context, &exported);
	gss_import_sec_context(&minor, &exported, context);
	gss_release_buffer(&minor, &exported);
	gss_inquire_context(&minor, *context, &other, NULL, NULL, NULL, NULL, NULL, NULL);
	all("of a context that was moved", other);
	gss_release_name(&minor, &other);
}

/* imported prints what a name without attributes says. */
static void imported(void)
{
	gss_buffer_desc display = GSS_C_EMPTY_BUFFER, user = text("alice");
	gss_name_t name = import(&user, GSS_C_NT_USER_NAME);
	OM_uint32 major, minor;

	all("imported", name);
	values("imported", name, "urn:mspac:", -1);
	change("imported", name, "urn:mspac:");
	major = gss_display_name_ext(&minor, name, GSS_C_NT_USER_NAME, &display);
	printf("imported: gss_display_name_ext: %#x", (unsigned)major);
	octets("name", &display);
	gss_release_buffer(&minor, &display);
	major = gss_display_name_ext(&minor, name, GSS_C_NT_HOSTBASED_SERVICE, &display);
	printf("\nimported: gss_display_name_ext, another type: %#x\n", (unsigned)major);
	gss_release_name(&minor, &name);
}

static void ask(const char *service)
{
	static const char *const asked[] = { "URN:MSPAC:", "urn:mspac:client-info", "urn:mspac:10", "urn:mspac:010", "urn:mspac:0",
		"urn:mspac:logon-info", "urn:mspac:99", "urn:mspac:x", "urn:mspac", "Auth-Indicators", "auth-indicators", "mail", "" };
	gss_buffer_desc display = GSS_C_EMPTY_BUFFER;
	gss_ctx_id_t context = GSS_C_NO_CONTEXT;
	OM_uint32 major, minor;
	gss_name_t name;
	size_t i;

	name = client(service, &context);
	all("source", name);
	for (i = 0; i < sizeof(asked) / sizeof(asked[0]); i++)
		values("asked", name, asked[i], -1);
	values("from 0", name, "urn:mspac:", 0);
	values("from 0", name, "auth-indicators", 0);
	values("from 1", name, "auth-indicators", 1);
	change("change", name, "auth-indicators");
	change("change", name, "mail");
	major = gss_display_name_ext(&minor, name, GSS_C_NT_USER_NAME, &display);
	printf("gss_display_name_ext: %#x\n", (unsigned)major);
	copies(name, &context);
	imported();
	gss_release_name(&minor, &name);
	gss_delete_sec_context(&minor, &context, GSS_C_NO_BUFFER);
}

static void write_to(const char *path, const gss_buffer_desc *b)
{
	FILE *f = fopen(path, "w");

	if (f == NULL || fwrite(b->value, 1, b->length, f) != b->length || fclose(f) != 0)
		die(path, 0);
}

static gss_buffer_desc read_from(const char *path)
{
	static char content[65536];
	gss_buffer_desc b = { 0, content };
	FILE *f = fopen(path, "r");

	if (f == NULL || (b.length = fread(content, 1, sizeof(content), f)) == 0)
		die(path, 0);
	fclose(f);
	return b;
}

int main(int argc, char **argv)
{
	gss_buffer_desc b = GSS_C_EMPTY_BUFFER;
	gss_ctx_id_t context = GSS_C_NO_CONTEXT;
	gss_name_t name = GSS_C_NO_NAME;
	OM_uint32 minor;

	if (argc == 3 && strcmp(argv[1], "ask") == 0) {
		ask(argv[2]);
	} else if (argc == 4 && strcmp(argv[1], "name") == 0) {
		name = client(argv[2], &context);
		gss_export_name_composite(&minor, name, &b);
		write_to(argv[3], &b);
	} else if (argc == 4 && strcmp(argv[1], "context") == 0) {
		name = client(argv[2], &context);
		gss_export_sec_context(&minor, &context, &b);
		write_to(argv[3], &b);
	} else if (argc == 3 && strcmp(argv[1], "named") == 0) {
		b = read_from(argv[2]);
		all("composite", import(&b, GSS_C_NT_COMPOSITE_EXPORT));
	} else if (argc == 3 && strcmp(argv[1], "moved") == 0) {
		b = read_from(argv[2]);
		if (gss_import_sec_context(&minor, &b, &context) != GSS_S_COMPLETE)
			die("gss_import_sec_context", minor);
		gss_inquire_context(&minor, context, &name, NULL, NULL, NULL, NULL, NULL, NULL);
		all("moved", name);
	} else {
		die("usage", 0);
	}
	return 0;
}
