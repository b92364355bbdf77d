// SPDX-License-Identifier: BSD-2-Clause

package main

// #include "glue.h"
import "C"

import (
	"libgssapi/internal/stack"
)

//export gss_authorize_localname
func gss_authorize_localname(minor_status *C.OM_uint32, name C.gss_name_t, user C.gss_name_t) (result major) {
	stack.Headroom()
	defer recovered(minor_status, &result)

	clearNumber(minor_status)

	switch {
	case minor_status == nil:
		return inaccessibleWrite
	case name == nil, user == nil:
		return inaccessibleRead
	}
	n, account := nameOf(name), nameOf(user)
	if n == nil || account == nil {
		return fail(minor_status, errName)
	}

	if err := n.Authorize(environment(), account); err != nil {
		return fail(minor_status, err)
	}
	return complete
}
