// SPDX-License-Identifier: BSD-2-Clause

package ctx

import (
	"io"
	"time"

	"libgssapi/internal/crypto"
	"libgssapi/internal/gss"
	"libgssapi/internal/inherit"
	"libgssapi/internal/krb5"
	"libgssapi/internal/protect"
	"libgssapi/internal/spnego"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
	"libgssapi/internal/wire"
)

// The first octet of a context's form: what state it is in.
const (
	formWaiting     = 1 + iota // waitingReply
	formEstablished            // established; the numbers of its messages are in the words
	formFailed                 // failed
	formConfirming             // waitingConfirmation
	formNegotiating            // negotiating
)

// maxEnctypes is more than there are.
const maxEnctypes = 64

// formSize is more than most contexts need, but for the authorization data of a Windows domain.
const formSize = 512

// Snapshot returns what Restore makes the context of again in a child after fork(2): half-open or established, or
// failed and to be deleted. It is nil for a context that has no state to go on from, and for one that is withheld. The
// caller wipes it.
func (c *Context) Snapshot() []byte {
	if c.withheld.Load() {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	w := wire.NewWriter(formSize)
	if c.state != negotiating {
		if !c.snapshot(w) {
			return nil
		}
		return w.Form()
	}
	w.Uint8(formNegotiating)
	w.Bool(c.initiator)
	c.nego.Snapshot(w)
	inner := c.nego.inner
	w.Bool(inner != nil)
	if inner != nil {
		inner.mu.Lock()
		defer inner.mu.Unlock()
		if !inner.snapshot(w) {
			clear(w.Form())
			return nil
		}
	}
	w.Bool(c.nego.delegated != nil)
	if c.nego.delegated != nil {
		c.nego.delegated.Snapshot(w)
	}
	return w.Form()
}

// snapshot writes a context of krb5; c.mu is held. It is false for a context that has no state to go on from.
func (c *Context) snapshot(w *wire.Writer) bool {
	c.settle()
	switch c.state {
	case waitingReply:
		w.Uint8(formWaiting)
	case waitingConfirmation:
		w.Uint8(formConfirming)
	case established:
		w.Uint8(formEstablished)
	case failed:
		w.Uint8(formFailed)
		w.Bool(c.initiator)
		return true
	default:
		return false
	}
	w.Bool(c.initiator)
	if c.moved.Load() == nil {
		c.moved.Store(inherit.NewCell())
	}
	if c.moved.Load() == nil { // no memory: a copy would go on when the context was exported
		return false
	}
	w.Uint64(c.moved.Load().Address())
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
	switch c.state {
	case waitingReply:
		c.initiate.snapshot(w)
		return true
	case waitingConfirmation:
		w.Uint32(c.confirm.SeqNumber)
		w.Octets(c.confirm.Reply)
		w.Uint32(c.confirm.recvSeq)
		w.Bool(c.confirm.delegated != nil)
		if c.confirm.delegated != nil {
			c.confirm.delegated.Snapshot(w)
		}
		return true
	}
	_, _, window := c.protection.Load().State()
	w.Bool(window.Replay)
	w.Bool(window.Sequence)
	w.Uint64(window.Base)
	return true
}

// snapshot writes what the AP-REP is compared with.
func (i *initiation) snapshot(w *wire.Writer) {
	for _, key := range []*crypto.Key{i.exchange.Session, i.exchange.Subkey} {
		w.Key(token.EncryptionKey{EType: int32(key.EType()), Value: key.Bytes()})
	}
	w.Uint32(i.exchange.SeqNumber)
	w.Time(i.exchange.CTime)
	w.Uint32(i.exchange.CUSec)
	wire.Int32s(w, i.exchange.EncTypes)
}

func restoreInitiation(r *wire.Reader) (*initiation, error) {
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
	return &initiation{x}, nil
}

// Restore makes a context of the form that Snapshot gave and of the words that it recorded its messages in, and goes on
// with recording there.
func Restore(library *krb5.Library, random io.Reader, form []byte, words *inherit.Words) (*Context, error) {
	r := wire.NewReader(form)
	c, err := restore(library, random, r, r.Uint8(), words)
	if err == nil && !r.Done() {
		err = status.Errorf(status.NoContext, status.KG_CONTEXT, "the context cannot be taken over from the parent process")
	}
	if err != nil {
		c.wipe()
		return nil, err
	}
	c.Record(words)
	return c, nil
}

// restore reads a context of a kind. It returns one with an error, too.
func restore(library *krb5.Library, random io.Reader, r *wire.Reader, kind uint8, words *inherit.Words,
) (*Context, error) {
	c := &Context{initiator: r.Bool()}
	switch kind {
	case formNegotiating:
		return c, c.restoreNegotiation(library, random, r, words)
	case formFailed:
		c.state = failed
		return c, nil
	}
	c.moved.Store(inherit.CellAt(r.Uint64()))
	if c.moved.Load() == nil {
		r.Fail()
	}
	c.flags = r.Uint32()
	c.authTime, c.end = r.Time(), r.Time()
	c.grace = time.Duration(r.Uint64())
	c.ticketFlags = r.Uint32()
	c.source, c.target = gss.RestoreName(r), gss.RestoreName(r)
	c.keys = keys{session: r.Key(), initiatorSubkey: r.Key(), acceptorSubkey: r.Key()}
	c.authData = r.AuthData()
	var err error
	switch kind {
	case formWaiting:
		c.initiate, err = restoreInitiation(r)
		c.state = waitingReply
	case formConfirming:
		x := krb5.Confirmation{SeqNumber: r.Uint32(), Reply: r.Octets()}
		c.confirm = &confirmation{x, r.Uint32(), nil}
		c.state = waitingConfirmation
		if r.Bool() {
			c.confirm.delegated = gss.ReadCred(library, r, gss.Mechs())
		}
	case formEstablished:
		w := protect.Window{Replay: r.Bool(), Sequence: r.Bool(), Base: r.Uint64()}
		p := protect.Params{Window: &w}
		p.SendSeq, w.Next, w.Map = protect.Recorded(words)
		flags := c.flags
		err = c.establish(&krb5.Env{Rand: random}, p)
		c.flags = flags
	default:
		r.Fail()
	}
	return c, err
}

// restoreNegotiation reads what a half-open context of SPNEGO has, with the context in it.
func (c *Context) restoreNegotiation(library *krb5.Library, random io.Reader, r *wire.Reader, words *inherit.Words,
) (err error) {
	c.state, c.nego = negotiating, &negotiation{Negotiation: spnego.Restore(r)}
	if !r.Bool() {
		if c.initiator || c.nego.Complete() || r.Bool() {
			r.Fail()
		}
		return nil
	}
	kind := r.Uint8()
	if kind == formNegotiating || kind == formFailed {
		r.Fail()
		return nil
	}
	i, err := restore(library, random, r, kind, words)
	c.nego.inner = i
	if i.initiator != c.initiator || c.nego.Complete() != (i.state == established) {
		r.Fail()
	}
	if r.Bool() {
		c.nego.delegated = gss.ReadCred(library, r, gss.Mechs())
		if !c.nego.Complete() {
			r.Fail()
		}
	}
	return err
}

// Record has the context record the numbers of its messages in words, at once and with each message; if words is nil,
// not any more.
func (c *Context) Record(words *inherit.Words) {
	p := c.protection.Load()
	if p == nil {
		p = c.negotiated()
	}
	if p == nil {
		return
	}
	p.Record(words)
}

// negotiated returns the per-message state of the context in a negotiation, nil if there is none.
func (c *Context) negotiated() *protect.Protection {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.nego == nil || c.nego.inner == nil {
		return nil
	}
	return c.nego.inner.protection.Load()
}
