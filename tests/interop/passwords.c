/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * passwords.c: a credential from a password, and a context with it. Run with any library.
 *
 *	passwords [-e] [-s SERVICE] USER PASSWORD [KEY=VALUE]...
 *
 * -e: USER is an enterprise name. -s: a context is established with SERVICE, whose key is in the keytab, and the name
 * that the acceptor sees is told. KEY=VALUE are further elements of the credential store.
 */

#include <gssapi/gssapi.h>
#include <gssapi/gssapi_ext.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static gss_OID_desc krb5 = { 9, "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02" };
static gss_OID_desc user_name = { 10, "\x2a\x86\x48\x86\xf7\x12\x01\x02\x01\x01" };
static gss_OID_desc host_based = { 10, "\x2a\x86\x48\x86\xf7\x12\x01\x02\x01\x04" };
static gss_OID_desc enterprise = { 10, "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x06" };

static void
need(const char *what, OM_uint32 major, OM_uint32 minor)
{
	gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
	OM_uint32 ignored, context = 0;

	if (!GSS_ERROR(major))
		return;
	(void)gss_display_status(&ignored, minor, GSS_C_MECH_CODE, &krb5, &context, &text);
	printf("%s: %#x, %d: %.*s\n", what, (unsigned)major, (int)minor, (int)text.length, (char *)text.value);
	exit(1);
}

static gss_name_t
import(const char *text, gss_OID type)
{
	gss_buffer_desc b = { strlen(text), (void *)text };
	gss_name_t name;
	OM_uint32 major, minor;

	major = gss_import_name(&minor, &b, type, &name);
	need("import_name", major, minor);
	return name;
}

static void
tell(const char *what, gss_name_t name)
{
	gss_buffer_desc text;
	OM_uint32 major, minor;

	major = gss_display_name(&minor, name, &text, NULL);
	need("display_name", major, minor);
	printf("%s %.*s\n", what, (int)text.length, (char *)text.value);
	(void)gss_release_buffer(&minor, &text);
}

static void
establish(gss_cred_id_t cred, const char *service)
{
	gss_ctx_id_t initiator = GSS_C_NO_CONTEXT, acceptor = GSS_C_NO_CONTEXT;
	gss_buffer_desc there = GSS_C_EMPTY_BUFFER, back = GSS_C_EMPTY_BUFFER;
	gss_name_t target = import(service, &host_based), client;
	OM_uint32 major, minor, ignored;

	for (;;) {
		major = gss_init_sec_context(&minor, cred, &initiator, target, &krb5, GSS_C_MUTUAL_FLAG, 0, GSS_C_NO_CHANNEL_BINDINGS, &back,
		    NULL, &there, NULL, NULL);
		need("init_sec_context", major, minor);
		(void)gss_release_buffer(&ignored, &back);
		if (there.length == 0)
			break;
		major = gss_accept_sec_context(&minor, &acceptor, GSS_C_NO_CREDENTIAL, &there, GSS_C_NO_CHANNEL_BINDINGS, &client, NULL, &back,
		    NULL, NULL, NULL);
		need("accept_sec_context", major, minor);
		(void)gss_release_buffer(&ignored, &there);
		if (back.length == 0)
			break;
	}
	tell("accepted:", client);
	(void)gss_delete_sec_context(&minor, &initiator, GSS_C_NO_BUFFER);
	(void)gss_delete_sec_context(&minor, &acceptor, GSS_C_NO_BUFFER);
	(void)gss_release_name(&minor, &target);
	(void)gss_release_name(&minor, &client);
}

int
main(int argc, char **argv)
{
	gss_key_value_element_desc elements[8];
	gss_key_value_set_desc store = { 1, elements };
	const char *service = NULL;
	gss_OID type = &user_name;
	gss_name_t name;
	gss_cred_id_t cred;
	gss_buffer_desc password;
	OM_uint32 major, minor;

	for (argc--, argv++; argc > 2 && argv[0][0] == '-'; argc--, argv++) {
		if (argv[0][1] == 'e') {
			type = &enterprise;
		} else {
			service = argv[1];
			argc--, argv++;
		}
	}
	if (argc < 2)
		return 2;
	name = import(argv[0], type);
	password.value = argv[1];
	password.length = strlen(argv[1]);
	elements[0].key = "password";
	elements[0].value = argv[1];
	for (argc -= 2, argv += 2; argc > 0 && store.count < 8; argc--, argv++) {
		char *value = strchr(argv[0], '=');

		*value = '\0';
		elements[store.count].key = argv[0];
		elements[store.count++].value = value + 1;
	}
	if (store.count > 1)
		major = gss_acquire_cred_from(&minor, name, GSS_C_INDEFINITE, GSS_C_NO_OID_SET, GSS_C_INITIATE, &store, &cred, NULL, NULL);
	else
		major = gss_acquire_cred_with_password(&minor, name, &password, GSS_C_INDEFINITE, GSS_C_NO_OID_SET, GSS_C_INITIATE, &cred,
		    NULL, NULL);
	need("acquire_cred", major, minor);
	(void)gss_release_name(&minor, &name);
	major = gss_inquire_cred(&minor, cred, &name, NULL, NULL, NULL);
	need("inquire_cred", major, minor);
	tell("acquired:", name);
	if (service != NULL)
		establish(cred, service);
	(void)gss_release_name(&minor, &name);
	(void)gss_release_cred(&minor, &cred);
	return 0;
}
