/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * stored CACHE DEFAULT: stores the tickets of a cache where programs find them that choose none, over older ones of the same
 * client, and makes it the primary cache of a collection unless DEFAULT is 0.
 */
#include <stdio.h>
#include <stdlib.h>

#include <gssapi/gssapi.h>
#include <gssapi/gssapi_ext.h>

static void need(const char *what, OM_uint32 major, OM_uint32 minor)
{
	gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
	OM_uint32 ignored, more = 0;

	if (!GSS_ERROR(major))
		return;
	gss_display_status(&ignored, minor, GSS_C_MECH_CODE, GSS_C_NO_OID, &more, &text);
	fprintf(stderr, "%s: %#x: %.*s\n", what, major, (int)text.length, (char *)text.value);
	exit(1);
}

int main(int argc, char **argv)
{
	gss_key_value_element_desc element = { "ccache", NULL };
	gss_key_value_set_desc from = { 1, &element };
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	OM_uint32 major, minor;

	if (argc != 3)
		return 2;
	element.value = argv[1];
	major = gss_acquire_cred_from(&minor, GSS_C_NO_NAME, GSS_C_INDEFINITE, GSS_C_NO_OID_SET, GSS_C_INITIATE, &from, &cred, NULL,
	    NULL);
	need("gss_acquire_cred_from", major, minor);
	major = gss_store_cred(&minor, cred, GSS_C_INITIATE, GSS_C_NO_OID, 1, (OM_uint32)atoi(argv[2]), NULL, NULL);
	need("gss_store_cred", major, minor);
	gss_release_cred(&minor, &cred);
	return 0;
}
