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
	case context_handle == nil, number(context_handle) == 0:
		return inaccessibleRead | noContext
	case interprocess_token == nil:
		return inaccessibleWrite
	}
	h := number(context_handle)
	c := contexts.Get(h)
	if c == nil {
		return fail(minor_status, errContext)
	}

	// Of callers that race with one context, Export succeeds for a single one.
	env := environment()
	tok, err := c.Export(env)
	if err != nil {
		return fail(minor_status, err)
	}
	defer wipe([][]byte{tok}) // a plain one has keys in it

	if !giveBuffer(interprocess_token, tok) {
		// The context was to stay as it was; the token is all that is left of it.
		if back, err := c.Back(env, tok); err == nil {
			if contexts.Replace(h, c, back) {
				c.Delete()
			} else {
				back.Delete()
			}
		}
		return fail(minor_status, errMemory)
	}
	contexts.Take(h)
	c.Delete()
	released()
	clearPointer(context_handle)
	return complete
}
