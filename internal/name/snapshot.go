// SPDX-License-Identifier: BSD-2-Clause

package name

import (
	"libgssapi/internal/token"
	"libgssapi/internal/wire"
)

// Snapshot writes what Restore makes the name of again in a child after fork(2). A nil name is written as none.
func (n *Name) Snapshot(w *wire.Writer) {
	switch {
	case n == nil:
		w.Uint8(0)
	case n.principal != nil:
		w.Uint8(1)
		w.Principal(*n.principal)
	default:
		w.Uint8(2)
		w.Octets(n.text)
		w.Text(string(n.nameType))
	}
}

// Restore reads a name. It is nil for none, and if something is wrong with what it reads.
func Restore(r *wire.Reader) *Name {
	switch r.Uint8() {
	case 0:
	case 1:
		return FromPrincipal(r.Principal())
	case 2:
		return &Name{text: r.Octets(), nameType: token.OID(r.Text())}
	default:
		r.Fail()
	}
	return nil
}
