/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * gssapi_krb5.h: the Kerberos mechanism (RFC 4121, RFC 1964).
 */

#ifndef GSSAPI_GSSAPI_KRB5_H_
#define GSSAPI_GSSAPI_KRB5_H_

#include <gssapi/gssapi.h>
#include <gssapi/gssapi_generic.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Static objects, never released. */
extern gss_OID gss_mech_krb5;         /* 1.2.840.113554.1.2.2 */
extern gss_OID_set gss_mech_set_krb5; /* that one */

#ifdef __cplusplus
}
#endif

#define GSS_KRB5_MECHANISM gss_mech_krb5

/* Older names of name types. Those of GSS_KRB5_NT_* that are objects are declared in gssapi.h. */
#define GSS_KRB5_NT_HOSTBASED_SERVICE_NAME GSS_C_NT_HOSTBASED_SERVICE
#define gss_nt_krb5_name GSS_KRB5_NT_PRINCIPAL_NAME
#define gss_krb5_nt_general_name GSS_KRB5_NT_PRINCIPAL_NAME
#define gss_krb5_nt_service_name GSS_C_NT_HOSTBASED_SERVICE
#define gss_krb5_nt_user_name GSS_C_NT_USER_NAME
#define gss_krb5_nt_machine_uid_name GSS_C_NT_MACHINE_UID_NAME
#define gss_krb5_nt_string_uid_name GSS_C_NT_STRING_UID_NAME

#endif
