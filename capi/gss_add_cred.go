// SPDX-License-Identifier: BSD-2-Clause

package main

// #include "glue.h"
import "C"

import (
	"libgssapi/internal/stack"
)

// Without output_cred_handle the element is added to the credential behind input_cred_handle, which stays valid.
//
//export gss_add_cred
func gss_add_cred(minor_status *C.OM_uint32, input_cred_handle C.gss_cred_id_t, desired_name C.gss_name_t,
	desired_mech C.gss_OID, cred_usage C.gss_cred_usage_t, initiator_time_req, acceptor_time_req C.OM_uint32,
	output_cred_handle *C.gss_cred_id_t, actual_mechs *C.gss_OID_set,
	initiator_time_rec, acceptor_time_rec *C.OM_uint32) (result major) {
	stack.Headroom()
	defer stack.Wipe()
	defer recovered(minor_status, &result)

	clearNumber(minor_status)

	return gss_add_cred_from(minor_status, input_cred_handle, desired_name, desired_mech, cred_usage, initiator_time_req,
		acceptor_time_req, nil, output_cred_handle, actual_mechs, initiator_time_rec, acceptor_time_rec)
}
