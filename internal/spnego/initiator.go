// SPDX-License-Identifier: BSD-2-Clause

package spnego

import (
	"bytes"
	"errors"
	"slices"

	"libgssapi/internal/krb5"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// Offer returns an initiator's first message: the mechanisms that it supports, its favourite first, and the first token
// of the favourite (RFC 4178, Section 4.2.1). If it fails, the negotiation is unchanged.
func (n *Negotiation) Offer(m Negotiated, mechs []token.OID) ([]byte, error) {
	if len(mechs) == 0 || len(mechs) > maxMechs {
		return nil, noMechs()
	}
	p, err := m.Begin(mechs[0])
	// A mechanism that cannot begin, usually for lack of a credential, is not offered. If none can, the first reason is
	// returned.
	for reason := err; err != nil; p, err = m.Begin(mechs[0]) {
		if errors.Is(err, krb5.Pending) {
			return nil, err
		}
		if mechs = mechs[1:]; len(mechs) == 0 {
			return nil, reason
		}
	}
	*n = Negotiation{
		state: WaitingForChoice,
		mechs: slices.Clone(mechs),
		list:  token.MarshalMechTypes(mechs),
		mech:  mechs[0],
		// The acceptor has not chosen yet.
		complete: p.Complete, integ: p.Complete && p.Integ,
	}
	offer := token.NegTokenInit{List: n.list, MechToken: p.Token}
	return token.FrameMessage(token.MechSPNEGO, offer.Marshal()), nil
}

// Reply processes an acceptor's message and returns the initiator's next one, or nil if there is none. If it fails, it
// may still return a message that tells the acceptor.
func (n *Negotiation) Reply(m Negotiated, input []byte) ([]byte, error) {
	switch n.state {
	case WaitingForChoice, WaitingForToken, WaitingForPeerMIC:
	default:
		return nil, status.Errorf(status.NoContext, status.ERR_SPNEGO_NEGOTIATION_FAILED,
			"the negotiation is in state %q and expects no token", n.state)
	}
	ours, err := n.reply(m, input)
	if err != nil {
		n.state = Failed
		return ours.marshal(), err
	}
	return ours.marshal(), nil
}

func (n *Negotiation) reply(m Negotiated, input []byte) (ours response, err error) {
	ours.silent = true
	r, err := token.ParseNegTokenResp(input)
	if err != nil {
		return ours, err
	}
	if r.State == token.Reject {
		return ours, n.refusal(m, r)
	}
	// From here on, the acceptor is told what is wrong.
	fail := func(err error) (response, error) {
		return response{NegTokenResp: token.NegTokenResp{State: token.Reject}}, err
	}
	mic := peerMIC(r)
	var p Progress
	first := n.state == WaitingForChoice
	switch {
	case first && n.counterProposal(r):
		if p, err = n.reselect(m, r); err != nil {
			return fail(err)
		}
		mic = nil
	case r.SupportedMech != "" && !same(r.SupportedMech, n.mech):
		return fail(defective("the acceptor has chosen another mechanism than before"))
	case n.complete:
		// Old IIS servers send an empty token when there should be none.
		if len(r.ResponseToken) > 0 {
			return fail(defective("the mechanism's last token is followed by another"))
		}
	case r.ResponseToken == nil:
		return fail(status.Errorf(status.DefectiveToken, status.ERR_SPNEGO_NO_TOKEN_FROM_ACCEPTOR,
			"the acceptor's answer (%s) lacks the mechanism's token", r.State))
	default:
		if p, err = m.Continue(r.ResponseToken); err != nil {
			ours, _ := fail(err)
			ours.ResponseToken = p.Token
			return ours, err
		}
	}
	// request-mic belongs in the first reply (RFC 4178, Section 4.2.2). Whoever sends it wants MICs, for whatever
	// reason.
	if first && r.State == token.RequestMIC {
		n.required = true
	}
	ours, err = n.advance(m, p, mic, r.State == token.AcceptCompleted)
	switch {
	case err != nil:
		return fail(err)
	case p.Token != nil && n.state == Done:
		// The mechanism's last token is ours, so the acceptor has yet to say whether it accepts it. Windows also
		// answers it with a message of its own.
		n.state = WaitingForToken
		if ours.MechListMIC == nil {
			ours.State = token.AcceptIncomplete
		}
	case n.state == Done && ours.MechListMIC == nil:
		ours.silent = true
	}
	return ours, nil
}

// counterProposal reports whether the acceptor has chosen another mechanism than that of the first token. Another OID
// of the same mechanism, with a token, is a reply to ours.
func (n *Negotiation) counterProposal(r *token.NegTokenResp) bool {
	switch {
	case r.SupportedMech == "" || r.SupportedMech == n.mech:
		// Old Java acceptors send nothing but a token.
		return false
	case !same(r.SupportedMech, n.mech):
		return true
	}
	return r.State == token.RequestMIC && r.ResponseToken == nil && slices.Contains(n.mechs, r.SupportedMech)
}

// reselect starts again with the acceptor's choice, which must have been offered. An attacker on the network could have
// caused the choice, so MICs must follow: an acceptor that does not request them has seen another offer than ours.
func (n *Negotiation) reselect(m Negotiated, r *token.NegTokenResp) (Progress, error) {
	switch {
	case !slices.Contains(n.mechs, r.SupportedMech):
		return Progress{}, status.Errorf(status.DefectiveToken, status.ERR_SPNEGO_NO_MECH_FROM_ACCEPTOR,
			"the acceptor has chosen mechanism %s, which was not offered", r.SupportedMech)
	case r.State != token.RequestMIC:
		return Progress{}, defective("the acceptor has not chosen the first mechanism, but does not request a MIC")
	case r.ResponseToken != nil || r.MechListMIC != nil:
		return Progress{}, defective("the acceptor has chosen another mechanism, and replies to a token that it was never sent")
	}
	p, err := m.Begin(r.SupportedMech)
	if err != nil {
		return p, err
	}
	n.mech, n.required = r.SupportedMech, true
	n.complete, n.integ = false, false
	return p, nil
}

// refusal is the error for an acceptor's reject, with the mechanism's reason if there is one.
func (n *Negotiation) refusal(m Negotiated, r *token.NegTokenResp) error {
	if n.complete || len(r.ResponseToken) == 0 || bytes.Equal(r.ResponseToken, r.MechListMIC) {
		return rejected(nil)
	}
	_, err := m.Continue(r.ResponseToken)
	return rejected(err)
}
