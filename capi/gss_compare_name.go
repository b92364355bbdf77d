// SPDX-License-Identifier: BSD-2-Clause

package main

// #include "glue.h"
import "C"

import (
	"libgssapi/internal/gss"
	"libgssapi/internal/stack"
)

//export gss_compare_name
func gss_compare_name(minor_status *C.OM_uint32, name1, name2 C.gss_name_t, name_equal *C.int) (result major) {
	stack.Headroom()
	defer recovered(minor_status, &result)

	clearNumber(minor_status)
	clearNumber(name_equal)

	switch {
	case minor_status == nil:
		return inaccessibleWrite
	case name1 == nil, name2 == nil:
		return inaccessibleRead | badName
	case name_equal == nil:
		return inaccessibleWrite
	}
	a, b := nameOf(name1), nameOf(name2)
	if a == nil || b == nil {
		return fail(minor_status, errName)
	}

	equal, err := gss.CompareNames(environment(), a, b)
	if err != nil {
		return fail(minor_status, err)
	}

	giveBool(name_equal, equal)
	return complete
}
