// SPDX-License-Identifier: BSD-2-Clause

package cred

import (
	"libgssapi/internal/crypto"
	"libgssapi/internal/krb5"
	"libgssapi/internal/token"
	"libgssapi/internal/wire"
)

// maxEnctypes bounds the enctypes that a program may allow.
const maxEnctypes = 64

// Snapshot writes what Restore makes the credential of again in a child after fork(2). Credentials in files are read
// there again; those in memory, which a client delegated, are written as they are.
func (c *Cred) Snapshot(w *wire.Writer) {
	c.snapshot(w)
	w.Bool(c.other != nil)
	if c.other != nil {
		c.other.snapshot(w)
	}
}

// Withheld reports whether children after fork(2) do not get the credential.
func (c *Cred) Withheld() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.withheld
}

// snapshot writes one element.
func (c *Cred) snapshot(w *wire.Writer) {
	w.Uint8(uint8(c.mechs))
	w.Uint8(uint8(c.usage))
	w.Bool(c.initiator != nil)
	if i := c.initiator; i != nil {
		i.cache.Snapshot(w)
	}
	w.Bool(c.acceptor != nil)
	if a := c.acceptor; a != nil {
		w.Text(a.keytabName)
		optional(w, a.owner.desired)
		optional(w, a.owner.principal)
		w.Text(a.owner.service)
		w.Text(a.replay)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	w.Bool(c.noCI)
	w.Bool(c.enctypes != nil)
	wire.Int32s(w, c.enctypes)
	w.Bool(c.neg != nil)
	w.Uint32(uint32(len(c.neg)))
	for _, o := range c.neg {
		w.Text(string(o))
	}
}

// Restore reads a credential. It is nil if something is wrong with what it reads, or follows.
func Restore(library *krb5.Library, r *wire.Reader) *Cred {
	c := Read(library, r)
	if !r.Done() {
		c.Release()
		return nil
	}
	return c
}

// Read reads a credential that may have others behind it. What is wrong with it is for the reader to tell.
func Read(library *krb5.Library, r *wire.Reader) *Cred {
	c := restoreElement(library, r)
	if r.Bool() {
		c.other = restoreElement(library, r)
		if c.mechs&c.other.mechs != 0 {
			r.Fail()
		}
	}
	return c
}

func restoreElement(library *krb5.Library, r *wire.Reader) *Cred {
	c := &Cred{mechs: mechs(r.Uint8()), usage: Usage(r.Uint8())}
	if r.Bool() {
		c.initiator = &initiator{library.RestoreCCache(r)}
	}
	if r.Bool() {
		c.acceptor = &acceptor{
			keytabName: r.Text(), owner: owner{restoreOptional(r), restoreOptional(r), r.Text()}, replay: r.Text(),
		}
		o := c.acceptor.owner
		if (o.principal == nil) != (o.desired == nil) || o.principal == nil && o.service != "" {
			r.Fail()
		}
	}
	c.noCI = r.Bool()
	limited := r.Bool()
	c.enctypes = wire.ReadInt32s[crypto.EType](r, maxEnctypes)
	if c.mechs == 0 || c.mechs > forAll || c.usage > Accept || c.enctypes != nil && !limited {
		r.Fail()
		c.enctypes = nil
	}
	if limited && c.enctypes == nil {
		c.enctypes = []crypto.EType{}
	}
	limited = r.Bool()
	n := r.Uint32()
	if n > uint32(len(negotiable)) || n > 0 && !limited {
		r.Fail()
		n = 0
	}
	if limited {
		c.neg = make([]token.OID, n)
	}
	for i := range c.neg {
		c.neg[i] = token.OID(r.Text())
	}
	return c
}

func optional(w *wire.Writer, p *token.Principal) {
	w.Bool(p != nil)
	if p != nil {
		w.Principal(*p)
	}
}

func restoreOptional(r *wire.Reader) *token.Principal {
	if !r.Bool() {
		return nil
	}
	p := r.Principal()
	return &p
}
