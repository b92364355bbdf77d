// SPDX-License-Identifier: BSD-2-Clause

package main

// #include "glue.h"
import "C"

import (
	"libgssapi/internal/stack"
)

//export gss_inquire_name
func gss_inquire_name(minor_status *C.OM_uint32, name C.gss_name_t, name_is_MN *C.int, MN_mech *C.gss_OID,
	attrs *C.gss_buffer_set_t) (result major) {
	stack.Headroom()
	defer recovered(minor_status, &result)

	clearNumber(minor_status)
	clearNumber(name_is_MN)
	clearPointer(MN_mech)
	clearPointer(attrs)

	switch {
	case minor_status == nil:
		return inaccessibleWrite
	case name == nil:
		return inaccessibleRead | badName
	}
	n := nameOf(name)
	if n == nil {
		return fail(minor_status, errName)
	}

	var attributes [][]byte
	for _, a := range n.Attributes() {
		attributes = append(attributes, []byte(a))
	}

	// As with MIT, there is no set if there are no attributes.
	if attrs != nil && attributes != nil && !giveBuffers(attrs, attributes) {
		return fail(minor_status, errMemory)
	}
	giveBool(name_is_MN, n.IsMN())
	if n.IsMN() {
		giveOID(MN_mech, n.MN().Mech())
	}
	return complete
}
