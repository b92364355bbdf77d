// SPDX-License-Identifier: BSD-2-Clause

package ctx

import (
	"context"
	"errors"

	"libgssapi/internal/gss"
	"libgssapi/internal/krb5"
	"libgssapi/internal/message"
	"libgssapi/internal/spnego"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// negotiation is what a context has while its mechanism is being negotiated (RFC 4178). When that is over the context
// is what the inner one has become, and nothing is left of this. Until then no message can be protected: whether both
// sides mean the same mechanism is not known.
type negotiation struct {
	spnego.Negotiation
	inner     *Context  // nil until the mechanism has a token
	delegated *gss.Cred // what an acceptor gets when all is over
}

func (n *negotiation) release() {
	if n.inner != nil {
		n.inner.Delete()
	}
	if n.delegated != nil {
		n.delegated.Release()
	}
}

// offer is an initiator's first step. What is not known yet when the network is asked is forgotten: the call is made
// again.
func (c *Context) offer(cx context.Context, env *krb5.Env, a InitArgs) (Result, error) {
	// A server may have spoken first. What it hints at is no use: it is not protected, and is the same from all of them.
	a.Input = nil
	n := &negotiation{}
	side := &initiatorSide{inner: inner{n}, cx: cx, env: env, args: a}
	with, mechs, err := spnego.Using(a.Cred)
	if err != nil {
		return Result{}, err
	}
	side.args.Cred = with
	env.Trace.Offered(mechs)
	tok, err := n.Offer(side, mechs)
	if err != nil {
		n.release()
		return Result{}, err
	}
	c.nego, c.state = n, negotiating
	return side.result.under(tok, true), nil
}

// negotiate is an initiator's next step.
func (c *Context) negotiate(cx context.Context, env *krb5.Env, a InitArgs) (Result, error) {
	var err error
	n := c.nego
	before := *n
	side := &initiatorSide{inner: inner{n}, cx: cx, env: env, args: a}
	if side.args.Cred, _, err = spnego.Using(a.Cred); err != nil {
		return Result{}, err
	}
	tok, err := n.Reply(side, a.Input)
	if errors.Is(err, krb5.Pending) {
		*n = before
		return Result{}, err
	}
	if err != nil {
		c.fail()
		return Result{Token: tok}, err
	}
	if n.State() != spnego.Done {
		return side.inner.describe(env).under(tok, true), nil
	}
	env.Trace.Chosen(n.Mech())
	c.adopt()
	return c.result(env, tok), nil
}

// acceptNegotiated is an acceptor's step.
func (c *Context) acceptNegotiated(env *krb5.Env, a AcceptArgs) (AcceptResult, error) {
	if c.nego == nil {
		c.nego, c.state = &negotiation{}, negotiating
	}
	n := c.nego
	with, mechs, err := spnego.Using(a.Cred)
	if err != nil {
		return AcceptResult{}, err
	}
	a.Cred = with
	tok, err := n.Accept(&acceptorSide{inner: inner{n}, env: env, args: a}, mechs, a.Input)
	switch {
	case err != nil:
		c.fail()
		return AcceptResult{Result: Result{Token: tok}}, err
	case n.State() != spnego.Done:
		return AcceptResult{Result: Result{Token: tok, More: true}}, nil
	}
	delegated := n.delegated
	n.delegated = nil
	env.Trace.Chosen(n.Mech())
	c.adopt()
	return AcceptResult{c.result(env, tok), c.source, delegated}, nil
}

// fail leaves the context to be deleted, and its handle valid (CVE-2017-11462).
func (c *Context) fail() {
	c.state = failed
	c.wipe()
}

// adopt makes the context what was negotiated.
func (c *Context) adopt() {
	i := c.nego.inner
	i.mu.Lock()
	defer i.mu.Unlock()
	c.initiator, c.source, c.target, c.flags = i.initiator, i.source, i.target, i.flags
	c.authTime, c.end, c.grace = i.authTime, i.end, i.grace
	c.authData, c.ticketFlags = i.authData, i.ticketFlags
	c.keys, i.keys = i.keys, keys{}
	c.moved.Store(i.moved.Swap(nil))
	c.protection.Store(i.protection.Swap(nil))
	i.state = deleted
	c.state, c.nego = established, nil
}

// halfOpenFlags are those of a context whose negotiation goes on: it cannot be moved, and protects nothing.
const halfOpenFlags = ^(FlagProtReady | FlagTrans)

// inquire describes a context whose mechanism is not known for sure: the names are not, either.
func (n *negotiation) inquire(initiator bool) Info {
	info := Info{Mech: token.MechSPNEGO, Local: initiator}
	if n.inner != nil {
		n.inner.mu.Lock()
		defer n.inner.mu.Unlock()
		info.Flags = n.inner.flags & halfOpenFlags
	}
	return info
}

// under is what a result of the mechanism is in a negotiation that goes on: the mechanism is still open.
func (r Result) under(tok []byte, more bool) Result {
	return Result{Token: tok, More: more, Flags: r.Flags &^ FlagProtReady, Lifetime: r.Lifetime}
}

// ownMemory is for tokens that the caller does not get as they are.
var ownMemory = message.Memory{Alloc: func(n int) []byte { return make([]byte, n) }, Free: func([]byte) {}}

// inner is what both sides of spnego.Negotiated share. All of it works on the context in the negotiation.
type inner struct{ n *negotiation }

// MIC makes the MIC over the offer. It takes the first number of the sequence, as with all implementations.
func (i inner) MIC(text []byte) ([]byte, error) {
	return i.n.inner.GetMIC(0, text, &ownMemory)
}

// VerifyMIC takes nothing but the first message of the sequence.
func (i inner) VerifyMIC(text, mic []byte) error {
	supplementary, err := i.n.inner.VerifyMIC(text, mic)
	if err == nil && supplementary != status.Complete {
		err = status.Errorf(status.DefectiveToken, status.KG_BAD_SEQ, "it is out of sequence")
	}
	return err
}

func (i inner) describe(env *krb5.Env) Result {
	if i.n.inner == nil {
		return Result{}
	}
	i.n.inner.mu.Lock()
	defer i.n.inner.mu.Unlock()
	return i.n.inner.result(env, nil)
}

func progress(r Result) spnego.Progress {
	return spnego.Progress{Token: r.Token, Complete: !r.More, Integ: !r.More && r.Flags&FlagInteg != 0}
}

// initiatorSide is krb5 as spnego sees it, for one call.
type initiatorSide struct {
	inner
	cx     context.Context
	env    *krb5.Env
	args   InitArgs
	result Result
}

// Begin makes the AP-REQ. All names under which krb5 is offered are the same to it.
func (s *initiatorSide) Begin(token.OID) (spnego.Progress, error) {
	c := NewInitiator()
	s.args.Input = nil
	r, err := c.initMessage(s.cx, s.env, s.args)
	if err != nil {
		c.Delete()
		return spnego.Progress{}, err
	}
	if s.n.inner != nil {
		s.n.inner.Delete()
	}
	s.n.inner, s.result = c, r
	return progress(r), nil
}

func (s *initiatorSide) Continue(input []byte) (spnego.Progress, error) {
	s.args.Input = input
	r, err := s.n.inner.initMessage(s.cx, s.env, s.args)
	return progress(r), err
}

// acceptorSide is krb5 as spnego sees it, for one call.
type acceptorSide struct {
	inner
	env  *krb5.Env
	args AcceptArgs
}

// Begin is an initiator's.
func (s *acceptorSide) Begin(token.OID) (spnego.Progress, error) {
	return spnego.Progress{}, status.Errorf(status.Failure, status.Generic, "an acceptor begins nothing")
}

func (s *acceptorSide) Continue(input []byte) (spnego.Progress, error) {
	if s.n.inner == nil {
		s.n.inner = NewAcceptor()
	}
	s.args.Input = input
	r, err := s.n.inner.acceptMessage(s.env, s.args)
	if r.Delegated != nil {
		s.n.delegated = r.Delegated
	}
	return progress(r.Result), err
}
