// SPDX-License-Identifier: BSD-2-Clause

package krb5mech

import (
	"time"

	"libgssapi/internal/crypto"
	"libgssapi/internal/gss"
	"libgssapi/internal/krb5"
	"libgssapi/internal/protect"
	"libgssapi/internal/token"
	"libgssapi/internal/wire"
)

// snapshot writes what all contexts have in common.
func (c *secContext) snapshot(w *wire.Writer) {
	w.Uint32(c.flags)
	w.Time(c.authTime)
	w.Time(c.end)
	w.Uint64(uint64(c.grace))
	w.Uint32(c.ticketFlags)
	c.source.Snapshot(w)
	c.target.Snapshot(w)
	w.Key(c.keys.session)
	w.Key(c.keys.initiatorSubkey)
	w.Key(c.keys.acceptorSubkey)
	w.AuthData(c.authData)
}

func (c *secContext) restore(r *wire.Reader) {
	c.flags = r.Uint32()
	c.authTime, c.end = r.Time(), r.Time()
	c.grace = time.Duration(r.Uint64())
	c.ticketFlags = r.Uint32()
	c.source, c.target = gss.RestoreName(r), gss.RestoreName(r)
	c.keys = keys{session: r.Key(), initiatorSubkey: r.Key(), acceptorSubkey: r.Key()}
	c.authData = r.AuthData()
}

// Snapshot writes an established context. The sequence numbers of its messages are in the words.
func (c *secContext) Snapshot(w *wire.Writer) bool {
	c.snapshot(w)
	c.service.snapshot(w)
	_, _, window := c.protection.State()
	w.Bool(window.Replay)
	w.Bool(window.Sequence)
	w.Uint64(window.Base)
	return true
}

// Snapshot writes what it takes to verify the AP-REP.
func (c *initiatorContext) Snapshot(w *wire.Writer) bool {
	if c.exchange == nil {
		return false
	}
	c.snapshot(w)
	for _, key := range []*crypto.Key{c.exchange.Session, c.exchange.Subkey} {
		w.Key(token.EncryptionKey{EType: int32(key.EType()), Value: key.Bytes()})
	}
	w.Uint32(c.exchange.SeqNumber)
	w.Time(c.exchange.CTime)
	w.Uint32(c.exchange.CUSec)
	wire.Int32s(w, c.exchange.EncTypes)
	return true
}

// Snapshot writes what it takes to verify the confirmation in DCE style.
func (c *acceptorContext) Snapshot(w *wire.Writer) bool {
	if c.confirm == nil {
		return false
	}
	c.snapshot(w)
	w.Uint32(c.confirm.SeqNumber)
	w.Octets(c.confirm.Reply)
	w.Uint32(c.confirm.recvSeq)
	w.Bool(c.confirm.delegated != nil)
	if c.confirm.delegated != nil {
		c.confirm.delegated.Snapshot(w)
	}
	return true
}

// RestoreContext implements gss.Mechanism.
func (m Mechanism) RestoreContext(of gss.Inherited, r *wire.Reader) (gss.Context, error) {
	c := secContext{mech: m.oid(), initiator: of.Initiator}
	c.restore(r)
	switch {
	case of.Established:
		c.service = restoreServiceKey(r)
		w := protect.Window{Replay: r.Bool(), Sequence: r.Bool(), Base: r.Uint64()}
		p := protect.Params{Window: &w}
		p.SendSeq, w.Next, w.Map = protect.Recorded(of.Words)
		flags := c.flags
		err := c.establish(&krb5.Env{Rand: of.Rand}, p)
		c.flags = flags
		return &c, err
	case of.Initiator:
		exchange, err := restoreExchange(r)
		return &initiatorContext{c, exchange}, err
	}
	confirm := &confirmation{Confirmation: krb5.Confirmation{SeqNumber: r.Uint32(), Reply: r.Octets()}, recvSeq: r.Uint32()}
	if r.Bool() {
		confirm.delegated = gss.ReadCred(of.Library, r, gss.Mechs())
	}
	return &acceptorContext{c, confirm}, nil
}

func restoreExchange(r *wire.Reader) (*krb5.Initiation, error) {
	session, subkey := r.Key(), r.Key()
	defer clear(session.Value)
	defer clear(subkey.Value)
	x := &krb5.Initiation{SeqNumber: r.Uint32(), CTime: r.Time(), CUSec: r.Uint32(),
		EncTypes: wire.ReadInt32s[crypto.EType](r, maxEnctypes)}
	var err error
	if x.Session, err = newKey(session); err != nil {
		return nil, err
	}
	if x.Subkey, err = newKey(subkey); err != nil {
		return nil, err
	}
	return x, nil
}
