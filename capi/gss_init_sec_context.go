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
	s, ok := nextStep(context_handle, ctx.NewInitiator)
	if !ok {
		return fail(minor_status, errContext)
	}

	r, err := s.context.Init(environment(), gss.InitArgs{
		Cred:     credential,
		Target:   target,
		Mech:     copyOID(mech_type),
		Flags:    uint32(req_flags),
		Lifetime: uint32(time_req),
		Bindings: borrowBindings(input_chan_bindings),
		Input:    borrow(input_token),
	})
	s.keep()
	if credential != nil && credential.InMemory() {
		credentials.Keep(handleOf(initiator_cred_handle)) // the service's ticket is new in it
	}
	if err != nil {
		giveBuffer(output_token, r.Token)
		s.giveUp()
		return fail(minor_status, err)
	}

	if !giveBuffer(output_token, r.Token) {
		s.giveUp()
		return fail(minor_status, errMemory)
	}
	if !s.give() {
		takeBackBuffer(output_token)
		return fail(minor_status, errHandles)
	}
	giveResult(r, actual_mech_type, ret_flags, time_rec)
	return stepStatus(r)
}
