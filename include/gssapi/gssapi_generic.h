/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * gssapi_generic.h: the names that name types had before RFC 2744.
 */

#ifndef GSSAPI_GSSAPI_GENERIC_H_
#define GSSAPI_GSSAPI_GENERIC_H_

#include <gssapi/gssapi.h>

#define gss_nt_user_name GSS_C_NT_USER_NAME
#define gss_nt_machine_uid_name GSS_C_NT_MACHINE_UID_NAME
#define gss_nt_string_uid_name GSS_C_NT_STRING_UID_NAME
#define gss_nt_service_name GSS_C_NT_HOSTBASED_SERVICE
#define gss_nt_service_name_v2 GSS_C_NT_HOSTBASED_SERVICE_X
#define gss_nt_exported_name GSS_C_NT_EXPORT_NAME

#define GSS_EMPTY_BUFFER(buf) ((buf) == NULL || (buf)->value == NULL || (buf)->length == 0)

#endif
