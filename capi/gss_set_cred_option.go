// SPDX-License-Identifier: BSD-2-Clause

package main

// #include "glue.h"
import "C"

import (
	"libgssapi/internal/gss"
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

	if c == nil {
		env := environment()
		imported, err := gss.Import(env, copyOID(desired_object), borrow(value))
		if err != nil {
			return fail(minor_status, err)
		}
		return acquired{cred: cred_handle}.give(minor_status, env, imported)
	}
	if err := c.SetOption(copyOID(desired_object), borrow(value)); err != nil {
		return fail(minor_status, err)
	}

	credentials.Keep(handleAt(cred_handle))
	return complete
}
