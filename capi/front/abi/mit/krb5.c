/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * krb5.c: functions of gssapi_krb5.h that stand for options and inquiries of the krb5 mechanism.
 */

#define _POSIX_C_SOURCE 200809L

#include <gssapi/gssapi_krb5.h>

#include "call.h"

#include <errno.h>
#include <string.h>

/* Options and inquiries of the krb5 mechanism: 1.2.752.43.13.N */
#define ARC "\x2a\x85\x70\x2b\x0d"
#define OPTION(n) {sizeof(ARC n) - 1, (void *)(uintptr_t)(ARC n)}

/* 1.2.840.113554.1.2.2.5.1: Heimdal's object has the flags in another order. */
static gss_OID_desc ticket_flags_of = {11, (void *)(uintptr_t) "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x05\x01"};
static gss_OID_desc authtime_of = {11, (void *)(uintptr_t) "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x05\x0c"};
static gss_OID_desc allowable_enctypes = OPTION("\x0e");

#define AUTH_DATA "\x03" /* one more arc is the type */
#define ARC_OCTETS 5     /* of 32 bits in groups of 7 */
#define MAX_ENCTYPES 64

OM_uint32
krb5_gss_register_acceptor_identity(const char *keytab)
{
	return front_choose_identity(keytab);
}

/* default_ccache gives the name of the default cache, malloc'd by the engine. */
static OM_uint32
default_ccache(OM_uint32 *minor_status, const char **name)
{
	const struct engine_table *engine;
	struct front_call call;
	OM_uint32 major = GSS_S_FAILURE, minor;

	front_begin_call(&call);
	engine = front_engine(minor_status);
	if (engine != NULL) {
		major = engine->gss_krb5_ccache_name(&minor, NULL, name);
		front_set_minor(minor_status, minor);
	}
	return front_end_call(&call, major);
}

OM_uint32
gss_krb5_ccache_name(OM_uint32 *minor_status, const char *name, const char **out_name)
{
	const char *current = NULL;
	OM_uint32 major;
	int error;

	front_set_minor(minor_status, 0);
	if (out_name != NULL) {
		*out_name = NULL;
		if (front_ccache_name() == NULL) {
			major = default_ccache(minor_status, &current);
			if (major != GSS_S_COMPLETE)
				return major;
		}
	}
	/* An empty name is that of no cache: it does not take the choice back. */
	if (name != NULL && name[0] == '\0')
		name = "FILE:";
	error = front_choose_ccache(name, (char *)(uintptr_t)current, out_name);
	front_set_minor(minor_status, (OM_uint32)error);
	return error == 0 ? GSS_S_COMPLETE : GSS_S_FAILURE;
}

OM_uint32
gss_krb5_set_allowable_enctypes(OM_uint32 *minor_status, gss_cred_id_t cred, OM_uint32 num_ktypes, int32_t *ktypes)
{
	unsigned char octets[4 * MAX_ENCTYPES];
	gss_buffer_desc value = {4 * (size_t)num_ktypes, octets};
	OM_uint32 i;

	front_set_minor(minor_status, 0);
	if (ktypes == NULL)
		return GSS_S_CALL_INACCESSIBLE_READ;
	if (num_ktypes == 0 || num_ktypes > MAX_ENCTYPES)
		return front_failure(minor_status, EINVAL);
	for (i = 0; i < num_ktypes; i++) {
		uint32_t type = (uint32_t)ktypes[i];

		octets[4 * i] = (unsigned char)(type >> 24);
		octets[4 * i + 1] = (unsigned char)(type >> 16);
		octets[4 * i + 2] = (unsigned char)(type >> 8);
		octets[4 * i + 3] = (unsigned char)type;
	}
	return gss_set_cred_option(minor_status, &cred, &allowable_enctypes, &value);
}

/* inquire gives the result of an inquiry about a context, in the first buffer of *set. */
static OM_uint32
inquire(OM_uint32 *minor_status, gss_ctx_id_t context, gss_OID what, gss_buffer_set_t *set)
{
	OM_uint32 major, minor;

	*set = GSS_C_NO_BUFFER_SET;
	major = gss_inquire_sec_context_by_oid(minor_status, context, what, set);
	if (major == GSS_S_COMPLETE && (*set == GSS_C_NO_BUFFER_SET || (*set)->count == 0)) {
		(void)gss_release_buffer_set(&minor, set);
		return front_failure(minor_status, ENOENT);
	}
	return major;
}

/* inquire_number gives a number that the result holds in 4 octets, in this machine's order. */
static OM_uint32
inquire_number(OM_uint32 *minor_status, gss_ctx_id_t context, gss_OID what, int32_t *number)
{
	gss_buffer_set_t set;
	OM_uint32 major, minor;

	front_set_minor(minor_status, 0);
	if (number == NULL)
		return GSS_S_CALL_INACCESSIBLE_WRITE;
	*number = 0;
	major = inquire(minor_status, context, what, &set);
	if (major != GSS_S_COMPLETE)
		return major;
	if (set->elements[0].length == sizeof(*number)) {
		memcpy(number, set->elements[0].value, sizeof(*number));
	} else {
		front_set_minor(minor_status, EINVAL);
		major = GSS_S_FAILURE;
	}
	(void)gss_release_buffer_set(&minor, &set);
	return major;
}

OM_uint32
gss_krb5_get_tkt_flags(OM_uint32 *minor_status, gss_ctx_id_t context_handle, int32_t *ticket_flags)
{
	return inquire_number(minor_status, context_handle, &ticket_flags_of, ticket_flags);
}

OM_uint32
gsskrb5_extract_authtime_from_sec_context(OM_uint32 *minor_status, gss_ctx_id_t context_handle, int32_t *authtime)
{
	return inquire_number(minor_status, context_handle, &authtime_of, authtime);
}

OM_uint32
gsskrb5_extract_authz_data_from_sec_context(OM_uint32 *minor_status, const gss_ctx_id_t context_handle, int ad_type,
    gss_buffer_t ad_data)
{
	unsigned char octets[sizeof(ARC AUTH_DATA) - 1 + ARC_OCTETS];
	gss_OID_desc what = {sizeof(ARC AUTH_DATA) - 1, octets};
	gss_buffer_set_t set;
	uint32_t type = (uint32_t)ad_type;
	OM_uint32 major, minor;
	int shift = 7 * (ARC_OCTETS - 1);

	front_set_minor(minor_status, 0);
	front_clear_buffer(ad_data);
	if (ad_data == GSS_C_NO_BUFFER)
		return GSS_S_CALL_INACCESSIBLE_WRITE;
	memcpy(octets, ARC AUTH_DATA, what.length);
	while (shift > 0 && type >> shift == 0)
		shift -= 7;
	for (; shift > 0; shift -= 7)
		octets[what.length++] = (unsigned char)(0x80 | (type >> shift & 0x7f));
	octets[what.length++] = (unsigned char)(type & 0x7f);
	major = inquire(minor_status, context_handle, &what, &set);
	if (major != GSS_S_COMPLETE)
		return major;
	*ad_data = set->elements[0];
	front_clear_buffer(&set->elements[0]);
	(void)gss_release_buffer_set(&minor, &set);
	return GSS_S_COMPLETE;
}
