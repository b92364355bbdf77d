// SPDX-License-Identifier: BSD-2-Clause

package main

// #include "glue.h"
import "C"

import (
	"libgssapi/internal/gss"
	"libgssapi/internal/stack"
)

//export gss_acquire_cred_from
func gss_acquire_cred_from(minor_status *C.OM_uint32, desired_name C.gss_name_t, time_req C.OM_uint32,
	desired_mechs C.gss_OID_set, cred_usage C.gss_cred_usage_t, cred_store C.gss_const_key_value_set_t,
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
	case !readableSet(desired_mechs), !readableStore(cred_store):
		return inaccessibleRead
	}
	desired, ok := optionalNameOf(desired_name)
	if !ok {
		return fail(minor_status, errName)
	}
	store, err := borrowStore(cred_store)
	if err != nil {
		return fail(minor_status, err)
	}

	env := environment()
	c, err := gss.AcquireFrom(env, store, desired, uint32(time_req), copySet(desired_mechs), gss.Usage(cred_usage))
	if err != nil {
		return fail(minor_status, err)
	}

	return out.give(minor_status, env, c)
}
