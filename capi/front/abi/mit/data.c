/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * data.c: the objects that libgssapi_krb5.so.2 exports beside those of oid_static.c.
 */

#include "private.h"

#include "oid_static.h"

gss_OID gss_mech_krb5_old = STATIC_OID(MECH_KRB5_OLD);
gss_OID gss_mech_krb5_wrong = STATIC_OID(MECH_KRB5_WRONG);
gss_OID gss_mech_iakerb = STATIC_OID(MECH_IAKERB);
gss_OID_set gss_mech_set_krb5_old = STATIC_SET(SET_KRB5_OLD);
gss_OID_set gss_mech_set_krb5_both = STATIC_SET(SET_KRB5_BOTH);

gss_OID gss_nt_user_name = STATIC_OID(NT_USER_NAME);
gss_OID gss_nt_machine_uid_name = STATIC_OID(NT_MACHINE_UID_NAME);
gss_OID gss_nt_string_uid_name = STATIC_OID(NT_STRING_UID_NAME);
gss_OID gss_nt_service_name = STATIC_OID(NT_HOSTBASED_SERVICE);
gss_OID gss_nt_service_name_v2 = STATIC_OID(NT_HOSTBASED_SERVICE_X);
gss_OID gss_nt_exported_name = STATIC_OID(NT_EXPORT_NAME);
gss_OID gss_nt_krb5_name = STATIC_OID(KRB5_NT_PRINCIPAL_NAME);
gss_OID gss_nt_krb5_principal = STATIC_OID(KRB5_NT_PRINCIPAL);

gss_OID GSS_KRB5_NT_ENTERPRISE_NAME = STATIC_OID(KRB5_NT_ENTERPRISE_NAME);
gss_OID GSS_KRB5_NT_X509_CERT = STATIC_OID(KRB5_NT_X509_CERT);
gss_OID GSS_KRB5_CRED_NO_CI_FLAGS_X = STATIC_OID(KRB5_CRED_NO_CI_FLAGS_X);
gss_OID GSS_KRB5_GET_CRED_IMPERSONATOR = STATIC_OID(KRB5_GET_CRED_IMPERSONATOR);

gss_OID GSS_C_INQ_SSPI_SESSION_KEY = STATIC_OID(INQ_SSPI_SESSION_KEY);
gss_OID GSS_C_INQ_NEGOEX_KEY = STATIC_OID(INQ_NEGOEX_KEY);
gss_OID GSS_C_INQ_NEGOEX_VERIFY_KEY = STATIC_OID(INQ_NEGOEX_VERIFY_KEY);
gss_OID GSS_C_SEC_CONTEXT_SASL_SSF = STATIC_OID(SEC_CONTEXT_SASL_SSF);

static const char local_login_user[] = "local-login-user";
static const gss_buffer_desc attr_local_login_user = {
    sizeof(local_login_user) - 1,
    (void *)(uintptr_t)local_login_user,
};
gss_buffer_t GSS_C_ATTR_LOCAL_LOGIN_USER = (gss_buffer_t)(uintptr_t)&attr_local_login_user;

int krb5_gss_dbg_client_expcreds = 0;
