// SPDX-License-Identifier: BSD-2-Clause

package main

// #include "glue.h"
import "C"

import (
	"libgssapi/internal/stack"
)

//export gss_get_mic_iov_length
func gss_get_mic_iov_length(minor_status *C.OM_uint32, context_handle C.gss_ctx_id_t, qop_req C.gss_qop_t,
	iov *C.gss_iov_buffer_desc, iov_count C.int) (result major) {
	stack.Headroom()
	defer recovered(minor_status, &result)

	clearNumber(minor_status)

	switch {
	case minor_status == nil:
		return inaccessibleWrite
	case context_handle == nil:
		return inaccessibleRead | noContext
	case descriptors(iov, iov_count) == nil:
		return inaccessibleRead
	}
	messages, err := messagesOf(context_handle)
	if err != nil {
		return fail(minor_status, err)
	}

	var room iovRoom
	buffers := borrowLengths(room[:0], iov, iov_count)
	if err := messages.GetMICIOVLength(uint32(qop_req), onStack(buffers)); err != nil {
		return fail(minor_status, err)
	}

	giveLengths(iov, buffers)
	return complete
}
