// SPDX-License-Identifier: BSD-2-Clause

package main

// #include "glue.h"
import "C"

import "libgssapi/internal/stack"

//export gss_export_sec_context
func gss_export_sec_context(minor_status *C.OM_uint32, context_handle *C.gss_ctx_id_t,
	interprocess_token C.gss_buffer_t) (result major) {
	stack.Headroom()
	defer stack.WipeShallow()
	defer recovered(minor_status, &result)

	clearNumber(minor_status)
	clearBuffer(interprocess_token)

	switch {
	case minor_status == nil:
		return inaccessibleWrite
	case context_handle == nil, handleAt(context_handle) == 0:
		return inaccessibleRead | noContext
	case interprocess_token == nil:
		return inaccessibleWrite
	}
	h := handleAt(context_handle)
	c := contexts.Get(h)
	if c == nil {
		return fail(minor_status, errContext)
	}

	// If several callers race to export one context, Export succeeds for one of them.
	tok, err := c.Export(environment(), &callerMemory)
	if err != nil {
		return fail(minor_status, err)
	}

	giveMemory(interprocess_token, tok)
	contexts.Take(h)
	c.Delete()
	released()
	clearPointer(context_handle)
	return complete
}
