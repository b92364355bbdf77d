// SPDX-License-Identifier: BSD-2-Clause

package gss

import (
	"syscall"

	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// Attributed is a mechanism name with attributes (RFC 6680).
type Attributed interface {
	MechName
	// Attributes lists the names of the attributes.
	Attributes() []string
	// Attribute returns a value of an attribute: the first one if after is negative, else the one that Value.More of the value
	// before it names. ok is false if there is none.
	Attribute(name string, after int) (v Value, ok bool)
	// AppendAttributes appends all attributes in the form that WithAttributes reads, or nothing if there are none.
	AppendAttributes(b []byte) []byte
	// WithAttributes returns the name with attributes. It copies the octets.
	WithAttributes(octets []byte) (MechName, error)
}

// Value is one value of an attribute.
type Value struct {
	Octets        []byte
	Authenticated bool // the issuer of the name proved that it is the name's
	Complete      bool // the issuer gave all values
	More          int  // 0: it is the last one
}

// Attributes lists the names of n's attributes.
func (n *Name) Attributes() []string {
	if a, ok := n.mn.(Attributed); ok {
		return a.Attributes()
	}
	return nil
}

// Attribute returns a value of an attribute, as Attributed.Attribute does.
func (n *Name) Attribute(name string, after int) (Value, error) {
	if a, ok := n.mn.(Attributed); ok {
		if v, ok := a.Attribute(name, after); ok {
			return v, nil
		}
	}
	return Value{}, status.Errorf(status.Unavailable, status.Minor(syscall.ENOENT), "the name has no attribute %q, or no proof for it", name)
}

// ChangeAttribute refuses to set or delete an attribute: names do not change, and what a ticket says about its client is its
// KDC's to change.
func (n *Name) ChangeAttribute(name string) error {
	return status.Errorf(status.Unavailable, status.Minor(syscall.ENOENT), "attribute %q cannot be changed: attributes come from tickets", name)
}

// DisplayAs returns the printable form of n as a name of type nt (RFC 6680, Section 7.3). As with MIT krb5, that is the text
// that was imported with this type: mechanism names are displayed by Display only.
func (n *Name) DisplayAs(nt token.OID) ([]byte, error) {
	if n.mn == nil && n.nameType == nt {
		return n.text, nil
	}
	return nil, status.Errorf(status.Unavailable, status.Generic, "the name cannot be displayed as one of type %s", nt)
}
