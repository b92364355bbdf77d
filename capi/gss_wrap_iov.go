// SPDX-License-Identifier: BSD-2-Clause

package main

// #include "glue.h"
import "C"

import (
	"libgssapi/internal/stack"
)

//export gss_wrap_iov
func gss_wrap_iov(minor_status *C.OM_uint32, context_handle C.gss_ctx_id_t, conf_req_flag C.int, qop_req C.gss_qop_t,
	conf_state *C.int, iov *C.gss_iov_buffer_desc, iov_count C.int) (result major) {
	stack.Headroom()
	defer recovered(minor_status, &result)

	clearNumber(minor_status)
	clearNumber(conf_state)

	switch {
	case minor_status == nil:
		return inaccessibleWrite
	case context_handle == nil:
		return inaccessibleRead | noContext
	case !readableIOV(iov, iov_count, sending):
		return inaccessibleRead
	}
	messages, err := messagesOf(context_handle)
	if err != nil {
		return fail(minor_status, err)
	}

	var room iovRoom
	buffers := borrowIOV(room[:0], iov, iov_count, sending)
	conf, err := messages.WrapIOV(conf_req_flag != 0, uint32(qop_req), onStack(buffers), &callerMemory)
	if err != nil {
		return fail(minor_status, err)
	}

	giveIOV(iov, buffers)
	giveBool(conf_state, conf)
	return complete
}
