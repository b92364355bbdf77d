// SPDX-License-Identifier: BSD-2-Clause

package gss

import (
	"slices"

	"libgssapi/internal/krb5"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// Info describes a credential (gss_inquire_cred). Name is nil for a default acceptor whose keys are gone.
type Info struct {
	Name              *Name
	InitiatorLifetime uint32 // seconds; 0 if it does not initiate or has expired
	AcceptorLifetime  uint32 // seconds, Indefinite; 0 if it does not accept
	Usage             Usage
	Mechs             []token.OID // of the whole credential
}

// Lifetime returns the shortest lifetime among the sides for which the credential can be used.
func (i Info) Lifetime() uint32 {
	switch i.Usage {
	case Initiate:
		return i.InitiatorLifetime
	case Accept:
		return i.AcceptorLifetime
	}
	return min(i.InitiatorLifetime, i.AcceptorLifetime)
}

// Inquire describes c by its first element, and settles it. nil is the default initiator credential of the default
// mechanism (RFC 2744, Section 5.21). An expired credential is an error.
func Inquire(env *krb5.Env, c *Cred) (Info, error) {
	if c == nil {
		var err error
		if c, err = Acquire(env, nil, Indefinite, []token.OID{""}, Initiate); err != nil {
			return Info{}, err
		}
		defer c.Release()
	}
	c.settle()
	return c.inquire(env, c.elements[0])
}

func (c *Cred) inquire(env *krb5.Env, e Element) (Info, error) {
	info, err := e.Inquire(env)
	info.Mechs = c.Mechs()
	return info, err
}

// Info describes c, whether it has expired or not.
func (c *Cred) Info(env *krb5.Env) Info {
	info, _ := c.inquire(env, c.elements[0])
	return info
}

// Added describes the element that was added last, by Add or a related function.
func (c *Cred) Added(env *krb5.Env) Info {
	info, _ := c.inquire(env, c.elements[len(c.elements)-1])
	return info
}

// InquireByMech describes c's element for mech, and settles c.
func InquireByMech(env *krb5.Env, c *Cred, mech token.OID) (Info, error) {
	if _, err := Lookup(mech); err != nil {
		return Info{}, err
	}
	if c == nil {
		return Inquire(env, nil)
	}
	e, err := c.For(mech)
	if err != nil {
		return Info{}, err
	}
	c.settle()
	return c.inquire(env, e)
}

// InquireByOID returns the object of c that an OID denotes; nil is the default initiator credential. The caller wipes the
// result.
func InquireByOID(env *krb5.Env, c *Cred, oid token.OID) ([][]byte, error) {
	if !slices.ContainsFunc(table, func(m Mechanism) bool { return slices.Contains(m.Description().CredInquiries, oid) }) {
		return nil, UnknownInquiry(oid)
	}
	if c == nil {
		var err error
		if c, err = Default(env, Initiate); err != nil {
			return nil, err
		}
		defer c.Release()
	}
	for _, e := range c.elements {
		if answer, err := e.InquireByOID(env, oid); err == nil || !IsUnavailable(err) {
			return answer, err
		}
	}
	return nil, UnknownInquiry(oid)
}

// Stored describes a credential that was stored.
type Stored struct {
	Mechs []token.OID // those whose elements were stored
	// Environment has the variables that lead programs to the credential.
	Environment []Variable
}

// Variable is a variable of a program's environment.
type Variable struct {
	Name, Value string
}

// StoreInto stores c's element for mech (RFC 5588, Section 4). A nil c is the default credential. For overwrite and toDefault
// see Element.Store.
func StoreInto(env *krb5.Env, store CredStore, c *Cred, usage Usage, mech token.OID, overwrite, toDefault bool) (Stored, error) {
	if usage < Both || usage > Accept {
		return Stored{}, errUsage(usage)
	}
	if _, err := Lookup(mech); err != nil {
		return Stored{}, err
	}
	if usage == Accept {
		return Stored{}, status.Errorf(status.Unavailable, status.G_BAD_USAGE, "the keys of acceptors cannot be stored")
	}
	if c == nil {
		var err error
		if c, err = Default(env, Initiate); err != nil {
			return Stored{}, err
		}
		defer c.Release()
	}
	e, err := c.Negotiable(mech)
	if err != nil {
		return Stored{}, err
	}
	c.settle()
	return e.Store(env, store, overwrite, toDefault)
}

// Negotiable is like For, but for a mechanism that negotiates it also returns the element of a mechanism that can be
// negotiated, as MIT krb5 does: many programs acquire a credential for krb5 alone and then negotiate.
func (c *Cred) Negotiable(mech token.OID) (Element, error) {
	e, err := c.For(mech)
	if err == nil {
		return e, nil
	}
	if m, _ := Lookup(mech); m != nil && !m.Description().Concrete() {
		for _, e := range c.elements {
			if slices.Contains(ConcreteMechs(), e.mech) {
				return e, nil
			}
		}
	}
	return nil, err
}
