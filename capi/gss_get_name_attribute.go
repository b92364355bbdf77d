// SPDX-License-Identifier: BSD-2-Clause

package main

// #include "glue.h"
import "C"

import (
	"libgssapi/internal/stack"
)

//export gss_get_name_attribute
func gss_get_name_attribute(minor_status *C.OM_uint32, name C.gss_name_t, attr C.gss_buffer_t, authenticated *C.int,
	complete_ *C.int, value C.gss_buffer_t, display_value C.gss_buffer_t, more *C.int) (result major) {
	stack.Headroom()
	defer recovered(minor_status, &result)

	clearNumber(minor_status)
	clearNumber(authenticated)
	clearNumber(complete_)
	clearBuffer(value)
	clearBuffer(display_value)
	after := 0
	if more != nil {
		after = int(*more)
	}
	clearNumber(more)

	switch {
	case minor_status == nil, more == nil:
		return inaccessibleWrite
	case name == nil:
		return inaccessibleRead | badName
	case !readable(attr):
		return inaccessibleRead
	}
	n := nameOf(name)
	if n == nil {
		return fail(minor_status, errName)
	}

	v, err := n.Attribute(string(borrow(attr)), after)
	if err != nil {
		return fail(minor_status, err)
	}

	if value != nil && !giveBuffer(value, v.Octets) {
		return fail(minor_status, errMemory)
	}
	giveBool(authenticated, v.Authenticated)
	giveBool(complete_, v.Complete)
	*more = C.int(v.More)
	return complete
}
