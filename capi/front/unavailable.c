/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * unavailable.c: the result of functions that this version does not implement, and that a library must export because
 * programs are linked with them.
 */

#include "front.h"

#include <errno.h>
#include <stdio.h>

OM_uint32
front_unavailable(OM_uint32 *minor_status, const char *function)
{
	char text[128];

	(void)snprintf(text, sizeof(text), "%s is not implemented in this version of libgssapi", function);
	return front_report(minor_status, GSS_S_UNAVAILABLE, ENOSYS, text);
}
