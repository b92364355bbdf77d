// SPDX-License-Identifier: BSD-2-Clause

package main

/*
#include "glue.h"
*/
import "C"

import (
	"unsafe"

	"libgssapi/internal/gss"
	"libgssapi/internal/token"
)

const (
	// maxBuffer bounds a buffer's length: anything longer is uninitialized or negative.
	maxBuffer = 1 << 40

	// maxOID and maxSet bound OIDs and sets of them. The longest in use has 13 octets.
	maxOID = 64 << 10
	maxSet = 1 << 10
)

// readable reports whether b can be borrowed: it is not nil, and has a value if it has a length.
func readable(b C.gss_buffer_t) bool {
	if b == nil {
		return false
	}
	return b.length == 0 || b.length <= maxBuffer && *(*uintptr)(unsafe.Pointer(&b.value)) != 0
}

// optional is readable for inputs that may be GSS_C_NO_BUFFER.
func optional(b C.gss_buffer_t) bool { return b == nil || readable(b) }

// empty reports whether b is missing or has no octets.
func empty(b C.gss_buffer_t) bool { return b == nil || b.length == 0 }

// borrow returns the caller's octets in place, for use until the export returns. The value of a buffer without a length may
// be uninitialized and is not read.
func borrow(b C.gss_buffer_t) []byte {
	if empty(b) {
		return nil
	}
	return unsafe.Slice((*byte)(b.value), int(b.length))
}

// readableOID reports whether o is GSS_C_NO_OID or can be read.
func readableOID(o C.gss_OID) bool {
	return o == nil || o.length == 0 || o.length <= maxOID && *(*uintptr)(unsafe.Pointer(&o.elements)) != 0
}

// copyOID returns "" for GSS_C_NO_OID. OIDs are copied because names and credentials outlive the call.
func copyOID(o C.gss_OID) token.OID {
	if o == nil || o.length == 0 {
		return ""
	}
	return token.OID(unsafe.Slice((*byte)(o.elements), int(o.length)))
}

func members(s C.gss_OID_set) []C.gss_OID_desc {
	if s == nil || s.count == 0 {
		return nil
	}
	return unsafe.Slice(s.elements, int(s.count))
}

// readableSet reports whether s is GSS_C_NO_OID_SET or can be read, and all its members can.
func readableSet(s C.gss_OID_set) bool {
	if s == nil || s.count == 0 {
		return true
	}
	if s.count > maxSet || *(*uintptr)(unsafe.Pointer(&s.elements)) == 0 {
		return false
	}
	for i := range members(s) {
		if !readableOID(&members(s)[i]) {
			return false
		}
	}
	return true
}

// copySet returns nil for GSS_C_NO_OID_SET.
func copySet(s C.gss_OID_set) []token.OID {
	if s == nil {
		return nil
	}
	oids := make([]token.OID, 0, len(members(s)))
	for i := range members(s) {
		oids = append(oids, copyOID(&members(s)[i]))
	}
	return oids
}

// readableBindings reports whether b is GSS_C_NO_CHANNEL_BINDINGS or can be read.
func readableBindings(b C.gss_channel_bindings_t) bool {
	return b == nil ||
		readable(&b.initiator_address) && readable(&b.acceptor_address) && readable(&b.application_data)
}

// borrowBindings returns nil for GSS_C_NO_CHANNEL_BINDINGS.
func borrowBindings(b C.gss_channel_bindings_t) *gss.Bindings {
	if b == nil {
		return nil
	}
	return &gss.Bindings{
		InitiatorAddrType: uint32(b.initiator_addrtype),
		InitiatorAddr:     borrow(&b.initiator_address),
		AcceptorAddrType:  uint32(b.acceptor_addrtype),
		AcceptorAddr:      borrow(&b.acceptor_address),
		ApplicationData:   borrow(&b.application_data),
	}
}
