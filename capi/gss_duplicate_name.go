// SPDX-License-Identifier: BSD-2-Clause

package main

// #include "glue.h"
import "C"

import (
	"libgssapi/internal/stack"
)

//export gss_duplicate_name
func gss_duplicate_name(minor_status *C.OM_uint32, src_name C.gss_name_t, dest_name *C.gss_name_t) (result major) {
	stack.Headroom()
	defer recovered(minor_status, &result)

	clearNumber(minor_status)
	clearPointer(dest_name)

	switch {
	case minor_status == nil, dest_name == nil:
		return inaccessibleWrite
	case src_name == nil:
		return inaccessibleRead | badName
	}
	n := nameOf(src_name)
	if n == nil {
		return fail(minor_status, errName)
	}

	if !giveName(dest_name, n.Duplicate()) {
		return fail(minor_status, errHandles)
	}
	return complete
}
