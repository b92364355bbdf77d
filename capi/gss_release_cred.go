// SPDX-License-Identifier: BSD-2-Clause

package main

// #include "glue.h"
import "C"

import (
	"libgssapi/internal/stack"
)

//export gss_release_cred
func gss_release_cred(minor_status *C.OM_uint32, cred_handle *C.gss_cred_id_t) (result major) {
	stack.Headroom()
	defer stack.Wipe()
	defer recovered(minor_status, &result)

	clearNumber(minor_status)

	switch {
	case minor_status == nil:
		return inaccessibleWrite
	case cred_handle == nil:
		return inaccessibleRead | noCred
	case handleAt(cred_handle) == 0:
		return complete
	}

	c := credentials.Take(handleAt(cred_handle))
	if c == nil {
		return fail(minor_status, errCredential)
	}
	c.Release()
	released()

	clearPointer(cred_handle)
	return complete
}
