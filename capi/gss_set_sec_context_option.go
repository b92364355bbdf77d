// SPDX-License-Identifier: BSD-2-Clause

package main

// #include "glue.h"
import "C"

import (
	"libgssapi/internal/ctx"
	"libgssapi/internal/gss"
	"libgssapi/internal/stack"
)

// Without a context, it sets an option of the process. FreeBSD's libgssapi_krb5 passes NULL for context_handle.
//
//export gss_set_sec_context_option
func gss_set_sec_context_option(minor_status *C.OM_uint32, context_handle *C.gss_ctx_id_t, desired_object C.gss_OID,
	value C.gss_buffer_t) (result major) {
	stack.Headroom()
	defer recovered(minor_status, &result)

	clearNumber(minor_status)

	switch {
	case minor_status == nil:
		return inaccessibleWrite
	case desired_object == nil, !readableOID(desired_object), !optional(value):
		return inaccessibleRead
	}
	var c *ctx.Context
	if context_handle != nil && handleAt(context_handle) != 0 {
		if c = contexts.Get(handleAt(context_handle)); c == nil {
			return fail(minor_status, errContext)
		}
	}

	var err error
	if c == nil {
		err = gss.SetOption(&library.Options, copyOID(desired_object), borrow(value))
		keepOptions()
		withholdHandles()
	} else {
		err = c.SetOption(copyOID(desired_object), borrow(value))
		contexts.Keep(handleAt(context_handle))
	}
	if err != nil {
		return fail(minor_status, err)
	}

	return complete
}
