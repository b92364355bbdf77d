// SPDX-License-Identifier: BSD-2-Clause

package main

// #include "glue.h"
import "C"

import (
	"libgssapi/internal/gss"
	"libgssapi/internal/stack"
)

//export gss_indicate_mechs
func gss_indicate_mechs(minor_status *C.OM_uint32, mech_set *C.gss_OID_set) (result major) {
	stack.Headroom()
	defer recovered(minor_status, &result)

	clearNumber(minor_status)
	clearPointer(mech_set)

	if minor_status == nil || mech_set == nil {
		return inaccessibleWrite
	}

	if !giveOIDs(mech_set, gss.Mechs()) {
		return fail(minor_status, errMemory)
	}
	return complete
}
