// SPDX-License-Identifier: BSD-2-Clause

package main

// #include "glue.h"
import "C"

import (
	"libgssapi/internal/stack"
)

//export gss_store_cred_into
func gss_store_cred_into(minor_status *C.OM_uint32, input_cred_handle C.gss_cred_id_t, input_usage C.gss_cred_usage_t,
	desired_mech C.gss_OID, overwrite_cred, default_cred C.OM_uint32, cred_store C.gss_const_key_value_set_t,
	elements_stored *C.gss_OID_set, cred_usage_stored *C.gss_cred_usage_t) (result major) {
	stack.Headroom()
	defer stack.Wipe()
	defer recovered(minor_status, &result)

	clearNumber(minor_status)

	var flags C.OM_uint32
	if overwrite_cred != 0 {
		flags |= C.GSS_C_STORE_CRED_OVERWRITE
	}
	if default_cred != 0 {
		flags |= C.GSS_C_STORE_CRED_DEFAULT
	}
	return gss_store_cred_into2(minor_status, input_cred_handle, input_usage, desired_mech, flags, cred_store,
		elements_stored, cred_usage_stored, nil)
}
