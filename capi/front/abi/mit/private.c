/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * private.c: functions that have other names in this library, or no purpose.
 */

#include "private.h"

#include "front.h"

#include <errno.h>

OM_uint32
gssspi_set_cred_option(OM_uint32 *minor_status, gss_cred_id_t cred, const gss_OID desired_object,
    const gss_buffer_t value)
{
	return gss_set_cred_option(minor_status, &cred, desired_object, value);
}

/*
 * MIT's administration programs call this when they start, so that libkrb5 works as in a KDC. Nothing here depends on that:
 * kadmin.local is content with 0, and kadmind's keytab, which is the KDC's database, has a type of its own
 * (internal/krb5/keytab_memory.go).
 */
OM_uint32
krb5_gss_use_kdc_context(void)
{
	return 0;
}

int
gssint_g_seqstate_init(void)
{
	return ENOSYS;
}

int
gss_krb5int_make_seal_token_v3(void)
{
	return ENOSYS;
}
