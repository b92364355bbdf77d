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

// maxName is the longest name that is imported, in octets. No realm, service or host comes near it. maxComposite is the
// longest one with attributes, of which a ticket can have as much.
const (
	maxName      = 64 << 10
	maxComposite = 1<<20 + maxName
)

// Name is an immutable name (RFC 2743, Section 4). If mn is set it is a mechanism name (MN), the name of one entity in one
// mechanism. Otherwise it is stored as imported and resolved each time it is used, with the configuration of that moment.
type Name struct {
	text     []byte
	nameType token.OID
	mn       MechName
}

// MechName names one entity in a mechanism. It is immutable.
type MechName interface {
	Mech() token.OID
	// Display returns the printable form and its type.
	Display() (text []byte, nameType token.OID)
	// AppendExport appends what follows the header of an exported name (RFC 2743, Section 3.2).
	AppendExport(b []byte) []byte
	// Equal compares with a name of the same mechanism.
	Equal(MechName) bool
	// IsAnonymous reports whether it is the name of the anonymous user.
	IsAnonymous() bool
	// LocalName returns the local account that the name maps to.
	LocalName(env *krb5.Env) (string, error)
	// MayUse returns nil if the name may use a local account, or an error of major Unauthorized.
	MayUse(env *krb5.Env, account string) error
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

// ImportName imports a name of type nt; an empty nt stands for the default mechanism's default. Only exported names are parsed
// here; others are stored as they are (RFC 2744, Section 5.16).
func ImportName(raw []byte, nt token.OID) (*Name, error) {
	limit := maxName
	if (nt == token.NTExportName || nt == token.NTCompositeExport) && token.IsCompositeName(raw) {
		limit = maxComposite
	}
	if len(raw) > limit {
		return nil, status.Errorf(status.BadName, status.KRB5_PARSE_MALFORMED, "the name has %d octets; at most %d are allowed",
			len(raw), limit)
	}
	switch nt {
	case token.NTHostbasedServiceX:
		nt = token.NTHostbasedService
	case token.NTExportName, token.NTCompositeExport:
		return importExported(raw, nt == token.NTCompositeExport)
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

// importExported parses what Export or ExportComposite returns, which is a mechanism name. As in MIT krb5, the octets and not
// the name type say which of the two it is. Nothing proves that attributes are true: only who asks for them gets them.
func importExported(raw []byte, attributed bool) (*Name, error) {
	var mech token.OID
	var octets, attributes []byte
	var err error
	if token.IsCompositeName(raw) {
		mech, octets, attributes, err = token.ParseCompositeName(raw)
	} else {
		mech, octets, err = token.ParseExportedName(raw)
	}
	if err != nil {
		return nil, status.Errorf(status.BadName, status.KRB5_PARSE_MALFORMED, "exported name: %v", err)
	}
	m, err := Lookup(mech)
	if err != nil {
		return nil, err
	}
	mn, err := m.ParseName(octets)
	if a, ok := mn.(Attributed); ok && attributed && len(attributes) > 0 {
		mn, err = a.WithAttributes(attributes)
	}
	if err != nil {
		return nil, err
	}
	return NewMN(mn), nil
}

// IsMN reports whether n is a mechanism name.
func (n *Name) IsMN() bool { return n.mn != nil }

// MN returns the mechanism name that n is, or nil.
func (n *Name) MN() MechName { return n.mn }

// Text returns the text that was imported.
func (n *Name) Text() []byte { return n.text }

// Type returns the name type that was imported.
func (n *Name) Type() token.OID { return n.nameType }

// IsAnonymous reports whether n is the name of the anonymous user.
func (n *Name) IsAnonymous() bool {
	return n.nameType == token.NTAnonymous || n.mn != nil && n.mn.IsAnonymous()
}

// Duplicate returns n, because names do not change.
func (n *Name) Duplicate() *Name { return n }

// Display returns the printable form of n and its type, as the mechanism defines it or as imported.
func (n *Name) Display() (text []byte, nt token.OID, err error) {
	if n.mn == nil {
		return n.text, n.nameType, nil
	}
	text, nt = n.mn.Display()
	return text, nt, nil
}

// in returns n as a name of a mechanism.
func (n *Name) in(env *krb5.Env, mech token.OID) (MechName, error) {
	m, err := Lookup(mech)
	if err != nil {
		return nil, err
	}
	return m.CanonicalizeName(env, n)
}

// CompareNames reports whether a and b name the same entity. Two imported names of one type are compared as text. Otherwise
// both are resolved, in the mechanism of the one that is a mechanism name or in the default mechanism. An anonymous name
// equals nothing (RFC 2743, Section 2.4.3).
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

// Export returns the octets by which access control lists name n (RFC 2743, Section 3.2), in room if it is large enough. n
// must be a mechanism name.
func (n *Name) Export(room []byte) ([]byte, error) {
	if n.mn == nil {
		return nil, errNotMN()
	}
	return token.AppendExportedName(room[:0], n.mn.Mech(), n.mn.AppendExport), nil
}

// ExportComposite returns the octets from which another process gets n with its attributes (RFC 6680, Section 7.10). n must
// be a mechanism name.
func (n *Name) ExportComposite() ([]byte, error) {
	if n.mn == nil {
		return nil, errNotMN()
	}
	var attributes []byte
	if a, ok := n.mn.(Attributed); ok {
		attributes = a.AppendAttributes(nil)
	}
	return token.AppendCompositeName(nil, n.mn.Mech(), n.mn.AppendExport, attributes), nil
}

func errNotMN() error {
	return status.Errorf(status.NameNotMN, status.Generic,
		"only a mechanism name can be exported: call gss_canonicalize_name first")
}

// Mechs lists the mechanisms that may be able to use n (gss_inquire_mechs_for_name).
func (n *Name) Mechs() []token.OID {
	return mechsThat(func(d *Description) bool {
		return !d.Deprecated() &&
			(n.mn == nil && slices.Contains(d.NameTypes, n.nameType) || n.mn != nil && (n.mn.Mech() == d.OID || !d.Concrete()))
	})
}

// LocalName returns the local account that n maps to.
func (n *Name) LocalName(env *krb5.Env, mech token.OID) (string, error) {
	mn, err := n.in(env, mech)
	if err != nil {
		return "", err
	}
	return mn.LocalName(env)
}

// Authorize returns nil if n may use the account that user names (gss_authorize_localname). As with MIT krb5, n must be a
// mechanism name: an imported text is what somebody calls himself.
func (n *Name) Authorize(env *krb5.Env, user *Name) error {
	if user.nameType != token.NTUserName {
		return status.Errorf(status.BadNameType, status.Generic, "the account must be a name of type GSS_C_NT_USER_NAME")
	}
	if n.mn == nil {
		return status.Errorf(status.Unavailable, status.Generic,
			"only a mechanism name can be authorized: call gss_canonicalize_name first")
	}
	return n.mn.MayUse(env, string(user.text))
}

// Account is LocalName for gss_localname: as with MIT krb5, the error is Unavailable if there is no account.
func (n *Name) Account(env *krb5.Env, mech token.OID) (string, error) {
	user, err := n.LocalName(env, mech)
	if err != nil && status.Of(err).Minor == status.KRB5_LNAME_NOTRANS {
		return "", status.WithMajor(err, status.Unavailable)
	}
	return user, err
}
