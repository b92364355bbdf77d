// SPDX-License-Identifier: BSD-2-Clause

package main

// #include "glue.h"
import "C"

import (
	"syscall"

	"libgssapi/internal/stack"
	"libgssapi/internal/status"
)

//export gss_pseudo_random
func gss_pseudo_random(minor_status *C.OM_uint32, context C.gss_ctx_id_t, prf_key C.int, prf_in C.gss_buffer_t,
	desired_output_len C.ssize_t, prf_out C.gss_buffer_t) (result major) {
	stack.Headroom()
	defer stack.Wipe()
	defer recovered(minor_status, &result)

	clearNumber(minor_status)
	clearBuffer(prf_out)

	switch {
	case minor_status == nil:
		return inaccessibleWrite
	case context == nil:
		return inaccessibleRead | noContext
	case !readable(prf_in):
		return inaccessibleRead
	case prf_out == nil:
		return inaccessibleWrite
	}
	messages, err := messagesOf(context)
	if err != nil {
		return fail(minor_status, err)
	}

	full := prf_key == C.GSS_C_PRF_KEY_FULL
	if !full && prf_key != C.GSS_C_PRF_KEY_PARTIAL {
		return fail(minor_status, status.Errorf(status.Failure, status.Minor(syscall.EINVAL), "unknown key %d", prf_key))
	}
	out, err := messages.PseudoRandom(full, borrow(prf_in), int(desired_output_len), &callerMemory)
	if err != nil {
		return fail(minor_status, err)
	}

	giveMemory(prf_out, out)
	return complete
}
