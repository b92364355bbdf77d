// SPDX-License-Identifier: BSD-2-Clause

package main

// #include "glue.h"
import "C"

import (
	"libgssapi/internal/gss"
	"libgssapi/internal/stack"
)

//export gss_import_cred
func gss_import_cred(minor_status *C.OM_uint32, token C.gss_buffer_t, cred_handle *C.gss_cred_id_t) (result major) {
	stack.Headroom()
	defer stack.Wipe()
	defer recovered(minor_status, &result)

	clearNumber(minor_status)
	clearPointer(cred_handle)

	switch {
	case minor_status == nil, cred_handle == nil:
		return inaccessibleWrite
	case token == nil, !readable(token):
		return inaccessibleRead | badToken
	case empty(token):
		return badToken
	}

	err := giveImported(cred_handle, credentials, func(ready func() error) (*gss.Cred, error) {
		return gss.ImportCred(environment(), borrow(token), ready)
	})
	if err != nil {
		return fail(minor_status, err)
	}
	return complete
}
