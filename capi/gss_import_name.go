// SPDX-License-Identifier: BSD-2-Clause

package main

// #include "glue.h"
import "C"

import (
	"libgssapi/internal/gss"
	"libgssapi/internal/stack"
)

//export gss_import_name
func gss_import_name(minor_status *C.OM_uint32, input_name_buffer C.gss_buffer_t, input_name_type C.gss_OID,
	output_name *C.gss_name_t) (result major) {
	stack.Headroom()
	defer recovered(minor_status, &result)

	clearNumber(minor_status)
	clearPointer(output_name)

	switch {
	case minor_status == nil, output_name == nil:
		return inaccessibleWrite
	case input_name_buffer == nil:
		return badName
	case !readable(input_name_buffer):
		return inaccessibleRead | badName
	case !readableOID(input_name_type):
		return inaccessibleRead
	}

	n, err := gss.ImportName(borrow(input_name_buffer), copyOID(input_name_type))
	if err != nil {
		return fail(minor_status, err)
	}

	if !giveName(output_name, n) {
		return fail(minor_status, errHandles)
	}
	return complete
}
