// SPDX-License-Identifier: BSD-2-Clause

package main

// #include "glue.h"
import "C"

import (
	"libgssapi/internal/gss"
	"libgssapi/internal/krb5"
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
	clearPointer(output_cred_handle)
	clearPointer(actual_mechs)
	clearNumber(time_rec)

	switch {
	case minor_status == nil, output_cred_handle == nil:
		return inaccessibleWrite
	case !readableSet(desired_mechs), !readableStore(cred_store):
		return inaccessibleRead
	}
	var desired *gss.Name
	if desired_name != nil {
		if desired = nameOf(desired_name); desired == nil {
			return fail(minor_status, errName)
		}
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

	return giveNew(minor_status, env, c, output_cred_handle, actual_mechs, time_rec)
}

// giveNew gives a new credential and what is told of it, or releases it.
func giveNew(minor_status *C.OM_uint32, env *krb5.Env, c *gss.Cred, output_cred_handle *C.gss_cred_id_t,
	actual_mechs *C.gss_OID_set, time_rec *C.OM_uint32) major {
	info, err := giveAcquired(env, c, actual_mechs)
	if err != nil {
		c.Release()
		return fail(minor_status, err)
	}
	if !giveCredential(output_cred_handle, c) {
		c.Release()
		takeBackOIDs(actual_mechs)
		return fail(minor_status, errHandles)
	}
	giveUint32(time_rec, info.Lifetime())
	return complete
}

// giveAcquired gives the mechanisms of a new credential and returns the rest that can be told of it.
func giveAcquired(env *krb5.Env, c *gss.Cred, actual_mechs *C.gss_OID_set) (gss.Info, error) {
	info := c.Info(env)
	if !giveOIDs(actual_mechs, info.Mechs) {
		return info, errMemory
	}
	return info, nil
}
