/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * oid_static.c: the library's data symbols. Each is a pointer variable, as programs built for FreeBSD expect: they may
 * hold a copy of it, made by the linker, whose size must not change.
 */

#include "front.h"

#include <gssapi/gssapi_krb5.h>

#include <string.h>

/* Octets are never written, but gss_OID has no const. */
#define OCTETS(s) ((void *)(uintptr_t)(s))
#define OID(s) {sizeof(s) - 1, OCTETS(s)}
#define STATIC(i) ((gss_OID)(uintptr_t)&oids[i])

enum {
	NT_USER_NAME,
	NT_MACHINE_UID_NAME,
	NT_STRING_UID_NAME,
	NT_HOSTBASED_SERVICE,
	NT_HOSTBASED_SERVICE_X,
	NT_ANONYMOUS,
	NT_EXPORT_NAME,
	KRB5_NT_PRINCIPAL_NAME,
	MECH_KRB5,
	OIDS
};

static const gss_OID_desc oids[OIDS] = {
    [NT_USER_NAME] = OID("\x2a\x86\x48\x86\xf7\x12\x01\x02\x01\x01"),           /* 1.2.840.113554.1.2.1.1 */
    [NT_MACHINE_UID_NAME] = OID("\x2a\x86\x48\x86\xf7\x12\x01\x02\x01\x02"),    /* 1.2.840.113554.1.2.1.2 */
    [NT_STRING_UID_NAME] = OID("\x2a\x86\x48\x86\xf7\x12\x01\x02\x01\x03"),     /* 1.2.840.113554.1.2.1.3 */
    [NT_HOSTBASED_SERVICE] = OID("\x2a\x86\x48\x86\xf7\x12\x01\x02\x01\x04"),   /* 1.2.840.113554.1.2.1.4 */
    [NT_HOSTBASED_SERVICE_X] = OID("\x2b\x06\x01\x05\x06\x02"),                 /* 1.3.6.1.5.6.2 */
    [NT_ANONYMOUS] = OID("\x2b\x06\x01\x05\x06\x03"),                           /* 1.3.6.1.5.6.3 */
    [NT_EXPORT_NAME] = OID("\x2b\x06\x01\x05\x06\x04"),                         /* 1.3.6.1.5.6.4 */
    [KRB5_NT_PRINCIPAL_NAME] = OID("\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x01"), /* 1.2.840.113554.1.2.2.1 */
    [MECH_KRB5] = OID("\x2a\x86\x48\x86\xf7\x12\x01\x02\x02"),                  /* 1.2.840.113554.1.2.2 */
};

static const gss_OID_set_desc set_krb5 = {1, STATIC(MECH_KRB5)};

gss_OID GSS_C_NT_USER_NAME = STATIC(NT_USER_NAME);
gss_OID GSS_C_NT_MACHINE_UID_NAME = STATIC(NT_MACHINE_UID_NAME);
gss_OID GSS_C_NT_STRING_UID_NAME = STATIC(NT_STRING_UID_NAME);
gss_OID GSS_C_NT_HOSTBASED_SERVICE = STATIC(NT_HOSTBASED_SERVICE);
gss_OID GSS_C_NT_HOSTBASED_SERVICE_X = STATIC(NT_HOSTBASED_SERVICE_X);
gss_OID GSS_C_NT_ANONYMOUS = STATIC(NT_ANONYMOUS);
gss_OID GSS_C_NT_EXPORT_NAME = STATIC(NT_EXPORT_NAME);
gss_OID GSS_KRB5_NT_PRINCIPAL_NAME = STATIC(KRB5_NT_PRINCIPAL_NAME);
gss_OID GSS_KRB5_NT_USER_NAME = STATIC(NT_USER_NAME);
gss_OID GSS_KRB5_NT_MACHINE_UID_NAME = STATIC(NT_MACHINE_UID_NAME);
gss_OID GSS_KRB5_NT_STRING_UID_NAME = STATIC(NT_STRING_UID_NAME);

gss_OID gss_mech_krb5 = STATIC(MECH_KRB5);
gss_OID_set gss_mech_set_krb5 = (gss_OID_set)(uintptr_t)&set_krb5;

gss_OID
front_static_oid(const void *elements, size_t length)
{
	size_t i;

	for (i = 0; i < OIDS; i++) {
		if (oids[i].length == length && memcmp(oids[i].elements, elements, length) == 0)
			return STATIC(i);
	}
	return GSS_C_NO_OID;
}

int
front_is_static_oid(gss_const_OID oid)
{
	uintptr_t p = (uintptr_t)oid;

	return p >= (uintptr_t)&oids[0] && p < (uintptr_t)&oids[OIDS];
}

int
front_is_mech(gss_const_OID oid)
{
	return gss_oid_equal(oid, &oids[MECH_KRB5]);
}

int
front_is_static_oid_set(gss_const_OID_set set)
{
	return set == &set_krb5;
}
