// SPDX-License-Identifier: BSD-2-Clause

package main

// #include "glue.h"
import "C"

import (
	"libgssapi/internal/stack"
)

//export gss_export_name_composite
func gss_export_name_composite(minor_status *C.OM_uint32, name C.gss_name_t, exp_composite_name C.gss_buffer_t) (result major) {
	stack.Headroom()
	defer recovered(minor_status, &result)

	clearNumber(minor_status)
	clearBuffer(exp_composite_name)

	switch {
	case minor_status == nil, exp_composite_name == nil:
		return inaccessibleWrite
	case name == nil:
		return inaccessibleRead | badName
	}
	n := nameOf(name)
	if n == nil {
		return fail(minor_status, errName)
	}

	exported, err := n.ExportComposite()
	if err != nil {
		return fail(minor_status, err)
	}

	if !giveBuffer(exp_composite_name, exported) {
		return fail(minor_status, errMemory)
	}
	return complete
}
