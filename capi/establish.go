// SPDX-License-Identifier: BSD-2-Clause

package main

// #include "glue.h"
import "C"

import (
	"libgssapi/internal/ctx"
	"libgssapi/internal/gss"
)

// step is one call of the exchange that establishes a context.
type step struct {
	handle  *C.gss_ctx_id_t
	context *ctx.Context
	first   bool // *handle is GSS_C_NO_CONTEXT, until it is given
}

// nextStep finds the context of *handle, or creates one. ok is false for a dead handle.
func nextStep(handle *C.gss_ctx_id_t, create func() *ctx.Context) (s step, ok bool) {
	s = step{handle: handle, first: handleAt(handle) == 0}
	if s.first {
		s.context = create()
	} else {
		s.context = contexts.Get(handleAt(handle))
	}
	return s, s.context != nil
}

// keep updates what a child would inherit.
func (s step) keep() {
	if !s.first {
		contexts.Keep(handleAt(s.handle))
	}
}

// giveUp deletes a new context, of which the program has no handle yet. A context of a later call remains, for
// gss_delete_sec_context.
func (s step) giveUp() {
	if s.first {
		s.context.Delete()
	}
}

// give gives the handle of a new context. If that fails, it deletes the context.
func (s step) give() bool {
	if !s.first || give(s.handle, contexts, s.context) {
		return true
	}
	s.context.Delete()
	return false
}

// giveResult gives what both sides learn of a context; the pointers may be nil.
func giveResult(r gss.Result, mech_type *C.gss_OID, ret_flags, time_rec *C.OM_uint32) {
	giveOID(mech_type, r.Mech)
	giveUint32(ret_flags, r.Flags)
	giveUint32(time_rec, r.Lifetime)
}

func stepStatus(r gss.Result) major {
	if r.More {
		return continueNeeded
	}
	return complete
}
