// SPDX-License-Identifier: BSD-2-Clause

package main

// #include "glue.h"
import "C"

import (
	"time"

	"libgssapi/internal/stack"
)

//export gss_context_time
func gss_context_time(minor_status *C.OM_uint32, context_handle C.gss_ctx_id_t, time_rec *C.OM_uint32) (result major) {
	stack.Headroom()
	defer recovered(minor_status, &result)

	clearNumber(minor_status)
	clearNumber(time_rec)

	switch {
	case minor_status == nil:
		return inaccessibleWrite
	case context_handle == nil:
		return inaccessibleRead | noContext
	case time_rec == nil:
		return inaccessibleWrite
	}
	c := contextOf(context_handle)
	if c == nil {
		return fail(minor_status, errContext)
	}

	left, err := c.TimeLeft(time.Now())
	if err != nil {
		return fail(minor_status, err)
	}

	*time_rec = C.OM_uint32(left)
	return complete
}
