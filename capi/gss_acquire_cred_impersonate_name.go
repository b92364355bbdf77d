// SPDX-License-Identifier: BSD-2-Clause

package main

// #include "glue.h"
import "C"

import (
	"libgssapi/internal/gss"
	"libgssapi/internal/stack"
)

//export gss_acquire_cred_impersonate_name
func gss_acquire_cred_impersonate_name(minor_status *C.OM_uint32, impersonator_cred_handle C.gss_cred_id_t,
	desired_name C.gss_name_t, time_req C.OM_uint32, desired_mechs C.gss_OID_set, cred_usage C.gss_cred_usage_t,
	output_cred_handle *C.gss_cred_id_t, actual_mechs *C.gss_OID_set, time_rec *C.OM_uint32) (result major) {
	stack.Headroom()
	defer stack.Wipe()
	defer recovered(minor_status, &result)

	clearNumber(minor_status)
	out := acquired{output_cred_handle, actual_mechs, time_rec}
	out.clear()

	switch {
	case minor_status == nil, output_cred_handle == nil:
		return inaccessibleWrite
	case impersonator_cred_handle == nil:
		return inaccessibleRead | noCred
	case desired_name == nil:
		return inaccessibleRead | badName
	case !readableSet(desired_mechs):
		return inaccessibleRead
	}
	by, ok := credentialOf(impersonator_cred_handle)
	if !ok {
		return fail(minor_status, errCredential)
	}
	user := nameOf(desired_name)
	if user == nil {
		return fail(minor_status, errName)
	}

	env := environment()
	c, err := gss.AcquireImpersonating(env, by, user, uint32(time_req), copySet(desired_mechs), gss.Usage(cred_usage))
	if err != nil {
		return fail(minor_status, err)
	}

	return out.give(minor_status, env, c)
}
