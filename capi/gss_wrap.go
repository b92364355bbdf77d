// SPDX-License-Identifier: BSD-2-Clause

package main

// #include "glue.h"
import "C"

import (
	"libgssapi/internal/stack"
)

//export gss_wrap
func gss_wrap(minor_status *C.OM_uint32, context_handle C.gss_ctx_id_t, conf_req_flag C.int, qop_req C.gss_qop_t,
	input_message_buffer C.gss_buffer_t, conf_state *C.int, output_message_buffer C.gss_buffer_t) (result major) {
	stack.Headroom()
	defer recovered(minor_status, &result)

	clearNumber(minor_status)
	clearNumber(conf_state)
	clearBuffer(output_message_buffer)

	switch {
	case minor_status == nil:
		return inaccessibleWrite
	case context_handle == nil:
		return inaccessibleRead | noContext
	case !readable(input_message_buffer):
		return inaccessibleRead
	case output_message_buffer == nil:
		return inaccessibleWrite
	}
	messages, err := messagesOf(context_handle)
	if err != nil {
		return fail(minor_status, err)
	}

	conf := conf_req_flag != 0
	tok, err := messages.Wrap(conf, uint32(qop_req), borrow(input_message_buffer), &callerMemory)
	if err != nil {
		return fail(minor_status, err)
	}

	giveMemory(output_message_buffer, tok)
	giveBool(conf_state, conf)
	return complete
}
