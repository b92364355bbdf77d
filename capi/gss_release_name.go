// SPDX-License-Identifier: BSD-2-Clause

package main

// #include "glue.h"
import "C"

import (
	"libgssapi/internal/stack"
)

//export gss_release_name
func gss_release_name(minor_status *C.OM_uint32, input_name *C.gss_name_t) (result major) {
	stack.Headroom()
	defer recovered(minor_status, &result)

	clearNumber(minor_status)

	switch {
	case minor_status == nil:
		return inaccessibleWrite
	case input_name == nil:
		return inaccessibleRead | badName
	case handleAt(input_name) == 0:
		return complete
	}

	if names.Take(handleAt(input_name)) == nil {
		return fail(minor_status, errName)
	}

	clearPointer(input_name)
	return complete
}
