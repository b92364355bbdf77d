// SPDX-License-Identifier: BSD-2-Clause

package main

// #include "glue.h"
import "C"

import (
	"libgssapi/internal/ctx"
	"libgssapi/internal/gss"
	"libgssapi/internal/stack"
)

//export gss_accept_sec_context
func gss_accept_sec_context(minor_status *C.OM_uint32, context_handle *C.gss_ctx_id_t,
	acceptor_cred_handle C.gss_cred_id_t, input_token_buffer C.gss_buffer_t,
	input_chan_bindings C.gss_channel_bindings_t, src_name *C.gss_name_t, mech_type *C.gss_OID,
	output_token C.gss_buffer_t, ret_flags, time_rec *C.OM_uint32, delegated_cred_handle *C.gss_cred_id_t) (result major) {
	stack.Headroom()
	defer stack.Wipe()
	defer recovered(minor_status, &result)

	clearNumber(minor_status)
	clearPointer(src_name)
	clearPointer(mech_type)
	clearBuffer(output_token)
	clearNumber(ret_flags)
	clearNumber(time_rec)
	clearPointer(delegated_cred_handle)

	switch {
	case minor_status == nil, context_handle == nil:
		return inaccessibleWrite
	case !readable(input_token_buffer), !readableBindings(input_chan_bindings):
		return inaccessibleRead
	case output_token == nil:
		return inaccessibleWrite
	}
	credential, ok := credentialOf(acceptor_cred_handle)
	if !ok {
		return fail(minor_status, errCredential)
	}
	s, ok := nextStep(context_handle, ctx.NewAcceptor)
	if !ok {
		return fail(minor_status, errContext)
	}

	r, err := s.context.Accept(environment(), gss.AcceptArgs{
		Cred:     credential,
		Bindings: borrowBindings(input_chan_bindings),
		Input:    borrow(input_token_buffer),

		Delegation: delegated_cred_handle != nil,
	})
	s.keep()
	if err != nil {
		giveBuffer(output_token, r.Token)
		s.giveUp()
		return fail(minor_status, err)
	}

	if err := giveAccepted(r, src_name, output_token, delegated_cred_handle); err != nil {
		s.giveUp()
		return fail(minor_status, err)
	}
	if !s.give() {
		takeBackName(src_name)
		takeBackBuffer(output_token)
		takeBackCredential(delegated_cred_handle)
		return fail(minor_status, errHandles)
	}
	giveResult(r, mech_type, ret_flags, time_rec)
	return stepStatus(r)
}

// giveAccepted gives all three or, with an error, none of them.
func giveAccepted(r gss.Result, src_name *C.gss_name_t, output_token C.gss_buffer_t,
	delegated *C.gss_cred_id_t) error {
	if !giveBuffer(output_token, r.Token) {
		return errMemory
	}
	if !giveName(src_name, r.Source) {
		takeBackBuffer(output_token)
		return errHandles
	}
	if delegated == nil && r.Delegated != nil {
		r.Delegated.Release()
	} else if !giveCredential(delegated, r.Delegated) {
		takeBackName(src_name)
		takeBackBuffer(output_token)
		return errHandles
	}
	return nil
}
