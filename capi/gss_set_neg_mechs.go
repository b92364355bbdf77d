// SPDX-License-Identifier: BSD-2-Clause

package main

// #include "glue.h"
import "C"

import (
	"libgssapi/internal/stack"
)

//export gss_set_neg_mechs
func gss_set_neg_mechs(minor_status *C.OM_uint32, cred_handle C.gss_cred_id_t, mech_set C.gss_OID_set) (result major) {
	stack.Headroom()
	defer recovered(minor_status, &result)

	clearNumber(minor_status)

	switch {
	case minor_status == nil:
		return inaccessibleWrite
	case cred_handle == nil:
		return inaccessibleRead | noCred
	case mech_set == nil, !readableSet(mech_set):
		return inaccessibleRead
	}
	c, ok := credentialOf(cred_handle)
	if !ok {
		return fail(minor_status, errCredential)
	}

	if err := c.SetNegMechs(copySet(mech_set)); err != nil {
		return fail(minor_status, err)
	}

	credentials.Keep(handleOf(cred_handle))
	return complete
}
