// SPDX-License-Identifier: BSD-2-Clause

package main

// #include "glue.h"
import "C"

import (
	"libgssapi/internal/stack"
)

//export gss_unwrap
func gss_unwrap(minor_status *C.OM_uint32, context_handle C.gss_ctx_id_t,
	input_message_buffer, output_message_buffer C.gss_buffer_t, conf_state *C.int, qop_state *C.gss_qop_t) (result major) {
	stack.Headroom()
	defer recovered(minor_status, &result)

	clearNumber(minor_status)
	clearBuffer(output_message_buffer)
	clearNumber(conf_state)
	clearNumber(qop_state)

	switch {
	case minor_status == nil:
		return inaccessibleWrite
	case context_handle == nil:
		return inaccessibleRead | noContext
	case !readable(input_message_buffer), empty(input_message_buffer):
		return inaccessibleRead
	case output_message_buffer == nil:
		return inaccessibleWrite
	}
	messages, err := messagesOf(context_handle)
	if err != nil {
		return fail(minor_status, err)
	}

	msg, conf, supplementary, err := messages.Unwrap(borrow(input_message_buffer), &callerMemory)
	if err != nil {
		return fail(minor_status, err)
	}

	giveMemory(output_message_buffer, msg)
	giveBool(conf_state, conf)
	return major(supplementary)
}
