// SPDX-License-Identifier: BSD-2-Clause

package main

// #include "glue.h"
import "C"

import (
	"libgssapi/internal/gss"
	"libgssapi/internal/stack"
)

// Without output_cred_handle the element is added to the credential behind input_cred_handle, which stays valid.
//
//export gss_add_cred_with_password
func gss_add_cred_with_password(minor_status *C.OM_uint32, input_cred_handle C.gss_cred_id_t, desired_name C.gss_name_t,
	desired_mech C.gss_OID, password C.gss_buffer_t, cred_usage C.gss_cred_usage_t,
	initiator_time_req, acceptor_time_req C.OM_uint32, output_cred_handle *C.gss_cred_id_t, actual_mechs *C.gss_OID_set,
	initiator_time_rec, acceptor_time_rec *C.OM_uint32) (result major) {
	stack.Headroom()
	defer stack.Wipe()
	defer recovered(minor_status, &result)

	clearNumber(minor_status)
	out := added{output_cred_handle, actual_mechs, initiator_time_rec, acceptor_time_rec}
	out.clear()

	switch {
	case minor_status == nil:
		return inaccessibleWrite
	case input_cred_handle == nil && output_cred_handle == nil:
		return inaccessibleWrite | noCred
	case !readableOID(desired_mech), !optional(password):
		return inaccessibleRead
	}
	in, ok := credentialOf(input_cred_handle)
	if !ok {
		return fail(minor_status, errCredential)
	}
	desired, ok := optionalNameOf(desired_name)
	if !ok {
		return fail(minor_status, errName)
	}

	env := environment()
	c, err := gss.AddWithPassword(env, borrow(password), in, desired, copyOID(desired_mech), gss.Usage(cred_usage),
		uint32(initiator_time_req))
	if err != nil {
		return fail(minor_status, err)
	}

	return out.give(minor_status, env, input_cred_handle, in, c)
}
