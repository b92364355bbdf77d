// SPDX-License-Identifier: BSD-2-Clause

package main

// #include "glue.h"
import "C"

import (
	"libgssapi/internal/gss"
	"libgssapi/internal/stack"
)

//export gss_inquire_names_for_mech
func gss_inquire_names_for_mech(minor_status *C.OM_uint32, mechanism C.gss_OID,
	name_types *C.gss_OID_set) (result major) {
	stack.Headroom()
	defer recovered(minor_status, &result)

	clearNumber(minor_status)
	clearPointer(name_types)

	switch {
	case minor_status == nil, name_types == nil:
		return inaccessibleWrite
	case !readableOID(mechanism):
		return inaccessibleRead
	}

	types, err := gss.NameTypes(copyOID(mechanism))
	if err != nil {
		return fail(minor_status, err)
	}

	if !giveOIDs(name_types, types) {
		return fail(minor_status, errMemory)
	}
	return complete
}
