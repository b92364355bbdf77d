// SPDX-License-Identifier: BSD-2-Clause

// Package ctx manages security contexts (RFC 2743, Section 2.2) of any mechanism: their states, and how they move from one
// process to another.
package ctx

import (
	"sync"
	"sync/atomic"
	"time"

	"libgssapi/internal/gss"
	"libgssapi/internal/inherit"
	"libgssapi/internal/krb5"
	"libgssapi/internal/message"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// Context is one side of a security context. It is safe for concurrent use; when two threads send on one context the
// order of their messages is undefined.
type Context struct {
	// ready is set once, when the context is established, and read without the lock by per-message calls.
	ready atomic.Pointer[message.Protection]

	// moved is set when one of the processes that share the context by fork(2) has exported it. It is nil if no process shares
	// the context.
	moved atomic.Pointer[inherit.Cell]

	// withheld keeps the context from children.
	withheld atomic.Bool

	mu         sync.Mutex
	state      state
	initiator  bool
	mech       gss.Context        // while establishing or established
	protection message.Protection // of mech; what ready points to
}

// state is the state of a context.
type state int

const (
	fresh        state = iota // before the first token
	establishing              // a token of the peer is due
	established
	failed   // only deletion is left
	exported // moved to another process
	deleted
)

func (s state) String() string {
	return [...]string{"fresh", "waiting for the peer", "established", "failed", "exported", "deleted"}[s]
}

// Info describes a context (gss_inquire_context).
type Info struct {
	Source, Target *gss.Name // mechanism names
	Lifetime       uint32    // seconds
	Mech           token.OID
	Flags          uint32
	Local          bool // we are the initiator
	Open           bool // established
}

// NewInitiator returns a context that Init establishes.
func NewInitiator() *Context { return &Context{initiator: true} }

// NewAcceptor returns a context that Accept establishes.
func NewAcceptor() *Context { return &Context{} }

// Init produces an initiator's next token.
func (c *Context) Init(env *krb5.Env, a gss.InitArgs) (gss.Result, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	mech, err := gss.Lookup(a.Mech)
	if err != nil {
		return gss.Result{}, err
	}
	if !c.initiator {
		return gss.Result{}, status.Errorf(status.NoContext, status.KG_CONTEXT, "the context belongs to an acceptor")
	}
	c.settle()
	var i gss.Initiator
	switch c.state {
	case fresh:
		i = mech.NewInitiator()
	case establishing:
		i = c.mech.(gss.Initiator)
	case established:
		return gss.Result{}, status.Errorf(status.Failure, status.KG_CONTEXT_ESTABLISHED, "the context is established already")
	default:
		return gss.Result{}, c.notEstablished()
	}
	r, err := i.Init(env, a)
	return r, c.step(i, r, err)
}

// Accept processes an initiator's next token. The first one determines the mechanism.
func (c *Context) Accept(env *krb5.Env, a gss.AcceptArgs) (gss.Result, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.settle()
	var m gss.Acceptor
	switch {
	case c.state == fresh && !c.initiator:
		m = gss.ForToken(a.Input).NewAcceptor()
	case c.state == establishing && !c.initiator:
		m = c.mech.(gss.Acceptor)
	default:
		return gss.Result{}, status.Errorf(status.NoContext, status.KG_CONTEXT, "the context does not wait for a token")
	}
	r, err := m.Accept(env, a)
	return r, c.step(m, r, err)
}

// step records the result of a step; c.mu is held. After an error, a context that has a handle keeps its state or has failed,
// and its handle stays valid (CVE-2017-11462).
func (c *Context) step(mech gss.Context, r gss.Result, err error) error {
	switch {
	case err != nil && r.Over:
		c.mech = mech
		c.drop()
		c.state = failed
	case err != nil && c.state == fresh:
		mech.Delete()
	case err != nil:
	case r.More:
		c.mech, c.state = mech, establishing
	default:
		c.establish(r.Established)
	}
	return err
}

// establish records an established context of a mechanism; c.mu is held.
func (c *Context) establish(mech gss.Context) {
	c.mech, c.state = mech, established
	c.protection = mech.Protection()
	c.ready.Store(&c.protection)
}

// Messages returns the protection of messages of an established context.
func (c *Context) Messages() (message.Protection, error) {
	if p := c.ready.Load(); p != nil {
		if cell := c.moved.Load(); cell == nil || !cell.IsSet() {
			return *p, nil
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.settle()
	return nil, c.notEstablished()
}

// settle checks whether another process that shares the context has exported it; c.mu is held.
func (c *Context) settle() {
	if cell := c.moved.Load(); cell != nil && cell.IsSet() && (c.state == established || c.state == establishing) {
		c.state = exported
		c.drop()
	}
}

func (c *Context) notEstablished() error {
	return status.Errorf(status.NoContext, status.KG_CTX_INCOMPLETE, "the context is %s, not established", c.state)
}

// Inquire describes the context (RFC 2744, Section 5.20). A half-open one has no names and no lifetime.
func (c *Context) Inquire(now time.Time) (Info, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.settle()
	if c.state != established && c.state != establishing {
		return Info{}, c.notEstablished()
	}
	of := c.mech.Inquire()
	info := Info{Source: of.Source, Target: of.Target, Mech: of.Mech, Flags: of.Flags, Local: c.initiator}
	if c.state == established {
		info.Lifetime, info.Open = of.Remaining(now), true
	}
	return info, nil
}

// TimeLeft returns the seconds until the context expires; an expired one is an error (RFC 2744, Section 5.7).
func (c *Context) TimeLeft(now time.Time) (uint32, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.settle()
	if c.state != established {
		return 0, c.notEstablished()
	}
	info := c.mech.Inquire()
	left := info.Remaining(now)
	if left == 0 {
		return 0, errExpired(info.End)
	}
	return left, nil
}

func errExpired(end time.Time) error {
	return status.Errorf(status.ContextExpired, status.KRB5KRB_AP_ERR_TKT_EXPIRED, "the context expired at %s",
		end.UTC().Format(time.RFC3339))
}

// InquireByOID returns the object of the context that an OID denotes (gss_inquire_sec_context_by_oid). The caller wipes
// it.
func (c *Context) InquireByOID(env *krb5.Env, oid token.OID) ([][]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.settle()
	if c.state != established {
		return nil, c.notEstablished()
	}
	return c.mech.InquireByOID(env, oid)
}

// ProcessToken processes a token that is not part of a message.
func (c *Context) ProcessToken(tok []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.settle()
	if c.state != established {
		return c.notEstablished()
	}
	return c.mech.ProcessToken(tok)
}

// SetOption sets an option of one context.
func (c *Context) SetOption(oid token.OID, value []byte) error {
	if oid != krb5.OptionWithhold {
		return gss.UnknownOption(oid)
	}
	c.withheld.Store(true)
	return nil
}

// Delete wipes the context's keys. It may be called at any time and more than once, but only after the context's handle
// has been invalidated: until then a child may inherit the context, and uses the cell to see whether it was exported.
func (c *Context) Delete() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state != exported {
		c.state = deleted
	}
	c.drop()
	if cell := c.moved.Swap(nil); cell != nil {
		cell.Release()
	}
}

// drop deletes the mechanism's context; c.mu is held.
func (c *Context) drop() {
	c.ready.Store(nil)
	if c.mech != nil {
		c.mech.Delete()
		c.mech = nil
	}
}
