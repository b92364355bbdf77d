// SPDX-License-Identifier: BSD-2-Clause

package spnego

import (
	"slices"
	"sync"

	"libgssapi/internal/gss"
	"libgssapi/internal/krb5"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
	"libgssapi/internal/wire"
)

// credential is SPNEGO's element of a credential: the mechanisms to negotiate, and a credential with elements for them.
// The latter is the credential itself if it has such elements, else one that belongs to this element only.
type credential struct {
	with *gss.Cred
	own  bool // with belongs to this element only

	mu    sync.Mutex
	mechs []token.OID // gss_set_neg_mechs; nil: all mechanisms
}

// Acquire implements gss.Mechanism.
func (Mechanism) Acquire(env *krb5.Env, w gss.Wanted) (gss.Element, error) {
	return acquire(w, func(mechs []token.OID) (*gss.Cred, error) {
		return gss.AcquireFrom(env, w.Store, w.Name, w.Lifetime, mechs, w.Usage)
	})
}

// acquire uses existing elements, or else acquires elements for mechanisms that have not been tried.
func acquire(w gss.Wanted, elements func([]token.OID) (*gss.Cred, error)) (gss.Element, error) {
	if negotiable(w.Before) != nil {
		return &credential{with: w.Before}, nil
	}
	mechs := slices.DeleteFunc(gss.ConcreteMechs(), func(o token.OID) bool { return slices.Contains(w.Tried, o) })
	if len(mechs) == 0 {
		return nil, status.Errorf(status.NoCred, status.KG_CRED, "there is no credential to negotiate with")
	}
	c, err := elements(mechs)
	if err != nil {
		return nil, err
	}
	return &credential{with: c, own: true}, nil
}

// negotiable returns the first element of c for a mechanism that can be negotiated, or nil.
func negotiable(c *gss.Cred) gss.Element {
	for _, o := range gss.ConcreteMechs() {
		if e := c.Element(o); e != nil {
			return e
		}
	}
	return nil
}

// credentialFor returns the credential to negotiate with, nil being the default credential, and the mechanisms to
// negotiate.
func credentialFor(c *gss.Cred) (with *gss.Cred, mechs []token.OID, err error) {
	mechs = gss.ConcreteMechs()
	if c == nil {
		return nil, mechs, nil
	}
	// Many programs acquire a credential for krb5 only and then negotiate, as MIT krb5 lets them.
	with = c
	switch e := c.Element(token.MechSPNEGO).(type) {
	case *credential:
		with, mechs = e.with, e.negMechs()
	default:
		if negotiable(c) == nil {
			_, err = c.For(token.MechSPNEGO)
			return nil, nil, err
		}
	}
	return with, slices.DeleteFunc(mechs, func(o token.OID) bool { return with.Element(o) == nil }), nil
}

// SetNegMechs implements gss.Negotiator. Mechanisms that are not supported are ignored. If none are left, nothing can
// be negotiated.
func (c *credential) SetNegMechs(list []token.OID) {
	all := gss.ConcreteMechs()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.mechs = []token.OID{}
	for _, o := range list {
		if slices.Contains(all, o) && !slices.Contains(c.mechs, o) {
			c.mechs = append(c.mechs, o)
		}
	}
}

func (c *credential) negMechs() []token.OID {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.mechs == nil {
		return gss.ConcreteMechs()
	}
	return slices.Clone(c.mechs)
}

// Inquire and the following methods implement gss.Element.
func (c *credential) Inquire(env *krb5.Env) (gss.Info, error) { return negotiable(c.with).Inquire(env) }

// Settle implements gss.Settler.
func (c *credential) Settle() {
	if s, ok := negotiable(c.with).(gss.Settler); ok {
		s.Settle()
	}
}

func (c *credential) Store(env *krb5.Env, store gss.CredStore, overwrite, toDefault bool) (gss.Stored, error) {
	return negotiable(c.with).Store(env, store, overwrite, toDefault)
}

// InquireByOID asks only a credential that belongs to this element, because gss asks the other elements itself.
func (c *credential) InquireByOID(env *krb5.Env, oid token.OID) ([][]byte, error) {
	if !c.own {
		return nil, gss.UnknownInquiry(oid)
	}
	return gss.InquireByOID(env, c.with, oid)
}

func (c *credential) SetOption(oid token.OID, value []byte) error {
	if !c.own {
		return gss.UnknownOption(oid)
	}
	return c.with.SetOption(oid, value)
}

func (c *credential) InMemory() bool { return c.own && c.with.InMemory() }

func (c *credential) Release() {
	if c.own {
		c.with.Release()
	}
}

func (c *credential) Duplicate(before *gss.Cred) gss.Element {
	d := &credential{with: before, own: c.own}
	if c.own {
		d.with = c.with.Duplicate()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	d.mechs = slices.Clone(c.mechs)
	return d
}

func (c *credential) Snapshot(w *wire.Writer) {
	w.Bool(c.own)
	if c.own {
		c.with.Snapshot(w)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	w.Bool(c.mechs != nil)
	w.Uint32(uint32(len(c.mechs)))
	for _, o := range c.mechs {
		w.Text(string(o))
	}
}

// RestoreElement implements gss.Mechanism.
func (Mechanism) RestoreElement(library *krb5.Library, r *wire.Reader, before *gss.Cred) gss.Element {
	c := &credential{with: before, own: r.Bool()}
	if c.own {
		c.with = gss.ReadCred(library, r, gss.ConcreteMechs())
	}
	limited, n := r.Bool(), r.Uint32()
	if n > uint32(len(gss.ConcreteMechs())) || n > 0 && !limited || negotiable(c.with) == nil {
		r.Fail()
		n = 0
	}
	if limited {
		c.mechs = make([]token.OID, n)
	}
	for i := range c.mechs {
		c.mechs[i] = token.OID(r.Text())
	}
	return c
}
