/* SPDX-License-Identifier: BSD-2-Clause */
/* gss_import_cred: defective tokens, and what they leave behind. */
#include "harness.h"

#include <stdint.h>

#include <gssapi/gssapi_ext.h>

static void take(const char *label, const gss_buffer_desc *token)
{
	gss_cred_id_t cred = (gss_cred_id_t)&cred;
	OM_uint32 major, minor = 77;

	major = gss_import_cred(&minor, (gss_buffer_t)(uintptr_t)token, &cred);
	fact("%s: %s", label, major_text(major));
	check(!GSS_ERROR(major) || cred == GSS_C_NO_CREDENTIAL, "%s: an error and a credential", label);
	if (!GSS_ERROR(major))
		gss_release_cred(&minor, &cred);
}

/* element returns a token with a single element. */
static gss_buffer_desc element(gss_OID mech, const char *body)
{
	size_t n = strlen(body);
	gss_buffer_desc token = { 8 + mech->length + n, malloc(8 + mech->length + n) };
	unsigned char *p = token.value;

	memset(p, 0, 3);
	p[3] = (unsigned char)mech->length;
	memcpy(p + 4, mech->elements, mech->length);
	p += 4 + mech->length;
	p[0] = p[1] = 0;
	p[2] = (unsigned char)(n >> 8);
	p[3] = (unsigned char)n;
	memcpy(p + 4, body, n);
	return token;
}

static void json(const char *label, const char *body)
{
	gss_buffer_desc token = element(&krb5_mech, body);

	take(label, &token);
	free(token.value);
}

#define BEGIN "[\"K5C1\",[1,null,null,false,false,null,null,"
#define END ",null,true,0,0,null,null]]"

int main(void)
{
	gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
	gss_buffer_desc token = GSS_C_EMPTY_BUFFER, cut, other;
	char file[4096];
	OM_uint32 major, minor;
	size_t i, taken = 0;

	begin(60);
	take("no buffer", GSS_C_NO_BUFFER);
	take("an empty one", &token);
	other = buffer("garbage");
	take("garbage", &other);
	other = buffer("\377GSS");
	take("a seal alone", &other);
	other = element(&unknown_mech, "anything");
	take("an unknown mechanism", &other);
	free(other.value);
	json("no JSON", "x");
	json("an empty array", "[]");
	json("another version", "[\"K5C0\",[]]");
	json("a number for the cache", BEGIN "7" END);
	json("an object for the cache", BEGIN "{}" END);
	json("a cache without a name", BEGIN "[]" END);
	json("a ticket of nothing", BEGIN "[\"a@A\",[]]" END);
	json("base 64 of another alphabet", BEGIN "[\"a@A\",[\"a@A\",\"b@A\",[18,\"-_-_\"],0,0,0,0,false,0,null,\"\",\"\",null]]" END);
	json("octets behind it", BEGIN "null" END "]");

	major = gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, GSS_C_NO_OID_SET, GSS_C_INITIATE, &cred, NULL, NULL);
	need("acquire_cred", major, minor);
	need("export_cred", gss_export_cred(&minor, cred, &token), minor);
	gss_release_cred(&minor, &cred);
	take("a good one", &token);
	for (i = 1; i < token.length; i++) {
		cut = copy_of(token.value, i);
		major = gss_import_cred(&minor, &cut, &cred);
		taken += !GSS_ERROR(major);
		gss_release_cred(&minor, &cred);
		free(cut.value);
	}
	/* A token may end after a whole element. */
	check(taken <= 3, "%zu of its beginnings are taken", taken);
	gss_release_buffer(&minor, &token);

	/* A credential in a file that is gone cannot be imported. */
	snprintf(file, sizeof(file), BEGIN "\"FILE:%s\"" END, scratch("cc.gone"));
	copy_file(scratch("cc.tgt"), scratch("cc.gone"));
	json("a cache", file);
	return end();
}
