// SPDX-License-Identifier: BSD-2-Clause

package main

// #include "glue.h"
import "C"

import (
	"libgssapi/internal/stack"
)

//export gss_canonicalize_name
func gss_canonicalize_name(minor_status *C.OM_uint32, input_name C.gss_name_t, mech_type C.gss_OID,
	output_name *C.gss_name_t) (result major) {
	stack.Headroom()
	defer recovered(minor_status, &result)

	clearNumber(minor_status)
	clearPointer(output_name)

	switch {
	case minor_status == nil:
		return inaccessibleWrite
	case input_name == nil, mech_type == nil, !readableOID(mech_type):
		return inaccessibleRead
	}
	n := nameOf(input_name)
	if n == nil {
		return fail(minor_status, errName)
	}

	canonical, err := n.Canonicalize(environment(), copyOID(mech_type))
	if err != nil {
		return fail(minor_status, err)
	}

	if !giveName(output_name, canonical) {
		return fail(minor_status, errHandles)
	}
	return complete
}
