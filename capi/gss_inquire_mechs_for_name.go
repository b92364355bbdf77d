// SPDX-License-Identifier: BSD-2-Clause

package main

// #include "glue.h"
import "C"

import (
	"libgssapi/internal/stack"
)

//export gss_inquire_mechs_for_name
func gss_inquire_mechs_for_name(minor_status *C.OM_uint32, input_name C.gss_name_t,
	mech_types *C.gss_OID_set) (result major) {
	stack.Headroom()
	defer recovered(minor_status, &result)

	clearNumber(minor_status)
	clearPointer(mech_types)

	switch {
	case minor_status == nil, mech_types == nil:
		return inaccessibleWrite
	case input_name == nil:
		return badName
	}
	n := nameOf(input_name)
	if n == nil {
		return fail(minor_status, errName)
	}

	if !giveOIDs(mech_types, n.Mechs()) {
		return fail(minor_status, errMemory)
	}
	return complete
}
