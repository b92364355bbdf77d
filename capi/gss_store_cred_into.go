// SPDX-License-Identifier: BSD-2-Clause

package main

// #include "glue.h"
import "C"

import (
	"libgssapi/internal/gss"
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
	clearPointer(elements_stored)
	clearNumber(cred_usage_stored)

	switch {
	case minor_status == nil:
		return inaccessibleWrite
	case !readableOID(desired_mech), !readableStore(cred_store):
		return inaccessibleRead
	}
	c, ok := credentialOf(input_cred_handle)
	if !ok {
		return fail(minor_status, errCredential)
	}
	store, err := borrowStore(cred_store)
	if err != nil {
		return fail(minor_status, err)
	}

	stored, err := gss.StoreInto(environment(), store, c, gss.Usage(input_usage), copyOID(desired_mech), overwrite_cred != 0,
		default_cred != 0)
	if err != nil {
		return fail(minor_status, err)
	}

	if !giveOIDs(elements_stored, stored) {
		return fail(minor_status, errMemory)
	}
	giveUsage(cred_usage_stored, gss.Initiate)
	return complete
}
