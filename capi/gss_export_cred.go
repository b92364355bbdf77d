// SPDX-License-Identifier: BSD-2-Clause

package main

// #include "glue.h"
import "C"

import (
	"libgssapi/internal/gss"
	"libgssapi/internal/stack"
)

//export gss_export_cred
func gss_export_cred(minor_status *C.OM_uint32, cred_handle C.gss_cred_id_t, token C.gss_buffer_t) (result major) {
	stack.Headroom()
	defer stack.Wipe()
	defer recovered(minor_status, &result)

	clearNumber(minor_status)
	clearBuffer(token)

	switch {
	case minor_status == nil:
		return inaccessibleWrite
	case cred_handle == nil:
		return inaccessibleRead | noCred
	case token == nil:
		return inaccessibleWrite
	}
	c, ok := credentialOf(cred_handle)
	if !ok {
		return fail(minor_status, errCredential)
	}

	tok, err := gss.ExportCred(environment(), c, &callerMemory)
	if err != nil {
		return fail(minor_status, err)
	}

	giveMemory(token, tok)
	return complete
}
