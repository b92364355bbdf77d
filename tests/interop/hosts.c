/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * hosts.c: what a library makes of names of hosts. Built with MIT's libgssapi_krb5, and run with either.
 *
 *	hosts canon NAME...	the principals of host-based names
 *	hosts user NAME		that of a user name
 *	hosts init NAME...	gets a ticket for each
 *	hosts chroot DIR ...	does any of these in another root
 */

#include <gssapi/gssapi.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static gss_OID_desc krb5 = { 9, "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02" };

static void
explain(const char *name, OM_uint32 major, OM_uint32 minor)
{
	gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
	OM_uint32 ignored, context = 0;

	(void)gss_display_status(&ignored, minor, GSS_C_MECH_CODE, &krb5, &context, &text);
	printf("%s: %#x: %.*s\n", name, (unsigned)major, (int)text.length, (char *)text.value);
	(void)gss_release_buffer(&ignored, &text);
}

static gss_name_t
import(const char *text, gss_OID type)
{
	gss_buffer_desc b;
	gss_name_t name = GSS_C_NO_NAME;
	OM_uint32 minor, major;

	b.value = (void *)text;
	b.length = strlen(text);
	major = gss_import_name(&minor, &b, type, &name);
	if (GSS_ERROR(major))
		explain(text, major, minor);
	return name;
}

static int
canon(const char *text, gss_OID type)
{
	gss_name_t name = import(text, type), canonical = GSS_C_NO_NAME;
	gss_buffer_desc shown = GSS_C_EMPTY_BUFFER;
	OM_uint32 minor, major;

	major = gss_canonicalize_name(&minor, name, &krb5, &canonical);
	if (!GSS_ERROR(major))
		major = gss_display_name(&minor, canonical, &shown, NULL);
	if (GSS_ERROR(major))
		explain(text, major, minor);
	else
		printf("%s: %.*s\n", text, (int)shown.length, (char *)shown.value);
	(void)gss_release_buffer(&minor, &shown);
	(void)gss_release_name(&minor, &canonical);
	(void)gss_release_name(&minor, &name);
	return GSS_ERROR(major) != 0;
}

static int
init(const char *text)
{
	gss_name_t name = import(text, GSS_C_NT_HOSTBASED_SERVICE);
	gss_ctx_id_t context = GSS_C_NO_CONTEXT;
	gss_buffer_desc token = GSS_C_EMPTY_BUFFER;
	OM_uint32 minor, major;

	major = gss_init_sec_context(&minor, GSS_C_NO_CREDENTIAL, &context, name, &krb5, 0, 0, GSS_C_NO_CHANNEL_BINDINGS,
	    GSS_C_NO_BUFFER, NULL, &token, NULL, NULL);
	if (GSS_ERROR(major))
		explain(text, major, minor);
	else
		printf("%s: a ticket\n", text);
	(void)gss_release_buffer(&minor, &token);
	(void)gss_delete_sec_context(&minor, &context, GSS_C_NO_BUFFER);
	(void)gss_release_name(&minor, &name);
	return GSS_ERROR(major) != 0;
}

int
main(int argc, char **argv)
{
	int i = 1, failed = 0;
	const char *what;

	if (argc > 3 && strcmp(argv[i], "chroot") == 0) {
		if (chroot(argv[i + 1]) != 0 || chdir("/") != 0) {
			perror(argv[i + 1]);
			return 2;
		}
		i += 2;
	}
	if (argc < i + 2)
		return 2;
	for (what = argv[i++]; i < argc; i++) {
		if (strcmp(what, "canon") == 0)
			failed |= canon(argv[i], GSS_C_NT_HOSTBASED_SERVICE);
		else if (strcmp(what, "user") == 0)
			failed |= canon(argv[i], GSS_C_NT_USER_NAME);
		else if (strcmp(what, "init") == 0)
			failed |= init(argv[i]);
		else
			return 2;
	}
	return failed;
}
