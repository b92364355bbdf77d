/* SPDX-License-Identifier: BSD-2-Clause */

#include "private.h"

#include "front.h"

#include <errno.h>
#include <stdlib.h>

OM_uint32
_gss_copy_oid(OM_uint32 *minor_status, const gss_OID from_oid, gss_OID to_oid)
{
	front_set_minor(minor_status, 0);
	if (to_oid == GSS_C_NO_OID)
		return GSS_S_CALL_INACCESSIBLE_WRITE;
	if (!front_is_oid(from_oid))
		return GSS_S_CALL_INACCESSIBLE_READ;
	if (front_copy_oid(from_oid, to_oid) != 0)
		return front_failure(minor_status, ENOMEM);
	return GSS_S_COMPLETE;
}

OM_uint32
_gss_free_oid(OM_uint32 *minor_status, gss_OID oid)
{
	front_set_minor(minor_status, 0);
	if (oid != GSS_C_NO_OID && !front_is_static_oid(oid)) {
		free(oid->elements);
		oid->elements = NULL;
		oid->length = 0;
	}
	return GSS_S_COMPLETE;
}

OM_uint32
_gss_copy_buffer(OM_uint32 *minor_status, const gss_buffer_t from_buf, gss_buffer_t to_buf)
{
	front_set_minor(minor_status, 0);
	if (to_buf == GSS_C_NO_BUFFER)
		return GSS_S_CALL_INACCESSIBLE_WRITE;
	front_clear_buffer(to_buf);
	if (!front_readable(from_buf))
		return GSS_S_CALL_INACCESSIBLE_READ;
	if (front_give_octets(from_buf->value, from_buf->length, to_buf) != 0)
		return front_failure(minor_status, ENOMEM);
	return GSS_S_COMPLETE;
}

/* The text for minor is asked from the mechanism when a program wants it, so there is nothing to keep. */
void
_gss_mg_collect_error(gss_OID mech, OM_uint32 major, OM_uint32 minor)
{
	(void)mech;
	(void)major;
	(void)minor;
}
