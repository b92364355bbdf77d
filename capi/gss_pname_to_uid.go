// SPDX-License-Identifier: BSD-2-Clause

package main

// #include "glue.h"
import "C"

import (
	"libgssapi/internal/stack"
	"libgssapi/internal/status"
)

//export gss_pname_to_uid
func gss_pname_to_uid(minor_status *C.OM_uint32, pname C.gss_name_t, mech C.gss_OID, uidp *C.uid_t) (result major) {
	stack.Headroom()
	defer guard(minor_status, &result)

	clear(minor_status)
	if uidp != nil {
		*uidp = ^C.uid_t(0) // no account: the superuser's 0 would not be a cleared output
	}

	switch {
	case minor_status == nil:
		return write
	case pname == nil, !readableOID(mech):
		return read
	case uidp == nil:
		return write
	}
	n := nameOf(pname)
	if n == nil {
		return fail(minor_status, errName)
	}

	user, err := n.LocalName(environment(), copyOID(mech))
	if err != nil {
		return fail(minor_status, err)
	}
	uid, ok := lookupUser(user)
	if !ok {
		return fail(minor_status, status.Errorf(status.Failure, status.G_NOUSER, "there is no account %q", user))
	}

	*uidp = uid
	return complete
}
