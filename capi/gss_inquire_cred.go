// SPDX-License-Identifier: BSD-2-Clause

package main

// #include "glue.h"
import "C"

import (
	"libgssapi/internal/gss"
	"libgssapi/internal/stack"
)

//export gss_inquire_cred
func gss_inquire_cred(minor_status *C.OM_uint32, cred_handle C.gss_cred_id_t, name *C.gss_name_t,
	lifetime *C.OM_uint32, cred_usage *C.gss_cred_usage_t, mechanisms *C.gss_OID_set) (result major) {
	stack.Headroom()
	defer stack.Wipe()
	defer recovered(minor_status, &result)

	clearNumber(minor_status)
	clearPointer(name)
	clearNumber(lifetime)
	clearNumber(cred_usage)
	clearPointer(mechanisms)

	if minor_status == nil {
		return inaccessibleWrite
	}
	c, ok := credentialOf(cred_handle)
	if !ok {
		return fail(minor_status, errCredential)
	}

	info, err := gss.Inquire(environment(), c)
	if err != nil {
		return fail(minor_status, err)
	}

	if !giveOIDs(mechanisms, info.Mechs) {
		return fail(minor_status, errMemory)
	}
	if !giveName(name, info.Name) {
		takeBackOIDs(mechanisms)
		return fail(minor_status, errHandles)
	}
	giveUint32(lifetime, info.Lifetime())
	giveUsage(cred_usage, info.Usage)
	return complete
}
