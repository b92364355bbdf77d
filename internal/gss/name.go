// SPDX-License-Identifier: BSD-2-Clause

package gss

import (
	"bytes"
	"slices"

	"libgssapi/internal/krb5"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
	"libgssapi/internal/wire"
)

// maxName bounds an imported name in octets. No realm, service or host comes near it.
const maxName = 64 << 10

// Name is an immutable name (RFC 2743, Section 4). It is a mechanism name (MN) if mn is set: the name of one entity in one
// mechanism. Otherwise it is as it was imported and is resolved, with the configuration of that moment, each time it is used.
type Name struct {
	text     []byte
	nameType token.OID
	mn       MechName
}

// MechName names one entity in a mechanism. It is immutable.
type MechName interface {
	Mech() token.OID
	// Display returns the name as people read it, and its type.
	Display() (text []byte, nameType token.OID)
	// Export returns the octets that Mechanism.ParseName reads, without the header of RFC 2743, Section 3.2.
	Export() []byte
	// Equal compares with a name of the same mechanism.
	Equal(MechName) bool
	// IsAnonymous reports whether it stands for nobody in particular.
	IsAnonymous() bool
	// LocalName returns the account of this host that it stands for.
	LocalName(env *krb5.Env) (string, error)
	// Snapshot writes what Mechanism.RestoreName reads.
	Snapshot(w *wire.Writer)
}

// NewMN returns a mechanism name.
func NewMN(n MechName) *Name { return &Name{mn: n} }

// NameTypes lists the name types of a mechanism (gss_inquire_names_for_mech).
func NameTypes(mech token.OID) ([]token.OID, error) {
	m, err := Lookup(mech)
	if err != nil {
		return nil, err
	}
	return slices.Clone(m.Description().NameTypes), nil
}

// ImportName makes a name of raw, whose syntax nt names; an empty nt is the default mechanism's. Only exported names are
// looked into here; the others are stored as they are (RFC 2744, Section 5.16).
func ImportName(raw []byte, nt token.OID) (*Name, error) {
	if len(raw) > maxName {
		return nil, status.Errorf(status.BadName, status.KRB5_PARSE_MALFORMED, "name of %d octets; at most %d are taken",
			len(raw), maxName)
	}
	switch nt {
	case token.NTHostbasedServiceX:
		nt = token.NTHostbasedService
	case token.NTExportName:
		return importExported(raw)
	case token.NTAnonymous:
		return &Name{text: bytes.Clone(raw), nameType: nt}, nil
	case "":
		nt = table[0].Description().DefaultNameType
	}
	if !slices.ContainsFunc(table, func(m Mechanism) bool { return slices.Contains(m.Description().NameTypes, nt) }) {
		return nil, status.Errorf(status.BadNameType, status.Generic, "name type %s is not supported", nt)
	}
	if len(raw) == 0 {
		return nil, status.Errorf(status.BadName, status.KRB5_PARSE_MALFORMED, "the name is empty")
	}
	return &Name{text: bytes.Clone(raw), nameType: nt}, nil
}

// importExported reads the form that Export gives (RFC 2743, Section 3.2): always a mechanism name.
func importExported(raw []byte) (*Name, error) {
	mech, octets, err := token.ParseExportedName(raw)
	if err != nil {
		return nil, status.Errorf(status.BadName, status.KRB5_PARSE_MALFORMED, "exported name: %v", err)
	}
	m, err := Lookup(mech)
	if err != nil {
		return nil, err
	}
	mn, err := m.ParseName(octets)
	if err != nil {
		return nil, err
	}
	return NewMN(mn), nil
}

// IsMN reports whether n is a mechanism name.
func (n *Name) IsMN() bool { return n.mn != nil }

// MN returns the mechanism name that n is, or nil.
func (n *Name) MN() MechName { return n.mn }

// Text and Type are what was imported.
func (n *Name) Text() []byte { return n.text }

// Type see Text.
func (n *Name) Type() token.OID { return n.nameType }

// IsAnonymous reports whether n is the name of nobody in particular, imported or from a mechanism.
func (n *Name) IsAnonymous() bool {
	return n.nameType == token.NTAnonymous || n.mn != nil && n.mn.IsAnonymous()
}

// Duplicate returns n: names do not change.
func (n *Name) Duplicate() *Name { return n }

// Display returns the text of n and its type: of a mechanism name the mechanism's, else what was imported.
func (n *Name) Display() (text []byte, nt token.OID, err error) {
	if n.mn == nil {
		return n.text, n.nameType, nil
	}
	text, nt = n.mn.Display()
	return text, nt, nil
}

// in returns the name of n in a mechanism.
func (n *Name) in(env *krb5.Env, mech token.OID) (MechName, error) {
	m, err := Lookup(mech)
	if err != nil {
		return nil, err
	}
	return m.CanonicalizeName(env, n)
}

// CompareNames tells whether a and b name the same entity. Two imported names are compared as text, unless only resolving
// them can tell; they are resolved in the mechanism that one is of, else in the default one. Anonymous names equal nothing
// (RFC 2743, Section 2.4.3).
func CompareNames(env *krb5.Env, a, b *Name) (bool, error) {
	if a.IsAnonymous() || b.IsAnonymous() {
		return false, nil
	}
	var mech token.OID
	switch {
	case !a.IsMN() && !b.IsMN():
		if a.nameType == b.nameType {
			return bytes.Equal(a.text, b.text), nil
		}
	case a.IsMN() && b.IsMN() && a.mn.Mech() != b.mn.Mech():
		return false, nil
	case a.IsMN():
		mech = a.mn.Mech()
	default:
		mech = b.mn.Mech()
	}
	p, err := a.in(env, mech)
	if err != nil {
		return false, err
	}
	q, err := b.in(env, mech)
	if err != nil {
		return false, err
	}
	return p.Equal(q), nil
}

// Canonicalize returns the mechanism name of n.
func (n *Name) Canonicalize(env *krb5.Env, mech token.OID) (*Name, error) {
	mn, err := n.in(env, mech)
	if err != nil {
		return nil, err
	}
	return NewMN(mn), nil
}

// Export returns the octets by which access control lists name n (RFC 2743, Section 3.2). n must be a mechanism name.
func (n *Name) Export() ([]byte, error) {
	if n.mn == nil {
		return nil, status.Errorf(status.NameNotMN, status.Generic,
			"only a name of a mechanism can be exported: call gss_canonicalize_name first")
	}
	return token.MarshalExportedName(n.mn.Mech(), n.mn.Export()), nil
}

// Mechs lists the mechanisms that may be able to use n (gss_inquire_mechs_for_name).
func (n *Name) Mechs() []token.OID {
	return mechsThat(func(d *Description) bool {
		return n.mn == nil && slices.Contains(d.NameTypes, n.nameType) || n.mn != nil && (n.mn.Mech() == d.OID || !d.Concrete())
	})
}

// LocalName returns the account of this host that n stands for.
func (n *Name) LocalName(env *krb5.Env, mech token.OID) (string, error) {
	mn, err := n.in(env, mech)
	if err != nil {
		return "", err
	}
	return mn.LocalName(env)
}

// Account is LocalName for gss_localname: where there is no account, that is what is not available, as with MIT krb5.
func (n *Name) Account(env *krb5.Env, mech token.OID) (string, error) {
	user, err := n.LocalName(env, mech)
	if err != nil && status.Of(err).Minor == status.KRB5_LNAME_NOTRANS {
		e := *status.Of(err)
		e.Major = status.Unavailable
		return "", &e
	}
	return user, err
}
