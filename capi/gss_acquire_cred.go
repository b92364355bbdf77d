// SPDX-License-Identifier: BSD-2-Clause

package main

// #include "glue.h"
import "C"

import (
	"libgssapi/internal/stack"
)

//export gss_acquire_cred
func gss_acquire_cred(minor_status *C.OM_uint32, desired_name C.gss_name_t, time_req C.OM_uint32,
	desired_mechs C.gss_OID_set, cred_usage C.gss_cred_usage_t, output_cred_handle *C.gss_cred_id_t,
	actual_mechs *C.gss_OID_set, time_rec *C.OM_uint32) (result major) {
	stack.Headroom()
	defer stack.Wipe()
	defer recovered(minor_status, &result)

	clearNumber(minor_status)

	return gss_acquire_cred_from(minor_status, desired_name, time_req, desired_mechs, cred_usage, nil,
		output_cred_handle, actual_mechs, time_rec)
}
