// SPDX-License-Identifier: BSD-2-Clause

// Package gss is GSS-API (RFC 2743) without a mechanism: names, credentials, and what a mechanism has to offer. Which
// mechanisms there are says a table; krb5 and SPNEGO are entries of it like others.
package gss

import (
	"slices"

	"libgssapi/internal/krb5"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
	"libgssapi/internal/wire"
)

// Mechanism is an entry of the table. Its methods may be called by any number of goroutines.
type Mechanism interface {
	// Description returns what can be told of the mechanism without using it.
	Description() *Description

	// CanonicalizeName returns the mechanism's name of what n names. n may be a name of another mechanism.
	CanonicalizeName(env *krb5.Env, n *Name) (MechName, error)
	// ParseName reads what a MechName exports.
	ParseName(octets []byte) (MechName, error)
	// RestoreName reads what a MechName wrote for a child after fork(2).
	RestoreName(r *wire.Reader) MechName

	// Acquire makes an element of a credential.
	Acquire(env *krb5.Env, w Wanted) (Element, error)
	// RestoreElement reads what an Element wrote for a child after fork(2). before are the elements of the credential that
	// stand before it.
	RestoreElement(library *krb5.Library, r *wire.Reader, before *Cred) Element

	// NewInitiator and NewAcceptor begin a context.
	NewInitiator() Initiator
	NewAcceptor() Acceptor
	// Recognizes reports whether an initiator's first token is for the mechanism.
	Recognizes(tok []byte) bool
	// ParseInterprocess reads the body of an interprocess token, which the result aliases.
	ParseInterprocess(body []byte) (Parsed, error)
	// RestoreContext reads what Context.Snapshot wrote. What is wrong with it is for the reader to tell; a context is
	// returned with an error, too, to be wiped.
	RestoreContext(of Inherited, r *wire.Reader) (Context, error)

	// SetOption sets an option of the mechanism for the whole process. One that it does not know is Unavailable.
	SetOption(options *krb5.Options, oid token.OID, value []byte) error

	// DisplayStatus returns the text of a minor code.
	DisplayStatus(minor uint32) string
}

// Description is what can be told of a mechanism without using it.
type Description struct {
	OID         token.OID
	Aliases     []token.OID // by which peers know it, too
	Attributes  []token.OID // RFC 5587
	SASLName    string      // RFC 5801, Section 10
	Name        string
	Explanation string

	// NameTypes are those of the names that the mechanism can use, DefaultNameType that of a name imported without one.
	NameTypes       []token.OID
	DefaultNameType token.OID

	// StoreKeys are the keys of credential stores that it takes.
	StoreKeys []StoreKey

	// CredInquiries are the inquiries that elements of credentials answer.
	CredInquiries []token.OID
}

// Concrete reports whether the mechanism stands for itself, and is not one that negotiates others.
func (d *Description) Concrete() bool { return slices.Contains(d.Attributes, token.MAMechConcrete) }

// table has the mechanisms, the default one first.
var table []Mechanism

// Use says which mechanisms there are, the default one first. It is called once, before all else (internal/mechs).
func Use(mechanisms ...Mechanism) { table = mechanisms }

// Lookup returns the mechanism of an OID; "" is the default one.
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

// ForInterprocess returns the mechanism of an interprocess token, of whose OID oid has the octets.
func ForInterprocess(oid []byte) (Mechanism, error) {
	for _, m := range table {
		if string(m.Description().OID) == string(oid) {
			return m, nil
		}
	}
	return nil, status.Errorf(status.DefectiveToken, status.G_WRONG_MECH, "interprocess token of mechanism %s", token.OID(oid))
}

// ForToken returns the mechanism that an initiator's first token is for: the default one if none recognizes it, which can
// say best what is wrong with it.
func ForToken(tok []byte) Mechanism {
	for _, m := range table {
		if m.Recognizes(tok) {
			return m
		}
	}
	return table[0]
}

// Canonical returns the OID of the mechanism that peers know by o; o itself if there is none.
func Canonical(o token.OID) token.OID {
	for _, m := range table {
		if d := m.Description(); slices.Contains(d.Aliases, o) {
			return d.OID
		}
	}
	return o
}

// Mechs lists the OIDs of all mechanisms.
func Mechs() []token.OID { return mechsThat(func(*Description) bool { return true }) }

// ConcreteMechs lists those that stand for themselves: what can be negotiated.
func ConcreteMechs() []token.OID { return mechsThat((*Description).Concrete) }

func mechsThat(are func(*Description) bool) (oids []token.OID) {
	for _, m := range table {
		if d := m.Description(); are(d) {
			oids = append(oids, d.OID)
		}
	}
	return oids
}

// oidOf returns the OID of a mechanism that was asked for, the default one's for "". It need not be supported.
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

// UnknownOption is the error for an option that nobody knows.
func UnknownOption(oid token.OID) error {
	return status.Errorf(status.Unavailable, status.Generic, "option %s is not known", oid)
}

// UnknownInquiry is the error for an inquiry that nobody knows.
func UnknownInquiry(oid token.OID) error {
	return status.Errorf(status.Unavailable, status.Generic, "inquiry %s is not known", oid)
}

// IsUnavailable reports whether a mechanism does not know what it was asked for. Another may.
func IsUnavailable(err error) bool { return status.Of(err).Major == status.Unavailable }
