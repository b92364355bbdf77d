// SPDX-License-Identifier: BSD-2-Clause

package spnego

import (
	"slices"

	"libgssapi/internal/gss"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// maxMessage bounds the size of a message in octets, including the token in it.
const maxMessage = 1 << 20

// Respond processes an initiator's message and returns the acceptor's next one, or nil if there is none. mechs are the
// mechanisms that the acceptor supports. If it fails, it may still return a message that tells the initiator.
func (n *Negotiation) Respond(m Negotiated, mechs []token.OID, input []byte) ([]byte, error) {
	var ours response
	var err error
	switch {
	case len(input) > maxMessage:
		err = defective("the message is too long")
	case n.state == Start && len(input) == 0:
		return n.hint(mechs)
	case n.state == Start || n.state == WaitingForOffer:
		ours, err = n.choose(m, mechs, input)
	case n.state == WaitingForToken || n.state == WaitingForPeerMIC:
		ours, err = n.next(m, input)
	default:
		return nil, status.Errorf(status.NoContext, status.ERR_SPNEGO_NEGOTIATION_FAILED,
			"the negotiation is in state %q and expects no token", n.state)
	}
	if err != nil {
		n.state = Failed
		// With the mechanism's token, if it has one that says what is wrong.
		ours = response{NegTokenResp: token.NegTokenResp{State: token.Reject, ResponseToken: ours.ResponseToken}}
	}
	return ours.marshal(), err
}

// hint returns the message of an acceptor that speaks first, as servers of some protocols do: mechanisms, and no token
// (MS-SPNG, Section 3.2.5.2).
func (n *Negotiation) hint(mechs []token.OID) ([]byte, error) {
	if len(mechs) == 0 {
		return nil, noMechs()
	}
	hints := token.NegTokenInit{MechTypes: mechs, Hints: true}
	n.state = WaitingForOffer
	return token.FrameMessage(token.MechSPNEGO, hints.Marshal()), nil
}

// choose processes the offer. It chooses the first offered mechanism that the acceptor supports. If that is the
// initiator's favourite, both sides prefer it, and the token in the offer belongs to it. Otherwise the token belongs to
// another mechanism, and MICs are required (RFC 4178, Section 4.2.2).
func (n *Negotiation) choose(m Negotiated, mechs []token.OID, input []byte) (ours response, err error) {
	mech, inner, err := token.Unframe(input)
	if err != nil {
		return ours, err
	}
	if mech != token.MechSPNEGO {
		return ours, status.Errorf(status.BadMech, status.G_WRONG_MECH, "token for mechanism %s instead of an offer", mech)
	}
	offer, err := token.ParseNegTokenInit(inner)
	if err != nil {
		return ours, err
	}
	if len(mechs) == 0 {
		return ours, noMechs()
	}
	choice := slices.IndexFunc(offer.MechTypes, func(o token.OID) bool { return supports(mechs, o) })
	if choice < 0 {
		return ours, status.Errorf(status.BadMech, status.ERR_SPNEGO_NO_MECHS_AVAILABLE,
			"none of the mechanisms that the initiator offers is supported")
	}
	n.list = slices.Clone(offer.List)
	n.mech = offer.MechTypes[choice]
	n.required = choice > 0
	var p Progress
	var mic []byte
	if choice == 0 && len(offer.MechToken) > 0 {
		if p, err = m.Continue(offer.MechToken); err != nil {
			ours.ResponseToken = p.Token
			return ours, err
		}
		mic = offer.MechListMIC
	}
	if ours, err = n.advance(m, p, mic, false); err != nil {
		return ours, err
	}
	ours.SupportedMech = n.mech
	if n.required && n.state != Done {
		ours.State = token.RequestMIC
	}
	return ours, nil
}

// supports reports whether an acceptor with these mechanisms chooses an offered one. As with MIT krb5, krb5 may be offered
// under the OID of Windows, but not under the one from before RFC 1964: whoever offers that one offers another as well.
func supports(mechs []token.OID, offered token.OID) bool {
	return slices.Contains(mechs, offered) ||
		offered == token.MechKRB5Windows && slices.Contains(mechs, gss.Canonical(offered))
}

// next processes a message after the offer.
func (n *Negotiation) next(m Negotiated, input []byte) (ours response, err error) {
	r, err := token.ParseNegTokenResp(input)
	if err != nil {
		return ours, err
	}
	if r.State == token.Reject {
		return ours, rejected(nil)
	}
	var p Progress
	switch {
	case n.complete:
		if len(r.ResponseToken) > 0 {
			return ours, defective("the mechanism's last token is followed by another")
		}
	case len(r.ResponseToken) == 0:
		return ours, defective("the initiator's message lacks the mechanism's token")
	default:
		if p, err = m.Continue(r.ResponseToken); err != nil {
			ours.ResponseToken = p.Token
			return ours, err
		}
	}
	return n.advance(m, p, peerMIC(r), false)
}

func noMechs() error {
	return status.Errorf(status.Failure, status.ERR_SPNEGO_NO_MECHS_AVAILABLE,
		"there is no mechanism to negotiate: the credential allows none that is supported")
}
