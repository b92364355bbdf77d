// SPDX-License-Identifier: BSD-2-Clause

package main

// #include "glue.h"
import "C"

import (
	"libgssapi/internal/stack"
)

//export gss_delete_sec_context
func gss_delete_sec_context(minor_status *C.OM_uint32, context_handle *C.gss_ctx_id_t,
	output_token C.gss_buffer_t) (result major) {
	stack.Headroom()
	defer stack.Wipe()
	defer recovered(minor_status, &result)

	clearNumber(minor_status)
	clearBuffer(output_token)

	switch {
	case minor_status == nil:
		return inaccessibleWrite
	case context_handle == nil, handleAt(context_handle) == 0:
		return inaccessibleWrite | noContext
	}

	c := contexts.Take(handleAt(context_handle))
	if c == nil {
		return fail(minor_status, errContext)
	}
	c.Delete()
	released()

	clearPointer(context_handle)
	return complete
}
