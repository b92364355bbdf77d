// SPDX-License-Identifier: BSD-2-Clause

package spnego

import (
	"errors"
	"slices"

	"libgssapi/internal/gss"
	"libgssapi/internal/inherit"
	"libgssapi/internal/krb5"
	"libgssapi/internal/message"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
	"libgssapi/internal/wire"
)

// context is a half-open context, whose mechanism is being negotiated. When the negotiation is done, the inner context
// replaces it. Until then it protects no messages, because the sides may not have agreed on the mechanism.
type context struct {
	negotiation Negotiation
	inner       gss.Context // the mechanism's; nil until it has produced or received a token
	delegated   *gss.Cred   // withheld from the acceptor until the negotiation is done
}

type (
	initiator struct{ context }
	acceptor  struct{ context }
)

// NewInitiator implements gss.Mechanism.
func (Mechanism) NewInitiator() gss.Initiator { return new(initiator) }

// NewAcceptor implements gss.Mechanism.
func (Mechanism) NewAcceptor() gss.Acceptor { return new(acceptor) }

// Recognizes reports whether tok is an offer. An empty token asks for hints.
func (Mechanism) Recognizes(tok []byte) bool {
	if len(tok) == 0 {
		return true
	}
	mech, _, err := token.Unframe(tok)
	return err == nil && mech == token.MechSPNEGO
}

// Init makes the offer and processes the acceptor's messages.
func (c *initiator) Init(env *krb5.Env, a gss.InitArgs) (gss.Result, error) {
	with, mechs, err := credentialFor(a.Cred)
	if err != nil {
		return gss.Result{}, err
	}
	a.Cred = with
	if c.negotiation.State() == Start {
		return c.offer(env, a, mechs)
	}
	before := c.negotiation
	tok, err := c.negotiation.Reply(&initiatorSide{inner{&c.context}, env, a}, a.Input)
	switch {
	case errors.Is(err, krb5.Pending):
		c.negotiation = before
		return gss.Result{}, err
	case err != nil:
		return gss.Result{Token: tok, Over: true}, err
	}
	return c.result(env, tok, true), nil
}

// offer is the first step. Hints from a server that speaks first are ignored: they are not protected, and say no more
// than the negotiation will.
func (c *initiator) offer(env *krb5.Env, a gss.InitArgs, mechs []token.OID) (gss.Result, error) {
	env.Trace.Offered(mechs)
	tok, err := c.negotiation.Offer(&initiatorSide{inner{&c.context}, env, a}, mechs)
	if err != nil {
		return gss.Result{}, err
	}
	return c.result(env, tok, true), nil
}

// Accept processes the initiator's messages.
func (c *acceptor) Accept(env *krb5.Env, a gss.AcceptArgs) (gss.Result, error) {
	with, mechs, err := credentialFor(a.Cred)
	if err != nil {
		return gss.Result{}, err
	}
	a.Cred = with
	tok, err := c.negotiation.Respond(&acceptorSide{inner{&c.context}, env, a}, mechs, a.Input)
	if err != nil {
		return gss.Result{Token: tok, Over: true}, err
	}
	return c.result(env, tok, false), nil
}

// halfOpenFlags are the flags that a context may have during the negotiation: it cannot be transferred and protects
// nothing.
const halfOpenFlags = ^(gss.FlagProtReady | gss.FlagTrans)

// result describes the context. During the negotiation, an acceptor returns nothing that came from the mechanism.
func (c *context) result(env *krb5.Env, tok []byte, initiator bool) gss.Result {
	r := gss.Result{Token: tok, More: c.negotiation.State() != Done}
	if c.inner == nil || r.More && !initiator {
		return r
	}
	info := c.inner.Inquire()
	r.Lifetime = info.Remaining(env.Now())
	if r.More {
		r.Flags = info.Flags &^ gss.FlagProtReady
		return r
	}
	env.Trace.Chosen(c.negotiation.Mech())
	r.Established, r.Mech, r.Flags, r.Delegated = c.inner, info.Mech, info.Flags, c.delegated
	if !initiator {
		r.Source = info.Source
	}
	c.inner, c.delegated = nil, nil
	return r
}

// Inquire and the following methods implement gss.Context. While the mechanism is not certain, there are no names.
func (c *context) Inquire() gss.ContextInfo {
	info := gss.ContextInfo{Mech: token.MechSPNEGO}
	if c.inner != nil {
		info.Flags = c.inner.Inquire().Flags & halfOpenFlags
	}
	return info
}

func (c *context) Protection() message.Protection { return nil }

func (c *context) InquireByOID(_ *krb5.Env, oid token.OID) ([][]byte, error) {
	return nil, gss.UnknownInquiry(oid)
}

func (c *context) ProcessToken([]byte) error { return errHalfOpen() }

func (c *context) Export(token.ContextForm) (gss.Interprocess, error) { return nil, errHalfOpen() }

func (c *context) Exported(bool) {}

func errHalfOpen() error {
	return status.Errorf(status.NoContext, status.KG_CTX_INCOMPLETE, "the context is being negotiated")
}

// Record matters if the inner context is established and may have made or verified a MIC.
func (c *context) Record(words *inherit.Words) {
	if c.inner != nil {
		c.inner.Record(words)
	}
}

func (c *context) Delete() {
	if c.inner != nil {
		c.inner.Delete()
		c.inner = nil
	}
	c.delegated.Release()
	c.delegated = nil
}

func (c *context) Snapshot(w *wire.Writer) bool {
	c.negotiation.Snapshot(w)
	w.Bool(c.inner != nil)
	if c.inner != nil {
		w.Text(string(c.inner.Inquire().Mech))
		if !c.inner.Snapshot(w) {
			return false
		}
	}
	w.Bool(c.delegated != nil)
	if c.delegated != nil {
		c.delegated.Snapshot(w)
	}
	return true
}

// RestoreContext implements gss.Mechanism.
func (Mechanism) RestoreContext(of gss.Inherited, r *wire.Reader) (gss.Context, error) {
	c := context{negotiation: Restore(r)}
	if of.Established {
		r.Fail()
	}
	err := c.restore(of, r)
	if of.Initiator {
		return &initiator{c}, err
	}
	return &acceptor{c}, err
}

func (c *context) restore(of gss.Inherited, r *wire.Reader) (err error) {
	if r.Bool() {
		m := mechanismOf(token.OID(r.Text()))
		if m == nil {
			r.Fail()
			return nil
		}
		of.Established = c.negotiation.Complete()
		c.inner, err = m.RestoreContext(of, r)
	} else if of.Initiator || c.negotiation.Complete() {
		r.Fail()
	}
	if r.Bool() {
		c.delegated = gss.ReadCred(of.Library, r, gss.Mechs())
		if !c.negotiation.Complete() {
			r.Fail()
		}
	}
	return err
}

// mechanismOf returns the mechanism that can be negotiated as oid, or nil.
func mechanismOf(oid token.OID) gss.Mechanism {
	oid = gss.Canonical(oid)
	m, err := gss.Lookup(oid)
	if err != nil || !slices.Contains(gss.ConcreteMechs(), oid) {
		return nil
	}
	return m
}

// ownMemory is for tokens that are not returned to the caller directly.
var ownMemory = message.Memory{Alloc: func(n int) []byte { return make([]byte, n) }, Free: func([]byte) {}}

// inner is what the implementations of Negotiated for both sides share.
type inner struct{ c *context }

// MIC returns the MIC over the offer. As in all implementations, it has the first sequence number.
func (i inner) MIC(text []byte) ([]byte, error) {
	return i.c.inner.Protection().GetMIC(0, text, &ownMemory)
}

// VerifyMIC accepts only the first message of the sequence.
func (i inner) VerifyMIC(text, mic []byte) error {
	supplementary, err := i.c.inner.Protection().VerifyMIC(text, mic)
	if err == nil && supplementary != status.Complete {
		err = status.Errorf(status.DefectiveToken, status.KG_BAD_SEQ, "it is out of sequence")
	}
	return err
}

// advanced records a step of the mechanism.
func (i inner) advanced(half gss.Context, r gss.Result) Progress {
	if r.Established != nil {
		half = r.Established
	}
	i.c.inner = half
	return Progress{Token: r.Token, Complete: !r.More, Integ: !r.More && r.Flags&gss.FlagInteg != 0}
}

// initiatorSide is the mechanism as the negotiation sees it, for one call of an initiator.
type initiatorSide struct {
	inner
	env  *krb5.Env
	args gss.InitArgs
}

// Begin returns the mechanism's first token.
func (s *initiatorSide) Begin(mech token.OID) (Progress, error) {
	half := mechanismOf(mech).NewInitiator()
	s.args.Mech, s.args.Input = gss.Canonical(mech), nil
	r, err := half.Init(s.env, s.args)
	if err != nil {
		half.Delete()
		return Progress{}, err
	}
	if s.c.inner != nil {
		s.c.inner.Delete()
	}
	return s.advanced(half, r), nil
}

func (s *initiatorSide) Continue(input []byte) (Progress, error) {
	half, ok := s.c.inner.(gss.Initiator)
	if !ok {
		return Progress{}, errComplete()
	}
	s.args.Input = input
	r, err := half.Init(s.env, s.args)
	if err != nil {
		return Progress{Token: r.Token}, err
	}
	return s.advanced(half, r), nil
}

// acceptorSide is the mechanism as the negotiation sees it, for one call of an acceptor.
type acceptorSide struct {
	inner
	env  *krb5.Env
	args gss.AcceptArgs
}

// Begin is for initiators only.
func (s *acceptorSide) Begin(token.OID) (Progress, error) {
	return Progress{}, status.Errorf(status.Failure, status.Generic, "an acceptor cannot begin")
}

func (s *acceptorSide) Continue(input []byte) (Progress, error) {
	if s.c.inner == nil {
		s.c.inner = mechanismOf(s.c.negotiation.Mech()).NewAcceptor()
	}
	half, ok := s.c.inner.(gss.Acceptor)
	if !ok {
		return Progress{}, errComplete()
	}
	s.args.Input = input
	r, err := half.Accept(s.env, s.args)
	if err != nil {
		return Progress{Token: r.Token}, err
	}
	if r.Delegated != nil {
		s.c.delegated = r.Delegated
	}
	return s.advanced(half, r), nil
}

func errComplete() error {
	return status.Errorf(status.Failure, status.Generic, "the mechanism expects no token")
}
