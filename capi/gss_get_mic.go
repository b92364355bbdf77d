// SPDX-License-Identifier: BSD-2-Clause

package main

// #include "glue.h"
import "C"

import (
	"libgssapi/internal/stack"
)

//export gss_get_mic
func gss_get_mic(minor_status *C.OM_uint32, context_handle C.gss_ctx_id_t, qop_req C.gss_qop_t,
	message_buffer, message_token C.gss_buffer_t) (result major) {
	stack.Headroom()
	defer recovered(minor_status, &result)

	clearNumber(minor_status)
	clearBuffer(message_token)

	switch {
	case minor_status == nil:
		return inaccessibleWrite
	case context_handle == nil:
		return inaccessibleRead | noContext
	case !readable(message_buffer):
		return inaccessibleRead
	case message_token == nil:
		return inaccessibleWrite
	}
	messages, err := messagesOf(context_handle)
	if err != nil {
		return fail(minor_status, err)
	}

	tok, err := messages.GetMIC(uint32(qop_req), borrow(message_buffer), &callerMemory)
	if err != nil {
		return fail(minor_status, err)
	}

	giveMemory(message_token, tok)
	return complete
}
