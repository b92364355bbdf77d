// SPDX-License-Identifier: BSD-2-Clause

package main

// #include "glue.h"
import "C"

import (
	"libgssapi/internal/stack"
)

//export gss_verify_mic
func gss_verify_mic(minor_status *C.OM_uint32, context_handle C.gss_ctx_id_t,
	message_buffer, token_buffer C.gss_buffer_t, qop_state *C.gss_qop_t) (result major) {
	stack.Headroom()
	defer recovered(minor_status, &result)

	clearNumber(minor_status)
	clearNumber(qop_state)

	switch {
	case minor_status == nil:
		return inaccessibleWrite
	case context_handle == nil:
		return inaccessibleRead | noContext
	case !readable(message_buffer), !readable(token_buffer), empty(token_buffer):
		return inaccessibleRead
	}
	messages, err := messagesOf(context_handle)
	if err != nil {
		return fail(minor_status, err)
	}

	supplementary, err := messages.VerifyMIC(borrow(message_buffer), borrow(token_buffer))
	if err != nil {
		return fail(minor_status, err)
	}

	return major(supplementary)
}
