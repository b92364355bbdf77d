// SPDX-License-Identifier: BSD-2-Clause

package main

// #include "glue.h"
import "C"

import (
	"libgssapi/internal/gss"
	"libgssapi/internal/stack"
)

//export gss_inquire_cred_by_mech
func gss_inquire_cred_by_mech(minor_status *C.OM_uint32, cred_handle C.gss_cred_id_t, mech_type C.gss_OID,
	name *C.gss_name_t, initiator_lifetime, acceptor_lifetime *C.OM_uint32,
	cred_usage *C.gss_cred_usage_t) (result major) {
	stack.Headroom()
	defer stack.Wipe()
	defer recovered(minor_status, &result)

	clearNumber(minor_status)
	clearPointer(name)
	clearNumber(initiator_lifetime)
	clearNumber(acceptor_lifetime)
	clearNumber(cred_usage)

	switch {
	case minor_status == nil:
		return inaccessibleWrite
	case !readableOID(mech_type):
		return inaccessibleRead
	}
	c, ok := credentialOf(cred_handle)
	if !ok {
		return fail(minor_status, errCredential)
	}

	info, err := gss.InquireByMech(environment(), c, copyOID(mech_type))
	if err != nil {
		return fail(minor_status, err)
	}

	if !giveName(name, info.Name) {
		return fail(minor_status, errHandles)
	}
	giveUint32(initiator_lifetime, info.InitiatorLifetime)
	giveUint32(acceptor_lifetime, info.AcceptorLifetime)
	giveUsage(cred_usage, info.Usage)
	return complete
}
