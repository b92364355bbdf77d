/* SPDX-License-Identifier: BSD-2-Clause */
/* kdc_errors: a program gets the KDC's error code as minor code, for tickets and for logins. */
#include "harness.h"

#include <gssapi/gssapi_ext.h>

/* Where the com_err table of Kerberos begins. */
#define BASE 2529638912ul

static void told(const char *what, int code, OM_uint32 major, OM_uint32 minor, OM_uint32 expected)
{
	if (major != expected || minor != BASE + (unsigned)code)
		fact("%s, code %d: %s, minor %lu", what, code, major_text(major), (unsigned long)minor);
}

static void ticket(int code)
{
	gss_ctx_id_t context = GSS_C_NO_CONTEXT;
	gss_buffer_desc token = GSS_C_EMPTY_BUFFER;
	OM_uint32 major, minor, ignored;
	gss_name_t target;
	char text[60];

	snprintf(text, sizeof(text), "code/%d@" REALM, code);
	target = import(text, &principal_name);
	major = gss_init_sec_context(&minor, GSS_C_NO_CREDENTIAL, &context, target, &krb5_mech, 0, 0, GSS_C_NO_CHANNEL_BINDINGS,
	    GSS_C_NO_BUFFER, NULL, &token, NULL, NULL);
	told("ticket", code, major, minor, GSS_S_FAILURE);
	gss_release_buffer(&ignored, &token);
	gss_delete_sec_context(&ignored, &context, GSS_C_NO_BUFFER);
	gss_release_name(&ignored, &target);
}

static void login(int code)
{
	gss_OID_set_desc krb5 = {1, &krb5_mech};
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	gss_buffer_desc password = buffer("a password");
	OM_uint32 major, minor, ignored;
	gss_name_t name;
	char text[60];

	snprintf(text, sizeof(text), "code/%d@" REALM, code);
	name = import(text, &principal_name);
	major = gss_acquire_cred_with_password(&minor, name, &password, 0, &krb5, GSS_C_INITIATE, &cred, NULL, NULL);
	told("login", code, major, minor, GSS_S_NO_CRED);
	gss_release_cred(&ignored, &cred);
	gss_release_name(&ignored, &name);
}

int main(void)
{
	int code;

	begin(120);
	for (code = 1; code <= 127; code++) {
		ticket(code);
		login(code);
	}
	fact("codes: %d", code - 1);
	return end();
}
