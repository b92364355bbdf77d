// SPDX-License-Identifier: BSD-2-Clause

package main

// #include "glue.h"
import "C"

import (
	"libgssapi/internal/stack"
)

//export gss_inquire_sec_context_by_oid
func gss_inquire_sec_context_by_oid(minor_status *C.OM_uint32, context_handle C.gss_ctx_id_t, desired_object C.gss_OID,
	data_set *C.gss_buffer_set_t) (result major) {
	stack.Headroom()
	defer stack.Wipe()
	defer recovered(minor_status, &result)

	clearNumber(minor_status)
	clearPointer(data_set)

	switch {
	case minor_status == nil:
		return inaccessibleWrite
	case context_handle == nil:
		return inaccessibleRead | noContext
	case desired_object == nil, !readableOID(desired_object):
		return inaccessibleRead
	case data_set == nil:
		return inaccessibleWrite
	}
	c := contextOf(context_handle)
	if c == nil {
		return fail(minor_status, errContext)
	}

	data, err := c.InquireByOID(environment(), copyOID(desired_object))
	if err != nil {
		return fail(minor_status, err)
	}

	if len(data) == 0 {
		return complete // no set, as with MIT
	}
	given := giveBuffers(data_set, data)
	wipe(data) // a key, perhaps
	if !given {
		return fail(minor_status, errMemory)
	}
	return complete
}

func wipe(buffers [][]byte) {
	for _, b := range buffers {
		for i := range b {
			b[i] = 0
		}
	}
}
