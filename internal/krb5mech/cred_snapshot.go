// SPDX-License-Identifier: BSD-2-Clause

package krb5mech

import (
	"libgssapi/internal/crypto"
	"libgssapi/internal/gss"
	"libgssapi/internal/krb5"
	"libgssapi/internal/token"
	"libgssapi/internal/wire"
)

// maxEnctypes bounds how many enctypes a program may allow.
const maxEnctypes = 64

// Snapshot implements gss.Element. Credentials in files are read again in the child. Those in memory are written in
// full: a client delegated them, a password obtained them, or a service acts with them.
func (c *Element) Snapshot(w *wire.Writer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	w.Uint8(uint8(c.usage))
	w.Bool(c.initiator != nil)
	if i := c.initiator; i != nil {
		i.cache.Snapshot(w)
		w.Bool(i.selects)
		w.Bool(i.absent)
		w.Text(i.clientKeytab)
	}
	w.Bool(c.acceptor != nil)
	if a := c.acceptor; a != nil {
		w.Text(a.keytabName)
		optional(w, a.owner.desired)
		optional(w, a.owner.principal)
		w.Text(a.owner.service)
		w.Text(a.replay)
	}
	w.Bool(c.noCI)
	w.Bool(c.enctypes != nil)
	wire.Int32s(w, c.enctypes)
}

// RestoreElement implements gss.Mechanism.
func (Mechanism) RestoreElement(library *krb5.Library, r *wire.Reader, _ *gss.Cred) gss.Element {
	c := &Element{usage: gss.Usage(r.Uint8())}
	if r.Bool() {
		c.initiator = &initiator{cache: library.RestoreCCache(r), selects: r.Bool(), absent: r.Bool(), clientKeytab: r.Text()}
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
	if c.usage > gss.Accept || c.enctypes != nil && !limited {
		r.Fail()
		c.enctypes = nil
	}
	if limited && c.enctypes == nil {
		c.enctypes = []crypto.EType{}
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
