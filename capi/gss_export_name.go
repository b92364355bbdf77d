// SPDX-License-Identifier: BSD-2-Clause

package main

// #include "glue.h"
import "C"

import (
	"libgssapi/internal/stack"
)

//export gss_export_name
func gss_export_name(minor_status *C.OM_uint32, input_name C.gss_name_t, exported_name C.gss_buffer_t) (result major) {
	stack.Headroom()
	defer recovered(minor_status, &result)

	clearNumber(minor_status)
	clearBuffer(exported_name)

	switch {
	case minor_status == nil, exported_name == nil:
		return inaccessibleWrite
	case input_name == nil:
		return inaccessibleRead | badName
	}
	n := nameOf(input_name)
	if n == nil {
		return fail(minor_status, errName)
	}

	exported, err := n.Export(nil)
	if err != nil {
		return fail(minor_status, err)
	}

	if !giveBuffer(exported_name, exported) {
		return fail(minor_status, errMemory)
	}
	return complete
}
