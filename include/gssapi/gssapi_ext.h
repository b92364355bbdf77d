/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * gssapi_ext.h: where other implementations declare buffer sets, options by OID and gss_pname_to_uid. Here gssapi.h has
 * them, as on FreeBSD.
 */

#ifndef GSSAPI_GSSAPI_EXT_H_
#define GSSAPI_GSSAPI_EXT_H_

#include <gssapi/gssapi.h>

#endif
