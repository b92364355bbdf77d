// SPDX-License-Identifier: BSD-2-Clause

package spnego

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"slices"
	"testing"

	"libgssapi/internal/status"
	"libgssapi/internal/token"
	"libgssapi/internal/wire"
)

const (
	mechA token.OID = "\x2b\x06\x01\x04\x01\x01"
	mechB token.OID = "\x2b\x06\x01\x04\x01\x02"
	mechC token.OID = "\x2b\x06\x01\x04\x01\x03"
)

// toy is a mechanism whose context is complete after a number of tokens, sent in turn. It authenticates nobody.
type toy struct {
	initiator bool
	legs      int // tokens in all
	weak      bool
	fails     bool

	mech     token.OID
	next     int // number of the next token, of either side
	begun    int
	verified int
}

func (m *toy) Begin(mech token.OID) (Progress, error) {
	if m.fails {
		return Progress{}, status.Errorf(status.NoCred, 0, "no ticket")
	}
	m.mech, m.next = mech, 1
	m.begun++
	return m.progress([]byte(fmt.Sprintf("%x 0", mech))), nil
}

func (m *toy) Continue(input []byte) (Progress, error) {
	if m.fails {
		return Progress{Token: []byte("why")}, status.Errorf(status.NoCred, 0, "no key")
	}
	var mech string
	var n int
	if _, err := fmt.Sscanf(string(input), "%s %d", &mech, &n); err != nil || n != m.next || n >= m.legs {
		return Progress{}, status.Errorf(status.DefectiveToken, 0, "wrong token %q", input)
	}
	m.next++
	if m.next == m.legs {
		return m.progress(nil), nil
	}
	m.next++
	return m.progress([]byte(fmt.Sprintf("%s %d", mech, m.next-1))), nil
}

func (m *toy) progress(tok []byte) Progress {
	done := m.next == m.legs
	return Progress{Token: tok, Complete: done, Integ: done && !m.weak}
}

func (m *toy) mic(initiator bool, text []byte) []byte {
	sum := sha256.Sum256(append([]byte{byte(m.legs), map[bool]byte{true: 1}[initiator]}, text...))
	return sum[:8]
}

func (m *toy) MIC(text []byte) ([]byte, error) { return m.mic(m.initiator, text), nil }

func (m *toy) VerifyMIC(text, mic []byte) error {
	if !bytes.Equal(mic, m.mic(!m.initiator, text)) {
		return status.Errorf(status.BadMIC, 0, "the checksum is wrong")
	}
	m.verified++
	return nil
}

// pair is both sides. on is called with each message and may change it; nil ends the exchange.
type pair struct {
	i, a   Negotiation
	mi, ma toy
	on     func(n int, message []byte) []byte
	sent   [][]byte
}

func newPair(legs int) *pair {
	return &pair{mi: toy{initiator: true, legs: legs}, ma: toy{legs: legs}}
}

// run drives the exchange until both are done or one fails.
func (p *pair) run(offered, accepted []token.OID) (initErr, acceptErr error) {
	message, err := p.i.Offer(&p.mi, offered)
	if err != nil {
		return err, nil
	}
	for {
		if message = p.deliver(message); message == nil {
			return nil, nil
		}
		message, acceptErr = p.a.Respond(&p.ma, accepted, message)
		if message = p.deliver(message); message == nil {
			return nil, acceptErr
		}
		message, initErr = p.i.Reply(&p.mi, message)
		if message == nil || initErr != nil || acceptErr != nil {
			return initErr, acceptErr
		}
	}
}

func (p *pair) deliver(message []byte) []byte {
	if message == nil {
		return nil
	}
	n := len(p.sent)
	p.sent = append(p.sent, message)
	if p.on != nil {
		return p.on(n, message)
	}
	return message
}

func (p *pair) done() bool { return p.i.State() == Done && p.a.State() == Done }

// change parses an acceptor's or a later message, changes it and encodes it again.
func change(t *testing.T, message []byte, f func(*token.NegTokenResp)) []byte {
	t.Helper()
	r, err := token.ParseNegTokenResp(message)
	if err != nil {
		t.Fatal(err)
	}
	f(r)
	return r.Marshal()
}

func changeOffer(t *testing.T, message []byte, f func(*token.NegTokenInit)) []byte {
	t.Helper()
	_, inner, err := token.Unframe(message)
	if err != nil {
		t.Fatal(err)
	}
	o, err := token.ParseNegTokenInit(inner)
	if err != nil {
		t.Fatal(err)
	}
	f(o)
	return token.FrameMessage(token.MechSPNEGO, o.Marshal())
}

func TestTheFirstMechanismNeedsNoMIC(t *testing.T) {
	for legs, messages := range map[int]int{1: 2, 2: 2, 3: 4, 4: 4} {
		p := newPair(legs)
		if i, a := p.run([]token.OID{mechA, mechB}, []token.OID{mechA}); i != nil || a != nil || !p.done() {
			t.Fatalf("%d legs: %v, %v; %s, %s", legs, i, a, p.i.State(), p.a.State())
		}
		if p.mi.verified+p.ma.verified != 0 || p.mi.begun != 1 {
			t.Errorf("%d legs: %d MICs, %d contexts", legs, p.mi.verified+p.ma.verified, p.mi.begun)
		}
		if len(p.sent) != messages {
			t.Errorf("%d legs: %d messages", legs, len(p.sent))
		}
	}
}

func TestAnotherMechanismNeedsMICsOfBoth(t *testing.T) {
	for legs := 1; legs <= 4; legs++ {
		p := newPair(legs)
		if i, a := p.run([]token.OID{mechA, mechB}, []token.OID{mechB}); i != nil || a != nil || !p.done() {
			t.Fatalf("%d legs: %v, %v; %s, %s", legs, i, a, p.i.State(), p.a.State())
		}
		if p.mi.verified != 1 || p.ma.verified != 1 || p.mi.begun != 2 || p.mi.mech != mechB {
			t.Errorf("%d legs: %d and %d MICs, %d contexts, the last of %s", legs, p.mi.verified, p.ma.verified,
				p.mi.begun, p.mi.mech)
		}
		r, err := token.ParseNegTokenResp(p.sent[1])
		if err != nil || r.State != token.RequestMIC || r.SupportedMech != mechB || r.ResponseToken != nil {
			t.Errorf("%d legs: the first answer is %+v, %v", legs, r, err)
		}
	}
}

func TestAMechanismThatCannotProtectMessagesHasNoMICs(t *testing.T) {
	p := newPair(2)
	p.mi.weak, p.ma.weak = true, true
	if i, a := p.run([]token.OID{mechA, mechB}, []token.OID{mechB}); i != nil || a != nil || !p.done() {
		t.Fatalf("%v, %v; %s, %s", i, a, p.i.State(), p.a.State())
	}
}

// Each message with a MIC is delivered without it, with a wrong one, and with an empty one. The receiver must not
// continue.
func TestMICsThatAreMissingOrWrong(t *testing.T) {
	for legs := 1; legs <= 4; legs++ {
		for name, f := range map[string]func(*token.NegTokenResp){
			"absent":    func(r *token.NegTokenResp) { r.MechListMIC = nil },
			"empty":     func(r *token.NegTokenResp) { r.MechListMIC = []byte{} },
			"bit":       func(r *token.NegTokenResp) { r.MechListMIC[3] ^= 1 },
			"the token": func(r *token.NegTokenResp) { r.MechListMIC = r.ResponseToken },
			"truncated": func(r *token.NegTokenResp) { r.MechListMIC = r.MechListMIC[:7] },
		} {
			seen := 0
			for at := 1; at < 8; at++ {
				p := newPair(legs)
				hit := false
				p.on = func(n int, message []byte) []byte {
					if n != at {
						return message
					}
					return change(t, message, func(r *token.NegTokenResp) {
						if hit = r.MechListMIC != nil; hit {
							f(r)
						}
					})
				}
				p.run([]token.OID{mechA, mechB}, []token.OID{mechB})
				if !hit {
					continue
				}
				seen++
				if receiver := [...]*Negotiation{&p.a, &p.i}[at%2]; receiver.State() == Done {
					t.Errorf("%d legs, message %d, MIC %s: accepted", legs, at, name)
				}
			}
			if seen != 2 {
				t.Errorf("%d legs: %d messages with MICs", legs, seen)
			}
		}
	}
}

// An attacker removes the mechanism that both would have used from the offer, or moves it to the end.
func TestAnOfferThatWasChangedOnTheWay(t *testing.T) {
	for name, f := range map[string]func(*token.NegTokenInit){
		"removed":   func(o *token.NegTokenInit) { o.List = token.MarshalMechTypes([]token.OID{mechB}) },
		"reordered": func(o *token.NegTokenInit) { o.List = token.MarshalMechTypes([]token.OID{mechB, mechA}) },
		"added":     func(o *token.NegTokenInit) { o.List = token.MarshalMechTypes([]token.OID{mechC, mechA, mechB}) },
		"replaced":  func(o *token.NegTokenInit) { o.List = token.MarshalMechTypes([]token.OID{mechC, mechB}) },
	} {
		for legs := 1; legs <= 3; legs++ {
			p := newPair(legs)
			p.on = func(n int, message []byte) []byte {
				if n == 0 {
					return changeOffer(t, message, f)
				}
				return message
			}
			p.run([]token.OID{mechA, mechB}, []token.OID{mechA, mechB})
			if p.i.State() == Done && p.mi.mech != mechA {
				t.Errorf("%s, %d legs: the initiator took %s", name, legs, p.mi.mech)
			}
			if p.a.State() == Done && p.i.State() == Done && p.i.mech != p.a.mech {
				t.Errorf("%s, %d legs: %s and %s", name, legs, p.i.mech, p.a.mech)
			}
		}
	}
}

func TestReselectionWithoutRequestForMICsIsRefused(t *testing.T) {
	for _, state := range []token.NegState{token.AcceptCompleted, token.AcceptIncomplete, token.NoNegState} {
		p := newPair(2)
		p.on = func(n int, message []byte) []byte {
			if n == 1 {
				return change(t, message, func(r *token.NegTokenResp) { r.State = state })
			}
			return message
		}
		err, _ := p.run([]token.OID{mechA, mechB}, []token.OID{mechB})
		if status.Of(err) == nil || status.Of(err).Major != status.DefectiveToken || p.i.State() != Failed {
			t.Errorf("%s: %v, %s", state, err, p.i.State())
		}
	}
}

// answerTo gives this answer to an initiator that has offered A and B.
func answerTo(legs int, r token.NegTokenResp) (*Negotiation, *toy, []byte, error) {
	m := &toy{initiator: true, legs: legs}
	n := &Negotiation{}
	if _, err := n.Offer(m, []token.OID{mechA, mechB}); err != nil {
		panic(err)
	}
	out, err := n.Reply(m, r.Marshal())
	return n, m, out, err
}

func TestAnswersToAnOffer(t *testing.T) {
	tok := []byte(fmt.Sprintf("%x 1", mechA))
	for name, c := range map[string]struct {
		legs   int
		answer token.NegTokenResp
		state  State
		major  status.Major
	}{
		"completed":                     {2, token.NegTokenResp{SupportedMech: mechA, ResponseToken: tok}, Done, 0},
		"old Java: the token alone":     {2, token.NegTokenResp{State: token.NoNegState, ResponseToken: tok}, Done, 0},
		"old IIS: a token of no octets": {1, token.NegTokenResp{SupportedMech: mechA, ResponseToken: []byte{}}, Done, 0},
		"Windows 2000: the token as MIC": {
			2, token.NegTokenResp{SupportedMech: mechA, ResponseToken: tok, MechListMIC: tok}, Done, 0},
		"nothing, where none is due": {1, token.NegTokenResp{State: token.NoNegState}, Done, 0},
		"nothing, where one is due":  {2, token.NegTokenResp{SupportedMech: mechA}, Failed, status.DefectiveToken},
		"a token too many":           {1, token.NegTokenResp{ResponseToken: tok}, Failed, status.DefectiveToken},
		"rejected":                   {2, token.NegTokenResp{State: token.Reject}, Failed, status.Failure},
		"rejected, the token is good": {
			2, token.NegTokenResp{State: token.Reject, ResponseToken: tok}, Failed, status.Failure},
		"rejected, with the reason": {
			2, token.NegTokenResp{State: token.Reject, ResponseToken: []byte("x")}, Failed, status.DefectiveToken},
		"a mechanism that was not offered": {
			2, token.NegTokenResp{State: token.RequestMIC, SupportedMech: mechC}, Failed, status.DefectiveToken},
		"another mechanism, with a token of it": {
			2, token.NegTokenResp{State: token.RequestMIC, SupportedMech: mechB, ResponseToken: tok}, Failed,
			status.DefectiveToken},
		"a MIC is asked for, and the acceptor's is missing": {
			2, token.NegTokenResp{State: token.RequestMIC, SupportedMech: mechA, ResponseToken: tok}, Failed,
			status.DefectiveToken},
		"a MIC is asked for after our last token": {
			1, token.NegTokenResp{State: token.RequestMIC, SupportedMech: mechA}, WaitingForPeerMIC, 0},
	} {
		n, _, _, err := answerTo(c.legs, c.answer)
		var major status.Major
		if err != nil {
			major = status.Of(err).Major
		}
		if n.State() != c.state || major != c.major {
			t.Errorf("%s: %s, %v", name, n.State(), err)
		}
	}
}

// If an acceptor says that it expects no more messages, none is sent: programs would not know where to send it.
func TestNoMICIsSentToACompletedAcceptor(t *testing.T) {
	tok := []byte(fmt.Sprintf("%x 1", mechA))
	peer := &toy{legs: 2}
	mic, _ := peer.MIC(token.MarshalMechTypes([]token.OID{mechA, mechB}))
	n, m, out, err := answerTo(2, token.NegTokenResp{SupportedMech: mechA, ResponseToken: tok, MechListMIC: mic})
	if err != nil || n.State() != Done || out != nil || m.verified != 1 {
		t.Errorf("%v, %s, %x, %d verified", err, n.State(), out, m.verified)
	}
	n, _, out, err = answerTo(2, token.NegTokenResp{State: token.AcceptIncomplete, SupportedMech: mechA,
		ResponseToken: tok, MechListMIC: mic})
	if err != nil || n.State() != Done || out == nil {
		t.Errorf("%v, %s, %x", err, n.State(), out)
	}
}

func TestARequestForMICsIsHonoured(t *testing.T) {
	p := newPair(2)
	p.on = func(n int, message []byte) []byte {
		switch n {
		case 0:
			return message
		case 1: // as an acceptor that wants MICs of every initiator
			return change(t, message, func(r *token.NegTokenResp) {
				r.State = token.RequestMIC
				r.MechListMIC, _ = p.ma.MIC(token.MarshalMechTypes([]token.OID{mechA}))
			})
		}
		return nil
	}
	if i, a := p.run([]token.OID{mechA}, []token.OID{mechA}); i != nil || a != nil {
		t.Fatal(i, a)
	}
	if p.i.State() != Done || p.mi.verified != 1 || len(p.sent) != 3 {
		t.Fatalf("%s, %d verified, %d messages", p.i.State(), p.mi.verified, len(p.sent))
	}
	r, err := token.ParseNegTokenResp(p.sent[2])
	if err != nil || r.MechListMIC == nil || r.State != token.AcceptCompleted {
		t.Errorf("the last message is %+v, %v", r, err)
	}
}

func TestKerberosHasSeveralNames(t *testing.T) {
	// The oldest OID is not chosen, but does not get into the way either.
	p := newPair(2)
	if _, a := p.run([]token.OID{token.MechKRB5Old, mechB}, []token.OID{token.MechKRB5}); status.Of(a).Major != status.BadMech {
		t.Errorf("%s alone: %v", token.MechKRB5Old, a)
	}
	p = newPair(2)
	if i, a := p.run([]token.OID{token.MechKRB5Old, token.MechKRB5}, []token.OID{token.MechKRB5}); i != nil || a != nil || !p.done() {
		t.Errorf("%s first: %v, %v", token.MechKRB5Old, i, a)
	}
	for _, offered := range []token.OID{token.MechKRB5, token.MechKRB5Windows} {
		p := newPair(2)
		if i, a := p.run([]token.OID{offered, mechB}, []token.OID{token.MechKRB5}); i != nil || a != nil || !p.done() {
			t.Errorf("%s: %v, %v", offered, i, a)
		}
		if r, err := token.ParseNegTokenResp(p.sent[1]); err != nil || r.SupportedMech != offered {
			t.Errorf("%s: the answer is %+v, %v", offered, r, err)
		}
		// Samba answers the token, and says that it belongs to another OID.
		p = newPair(2)
		p.on = func(n int, message []byte) []byte {
			if n == 1 {
				return change(t, message, func(r *token.NegTokenResp) { r.SupportedMech = token.MechKRB5Old })
			}
			return message
		}
		if i, a := p.run([]token.OID{offered, mechB}, []token.OID{token.MechKRB5}); i != nil || a != nil || !p.done() {
			t.Errorf("%s, Samba: %v, %v", offered, i, a)
		}
	}
	// An acceptor that chose another OID and has not processed the token gets a new one.
	p = newPair(2)
	offer := []token.OID{token.MechKRB5, token.MechKRB5Windows}
	if _, err := p.i.Offer(&p.mi, offer); err != nil {
		t.Fatal(err)
	}
	r := token.NegTokenResp{State: token.RequestMIC, SupportedMech: token.MechKRB5Windows}
	if out, err := p.i.Reply(&p.mi, r.Marshal()); err != nil || out == nil || p.mi.begun != 2 {
		t.Errorf("%x, %v, %d contexts", out, err, p.mi.begun)
	}
}

func TestHintsComeBeforeTheOffer(t *testing.T) {
	p := newPair(2)
	hints, err := p.a.Respond(&p.ma, []token.OID{mechA}, nil)
	if err != nil || p.a.State() != WaitingForOffer {
		t.Fatal(err, p.a.State())
	}
	_, inner, _ := token.Unframe(hints)
	o, err := token.ParseNegTokenInit(inner)
	if err != nil || !o.Hints || !slices.Equal(o.MechTypes, []token.OID{mechA}) || o.MechToken != nil {
		t.Fatalf("%+v, %v", o, err)
	}
	if i, a := p.run([]token.OID{mechA}, []token.OID{mechA}); i != nil || a != nil || !p.done() {
		t.Errorf("%v, %v", i, a)
	}
}

func TestOffersThatAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		offer token.NegTokenInit
		major status.Major
	}{
		"cve-2021-44758-unknown-mechanism-with-token": {
			token.NegTokenInit{MechTypes: []token.OID{mechC}, MechToken: []byte("x")}, status.BadMech},
		"cve-2021-44758-no-mechanism-with-token": {token.NegTokenInit{MechToken: []byte("x")}, status.BadMech},
		"a token that is none": {
			token.NegTokenInit{MechTypes: []token.OID{mechA}, MechToken: []byte("x")}, status.DefectiveToken},
	} {
		n, m := Negotiation{}, &toy{legs: 2}
		out, err := n.Respond(m, []token.OID{mechA}, token.FrameMessage(token.MechSPNEGO, c.offer.Marshal()))
		if status.Of(err) == nil || status.Of(err).Major != c.major || n.State() != Failed {
			t.Errorf("%s: %v, %s", name, err, n.State())
		}
		if r, err := token.ParseNegTokenResp(out); err != nil || r.State != token.Reject {
			t.Errorf("%s: the initiator is told %+v, %v", name, r, err)
		}
	}
}

// The mechanism's own error message is sent to the peer, which reports what it says.
func TestErrorOfAMechanismReachesThePeer(t *testing.T) {
	p := newPair(2)
	p.ma.fails = true
	i, a := p.run([]token.OID{mechA}, []token.OID{mechA})
	if status.Of(a).Major != status.NoCred || status.Of(i).Major != status.DefectiveToken {
		t.Errorf("%v, %v", i, a)
	}
	if r, err := token.ParseNegTokenResp(p.sent[1]); err != nil || string(r.ResponseToken) != "why" {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestAnOfferThatFailsChangesNothing(t *testing.T) {
	n, m := Negotiation{}, &toy{initiator: true, legs: 2, fails: true}
	if out, err := n.Offer(m, []token.OID{mechA}); err == nil || out != nil || n.State() != Start {
		t.Errorf("%x, %v, %s", out, err, n.State())
	}
	if out, err := n.Offer(m, nil); err == nil || out != nil || n.State() != Start {
		t.Errorf("%x, %v, %s", out, err, n.State())
	}
}

// CVE-2014-4343: after a reselection the first context is gone, and a later error concerns the second one.
func TestCVE2014_4343_ErrorAfterReselection(t *testing.T) {
	n, m, out, err := answerTo(2, token.NegTokenResp{State: token.RequestMIC, SupportedMech: mechB})
	if err != nil || out == nil || m.begun != 2 {
		t.Fatal(err, m.begun)
	}
	again := token.NegTokenResp{State: token.RequestMIC, SupportedMech: mechA}
	for _, input := range [][]byte{[]byte("x"), again.Marshal()} {
		if _, err := n.Reply(m, input); err == nil || n.State() != Failed {
			t.Errorf("%v, %s", err, n.State())
		}
	}
	if m.begun != 2 {
		t.Errorf("%d contexts", m.begun)
	}
}

// CVE-2014-4344: an empty message, or one without content, in the middle of the exchange.
func TestCVE2014_4344_EmptyContinuation(t *testing.T) {
	for _, input := range [][]byte{nil, {}, (&token.NegTokenResp{State: token.NoNegState}).Marshal(),
		(&token.NegTokenResp{ResponseToken: []byte{}}).Marshal()} {
		p := newPair(3)
		p.on = func(n int, message []byte) []byte { return map[bool][]byte{true: message}[n == 0] }
		p.run([]token.OID{mechA}, []token.OID{mechA})
		if p.a.State() != WaitingForToken {
			t.Fatal(p.a.State())
		}
		if _, err := p.a.Respond(&p.ma, []token.OID{mechA}, input); err == nil || p.a.State() != Failed {
			t.Errorf("%x: %v, %s", input, err, p.a.State())
		}
	}
}

func TestNothingFollowsTheEnd(t *testing.T) {
	p := newPair(2)
	p.run([]token.OID{mechA}, []token.OID{mechA})
	if _, err := p.i.Reply(&p.mi, p.sent[1]); status.Of(err).Major != status.NoContext || !p.done() {
		t.Errorf("%v, %s", err, p.i.State())
	}
	if _, err := p.a.Respond(&p.ma, []token.OID{mechA}, p.sent[0]); status.Of(err).Major != status.NoContext || !p.done() {
		t.Errorf("%v, %s", err, p.a.State())
	}
}

// A child continues from any point as its parent would have.
func TestChildContinuesFromASnapshot(t *testing.T) {
	copied := func(n *Negotiation) Negotiation {
		w := wire.NewWriter(64)
		n.Snapshot(w)
		for cut := range w.Form() {
			r := wire.NewReader(w.Form()[:cut])
			if Restore(r); r.Done() {
				t.Fatalf("%d octets of %d are a negotiation", cut, len(w.Form()))
			}
		}
		r := wire.NewReader(w.Form())
		c := Restore(r)
		if !r.Done() {
			t.Fatal("the form cannot be read")
		}
		return c
	}
	for legs := 1; legs <= 4; legs++ {
		p := newPair(legs)
		p.on = func(n int, message []byte) []byte {
			p.i, p.a = copied(&p.i), copied(&p.a)
			return message
		}
		if i, a := p.run([]token.OID{mechA, mechB}, []token.OID{mechB}); i != nil || a != nil || !p.done() {
			t.Errorf("%d legs: %v, %v", legs, i, a)
		}
	}
}

// Each bit of each message is changed. Whatever happens, no side ends with another mechanism than the one it chose from
// the true offer, and nothing panics.
func TestEveryBitOfEveryMessage(t *testing.T) {
	for legs := 1; legs <= 3; legs++ {
		whole := newPair(legs)
		whole.run([]token.OID{mechA, mechB}, []token.OID{mechB})
		for at, message := range whole.sent {
			for bit := range 8 * len(message) {
				p := newPair(legs)
				p.on = func(n int, message []byte) []byte {
					if n == at {
						message = bytes.Clone(message)
						message[bit/8] ^= 1 << (bit % 8)
					}
					return message
				}
				p.run([]token.OID{mechA, mechB}, []token.OID{mechB})
				if p.i.State() == Done && p.mi.mech != mechB || p.a.State() == Done && p.a.mech != mechB {
					t.Fatalf("%d legs, message %d, bit %d: %s, %s", legs, at, bit, p.mi.mech, p.a.mech)
				}
			}
		}
	}
}

// stages returns both sides at each point of an exchange.
func stages(legs int) (list []pair) {
	p := newPair(legs)
	p.on = func(n int, message []byte) []byte {
		list = append(list, *p)
		return message
	}
	p.run([]token.OID{mechA, mechB}, []token.OID{mechB})
	return append(list, *p)
}

func FuzzMessages(f *testing.F) {
	for legs := 1; legs <= 3; legs++ {
		for _, p := range stages(legs) {
			for _, message := range p.sent {
				f.Add(legs, message)
			}
		}
	}
	f.Fuzz(func(t *testing.T, legs int, message []byte) {
		if legs < 1 || legs > 4 {
			return
		}
		for _, p := range stages(legs) {
			i, a := p.i, p.a
			if _, err := i.Reply(&p.mi, message); err != nil && i.State() == Done && p.i.State() != Done {
				t.Fatalf("%v, and the initiator is done", err)
			}
			if _, err := a.Respond(&p.ma, []token.OID{mechB}, message); err != nil && a.State() == Done && p.a.State() != Done {
				t.Fatalf("%v, and the acceptor is done", err)
			}
		}
	})
}
