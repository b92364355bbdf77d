// SPDX-License-Identifier: BSD-2-Clause

package main

// #include "glue.h"
import "C"

import (
	"syscall"

	"libgssapi/internal/gss"
	"libgssapi/internal/stack"
	"libgssapi/internal/status"
)

// The front answers for major codes, errno values, and minor codes of calls that failed on this thread. This function gives
// the fixed texts of all other minor codes.
//
//export gss_display_status
func gss_display_status(minor_status *C.OM_uint32, status_value C.OM_uint32, status_type C.int, mech_type C.gss_OID,
	message_context *C.OM_uint32, status_string C.gss_buffer_t) (result major) {
	stack.Headroom()
	defer recovered(minor_status, &result)

	clearNumber(minor_status)
	clearBuffer(status_string)

	switch {
	case minor_status == nil, message_context == nil, status_string == nil:
		return inaccessibleWrite
	case !readableOID(mech_type):
		return inaccessibleRead
	case status_type != C.GSS_C_MECH_CODE:
		return fail(minor_status, status.Errorf(status.BadStatus, status.Minor(syscall.EINVAL), "unknown status type"))
	case *message_context != 0:
		*message_context = 0
		return fail(minor_status, status.Errorf(status.Failure, status.Minor(syscall.EINVAL), "a minor code has one message"))
	}
	mech, err := gss.Lookup(copyOID(mech_type))
	if err != nil {
		return fail(minor_status, err)
	}

	if !giveText(status_string, []byte(mech.DisplayStatus(uint32(status_value)))) {
		return fail(minor_status, errMemory)
	}
	return complete
}
