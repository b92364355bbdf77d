// SPDX-License-Identifier: BSD-2-Clause

package ctx

import "libgssapi/internal/token"

// Bindings are channel bindings (RFC 2744, Section 3.11). The slices alias the caller's memory during the call.
type Bindings struct {
	InitiatorAddrType uint32
	InitiatorAddr     []byte
	AcceptorAddrType  uint32
	AcceptorAddr      []byte
	ApplicationData   []byte
}

// hash returns the digest that goes into the 0x8003 checksum; without bindings it is zero (RFC 4121, Section 4.1.1.2).
func (b *Bindings) hash() [16]byte {
	if b == nil {
		return [16]byte{}
	}
	return token.BindingsHash(b.InitiatorAddrType, b.InitiatorAddr, b.AcceptorAddrType, b.AcceptorAddr, b.ApplicationData)
}
