// SPDX-License-Identifier: BSD-2-Clause

package main

// #include "glue.h"
import "C"

import (
	"time"

	"libgssapi/internal/stack"
)

//export gss_inquire_context
func gss_inquire_context(minor_status *C.OM_uint32, context_handle C.gss_ctx_id_t, src_name, targ_name *C.gss_name_t,
	lifetime_rec *C.OM_uint32, mech_type *C.gss_OID, ctx_flags *C.OM_uint32,
	locally_initiated, open *C.int) (result major) {
	stack.Headroom()
	defer recovered(minor_status, &result)

	clearNumber(minor_status)
	clearPointer(src_name)
	clearPointer(targ_name)
	clearNumber(lifetime_rec)
	clearPointer(mech_type)
	clearNumber(ctx_flags)
	clearNumber(locally_initiated)
	clearNumber(open)

	switch {
	case minor_status == nil:
		return inaccessibleWrite
	case context_handle == nil:
		return inaccessibleRead | noContext
	}
	c := contextOf(context_handle)
	if c == nil {
		return fail(minor_status, errContext)
	}

	info, err := c.Inquire(time.Now())
	if err != nil {
		return fail(minor_status, err)
	}

	if !giveName(src_name, info.Source) {
		return fail(minor_status, errHandles)
	}
	if !giveName(targ_name, info.Target) {
		takeBackName(src_name)
		return fail(minor_status, errHandles)
	}
	giveUint32(lifetime_rec, info.Lifetime)
	giveOID(mech_type, info.Mech)
	giveUint32(ctx_flags, info.Flags)
	giveBool(locally_initiated, info.Local)
	giveBool(open, info.Open)
	return complete
}
