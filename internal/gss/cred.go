// SPDX-License-Identifier: BSD-2-Clause

package gss

import (
	"errors"
	"slices"
	"sync/atomic"

	"libgssapi/internal/krb5"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
	"libgssapi/internal/wire"
)

// Usage is the side of a context for which a credential can be used (RFC 2744, Section 5.2).
type Usage int

// The values are those of the constants in gssapi.h.
const (
	Both     Usage = 0
	Initiate Usage = 1
	Accept   Usage = 2
)

// Indefinite is the lifetime without a limit (GSS_C_INDEFINITE).
const Indefinite = 0xffffffff

// Cred is a credential (RFC 2743, Section 2.1). It consists of elements, one for each of its mechanisms, in the order in
// which they were acquired. It is safe for concurrent use.
type Cred struct {
	elements []element
	withheld atomic.Bool // children after fork(2) do not get the credential
}

type element struct {
	mech token.OID
	Element
}

// Element is the part of a credential that belongs to one mechanism. It is safe for concurrent use.
type Element interface {
	// Inquire describes the element. For an expired one it also returns an error.
	Inquire(env *krb5.Env) (Info, error)
	// InquireByOID returns the object that an OID of the mechanism denotes. The caller wipes the result.
	InquireByOID(env *krb5.Env, oid token.OID) ([][]byte, error)
	// SetOption sets an option. It returns UnknownOption for an unknown one.
	SetOption(oid token.OID, value []byte) error
	// Store writes the element to the store, or to the default place. overwrite permits it to replace an existing one.
	// toDefault makes it the one that programs use by default.
	Store(env *krb5.Env, store CredStore, overwrite, toDefault bool) (Stored, error)
	// InMemory reports whether the element itself holds its tickets, so that establishing a context may change it.
	InMemory() bool
	// Duplicate returns a copy with independent options. before holds the elements that precede it in the new credential.
	Duplicate(before *Cred) Element
	// Snapshot writes what Mechanism.RestoreElement reads.
	Snapshot(w *wire.Writer)
	// Release wipes what it does not share with other elements.
	Release()
}

// Negotiator is the element of a mechanism that negotiates others.
type Negotiator interface {
	// SetNegMechs sets the mechanisms that may be negotiated, the preferred one first.
	SetNegMechs([]token.OID)
}

// Settler is an element whose first context may determine its owner.
type Settler interface {
	// Settle fixes the owner, so that what the program was told remains true.
	Settle()
}

// settle settles all elements.
func (c *Cred) settle() {
	for _, e := range c.elements {
		if s, ok := e.Element.(Settler); ok {
			s.Settle()
		}
	}
}

// Wanted says which element to acquire.
type Wanted struct {
	Name     *Name  // nil: anybody
	Lifetime uint32 // of an initiator, in seconds; 0 and Indefinite leave it to the mechanism
	Usage    Usage
	Store    CredStore // what to use in place of the defaults

	// Before holds the elements acquired so far. Tried lists the mechanisms tried so far, successfully or not.
	Before *Cred
	Tried  []token.OID
}

// NewCred returns a credential of one element.
func NewCred(mech token.OID, e Element) *Cred { return &Cred{elements: []element{{mech, e}}} }

// Acquire acquires a credential with elements for those of mechs that are supported; nil stands for all that are not
// deprecated. A nil desired name
// accepts any. lifetime, in seconds, is an initiator's wish: tickets that exist already keep their lifetime, as RFC 2744,
// Section 5.2, permits.
func Acquire(env *krb5.Env, desired *Name, lifetime uint32, mechs []token.OID, usage Usage) (*Cred, error) {
	return AcquireFrom(env, CredStore{}, desired, lifetime, mechs, usage)
}

// AcquireFrom is Acquire with a credential store.
func AcquireFrom(env *krb5.Env, store CredStore, desired *Name, lifetime uint32, mechs []token.OID, usage Usage) (*Cred, error) {
	if usage < Both || usage > Accept {
		return nil, errUsage(usage)
	}
	return acquire(mechs, Wanted{Name: desired, Lifetime: lifetime, Usage: usage, Store: store},
		func(m Mechanism, w Wanted) (Element, error) { return m.Acquire(env, w) })
}

// acquire returns a credential with the elements that the mechanisms acquire.
func acquire(mechs []token.OID, w Wanted, element func(Mechanism, Wanted) (Element, error)) (*Cred, error) {
	c := new(Cred)
	w.Before = c
	var failure error = status.Errorf(status.BadMech, status.Generic, "none of the desired mechanisms is supported")
	for _, m := range table {
		d := m.Description()
		mech := d.OID
		if mechs == nil && d.Deprecated() ||
			mechs != nil && !slices.ContainsFunc(mechs, func(o token.OID) bool { return oidOf(o) == mech }) {
			continue
		}
		// One mechanism may lack what another one has. If all of them fail, the first error counts.
		e, err := element(m, w)
		switch {
		case errors.Is(err, krb5.Pending):
			c.Release()
			return nil, err
		case err == nil:
			c.append(mech, e)
		case len(w.Tried) == 0:
			failure = err
		}
		w.Tried = append(w.Tried, mech)
	}
	if len(c.elements) == 0 {
		return nil, failure
	}
	return c, nil
}

func (c *Cred) append(mech token.OID, e Element) { c.elements = append(c.elements, element{mech, e}) }

func errUsage(usage Usage) error {
	return status.Errorf(status.Failure, status.G_BAD_USAGE, "credential usage %d is unknown", usage)
}

// Default returns the credential for which GSS_C_NO_CREDENTIAL stands.
func Default(env *krb5.Env, usage Usage) (*Cred, error) {
	return Acquire(env, nil, Indefinite, nil, usage)
}

// Add returns a credential like in with an element for mech (RFC 2744, Section 5.3). lifetime is an initiator's; an
// acceptor's keys have none.
func Add(env *krb5.Env, in *Cred, desired *Name, mech token.OID, usage Usage, lifetime uint32) (*Cred, error) {
	return AddFrom(env, CredStore{}, in, desired, mech, usage, lifetime)
}

// AddFrom is Add with a credential store.
func AddFrom(env *krb5.Env, store CredStore, in *Cred, desired *Name, mech token.OID, usage Usage, lifetime uint32) (*Cred, error) {
	return add(in, mech, func(mechs []token.OID) (*Cred, error) {
		return AcquireFrom(env, store, desired, lifetime, mechs, usage)
	})
}

// add returns a credential like in, with the element for mech that acquire returns.
func add(in *Cred, mech token.OID, acquire func([]token.OID) (*Cred, error)) (*Cred, error) {
	if _, err := Lookup(mech); err != nil {
		return nil, err
	}
	mech = oidOf(mech)
	if in != nil && in.Element(mech) != nil {
		return nil, status.Errorf(status.DuplicateElement, status.Generic,
			"the credential already has an element for mechanism %s", mech)
	}
	added, err := acquire([]token.OID{mech})
	if err != nil || in == nil {
		return added, err
	}
	c := in.Duplicate()
	c.elements = append(c.elements, added.elements...)
	return c, nil
}

// Duplicate returns a credential with the same elements, but with independent options.
func (c *Cred) Duplicate() *Cred {
	d := new(Cred)
	for _, e := range c.elements {
		d.elements = append(d.elements, element{e.mech, e.Duplicate(d)})
	}
	d.withheld.Store(c.withheld.Load())
	return d
}

// Element returns the element for a mechanism, or nil.
func (c *Cred) Element(mech token.OID) Element {
	for _, e := range c.elements {
		if e.mech == oidOf(mech) {
			return e.Element
		}
	}
	return nil
}

// For is like Element, but returns an error if there is no such element.
func (c *Cred) For(mech token.OID) (Element, error) {
	if e := c.Element(mech); e != nil {
		return e, nil
	}
	return nil, status.Errorf(status.NoCred, status.KG_CRED, "the credential has no element for mechanism %s", oidOf(mech))
}

// Mechs lists the mechanisms that c has elements for, in the order of the table.
func (c *Cred) Mechs() []token.OID {
	return mechsThat(func(d *Description) bool { return c.Element(d.OID) != nil })
}

// Release wipes what c does not share with other credentials. Contexts have their own keys. c may be nil.
func (c *Cred) Release() {
	if c == nil {
		return
	}
	for _, e := range c.elements {
		e.Release()
	}
}

// InMemory reports whether c itself holds tickets, as delegated credentials do.
func (c *Cred) InMemory() bool {
	return slices.ContainsFunc(c.elements, func(e element) bool { return e.InMemory() })
}

// Withheld reports whether the credential is withheld from children after fork(2).
func (c *Cred) Withheld() bool { return c.withheld.Load() }

// Importer is a mechanism with an option that describes a credential, which gss_set_cred_option makes if it is given none.
type Importer interface {
	// ParseImport returns what an option describes. It returns UnknownOption for an option that is not of this kind.
	ParseImport(env *krb5.Env, oid token.OID, value []byte) (Wanted, error)
}

// Import returns the credential that an option describes.
func Import(env *krb5.Env, oid token.OID, value []byte) (*Cred, error) {
	for _, m := range table {
		i, ok := m.(Importer)
		if !ok {
			continue
		}
		w, err := i.ParseImport(env, oid, value)
		switch {
		case err == nil:
			return AcquireFrom(env, w.Store, w.Name, w.Lifetime, nil, w.Usage)
		case !IsUnavailable(err):
			return nil, err
		}
	}
	return nil, status.Errorf(status.Unavailable, status.Generic, "option %s applies to a credential, but none was passed", oid)
}

// SetOption sets an option of c (gss_set_cred_option).
func (c *Cred) SetOption(oid token.OID, value []byte) error {
	if oid == krb5.OptionWithhold {
		c.withheld.Store(true)
		for _, e := range c.elements {
			_ = e.SetOption(oid, value) // for what others find by its name, such as a cache in memory
		}
		return nil
	}
	known := false
	for _, e := range c.elements {
		switch err := e.SetOption(oid, value); {
		case err == nil:
			known = true
		case !IsUnavailable(err):
			return err
		}
	}
	if !known {
		return UnknownOption(oid)
	}
	return nil
}

// SetNegMechs sets the mechanisms that SPNEGO may negotiate with c, the preferred one first (gss_set_neg_mechs).
func (c *Cred) SetNegMechs(list []token.OID) error {
	known := false
	for _, e := range c.elements {
		if n, ok := e.Element.(Negotiator); ok {
			n.SetNegMechs(list)
			known = true
		}
	}
	if !known {
		return status.Errorf(status.Unavailable, status.Generic, "the credential has no element for SPNEGO")
	}
	return nil
}
