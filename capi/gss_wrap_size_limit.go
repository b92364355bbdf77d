// SPDX-License-Identifier: BSD-2-Clause

package main

// #include "glue.h"
import "C"

import (
	"libgssapi/internal/stack"
)

//export gss_wrap_size_limit
func gss_wrap_size_limit(minor_status *C.OM_uint32, context_handle C.gss_ctx_id_t, conf_req_flag C.int,
	qop_req C.gss_qop_t, req_output_size C.OM_uint32, max_input_size *C.OM_uint32) (result major) {
	stack.Headroom()
	defer recovered(minor_status, &result)

	clearNumber(minor_status)
	clearNumber(max_input_size)

	switch {
	case minor_status == nil:
		return inaccessibleWrite
	case context_handle == nil:
		return inaccessibleRead | noContext
	case max_input_size == nil:
		return inaccessibleWrite
	}
	messages, err := messagesOf(context_handle)
	if err != nil {
		return fail(minor_status, err)
	}

	limit, err := messages.WrapSizeLimit(conf_req_flag != 0, uint32(qop_req), uint32(req_output_size))
	if err != nil {
		return fail(minor_status, err)
	}

	*max_input_size = C.OM_uint32(limit)
	return complete
}
