// SPDX-License-Identifier: BSD-2-Clause

// Package gss is the mechanism-neutral layer of GSS-API (RFC 2743): names, credentials, and the interface that a mechanism
// implements. A table lists the mechanisms; krb5 and SPNEGO are entries like any other.
package gss

import (
	"slices"

	"libgssapi/internal/krb5"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
	"libgssapi/internal/wire"
)

// Mechanism is an entry of the table. Any number of goroutines may call its methods.
type Mechanism interface {
	// Description describes the mechanism.
	Description() *Description

	// CanonicalizeName returns the mechanism name for n, which may be a name of another mechanism.
	CanonicalizeName(env *krb5.Env, n *Name) (MechName, error)
	// ParseName parses what MechName.AppendExport wrote.
	ParseName(octets []byte) (MechName, error)
	// RestoreName reads what MechName.Snapshot wrote.
	RestoreName(r *wire.Reader) MechName

	// Acquire acquires an element of a credential.
	Acquire(env *krb5.Env, w Wanted) (Element, error)
	// RestoreElement reads what Element.Snapshot wrote. before holds the elements that precede it in the credential.
	RestoreElement(library *krb5.Library, r *wire.Reader, before *Cred) Element

	// NewInitiator and NewAcceptor begin a context.
	NewInitiator() Initiator
	NewAcceptor() Acceptor
	// Recognizes reports whether an initiator's first token is for the mechanism.
	Recognizes(tok []byte) bool
	// ParseInterprocess parses the body of an interprocess token. The result aliases it.
	ParseInterprocess(body []byte) (Parsed, error)
	// RestoreContext reads what Context.Snapshot wrote. It marks the reader as failed if the form is malformed. The caller
	// deletes the context even if there is an error.
	RestoreContext(of Inherited, r *wire.Reader) (Context, error)

	// SetOption sets an option for the whole process. It returns UnknownOption if it does not know the option.
	SetOption(options *krb5.Options, oid token.OID, value []byte) error

	// DisplayStatus returns the text of a minor code.
	DisplayStatus(minor uint32) string
}

// Description describes a mechanism.
type Description struct {
	OID         token.OID
	Aliases     []token.OID // other OIDs by which peers negotiate it
	Attributes  []token.OID // RFC 5587
	SASLName    string      // RFC 5801, Section 10
	Name        string
	Explanation string

	// NameTypes are the supported name types. DefaultNameType is the type of a name that is imported without one.
	NameTypes       []token.OID
	DefaultNameType token.OID

	// StoreKeys are the keys of credential stores that it understands.
	StoreKeys []StoreKey

	// CredInquiries are the OIDs that Element.InquireByOID understands.
	CredInquiries []token.OID
}

// Concrete reports whether the mechanism authenticates by itself instead of negotiating another one.
func (d *Description) Concrete() bool { return slices.Contains(d.Attributes, token.MAMechConcrete) }

// Deprecated reports whether only programs that ask for the mechanism by its OID get it.
func (d *Description) Deprecated() bool { return slices.Contains(d.Attributes, token.MADeprecated) }

// table lists the mechanisms, the default one first.
var table []Mechanism

// Use sets the table of mechanisms, the default one first. It is called once, before anything else (internal/mechs).
func Use(mechanisms ...Mechanism) { table = mechanisms }

// Lookup returns the mechanism with this OID; "" stands for the default one.
func Lookup(mech token.OID) (Mechanism, error) {
	if mech == "" {
		return table[0], nil
	}
	for _, m := range table {
		if m.Description().OID == mech {
			return m, nil
		}
	}
	return nil, status.Errorf(status.BadMech, status.Generic, "mechanism %s is not supported", mech)
}

// ForInterprocess returns the mechanism of an interprocess token that begins with oid.
func ForInterprocess(oid []byte) (Mechanism, error) {
	for _, m := range table {
		if string(m.Description().OID) == string(oid) {
			return m, nil
		}
	}
	return nil, status.Errorf(status.DefectiveToken, status.G_WRONG_MECH, "the interprocess token is for mechanism %s", token.OID(oid))
}

// ForToken returns the mechanism that an initiator's first token belongs to. If no mechanism recognizes the token it returns
// the default one, whose error describes best what is wrong with it.
func ForToken(tok []byte) Mechanism {
	for _, m := range table {
		if m.Recognizes(tok) {
			return m
		}
	}
	return table[0]
}

// Canonical returns the OID of the mechanism of which o is an alias, or o itself.
func Canonical(o token.OID) token.OID {
	for _, m := range table {
		if d := m.Description(); slices.Contains(d.Aliases, o) {
			return d.OID
		}
	}
	return o
}

// Mechs lists the OIDs of the mechanisms that a program is told of (gss_indicate_mechs).
func Mechs() []token.OID { return mechsThat(func(d *Description) bool { return !d.Deprecated() }) }

// AllMechs lists the OIDs of all mechanisms.
func AllMechs() []token.OID { return mechsThat(func(*Description) bool { return true }) }

// ConcreteMechs lists the concrete mechanisms, which SPNEGO can negotiate.
func ConcreteMechs() []token.OID {
	return mechsThat(func(d *Description) bool { return d.Concrete() && !d.Deprecated() })
}

func mechsThat(are func(*Description) bool) (oids []token.OID) {
	for _, m := range table {
		if d := m.Description(); are(d) {
			oids = append(oids, d.OID)
		}
	}
	return oids
}

// oidOf replaces "" with the OID of the default mechanism.
func oidOf(mech token.OID) token.OID {
	if mech == "" {
		return table[0].Description().OID
	}
	return mech
}

// SetOption sets an option of mechanisms for the whole process.
func SetOption(options *krb5.Options, oid token.OID, value []byte) error {
	if oid == krb5.OptionWithhold {
		options.Withhold()
		return nil
	}
	for _, m := range table {
		if err := m.SetOption(options, oid, value); err == nil || !IsUnavailable(err) {
			return err
		}
	}
	return UnknownOption(oid)
}

// UnknownOption is the error for an unknown option.
func UnknownOption(oid token.OID) error {
	return status.Errorf(status.Unavailable, status.Generic, "option %s is not known", oid)
}

// UnknownInquiry is the error for an unknown object of an inquiry.
func UnknownInquiry(oid token.OID) error {
	return status.Errorf(status.Unavailable, status.Generic, "object %s is not known", oid)
}

// IsUnavailable reports whether err means that a mechanism does not support something that another one may support.
func IsUnavailable(err error) bool { return status.Of(err).Major == status.Unavailable }
