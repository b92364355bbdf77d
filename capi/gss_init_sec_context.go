// SPDX-License-Identifier: BSD-2-Clause

package main

// #include "glue.h"
import "C"

import (
	"libgssapi/internal/ctx"
	"libgssapi/internal/gss"
	"libgssapi/internal/stack"
)

//export gss_init_sec_context
func gss_init_sec_context(minor_status *C.OM_uint32, initiator_cred_handle C.gss_cred_id_t,
	context_handle *C.gss_ctx_id_t, target_name C.gss_name_t, mech_type C.gss_OID, req_flags, time_req C.OM_uint32,
	input_chan_bindings C.gss_channel_bindings_t, input_token C.gss_buffer_t, actual_mech_type *C.gss_OID,
	output_token C.gss_buffer_t, ret_flags, time_rec *C.OM_uint32) (result major) {
	stack.Headroom()
	defer stack.Wipe()
	defer recovered(minor_status, &result)

	clearNumber(minor_status)
	clearPointer(actual_mech_type)
	clearBuffer(output_token)
	clearNumber(ret_flags)
	clearNumber(time_rec)

	switch {
	case minor_status == nil:
		return inaccessibleWrite
	case context_handle == nil:
		return inaccessibleWrite | noContext
	case target_name == nil:
		return inaccessibleRead | badName
	case output_token == nil:
		return inaccessibleWrite
	case !readableOID(mech_type), !readableBindings(input_chan_bindings), !optional(input_token):
		return inaccessibleRead
	}
	credential, ok := credentialOf(initiator_cred_handle)
	if !ok {
		return fail(minor_status, errCredential)
	}
	target := nameOf(target_name)
	if target == nil {
		return fail(minor_status, errName)
	}
	first := number(context_handle) == 0
	c := ctx.NewInitiator()
	if !first {
		if c = contexts.Get(number(context_handle)); c == nil {
			return fail(minor_status, errContext)
		}
	}

	r, err := c.Init(environment(), gss.InitArgs{
		Cred:     credential,
		Target:   target,
		Mech:     copyOID(mech_type),
		Flags:    uint32(req_flags),
		Lifetime: uint32(time_req),
		Bindings: borrowBindings(input_chan_bindings),
		Input:    borrow(input_token),
	})
	if !first {
		contexts.Keep(number(context_handle))
	}
	if credential != nil && credential.InMemory() {
		credentials.Keep(handleOf(initiator_cred_handle)) // the service's ticket is new in it
	}
	if err != nil {
		giveBuffer(output_token, r.Token)
		if first {
			c.Delete()
		}
		return fail(minor_status, err)
	}

	if !giveBuffer(output_token, r.Token) {
		if first {
			c.Delete()
		}
		return fail(minor_status, errMemory)
	}
	if first && !give(context_handle, contexts, c) {
		c.Delete()
		takeBackBuffer(output_token)
		return fail(minor_status, errHandles)
	}
	giveResult(r, actual_mech_type, ret_flags, time_rec)
	return stepStatus(r)
}

// giveResult gives what both sides learn of a context; the pointers may be nil.
func giveResult(r gss.Result, mech_type *C.gss_OID, ret_flags, time_rec *C.OM_uint32) {
	giveOID(mech_type, r.Mech)
	giveUint32(ret_flags, r.Flags)
	giveUint32(time_rec, r.Lifetime)
}

func stepStatus(r gss.Result) major {
	if r.More {
		return goOn
	}
	return complete
}
