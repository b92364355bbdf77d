// SPDX-License-Identifier: BSD-2-Clause

package main

// #include "glue.h"
import "C"

import (
	"libgssapi/internal/gss"
	"libgssapi/internal/krb5"
	"libgssapi/internal/stack"
)

// Without output_cred_handle the element is added to the credential behind input_cred_handle, which keeps its number.
//
//export gss_add_cred_from
func gss_add_cred_from(minor_status *C.OM_uint32, input_cred_handle C.gss_cred_id_t, desired_name C.gss_name_t,
	desired_mech C.gss_OID, cred_usage C.gss_cred_usage_t, initiator_time_req, acceptor_time_req C.OM_uint32,
	cred_store C.gss_const_key_value_set_t, output_cred_handle *C.gss_cred_id_t, actual_mechs *C.gss_OID_set,
	initiator_time_rec, acceptor_time_rec *C.OM_uint32) (result major) {
	stack.Headroom()
	defer stack.Wipe()
	defer recovered(minor_status, &result)

	clearNumber(minor_status)
	clearPointer(output_cred_handle)
	clearPointer(actual_mechs)
	clearNumber(initiator_time_rec)
	clearNumber(acceptor_time_rec)

	switch {
	case minor_status == nil:
		return inaccessibleWrite
	case input_cred_handle == nil && output_cred_handle == nil:
		return inaccessibleWrite | noCred
	case !readableOID(desired_mech), !readableStore(cred_store):
		return inaccessibleRead
	}
	in, ok := credentialOf(input_cred_handle)
	if !ok {
		return fail(minor_status, errCredential)
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
	c, err := gss.AddFrom(env, store, in, desired, copyOID(desired_mech), gss.Usage(cred_usage),
		uint32(initiator_time_req))
	if err != nil {
		return fail(minor_status, err)
	}

	return giveAdded(minor_status, env, in, c, input_cred_handle, output_cred_handle, actual_mechs, initiator_time_rec,
		acceptor_time_rec)
}

// giveAdded gives a credential that was made of in, in its place or beside it, or releases it.
func giveAdded(minor_status *C.OM_uint32, env *krb5.Env, in, c *gss.Cred, input_cred_handle C.gss_cred_id_t,
	output_cred_handle *C.gss_cred_id_t, actual_mechs *C.gss_OID_set, initiator_time_rec, acceptor_time_rec *C.OM_uint32) major {
	info, err := giveAcquired(env, c, actual_mechs)
	if err != nil {
		c.Release()
		return fail(minor_status, err)
	}
	if output_cred_handle == nil {
		if !credentials.Replace(handleOf(input_cred_handle), in, c) {
			c.Release()
			takeBackOIDs(actual_mechs)
			return fail(minor_status, errCredential)
		}
	} else if !giveCredential(output_cred_handle, c) {
		c.Release()
		takeBackOIDs(actual_mechs)
		return fail(minor_status, errHandles)
	}
	giveUint32(initiator_time_rec, info.InitiatorLifetime)
	giveUint32(acceptor_time_rec, info.AcceptorLifetime)
	return complete
}
