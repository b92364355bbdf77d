/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * private.h: names that libgssapi_krb5.so.2 exports and no public header declares, because programs and libraries of Debian
 * and FreeBSD 15 were linked with them. Some were variables in the past and are macros in the public headers.
 */

#ifndef LIBGSSAPI_MIT_PRIVATE_H
#define LIBGSSAPI_MIT_PRIVATE_H

#include <gssapi/gssapi_krb5.h>

#undef gss_nt_user_name
#undef gss_nt_machine_uid_name
#undef gss_nt_string_uid_name
#undef gss_nt_service_name
#undef gss_nt_service_name_v2
#undef gss_nt_exported_name
#undef gss_nt_krb5_name

extern gss_OID gss_nt_user_name;
extern gss_OID gss_nt_machine_uid_name;
extern gss_OID gss_nt_string_uid_name;
extern gss_OID gss_nt_service_name;
extern gss_OID gss_nt_service_name_v2;
extern gss_OID gss_nt_exported_name;
extern gss_OID gss_nt_krb5_name;
extern gss_OID gss_nt_krb5_principal; /* 1.2.840.113554.1.2.2.2, a name type of before RFC 1964 */

extern int krb5_gss_dbg_client_expcreds; /* a switch of MIT's own tests; never read */

/* Internal functions of MIT krb5, called by its own libraries and plug-ins. Their arguments do not matter here. */
OM_uint32 krb5_gss_use_kdc_context(void);
int gssint_g_seqstate_init(void);
int gss_krb5int_make_seal_token_v3(void);

#endif
