// SPDX-License-Identifier: BSD-2-Clause

package main

// #include "glue.h"
import "C"

import (
	"libgssapi/internal/stack"
)

//export gss_localname
func gss_localname(minor_status *C.OM_uint32, pname C.gss_name_t, mech_type C.gss_const_OID,
	localname C.gss_buffer_t) (result major) {
	stack.Headroom()
	defer recovered(minor_status, &result)

	clearNumber(minor_status)
	clearBuffer(localname)

	switch {
	case minor_status == nil, localname == nil:
		return inaccessibleWrite
	case pname == nil:
		return inaccessibleRead | badName
	case !readableOID(C.gss_OID(mech_type)):
		return inaccessibleRead
	}
	n := nameOf(pname)
	if n == nil {
		return fail(minor_status, errName)
	}

	user, err := n.Account(environment(), copyOID(C.gss_OID(mech_type)))
	if err != nil {
		return fail(minor_status, err)
	}

	if !giveText(localname, []byte(user)) {
		return fail(minor_status, errMemory)
	}
	return complete
}
