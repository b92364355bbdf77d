// SPDX-License-Identifier: BSD-2-Clause

package ctx_test

import (
	"bytes"
	"slices"
	"testing"

	"libgssapi/internal/crypto"
	"libgssapi/internal/ctx"
	"libgssapi/internal/gss"
	"libgssapi/internal/inherit"
	"libgssapi/internal/krb5"
	"libgssapi/internal/krbtest"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

const ntlm token.OID = "\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a" // 1.3.6.1.4.1.311.2.2.10

// negotiation has both sides of an established context.
type negotiation struct {
	client, server *ctx.Context
	res            gss.Result
	ares           gss.Result
	tokens         int
}

// negotiate establishes a context with SPNEGO. before is called with each side that is about to receive a token, and returns
// the context that receives it.
func negotiate(t testing.TB, r *krbtest.Realm, flags uint32, before func(*ctx.Context) *ctx.Context) *negotiation {
	t.Helper()
	if before == nil {
		before = func(c *ctx.Context) *ctx.Context { return c }
	}
	n := &negotiation{client: ctx.NewInitiator(), server: ctx.NewAcceptor()}
	var err error
	for n.res.More || n.tokens == 0 {
		if n.tokens > 0 {
			n.client = before(n.client)
		}
		n.res, err = n.client.Init(r.Env,
			gss.InitArgs{Target: target(t), Mech: token.MechSPNEGO, Flags: flags, Input: n.ares.Token})
		if err != nil {
			t.Fatalf("initiator, after %d tokens: %v", n.tokens, err)
		}
		if n.res.Token == nil {
			break
		}
		n.tokens++
		if n.tokens > 2 {
			n.server = before(n.server)
		}
		n.ares, err = n.server.Accept(r.Env, gss.AcceptArgs{Input: n.res.Token})
		if err != nil {
			t.Fatalf("acceptor, after %d tokens: %v", n.tokens, err)
		}
		if n.ares.Token == nil {
			break
		}
		n.tokens++
	}
	if n.res.More || n.ares.More {
		t.Fatalf("after %d tokens: initiator %v, acceptor %v", n.tokens, n.res.More, n.ares.More)
	}
	return n
}

func TestNegotiatedContextIsAKerberosContext(t *testing.T) {
	for name, flags := range map[string]uint32{
		"mutual": allFlags, "one way": gss.FlagInteg | gss.FlagReplay | gss.FlagConf, "DCE": allFlags | gss.FlagDCE,
	} {
		r := krbtest.New(t, crypto.AES256SHA1)
		r.Login(t, nil)
		n := negotiate(t, r, flags, nil)
		if n.res.Mech != token.MechKRB5 || n.ares.Mech != token.MechKRB5 || n.ares.Source == nil ||
			n.res.Flags&flags != flags || n.ares.Flags&flags != flags {
			t.Errorf("%s: %+v, %+v", name, n.res, n.ares)
		}
		for _, c := range []*ctx.Context{n.client, n.server} {
			info, err := c.Inquire(r.Clock)
			if err != nil || !info.Open || info.Mech != token.MechKRB5 || info.Source == nil || info.Target == nil {
				t.Errorf("%s: %+v, %v", name, info, err)
			}
		}
		talk(t, n.client, n.server, "from the client")
		talk(t, n.server, n.client, "from the server")
		again := gss.InitArgs{Target: target(t), Mech: token.MechSPNEGO}
		if _, err := n.client.Init(r.Env, again); err == nil {
			t.Errorf("%s: a context is established twice", name)
		}
		if _, err := n.server.Accept(r.Env, gss.AcceptArgs{Input: n.res.Token}); err == nil {
			t.Errorf("%s: an acceptor accepts a token after the last one", name)
		}
	}
}

func TestNegotiatedContextIsExportedAsAKerberosContext(t *testing.T) {
	r := krbtest.New(t, crypto.AES256SHA2)
	configure(t, r, "export_sec_context = open")
	r.Login(t, nil)
	n := negotiate(t, r, allFlags, nil)
	tok, err := n.server.Export(r.Env, memory)
	if err != nil {
		t.Fatal(err)
	}
	ct, err := token.ParseContextToken(tok)
	if err != nil || ct.Mech != token.MechKRB5 {
		t.Fatalf("%+v, %v", ct, err)
	}
	server, err := ctx.Import(r.Env, tok, nil)
	if err != nil {
		t.Fatal(err)
	}
	talk(t, n.client, server, "to the importer")
	talk(t, server, n.client, "and back")
}

// CVE-2015-2695: functions for established contexts fail during the negotiation.
func TestCVE2015_2695_HalfOpenNegotiations(t *testing.T) {
	r := krbtest.New(t, crypto.AES256SHA1)
	r.Login(t, nil)
	for name, c := range halfOpenNegotiations(t, r) {
		t.Run(name, func(t *testing.T) {
			info, err := c.Inquire(r.Clock)
			if err != nil || info.Open || info.Mech != token.MechSPNEGO || info.Source != nil || info.Target != nil ||
				info.Flags&(gss.FlagProtReady|gss.FlagTrans) != 0 {
				t.Errorf("%+v, %v", info, err)
			}
			for call, err := range map[string]error{
				"wrap":   errorOf(c.Wrap(true, 0, []byte("text"), memory)),
				"mic":    errorOf(c.GetMIC(0, []byte("text"), memory)),
				"prf":    errorOf(c.PseudoRandom(true, nil, 16, memory)),
				"limit":  errorOf(c.WrapSizeLimit(true, 0, 100)),
				"time":   errorOf(c.TimeLeft(r.Clock)),
				"oid":    errorOf(c.InquireByOID(nil, token.MechKRB5)),
				"verify": errorOf(c.VerifyMIC([]byte("text"), []byte("mic"))),
				"token":  c.ProcessToken([]byte("token")),
			} {
				if err == nil || status.Of(err).Major != status.NoContext {
					t.Errorf("%s: %v", call, err)
				}
			}
			if _, _, _, err := c.Unwrap([]byte("token"), memory); status.Of(err).Major != status.NoContext {
				t.Errorf("unwrap: %v", err)
			}
			if _, err := c.Export(r.Env, memory); status.Of(err).Major != status.NoContext {
				t.Errorf("export: %v", err)
			}
			c.Delete()
			c.Delete()
		})
	}
}

// halfOpenNegotiations returns a context for each point at which a negotiation waits for its peer.
func halfOpenNegotiations(t testing.TB, r *krbtest.Realm) map[string]*ctx.Context {
	t.Helper()
	list := map[string]*ctx.Context{}
	for name, flags := range map[string]uint32{
		"an initiator, reply due": allFlags, "an initiator, krb5 is complete": gss.FlagInteg, "an initiator, DCE": dceFlags,
	} {
		c, res := initiate(t, r, gss.InitArgs{Flags: flags, Mech: token.MechSPNEGO})
		list[name] = c
		if flags == dceFlags {
			server, ares, err := accept(r, res.Token, nil)
			if err != nil {
				t.Fatal(err)
			}
			list["an acceptor, DCE"] = server
			c, res = initiate(t, r, gss.InitArgs{Flags: flags, Mech: token.MechSPNEGO})
			if _, ares, err = accept(r, res.Token, nil); err == nil {
				_, err = c.Init(r.Env, gss.InitArgs{Target: target(t), Input: ares.Token})
			}
			if err != nil {
				t.Fatal(err)
			}
			list["an initiator, DCE, krb5 is complete"] = c
		}
	}
	hint, _, err := accept(r, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	list["an acceptor that gave hints"] = hint
	p := offerOfWindows(t, r, allFlags)
	list["an acceptor, another mechanism was first"] = p.server
	p = offerOfWindows(t, r, allFlags)
	p.request(t)
	list["an acceptor that waits for the MIC"] = p.server
	return list
}

// peer is an initiator that prefers NTLM but can use Kerberos.
type peer struct {
	r      *krbtest.Realm
	list   []byte
	krb5   *ctx.Context
	apReq  []byte
	server *ctx.Context
	reply  *token.NegTokenResp
}

// offerOfWindows establishes a context as far as the acceptor's answer to the offer.
func offerOfWindows(t testing.TB, r *krbtest.Realm, flags uint32) *peer {
	t.Helper()
	p := &peer{r: r, list: token.MarshalMechTypes([]token.OID{ntlm, token.MechKRB5Windows, token.MechKRB5})}
	krb5, res := initiate(t, r, gss.InitArgs{Flags: flags})
	p.krb5, p.apReq = krb5, res.Token
	offer := token.NegTokenInit{List: p.list, MechToken: []byte("NTLMSSP\x00")}
	server, ares, err := accept(r, token.FrameMessage(token.MechSPNEGO, offer.Marshal()), nil)
	if err != nil || !ares.More {
		t.Fatalf("%+v, %v", ares, err)
	}
	p.server = server
	p.take(t, ares)
	if p.reply.State != token.RequestMIC || p.reply.SupportedMech != token.MechKRB5Windows ||
		p.reply.ResponseToken != nil {
		t.Fatalf("the answer to the offer is %+v", p.reply)
	}
	return p
}

func (p *peer) take(t testing.TB, ares gss.Result) {
	t.Helper()
	p.reply = nil
	if ares.Token == nil {
		return
	}
	var err error
	if p.reply, err = token.ParseNegTokenResp(ares.Token); err != nil {
		t.Fatal(err)
	}
}

// send passes a message to the acceptor.
func (p *peer) send(t testing.TB, m token.NegTokenResp) (gss.Result, error) {
	t.Helper()
	ares, err := p.server.Accept(p.r.Env, gss.AcceptArgs{Input: m.Marshal()})
	p.take(t, ares)
	return ares, err
}

// request sends the AP-REQ and takes the AP-REP.
func (p *peer) request(t testing.TB) {
	t.Helper()
	ares, err := p.send(t, token.NegTokenResp{State: token.AcceptIncomplete, ResponseToken: p.apReq})
	if err != nil || !ares.More || ares.Source != nil || p.reply.MechListMIC == nil ||
		p.reply.State != token.AcceptIncomplete {
		t.Fatalf("%+v, %+v, %v", ares, p.reply, err)
	}
	next := gss.InitArgs{Target: target(t), Input: p.reply.ResponseToken}
	if _, err := p.krb5.Init(p.r.Env, next); err != nil {
		t.Fatal(err)
	}
	if _, err := p.krb5.VerifyMIC(p.list, p.reply.MechListMIC); err != nil {
		t.Fatal(err)
	}
}

func (p *peer) mic(t testing.TB) []byte {
	t.Helper()
	mic, err := p.krb5.GetMIC(0, p.list, memory)
	if err != nil {
		t.Fatal(err)
	}
	return mic
}

func TestAcceptorChecksTheOfferOfWindows(t *testing.T) {
	r := krbtest.New(t, crypto.AES256SHA1)
	r.Login(t, nil)
	p := offerOfWindows(t, r, allFlags)
	p.request(t)
	ares, err := p.send(t, token.NegTokenResp{State: token.AcceptCompleted, MechListMIC: p.mic(t)})
	if err != nil || ares.More || ares.Token != nil || ares.Source == nil || ares.Mech != token.MechKRB5 {
		t.Fatalf("%+v, %v", ares, err)
	}
	talk(t, p.krb5, p.server, "from the client")
	talk(t, p.server, p.krb5, "from the server")

	// Without mutual authentication the initiator's MIC comes first.
	p = offerOfWindows(t, r, gss.FlagInteg|gss.FlagReplay)
	ares, err = p.send(t, token.NegTokenResp{State: token.AcceptIncomplete, ResponseToken: p.apReq, MechListMIC: p.mic(t)})
	if err != nil || ares.More || p.reply.State != token.AcceptCompleted {
		t.Fatalf("%+v, %v", ares, err)
	}
	if _, err := p.krb5.VerifyMIC(p.list, p.reply.MechListMIC); err != nil {
		t.Fatal(err)
	}
	talk(t, p.krb5, p.server, "from the client")
}

func TestAcceptorRefusesAChangedOffer(t *testing.T) {
	r := krbtest.New(t, crypto.AES256SHA1)
	r.Login(t, nil)
	for name, f := range map[string]func(p *peer, mic []byte) token.NegTokenResp{
		"no MIC":    func(*peer, []byte) token.NegTokenResp { return token.NegTokenResp{} },
		"empty MIC": func(*peer, []byte) token.NegTokenResp { return token.NegTokenResp{MechListMIC: []byte{}} },
		"wrong MIC": func(_ *peer, mic []byte) token.NegTokenResp {
			mic = bytes.Clone(mic)
			mic[len(mic)-1] ^= 1
			return token.NegTokenResp{MechListMIC: mic}
		},
		"another list": func(p *peer, _ []byte) token.NegTokenResp {
			mic, _ := p.krb5.GetMIC(0, token.MarshalMechTypes([]token.OID{ntlm, token.MechKRB5}), memory)
			return token.NegTokenResp{MechListMIC: mic}
		},
		"our own MIC": func(p *peer, _ []byte) token.NegTokenResp {
			return token.NegTokenResp{MechListMIC: p.reply.MechListMIC}
		},
		"a token more": func(p *peer, mic []byte) token.NegTokenResp {
			return token.NegTokenResp{ResponseToken: p.apReq, MechListMIC: mic}
		},
		"a refusal": func(*peer, []byte) token.NegTokenResp { return token.NegTokenResp{State: token.Reject} },
	} {
		p := offerOfWindows(t, r, allFlags)
		p.request(t)
		ares, err := p.send(t, f(p, p.mic(t)))
		if err == nil || ares.Source != nil || ares.Delegated != nil || p.reply == nil || p.reply.State != token.Reject {
			t.Errorf("%s: %+v, %v", name, ares, err)
		}
		if _, err := p.server.Wrap(true, 0, []byte("text"), memory); status.Of(err).Major != status.NoContext {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestInitiatorVerifiesAndSendsMICs(t *testing.T) {
	r := krbtest.New(t, crypto.AES256SHA1)
	r.Login(t, nil)
	for name, change := range map[string]func(*token.NegTokenResp){
		"right":   func(*token.NegTokenResp) {},
		"absent":  func(m *token.NegTokenResp) { m.MechListMIC = nil },
		"wrong":   func(m *token.NegTokenResp) { m.MechListMIC[len(m.MechListMIC)-1] ^= 1 },
		"refused": func(m *token.NegTokenResp) { m.State = token.Reject },
	} {
		client, res := initiate(t, r, gss.InitArgs{Flags: allFlags, Mech: token.MechSPNEGO})
		_, inner, _ := token.Unframe(res.Token)
		offer, err := token.ParseNegTokenInit(inner)
		if err != nil {
			t.Fatal(err)
		}
		server, ares, err := accept(r, offer.MechToken, nil)
		if err != nil {
			t.Fatal(err)
		}
		mic, err := server.GetMIC(0, offer.List, memory)
		if err != nil {
			t.Fatal(err)
		}
		reply := token.NegTokenResp{
			State: token.RequestMIC, SupportedMech: token.MechKRB5, ResponseToken: ares.Token, MechListMIC: mic,
		}
		change(&reply)
		res, err = client.Init(r.Env, gss.InitArgs{Target: target(t), Input: reply.Marshal()})
		if name != "right" {
			if err == nil {
				t.Errorf("%s: accepted", name)
			}
			continue
		}
		if err != nil || res.More {
			t.Fatalf("%+v, %v", res, err)
		}
		m, err := token.ParseNegTokenResp(res.Token)
		if err != nil || m.State != token.AcceptCompleted {
			t.Fatalf("%+v, %v", m, err)
		}
		if _, err := server.VerifyMIC(offer.List, m.MechListMIC); err != nil {
			t.Error(err)
		}
		talk(t, client, server, "from the client")
	}
}

func TestNegotiationChecksBindings(t *testing.T) {
	r := krbtest.New(t, crypto.AES256SHA1)
	r.Login(t, nil)
	b := &gss.Bindings{ApplicationData: []byte("channel")}
	for name, bound := range map[string]*gss.Bindings{"same": b, "other": {ApplicationData: []byte("other")}} {
		_, res := initiate(t, r, gss.InitArgs{Flags: allFlags, Mech: token.MechSPNEGO, Bindings: bound})
		_, ares, err := accept(r, res.Token, b)
		if (err == nil) != (name == "same") {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil && ares.Flags&gss.FlagChannelBound == 0 {
			t.Errorf("%s: flags %#x", name, ares.Flags)
		}
		if err != nil && status.Of(err).Major != status.BadBindings {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A Kerberos error message reaches the initiator, with its code.
func TestNegotiationCarriesKerberosErrors(t *testing.T) {
	r := krbtest.New(t, crypto.AES256SHA1)
	r.Login(t, nil)
	client, res := initiate(t, r, gss.InitArgs{Flags: allFlags, Mech: token.MechSPNEGO})
	_, first, err := accept(r, res.Token, nil)
	if err != nil || first.More {
		t.Fatal(err)
	}
	server, ares, err := accept(r, res.Token, nil)
	if e := wantMajor(t, err, status.Of(err).Major); e.Minor != status.KRB5KRB_AP_ERR_REPEAT {
		t.Fatalf("a replay: %v", err)
	}
	if info, err := server.Inquire(r.Clock); err == nil {
		t.Errorf("a failed context is described: %+v", info)
	}
	_, err = client.Init(r.Env, gss.InitArgs{Target: target(t), Input: ares.Token})
	if err == nil || status.Of(err).Minor != status.KRB5KRB_AP_ERR_REPEAT {
		t.Errorf("the initiator learns %v", err)
	}
}

// f0230605c4: a token of the wrong mechanism, or of another stage.
func TestF0230605c4_TokensOfTheOtherMechanism(t *testing.T) {
	r := krbtest.New(t, crypto.AES256SHA1)
	r.Login(t, nil)
	_, krb5 := initiate(t, r, gss.InitArgs{Flags: allFlags})
	_, offer := initiate(t, r, gss.InitArgs{Flags: allFlags, Mech: token.MechSPNEGO})
	tokens := map[string][]byte{"an AP-REQ": krb5.Token, "an offer": offer.Token, "nothing": nil}
	for name, c := range halfOpenNegotiations(t, r) {
		for what, tok := range tokens {
			words := &inherit.Words{}
			c.Record(words)
			child := inherited(t, c, words) // a new one for each token
			var err error
			if info, _ := child.Inquire(r.Clock); info.Local {
				_, err = child.Init(r.Env, gss.InitArgs{Target: target(t), Input: tok})
			} else {
				_, err = child.Accept(r.Env, gss.AcceptArgs{Input: tok})
			}
			due := name == "an acceptor that gave hints" && what == "an offer"
			if (err == nil) != due {
				t.Errorf("%s, %s: %v", name, what, err)
			}
			child.Delete()
		}
	}
}

func TestCredentialsLimitNegotiations(t *testing.T) {
	r := krbtest.New(t, crypto.AES256SHA1)
	r.Login(t, nil)
	acquire := func(mechs ...token.OID) *gss.Cred {
		c, err := gss.Acquire(r.Env, nil, gss.Indefinite, mechs, gss.Both)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	krb5, negotiated := acquire(token.MechKRB5), acquire(token.MechSPNEGO)
	if err := krb5.SetNegMechs([]token.OID{token.MechKRB5}); status.Of(err).Major != status.Unavailable {
		t.Errorf("the mechanisms of a credential for krb5 alone are set: %v", err)
	}
	limited := acquire(token.MechSPNEGO)
	if err := limited.SetNegMechs([]token.OID{ntlm}); err != nil {
		t.Fatal(err)
	}
	same := acquire(token.MechSPNEGO)
	if err := same.SetNegMechs([]token.OID{ntlm, token.MechKRB5}); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		cred  *gss.Cred
		mech  token.OID
		major status.Major
	}{
		"krb5 for krb5":      {krb5, token.MechKRB5, 0},
		"krb5 for SPNEGO":    {krb5, token.MechSPNEGO, 0},
		"SPNEGO for SPNEGO":  {negotiated, token.MechSPNEGO, 0},
		"SPNEGO for krb5":    {negotiated, token.MechKRB5, status.NoCred},
		"NTLM alone":         {limited, token.MechSPNEGO, status.Failure},
		"NTLM and then krb5": {same, token.MechSPNEGO, 0},
	} {
		client := ctx.NewInitiator()
		res, err := client.Init(r.Env,
			gss.InitArgs{Target: target(t), Mech: c.mech, Flags: allFlags, Cred: c.cred})
		if err != nil && status.Of(err).Major != c.major || (err == nil) != (c.major == 0) {
			t.Errorf("%s, initiator: %v", name, err)
		}
		if err != nil {
			_, res = initiate(t, r, gss.InitArgs{Mech: c.mech, Flags: allFlags})
		}
		_, err = ctx.NewAcceptor().Accept(r.Env, gss.AcceptArgs{Input: res.Token, Cred: c.cred})
		if err != nil && status.Of(err).Major != c.major || (err == nil) != (c.major == 0) {
			t.Errorf("%s, acceptor: %v", name, err)
		}
	}
}

// At each point where a side waits, a child can continue as its parent would have.
func TestChildContinuesANegotiation(t *testing.T) {
	r := krbtest.New(t, crypto.AES256SHA1)
	r.Login(t, nil)
	words := map[*ctx.Context]*inherit.Words{}
	fork := func(c *ctx.Context) *ctx.Context {
		if words[c] == nil {
			words[c] = &inherit.Words{}
		}
		c.Record(words[c])
		return inherited(t, c, words[c])
	}
	for _, flags := range []uint32{allFlags, gss.FlagInteg | gss.FlagReplay, dceFlags} {
		n := negotiate(t, r, flags, fork)
		talk(t, n.client, n.server, "from the client")
		talk(t, n.server, n.client, "from the server")
	}
	p := offerOfWindows(t, r, allFlags)
	p.server = fork(p.server)
	p.request(t)
	p.server = fork(p.server)
	if _, err := p.send(t, token.NegTokenResp{MechListMIC: p.mic(t)}); err != nil {
		t.Fatal(err)
	}
	talk(t, p.krb5, p.server, "from the client")
	talk(t, p.server, p.krb5, "from the server")
	// Once one process has exported the context, it is gone in parent and child.
	configure(t, r, "export_sec_context = open")
	parent := offerOfWindows(t, r, allFlags)
	parent.request(t)
	child := *parent
	child.server = fork(parent.server)
	mic := parent.mic(t)
	for _, p := range []*peer{parent, &child} {
		if _, err := p.send(t, token.NegTokenResp{MechListMIC: mic}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := parent.server.Export(r.Env, memory); err != nil {
		t.Fatal(err)
	}
	if _, err := child.server.Wrap(true, 0, []byte("text"), memory); status.Of(err).Major != status.NoContext {
		t.Errorf("the child's copy of an exported context: %v", err)
	}
}

func TestDamagedFormsOfNegotiations(t *testing.T) {
	r := krbtest.New(t, crypto.AES256SHA1)
	r.Login(t, nil)
	var words inherit.Words
	for name, c := range halfOpenNegotiations(t, r) {
		form := c.Snapshot(nil)
		if form == nil {
			t.Fatalf("%s: no form", name)
		}
		for n := range form {
			if _, err := ctx.Restore(new(krb5.Library), r.Env.Rand, form[:n], &words); err == nil {
				t.Fatalf("%s: the first %d octets of %d are accepted", name, n, len(form))
			}
		}
		if _, err := ctx.Restore(new(krb5.Library), r.Env.Rand, append(slices.Clone(form), 0), &words); err == nil {
			t.Errorf("%s: a trailing octet is ignored", name)
		}
	}
}

// GHSL-2023-016: every truncation and every changed octet of a whole offer, in memory of exactly its size.
func TestGHSL2023_016_DamagedOffers(t *testing.T) {
	r := krbtest.New(t, crypto.AES256SHA1)
	r.Login(t, nil)
	_, res := initiate(t, r, gss.InitArgs{Flags: allFlags, Mech: token.MechSPNEGO})
	for n := 1; n < len(res.Token); n++ {
		if _, _, err := accept(r, slices.Clip(bytes.Clone(res.Token[:n])), nil); err == nil {
			t.Fatalf("%d octets are accepted", n)
		}
	}
	for i := range 64 { // the rest is Kerberos' own
		for _, x := range []byte{1, 0x80, 0xff} {
			tok := bytes.Clone(res.Token)
			tok[i] ^= x
			if _, ares, err := accept(r, tok, nil); err == nil && !ares.More {
				t.Errorf("octet %d changed by %#x: accepted", i, x)
			}
		}
	}
}
