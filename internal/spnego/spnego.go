// SPDX-License-Identifier: BSD-2-Clause

// Package spnego agrees with a peer on a mechanism (RFC 4178), and is itself one. A Negotiation knows messages and their
// order; what a mechanism does with its tokens it does not know.
//
// Nothing protects the messages themselves. Where somebody on the way could have brought the peers to another mechanism
// than they would have agreed on, each proves to the other by a MIC, made with the mechanism that was chosen, that both
// have seen the same offer (RFC 4178, Section 5).
package spnego

import (
	"bytes"
	"slices"

	"libgssapi/internal/gss"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
	"libgssapi/internal/wire"
)

// Negotiated is one side of a context of the mechanism that is negotiated. What a method gets aliases the peer's token.
type Negotiated interface {
	// Begin makes an initiator's first token of mech. A context that was begun before is over.
	Begin(mech token.OID) (Progress, error)
	// Continue takes the peer's token. With an error, too, Progress may have a token, which tells the peer.
	Continue(input []byte) (Progress, error)
	// MIC and VerifyMIC are for mechanisms that are complete.
	MIC(text []byte) ([]byte, error)
	VerifyMIC(text, mic []byte) error
}

// Progress is one step of a mechanism.
type Progress struct {
	Token    []byte // for the peer; nil: none
	Complete bool   // the mechanism waits for nothing more
	Integ    bool   // when it is complete: it can protect messages
}

// State is where a negotiation stands.
type State uint8

const (
	Start             State = iota // nothing was sent or taken yet
	WaitingForOffer                // an acceptor has sent hints
	WaitingForChoice               // an initiator has sent its offer
	WaitingForToken                // of the mechanism, or an initiator has sent the last one
	WaitingForPeerMIC              // ours was sent
	Done
	Failed
)

func (s State) String() string {
	return [...]string{"start", "waiting for the offer", "waiting for the choice", "waiting for the mechanism's token",
		"waiting for the peer's MIC", "done", "failed"}[s]
}

// Negotiation is one side's. The zero value is at its start.
type Negotiation struct {
	state    State
	mechs    []token.OID // an initiator's offer
	list     []byte      // the offer as it was sent: what the MICs are over
	mech     token.OID   // the one chosen, until then that of the first token
	complete bool        // the mechanism is
	integ    bool        // and it can protect messages
	required bool        // MICs must be exchanged
	sent     bool        // our MIC was
	received bool        // the peer's was, and it was right
}

// State tells where the negotiation stands.
func (n *Negotiation) State() State { return n.state }

// Mech returns the mechanism that was chosen, until then that of the first token.
func (n *Negotiation) Mech() token.OID { return n.mech }

// Complete reports whether the mechanism itself is complete; the negotiation may not be.
func (n *Negotiation) Complete() bool { return n.complete }

// same reports whether two OIDs stand for one mechanism. Samba's servers answer with another name of krb5 than they
// were offered, and Windows offers two.
func same(a, b token.OID) bool { return gss.Canonical(a) == gss.Canonical(b) }

// response is a message in the making.
type response struct {
	token.NegTokenResp
	silent bool // there is nothing to send
}

func (r *response) marshal() []byte {
	if r.silent {
		return nil
	}
	return r.NegTokenResp.Marshal()
}

// advance takes a step of the mechanism over, and the peer's MIC, if it sent one, and says what is to be sent. peerDone
// says that the peer expects nothing more.
func (n *Negotiation) advance(m Negotiated, p Progress, mic []byte, peerDone bool) (response, error) {
	ours := response{NegTokenResp: token.NegTokenResp{State: token.AcceptIncomplete, ResponseToken: p.Token}}
	// Whoever sends the last token of the mechanism sends its MIC with it.
	lastWasOurs := n.complete && !n.sent
	if !n.complete {
		n.complete, n.integ = p.Complete, p.Complete && p.Integ
	}
	if !n.complete {
		// A MIC of before that cannot be verified. It is of no effect, as with other implementations.
		n.state = WaitingForToken
		return ours, nil
	}
	if !n.integ {
		// RFC 4178, Section 5: a mechanism that cannot protect messages has no MICs. Both sides know it from its flags.
		n.required, mic = false, nil
	}
	switch {
	case mic != nil && n.received:
		return ours, defective("the peer's MIC has come twice")
	case mic != nil:
		if err := m.VerifyMIC(n.list, mic); err != nil {
			return ours, status.Prefix(err, "the peer's MIC over the offered mechanisms")
		}
		n.received, n.required = true, true
	case n.required && !n.received && p.Token == nil && !lastWasOurs:
		return ours, defective("the peer has sent no MIC over the offered mechanisms, and it must")
	}
	switch {
	case !n.required:
		n.state = Done
	case n.sent:
		n.state, ours.silent = Done, true
	case n.received && peerDone:
		// The peer waits for no MIC of ours.
		n.state, ours.silent = Done, true
	default:
		var err error
		if ours.MechListMIC, err = m.MIC(n.list); err != nil {
			return ours, err
		}
		n.sent = true
		n.state = WaitingForPeerMIC
		if n.received {
			n.state = Done
		}
	}
	if n.state == Done {
		ours.State = token.AcceptCompleted
	}
	return ours, nil
}

// peerMIC returns the MIC of a message. Windows 2000 repeats the mechanism's token in its place: that is none.
func peerMIC(r *token.NegTokenResp) []byte {
	if len(r.MechListMIC) > 0 && bytes.Equal(r.MechListMIC, r.ResponseToken) {
		return nil
	}
	return r.MechListMIC
}

// rejected is the error for a peer that refuses to go on.
func rejected(reason error) error {
	if reason != nil {
		return status.Prefix(reason, "the peer has refused the negotiation")
	}
	return status.Errorf(status.Failure, status.ERR_SPNEGO_NEGOTIATION_FAILED, "the peer has refused the negotiation")
}

func defective(text string) error {
	return status.Errorf(status.DefectiveToken, status.ERR_SPNEGO_BAD_INPUT_TOKEN, "%s", text)
}

// Snapshot writes what Restore makes the negotiation of again in a child after fork(2).
func (n *Negotiation) Snapshot(w *wire.Writer) {
	w.Uint8(uint8(n.state))
	w.Uint32(uint32(len(n.mechs)))
	for _, m := range n.mechs {
		w.Text(string(m))
	}
	w.Octets(n.list)
	w.Text(string(n.mech))
	for _, v := range []bool{n.complete, n.integ, n.required, n.sent, n.received} {
		w.Bool(v)
	}
}

// maxMechs bounds what an initiator offers.
const maxMechs = 64

// Restore reads a negotiation.
func Restore(r *wire.Reader) Negotiation {
	n := Negotiation{state: State(r.Uint8())}
	count := r.Uint32()
	if n.state > Failed || count > maxMechs {
		r.Fail()
		return Negotiation{state: Failed}
	}
	for range count {
		n.mechs = append(n.mechs, token.OID(r.Text()))
	}
	n.list = r.Octets()
	n.mech = token.OID(r.Text())
	for _, v := range []*bool{&n.complete, &n.integ, &n.required, &n.sent, &n.received} {
		*v = r.Bool()
	}
	return n
}

// contains reports whether one of mechs is m under any name.
func contains(mechs []token.OID, m token.OID) bool {
	return slices.ContainsFunc(mechs, func(o token.OID) bool { return same(o, m) })
}
