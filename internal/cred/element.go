// SPDX-License-Identifier: BSD-2-Clause

package cred

import (
	"slices"

	"libgssapi/internal/krb5"
	"libgssapi/internal/name"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// mechs are the mechanisms that an element of a credential serves. SPNEGO has no credentials of its own: it uses those
// of what it negotiates.
type mechs uint8

const (
	forKRB5 mechs = 1 << iota
	forSPNEGO
	forAll = forKRB5 | forSPNEGO
)

// mechsOf returns those of a list that there are; nil stands for all.
func mechsOf(list []token.OID) (m mechs) {
	if list == nil {
		return forAll
	}
	for _, o := range list {
		m |= mechOf(o)
	}
	return m
}

// mechOf is 0 for a mechanism that there is not. krb5 is the default one.
func mechOf(o token.OID) mechs {
	switch o {
	case "", token.MechKRB5:
		return forKRB5
	case token.MechSPNEGO:
		return forSPNEGO
	}
	return 0
}

// list is the inverse of mechsOf.
func (m mechs) list() (oids []token.OID) {
	if m&forKRB5 != 0 {
		oids = append(oids, token.MechKRB5)
	}
	if m&forSPNEGO != 0 {
		oids = append(oids, token.MechSPNEGO)
	}
	return oids
}

// all returns the mechanisms that c has elements for.
func (c *Cred) all() mechs {
	if c.other != nil {
		return c.mechs | c.other.mechs
	}
	return c.mechs
}

// element returns c's element for a mechanism, nil if it has none.
func (c *Cred) element(m mechs) *Cred {
	switch {
	case c.mechs&m != 0:
		return c
	case c.other != nil && c.other.mechs&m != 0:
		return c.other
	}
	return nil
}

// For returns the element that a context of mech uses. A negotiation takes one for krb5, too, as with MIT krb5: many
// programs acquire a credential for krb5 alone and then negotiate.
func (c *Cred) For(mech token.OID) (*Cred, error) {
	e := c.element(mechOf(mech))
	if e == nil && mech == token.MechSPNEGO {
		e = c.element(forKRB5)
	}
	if e == nil {
		return nil, status.Errorf(status.NoCred, status.KG_CRED, "the credential has no element for mechanism %s", mech)
	}
	return e, nil
}

// Add returns a credential like in with an element for mech (RFC 2744, Section 5.3). lifetime is an initiator's; an
// acceptor's keys have none.
func Add(env *krb5.Env, in *Cred, desired *name.Name, mech token.OID, usage Usage, lifetime uint32) (*Cred, error) {
	return AddFrom(env, Store{}, in, desired, mech, usage, lifetime)
}

// AddFrom is Add with files of the program's choice.
func AddFrom(env *krb5.Env, store Store, in *Cred, desired *name.Name, mech token.OID, usage Usage, lifetime uint32,
) (*Cred, error) {
	m := mechOf(mech)
	if m == 0 {
		return nil, status.Errorf(status.BadMech, status.Generic, "mechanism %s is not supported", mech)
	}
	if in != nil && in.all()&m != 0 {
		return nil, status.Errorf(status.DuplicateElement, status.Generic,
			"the credential has an element for mechanism %s already", m.list()[0])
	}
	added, err := AcquireFrom(env, store, desired, lifetime, m.list(), usage)
	if err != nil || in == nil {
		return added, err
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.initiator != nil {
		in.initiator.cache.Share()
	}
	return &Cred{
		mechs: in.mechs, other: added, usage: in.usage, initiator: in.initiator, acceptor: in.acceptor,
		enctypes: slices.Clone(in.enctypes), noCI: in.noCI, withheld: in.withheld, neg: slices.Clone(in.neg),
	}, nil
}

// negotiable are the mechanisms that SPNEGO can agree on, the best first.
var negotiable = []token.OID{token.MechKRB5}

// SetNegMechs limits the mechanisms that contexts of c are negotiated for, and says in which order they are wanted. An
// initiator, or an acceptor, that is left with none of ours cannot negotiate.
func (c *Cred) SetNegMechs(list []token.OID) error {
	e := c.element(forSPNEGO)
	if e == nil {
		return status.Errorf(status.Unavailable, status.Generic, "the credential has no element for SPNEGO")
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.neg = []token.OID{}
	for _, o := range list {
		if slices.Contains(negotiable, o) && !slices.Contains(e.neg, o) {
			e.neg = append(e.neg, o)
		}
	}
	return nil
}

// NegMechs returns the mechanisms that contexts of the element are negotiated for; nil is the default credential's.
func (c *Cred) NegMechs() []token.OID {
	if c == nil {
		return negotiable
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.neg == nil {
		return negotiable
	}
	return slices.Clone(c.neg)
}
