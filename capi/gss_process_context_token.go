// SPDX-License-Identifier: BSD-2-Clause

package main

// #include "glue.h"
import "C"

import (
	"libgssapi/internal/stack"
)

//export gss_process_context_token
func gss_process_context_token(minor_status *C.OM_uint32, context_handle C.gss_ctx_id_t,
	token_buffer C.gss_buffer_t) (result major) {
	stack.Headroom()
	defer recovered(minor_status, &result)

	clearNumber(minor_status)

	switch {
	case minor_status == nil:
		return inaccessibleWrite
	case context_handle == nil:
		return inaccessibleRead | noContext
	case !readable(token_buffer), empty(token_buffer):
		return inaccessibleRead
	}
	c := contextOf(context_handle)
	if c == nil {
		return fail(minor_status, errContext)
	}

	return fail(minor_status, c.ProcessToken(borrow(token_buffer)))
}
