// SPDX-License-Identifier: BSD-2-Clause

package gss

import (
	"slices"

	"libgssapi/internal/krb5"
	"libgssapi/internal/token"
	"libgssapi/internal/wire"
)

// Snapshot writes the name for RestoreName, which reads it in a child after fork(2). n may be nil.
func (n *Name) Snapshot(w *wire.Writer) {
	switch {
	case n == nil:
		w.Uint8(0)
	case n.mn != nil:
		var attributes []byte
		if a, ok := n.mn.(Attributed); ok {
			attributes = a.AppendAttributes(nil)
		}
		if attributes == nil {
			w.Uint8(1)
		} else {
			w.Uint8(3)
			w.Octets(attributes)
		}
		w.Text(string(n.mn.Mech()))
		n.mn.Snapshot(w)
	default:
		w.Uint8(2)
		w.Octets(n.text)
		w.Text(string(n.nameType))
	}
}

// RestoreName reads a name. It returns nil if a nil name was written, or if the form is malformed.
func RestoreName(r *wire.Reader) *Name {
	switch r.Uint8() {
	case 0:
	case 1:
		if m := restoredMech(r); m != nil {
			return NewMN(m.RestoreName(r))
		}
	case 2:
		return &Name{text: r.Octets(), nameType: token.OID(r.Text())}
	case 3:
		attributes := r.Octets()
		if m := restoredMech(r); m != nil {
			return restoreAttributed(r, m.RestoreName(r), attributes)
		}
	default:
		r.Fail()
	}
	return nil
}

func restoreAttributed(r *wire.Reader, mn MechName, attributes []byte) *Name {
	if a, ok := mn.(Attributed); ok {
		if with, err := a.WithAttributes(attributes); err == nil {
			return NewMN(with)
		}
	}
	r.Fail()
	return nil
}

// restoredMech reads a mechanism's OID. The empty one, which stands for the default mechanism, is never written.
func restoredMech(r *wire.Reader) Mechanism {
	mech := token.OID(r.Text())
	m, err := Lookup(mech)
	if err != nil || mech == "" {
		r.Fail()
		return nil
	}
	return m
}

// Snapshot writes the credential for RestoreCred, which reads it in a child after fork(2).
func (c *Cred) Snapshot(w *wire.Writer) {
	w.Uint8(uint8(len(c.elements)))
	for _, e := range c.elements {
		w.Text(string(e.mech))
		e.Snapshot(w)
	}
}

// RestoreCred reads a credential. It returns nil if the form is malformed or something follows.
func RestoreCred(library *krb5.Library, r *wire.Reader) *Cred {
	c := ReadCred(library, r, AllMechs())
	if !r.Done() {
		c.Release()
		return nil
	}
	return c
}

// ReadCred reads a credential, which may have elements for mechs only and be followed by something else. It marks the reader
// as failed if the form is malformed.
func ReadCred(library *krb5.Library, r *wire.Reader, mechs []token.OID) *Cred {
	c := new(Cred)
	n := int(r.Uint8())
	if n == 0 || n > len(table) {
		r.Fail()
		return c
	}
	for range n {
		m := restoredMech(r)
		if m == nil {
			break
		}
		mech := m.Description().OID
		if !slices.Contains(mechs, mech) || c.Element(mech) != nil {
			r.Fail()
			break
		}
		c.elements = append(c.elements, element{mech, m.RestoreElement(library, r, c)})
	}
	return c
}
