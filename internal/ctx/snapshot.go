// SPDX-License-Identifier: BSD-2-Clause

package ctx

import (
	"io"

	"libgssapi/internal/gss"
	"libgssapi/internal/inherit"
	"libgssapi/internal/krb5"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
	"libgssapi/internal/wire"
)

// The first octet of a context's form is its state.
const (
	formEstablishing = 1 + iota
	formEstablished  // the numbers of its messages are in the words
	formFailed
)

// Snapshot returns a form from which Restore recreates the context in a child after fork(2): half-open, established, or
// failed and still to be deleted. It returns nil for a context that is withheld or has no state to continue from. The
// form is in room if that is large enough; the caller wipes both.
func (c *Context) Snapshot(room []byte) []byte {
	if c.withheld.Load() {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	w := wire.In(room)
	if !c.snapshot(w) {
		clear(w.Form())
		return nil
	}
	return w.Form()
}

// snapshot reports whether the context has a state to continue from; c.mu is held.
func (c *Context) snapshot(w *wire.Writer) bool {
	c.settle()
	switch c.state {
	case establishing:
		w.Uint8(formEstablishing)
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
	w.Text(string(c.mech.Inquire().Mech))
	return c.mech.Snapshot(w)
}

// Restore recreates a context from the form that Snapshot returned and the words in which it recorded its messages. The
// context continues to record in these words.
func Restore(library *krb5.Library, random io.Reader, form []byte, words *inherit.Words) (*Context, error) {
	r := wire.NewReader(form)
	c, err := restore(library, random, r, words)
	if err == nil && !r.Done() {
		err = status.Errorf(status.NoContext, status.KG_CONTEXT, "the context cannot be taken over from the parent process")
	}
	if err != nil {
		c.drop()
		return nil, err
	}
	c.Record(words)
	return c, nil
}

// restore may return a context together with an error.
func restore(library *krb5.Library, random io.Reader, r *wire.Reader, words *inherit.Words) (*Context, error) {
	kind := r.Uint8()
	c := &Context{initiator: r.Bool()}
	switch kind {
	case formEstablishing, formEstablished:
	case formFailed:
		c.state = failed
		return c, nil
	default:
		r.Fail()
		return c, nil
	}
	c.moved.Store(inherit.CellAt(r.Uint64()))
	m, err := gss.Lookup(token.OID(r.Text()))
	if c.moved.Load() == nil || err != nil {
		r.Fail()
		return c, nil
	}
	of := gss.Inherited{
		Library: library, Rand: random, Initiator: c.initiator, Established: kind == formEstablished, Words: words,
	}
	c.state = establishing
	c.mech, err = m.RestoreContext(of, r)
	if err == nil && of.Established {
		c.establish(c.mech)
	}
	return c, err
}

// Record makes the context record its sequence numbers in words, now and with each message, until it is called with nil.
func (c *Context) Record(words *inherit.Words) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.mech != nil {
		c.mech.Record(words)
	}
}
