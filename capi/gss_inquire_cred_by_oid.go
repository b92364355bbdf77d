// SPDX-License-Identifier: BSD-2-Clause

package main

// #include "glue.h"
import "C"

import (
	"libgssapi/internal/gss"
	"libgssapi/internal/stack"
)

//export gss_inquire_cred_by_oid
func gss_inquire_cred_by_oid(minor_status *C.OM_uint32, cred_handle C.gss_cred_id_t, desired_object C.gss_OID,
	data_set *C.gss_buffer_set_t) (result major) {
	stack.Headroom()
	defer stack.Wipe()
	defer recovered(minor_status, &result)

	clearNumber(minor_status)
	clearPointer(data_set)

	switch {
	case minor_status == nil, data_set == nil:
		return inaccessibleWrite
	case desired_object == nil, !readableOID(desired_object):
		return inaccessibleRead
	}
	c, ok := credentialOf(cred_handle)
	if !ok {
		return fail(minor_status, errCredential)
	}

	data, err := gss.InquireByOID(environment(), c, copyOID(desired_object))
	if err != nil {
		return fail(minor_status, err)
	}

	given := giveBuffers(data_set, data)
	wipe(data) // tickets, perhaps
	if !given {
		return fail(minor_status, errMemory)
	}
	return complete
}
