// SPDX-License-Identifier: BSD-2-Clause

package main

// #include "glue.h"
import "C"

import (
	"syscall"

	"libgssapi/internal/gss"
	"libgssapi/internal/stack"
	"libgssapi/internal/status"
)

const storeFlags = C.GSS_C_STORE_CRED_DEFAULT | C.GSS_C_STORE_CRED_OVERWRITE | C.GSS_C_STORE_CRED_SET_PROCESS

//export gss_store_cred_into2
func gss_store_cred_into2(minor_status *C.OM_uint32, input_cred_handle C.gss_cred_id_t, input_usage C.gss_cred_usage_t,
	desired_mech C.gss_OID, store_cred_flags C.OM_uint32, cred_store C.gss_const_key_value_set_t,
	elements_stored *C.gss_OID_set, cred_usage_stored *C.gss_cred_usage_t, env *C.gss_buffer_set_t) (result major) {
	stack.Headroom()
	defer stack.Wipe()
	defer recovered(minor_status, &result)

	clearNumber(minor_status)
	clearPointer(elements_stored)
	clearNumber(cred_usage_stored)
	clearPointer(env)

	switch {
	case minor_status == nil:
		return inaccessibleWrite
	case !readableOID(desired_mech), !readableStore(cred_store):
		return inaccessibleRead
	case store_cred_flags&^storeFlags != 0:
		return fail(minor_status, status.Errorf(status.Failure, status.Minor(syscall.EINVAL), "store_cred_flags has unknown flags: %#x",
			uint32(store_cred_flags&^storeFlags)))
	}
	c, ok := credentialOf(input_cred_handle)
	if !ok {
		return fail(minor_status, errCredential)
	}
	store, err := borrowStore(cred_store)
	if err != nil {
		return fail(minor_status, err)
	}

	stored, err := gss.StoreInto(environment(), store, c, gss.Usage(input_usage), copyOID(desired_mech),
		store_cred_flags&C.GSS_C_STORE_CRED_OVERWRITE != 0, store_cred_flags&C.GSS_C_STORE_CRED_DEFAULT != 0)
	if err != nil {
		return fail(minor_status, err)
	}

	if store_cred_flags&C.GSS_C_STORE_CRED_SET_PROCESS != 0 && !setenv(stored.Environment) {
		return fail(minor_status, errMemory)
	}
	if !giveOIDs(elements_stored, stored.Mechs) {
		return fail(minor_status, errMemory)
	}
	if !giveVariables(env, stored.Environment) {
		takeBackOIDs(elements_stored)
		return fail(minor_status, errMemory)
	}
	giveUsage(cred_usage_stored, gss.Initiate)
	return complete
}
