// SPDX-License-Identifier: BSD-2-Clause

package main

// #include "glue.h"
import "C"

import (
	"libgssapi/internal/stack"
)

//export gss_display_name_ext
func gss_display_name_ext(minor_status *C.OM_uint32, name C.gss_name_t, display_as_name_type C.gss_OID,
	display_name C.gss_buffer_t) (result major) {
	stack.Headroom()
	defer recovered(minor_status, &result)

	clearNumber(minor_status)
	clearBuffer(display_name)

	switch {
	case minor_status == nil, display_name == nil:
		return inaccessibleWrite
	case name == nil:
		return inaccessibleRead | badName
	case display_as_name_type == nil, !readableOID(display_as_name_type):
		return inaccessibleRead | badNameType
	}
	n := nameOf(name)
	if n == nil {
		return fail(minor_status, errName)
	}

	text, err := n.DisplayAs(copyOID(display_as_name_type))
	if err != nil {
		return fail(minor_status, err)
	}

	if !giveText(display_name, text) {
		return fail(minor_status, errMemory)
	}
	return complete
}
