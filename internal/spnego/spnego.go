// SPDX-License-Identifier: BSD-2-Clause

// Package spnego negotiates a mechanism with a peer (RFC 4178), and is itself a mechanism. A Negotiation deals with
// messages and their order; it does not know what a mechanism does with its tokens.
//
// The messages themselves are not protected. If an attacker on the network could have caused the peers to choose
// another mechanism than they would have agreed on, each proves to the other with a MIC, made with the chosen
// mechanism, that both have seen the same offer (RFC 4178, Section 5).
package spnego

import (
	"bytes"

	"libgssapi/internal/gss"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
	"libgssapi/internal/wire"
)

// Negotiated is one side of a context of the negotiated mechanism. The arguments of its methods alias the peer's token.
type Negotiated interface {
	// Begin returns an initiator's first token for mech, and ends any context that was begun before.
	Begin(mech token.OID) (Progress, error)
	// Continue processes the peer's token. If it fails, Progress may still have a token that tells the peer why.
	Continue(input []byte) (Progress, error)
	// MIC and VerifyMIC may be called once the mechanism is complete.
	MIC(text []byte) ([]byte, error)
	VerifyMIC(text, mic []byte) error
}

// Progress is one step of a mechanism.
type Progress struct {
	Token    []byte // for the peer; nil: none
	Complete bool   // the mechanism expects no more tokens
	Integ    bool   // once complete: it can protect messages
}

// State is the state of a negotiation.
type State uint8

const (
	Start             State = iota // no message yet
	WaitingForOffer                // an acceptor has sent hints
	WaitingForChoice               // an initiator has sent its offer
	WaitingForToken                // of the mechanism; or an initiator has sent the last one
	WaitingForPeerMIC              // ours has been sent
	Done
	Failed
)

func (s State) String() string {
	return [...]string{"start", "waiting for the offer", "waiting for the choice", "waiting for the mechanism's token",
		"waiting for the peer's MIC", "done", "failed"}[s]
}

// Negotiation is one side of a negotiation. The zero value is at the start.
type Negotiation struct {
	state    State
	mechs    []token.OID // an initiator's offer
	list     []byte      // the offer as it was sent, which the MICs cover
	mech     token.OID   // the chosen one; until then that of the first token
	complete bool        // the mechanism is complete
	integ    bool        // and can protect messages
	required bool        // MICs must be exchanged
	sent     bool        // our MIC has been sent
	received bool        // the peer's MIC has been received and verified
}

// State returns the state of the negotiation.
func (n *Negotiation) State() State { return n.state }

// Mech returns the chosen mechanism; until then, that of the first token.
func (n *Negotiation) Mech() token.OID { return n.mech }

// Complete reports whether the mechanism itself is complete. The negotiation may not be.
func (n *Negotiation) Complete() bool { return n.complete }

// same reports whether two OIDs stand for the same mechanism. Samba's servers answer with another OID of krb5 than the
// one offered, and Windows offers two.
func same(a, b token.OID) bool { return gss.Canonical(a) == gss.Canonical(b) }

// response is a message being built.
type response struct {
	token.NegTokenResp
	silent bool // send nothing
}

func (r *response) marshal() []byte {
	if r.silent {
		return nil
	}
	return r.NegTokenResp.Marshal()
}

// advance takes over a step of the mechanism and the peer's MIC, if there is one, and returns what to send. peerDone
// says that the peer expects no more messages.
func (n *Negotiation) advance(m Negotiated, p Progress, mic []byte, peerDone bool) (response, error) {
	ours := response{NegTokenResp: token.NegTokenResp{State: token.AcceptIncomplete, ResponseToken: p.Token}}
	// The side that sends the mechanism's last token sends its MIC with it.
	lastWasOurs := n.complete && !n.sent
	if !n.complete {
		n.complete, n.integ = p.Complete, p.Complete && p.Integ
	}
	if !n.complete {
		// A MIC that comes earlier cannot be verified. As in other implementations, it is ignored.
		n.state = WaitingForToken
		return ours, nil
	}
	if !n.integ {
		// A mechanism that cannot protect messages has no MICs (RFC 4178, Section 5). Both sides know that from its
		// flags.
		n.required, mic = false, nil
	}
	switch {
	case mic != nil && n.received:
		return ours, defective("the peer has sent its MIC twice")
	case mic != nil:
		if err := m.VerifyMIC(n.list, mic); err != nil {
			return ours, status.Prefix(err, "the peer's MIC over the offered mechanisms")
		}
		n.received, n.required = true, true
	case n.required && !n.received && p.Token == nil && !lastWasOurs:
		return ours, defective("the peer has not sent the required MIC over the offered mechanisms")
	}
	switch {
	case !n.required:
		n.state = Done
	case n.sent:
		n.state, ours.silent = Done, true
	case n.received && peerDone:
		// The peer does not expect our MIC.
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

// peerMIC returns the MIC in a message. Windows 2000 repeats the mechanism's token in its place, which is not a MIC.
func peerMIC(r *token.NegTokenResp) []byte {
	if len(r.MechListMIC) > 0 && bytes.Equal(r.MechListMIC, r.ResponseToken) {
		return nil
	}
	return r.MechListMIC
}

// rejected is the error for a peer that refuses to continue.
func rejected(reason error) error {
	if reason != nil {
		return status.Prefix(reason, "the peer has refused the negotiation")
	}
	return status.Errorf(status.Failure, status.ERR_SPNEGO_NEGOTIATION_FAILED, "the peer has refused the negotiation")
}

func defective(text string) error {
	return status.Errorf(status.DefectiveToken, status.ERR_SPNEGO_BAD_INPUT_TOKEN, "%s", text)
}

// Snapshot writes a form from which Restore recreates the negotiation in a child after fork(2).
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

// maxMechs bounds how many mechanisms an initiator offers.
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
