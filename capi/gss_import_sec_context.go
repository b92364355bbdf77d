// SPDX-License-Identifier: BSD-2-Clause

package main

// #include "glue.h"
import "C"

import (
	"libgssapi/internal/ctx"
	"libgssapi/internal/stack"
)

//export gss_import_sec_context
func gss_import_sec_context(minor_status *C.OM_uint32, interprocess_token C.gss_buffer_t,
	context_handle *C.gss_ctx_id_t) (result major) {
	stack.Headroom()
	defer stack.WipeShallow()
	defer recovered(minor_status, &result)

	clearNumber(minor_status)
	clearPointer(context_handle)

	switch {
	case minor_status == nil, context_handle == nil:
		return inaccessibleWrite
	case !readable(interprocess_token), empty(interprocess_token):
		return inaccessibleRead | badToken
	}

	err := giveImported(context_handle, contexts, func(ready func() error) (*ctx.Context, error) {
		return ctx.Import(environment(), borrow(interprocess_token), ready)
	})
	if err != nil {
		return fail(minor_status, err)
	}
	return complete
}
