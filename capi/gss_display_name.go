// SPDX-License-Identifier: BSD-2-Clause

package main

// #include "glue.h"
import "C"

import (
	"libgssapi/internal/stack"
)

//export gss_display_name
func gss_display_name(minor_status *C.OM_uint32, input_name C.gss_name_t, output_name_buffer C.gss_buffer_t,
	output_name_type *C.gss_OID) (result major) {
	stack.Headroom()
	defer recovered(minor_status, &result)

	clearNumber(minor_status)
	clearBuffer(output_name_buffer)
	clearPointer(output_name_type)

	switch {
	case minor_status == nil, output_name_buffer == nil:
		return inaccessibleWrite
	case input_name == nil:
		return inaccessibleRead | badName
	}
	n := nameOf(input_name)
	if n == nil {
		return fail(minor_status, errName)
	}

	text, nameType, err := n.Display()
	if err != nil {
		return fail(minor_status, err)
	}

	if !giveText(output_name_buffer, text) {
		return fail(minor_status, errMemory)
	}
	giveOID(output_name_type, nameType)
	return complete
}
