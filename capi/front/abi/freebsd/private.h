/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * private.h: the four functions of FBSDprivate_1.0, which FreeBSD's mechanism libraries call.
 */

#ifndef LIBGSSAPI_FREEBSD_PRIVATE_H
#define LIBGSSAPI_FREEBSD_PRIVATE_H

#include <gssapi/gssapi.h>

/* Copies to an existing descriptor. */
OM_uint32 _gss_copy_oid(OM_uint32 *minor_status, const gss_OID from_oid, gss_OID to_oid);

/* Frees the octets, not the descriptor. */
OM_uint32 _gss_free_oid(OM_uint32 *minor_status, gss_OID oid);

OM_uint32 _gss_copy_buffer(OM_uint32 *minor_status, const gss_buffer_t from_buf, gss_buffer_t to_buf);
void _gss_mg_collect_error(gss_OID mech, OM_uint32 major, OM_uint32 minor);

#endif
