// SPDX-License-Identifier: BSD-2-Clause

package main

// #include "glue.h"
import "C"

import (
	"libgssapi/internal/stack"
)

//export gss_set_name_attribute
func gss_set_name_attribute(minor_status *C.OM_uint32, name C.gss_name_t, _ C.int, attr C.gss_buffer_t,
	value C.gss_buffer_t) (result major) {
	stack.Headroom()
	defer recovered(minor_status, &result)

	clearNumber(minor_status)

	switch {
	case minor_status == nil:
		return inaccessibleWrite
	case name == nil:
		return inaccessibleRead | badName
	case !readable(attr), !readable(value):
		return inaccessibleRead
	}
	n := nameOf(name)
	if n == nil {
		return fail(minor_status, errName)
	}

	return fail(minor_status, n.ChangeAttribute(string(borrow(attr))))
}
