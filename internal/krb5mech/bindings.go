// SPDX-License-Identifier: BSD-2-Clause

package krb5mech

import (
	"libgssapi/internal/gss"
	"libgssapi/internal/token"
)

// bindingsHash returns the hash for the 0x8003 checksum, which is zero without bindings (RFC 4121, Section 4.1.1.2).
func bindingsHash(b *gss.Bindings) [16]byte {
	if b == nil {
		return [16]byte{}
	}
	return token.BindingsHash(b.InitiatorAddrType, b.InitiatorAddr, b.AcceptorAddrType, b.AcceptorAddr, b.ApplicationData)
}
