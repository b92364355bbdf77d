// SPDX-License-Identifier: BSD-2-Clause

package main

// #include "glue.h"
import "C"

import (
	"libgssapi/internal/stack"
)

//export gss_set_cred_option
func gss_set_cred_option(minor_status *C.OM_uint32, cred_handle *C.gss_cred_id_t, desired_object C.gss_OID,
	value C.gss_buffer_t) (result major) {
	stack.Headroom()
	defer stack.Wipe()
	defer recovered(minor_status, &result)

	clearNumber(minor_status)

	switch {
	case minor_status == nil, cred_handle == nil:
		return inaccessibleWrite
	case desired_object == nil, !readableOID(desired_object), !optional(value):
		return inaccessibleRead
	}
	c, ok := credentialOf(*cred_handle)
	if !ok {
		return fail(minor_status, errCredential)
	}

	if err := c.SetOption(copyOID(desired_object), borrow(value)); err != nil {
		return fail(minor_status, err)
	}

	credentials.Keep(handleAt(cred_handle))
	return complete
}
