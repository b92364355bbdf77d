// SPDX-License-Identifier: BSD-2-Clause

package ctx_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"libgssapi/internal/crypto"
	"libgssapi/internal/ctx"
	"libgssapi/internal/gss"
	"libgssapi/internal/krbtest"
	_ "libgssapi/internal/mechs"
	"libgssapi/internal/message"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

var memory = &message.Memory{Alloc: func(n int) []byte { return make([]byte, n) }, Free: func([]byte) {}}

const allFlags = gss.FlagMutual | gss.FlagReplay | gss.FlagSequence | gss.FlagConf | gss.FlagInteg

// target is the name of the service.
func target(t testing.TB) *gss.Name {
	t.Helper()
	n, err := gss.ImportName([]byte("demo@server.test.example"), token.NTHostbasedService)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// initiate returns the context of a client that has logged in, after its first call.
func initiate(t testing.TB, r *krbtest.Realm, a gss.InitArgs) (*ctx.Context, gss.Result) {
	t.Helper()
	if a.Target == nil {
		a.Target = target(t)
	}
	c := ctx.NewInitiator()
	res, err := c.Init(r.Env, a)
	if err != nil {
		t.Fatal(err)
	}
	return c, res
}

func accept(r *krbtest.Realm, tok []byte, b *gss.Bindings) (*ctx.Context, gss.Result, error) {
	c := ctx.NewAcceptor()
	res, err := c.Accept(r.Env, gss.AcceptArgs{Input: tok, Bindings: b})
	return c, res, err
}

// pair returns both sides of an established context.
func pair(t testing.TB, r *krbtest.Realm, flags uint32) (client, server *ctx.Context) {
	t.Helper()
	r.Login(t, nil)
	client, res := initiate(t, r, gss.InitArgs{Flags: flags})
	server, ares, err := accept(r, res.Token, nil)
	if err != nil {
		t.Fatal(err)
	}
	if res.More {
		if _, err := client.Init(r.Env, gss.InitArgs{Target: target(t), Input: ares.Token}); err != nil {
			t.Fatal(err)
		}
	}
	return client, server
}

func wantMajor(t testing.TB, err error, want status.Major) *status.Error {
	t.Helper()
	var e *status.Error
	if !errors.As(err, &e) || e.Major != want {
		t.Fatalf("error %v, want major %#x", err, want)
	}
	return e
}

func talk(t testing.TB, from, to *ctx.Context, msg string) status.Major {
	t.Helper()
	tok, err := from.Wrap(true, 0, []byte(msg), memory)
	if err != nil {
		t.Fatal(err)
	}
	got, conf, supp, err := to.Unwrap(tok, memory)
	if err != nil || !conf || string(got) != msg {
		t.Fatalf("unwrap gave %q, conf %v, error %v", got, conf, err)
	}
	return supp
}

var etypes = []crypto.EType{crypto.AES128SHA1, crypto.AES256SHA1, crypto.AES128SHA2, crypto.AES256SHA2}

func TestBothSidesAgree(t *testing.T) {
	for _, etype := range etypes {
		for _, flags := range []uint32{0, gss.FlagMutual, gss.FlagReplay, gss.FlagSequence, allFlags} {
			t.Run(fmt.Sprintf("%v/flags-%#x", etype, flags), func(t *testing.T) {
				r := krbtest.New(t, etype)
				client, server := pair(t, r, flags)
				talk(t, client, server, "from the client")
				talk(t, server, client, "from the server")
				ci, err := client.Inquire(r.Clock)
				if err != nil {
					t.Fatal(err)
				}
				si, err := server.Inquire(r.Clock)
				if err != nil {
					t.Fatal(err)
				}
				// Kerberos offers confidentiality and integrity always.
				want := flags | gss.FlagConf | gss.FlagInteg | gss.FlagTrans | gss.FlagProtReady
				if ci.Flags != want || si.Flags != want {
					t.Errorf("flags: client %#x, server %#x, want %#x", ci.Flags, si.Flags, want)
				}
				if !ci.Local || si.Local || !ci.Open || !si.Open {
					t.Errorf("client %+v, server %+v", ci, si)
				}
				if ci.Lifetime != 8*3600 || si.Lifetime != 8*3600+300 {
					t.Errorf("lifetimes %d, %d", ci.Lifetime, si.Lifetime)
				}
				for _, i := range []ctx.Info{ci, si} {
					src, _, _ := i.Source.Display()
					dst, _, _ := i.Target.Display()
					if string(src) != "alice@TEST.EXAMPLE" || string(dst) != "demo/server.test.example@TEST.EXAMPLE" {
						t.Errorf("names %q -> %q", src, dst)
					}
				}
			})
		}
	}
}

func TestBareRequestIsAccepted(t *testing.T) {
	r := krbtest.New(t, crypto.AES256SHA1)
	framed := r.Request(t, r.Ticket(t, nil), nil)
	_, inner, err := token.Unframe(framed)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := accept(r, inner[2:], nil); err != nil {
		t.Fatal(err)
	}
}

func TestReplayedRequestIsRefused(t *testing.T) {
	r := krbtest.New(t, crypto.AES256SHA1)
	tok := r.Request(t, r.Ticket(t, nil), nil)
	if _, _, err := accept(r, tok, nil); err != nil {
		t.Fatal(err)
	}
	_, res, err := accept(r, tok, nil)
	e := wantMajor(t, err, status.Failure)
	if e.Minor != status.KRB5KRB_AP_ERR_REPEAT {
		t.Errorf("minor %#x", e.Minor)
	}
	if res.Token == nil {
		t.Error("the client is not told")
	}
}

// An attacker with a valid ticket can change the authenticator and the unencrypted part of the ticket.
func TestForgedRequests(t *testing.T) {
	for _, c := range []struct {
		name   string
		forge  func(*token.APReq, *token.Authenticator)
		ticket func(*krbtest.Part)
		minor  status.Minor
	}{
		{"authenticator-of-another-realm", func(_ *token.APReq, a *token.Authenticator) { a.Client.Realm = "ADMIN.REALM" }, nil,
			status.KRB5KRB_AP_ERR_BADMATCH},
		{"authenticator-of-another-client", func(_ *token.APReq, a *token.Authenticator) { a.Client.Components = []string{"root"} }, nil,
			status.KRB5KRB_AP_ERR_BADMATCH},
		{"clock-20-minutes-off", func(_ *token.APReq, a *token.Authenticator) { a.CTime = a.CTime.Add(20 * time.Minute) }, nil,
			status.KRB5KRB_AP_ERR_SKEW},
		{"clock-20-minutes-late", func(_ *token.APReq, a *token.Authenticator) { a.CTime = a.CTime.Add(-20 * time.Minute) }, nil,
			status.KRB5KRB_AP_ERR_SKEW},
		{"ticket-expired", nil, func(p *krbtest.Part) { p.EndTime = p.AuthTime.Add(-10 * time.Minute) },
			status.KRB5KRB_AP_ERR_TKT_EXPIRED},
		{"ticket-not-yet-valid", nil, func(p *krbtest.Part) { p.StartTime = p.AuthTime.Add(10 * time.Minute) },
			status.KRB5KRB_AP_ERR_TKT_NYV},
		{"ticket-invalid", nil, func(p *krbtest.Part) { p.Flags |= token.TicketInvalid }, status.KRB5KRB_AP_ERR_TKT_INVALID},
		{"untrusted-realm-in-between", nil, func(p *krbtest.Part) {
			p.Client.Realm = "OTHER.EXAMPLE"
			p.Transited.Contents = []byte("EVIL.EXAMPLE")
		}, status.KRB5KRB_AP_PATH_NOT_ACCEPTED},
		{"own-client-through-another-realm", nil, func(p *krbtest.Part) { p.Transited.Contents = []byte("OTHER.EXAMPLE") },
			status.KRB5KRB_AP_PATH_NOT_ACCEPTED},
		{"realm-in-the-clear-has-another-path", func(q *token.APReq, _ *token.Authenticator) {
			cover, err := token.ParseTicket(q.Ticket.Raw)
			if err != nil {
				t.Fatal(err)
			}
			cover.SName.Realm = "SUB.EVIL.EXAMPLE"
			q.Ticket.Raw = cover.Marshal()
		}, func(p *krbtest.Part) {
			p.Client.Realm = "OTHER.EXAMPLE"
			p.Transited.Contents = []byte("EVIL.EXAMPLE")
		}, status.KRB5KRB_AP_PATH_NOT_ACCEPTED},
		{"checksum-of-another-type", func(_ *token.APReq, a *token.Authenticator) {
			a.Checksum = &token.Checksum{Type: 16, Sum: make([]byte, 12)}
		}, nil, status.KRB5KRB_AP_ERR_INAPP_CKSUM},
		{"user-to-user", func(q *token.APReq, _ *token.Authenticator) { q.Options |= token.APUseSessionKey }, nil,
			status.KRB5KRB_AP_ERR_METHOD},
		{"session-key-of-weak-enctype", nil, func(p *krbtest.Part) { p.Key.EType = 23; p.Key.Value = p.Key.Value[:16] },
			status.KRB5_NOPERM_ETYPE},
		{"authenticator-shorter-than-its-mac", func(q *token.APReq, _ *token.Authenticator) { q.Authenticator.Cipher = make([]byte, 5) }, nil,
			status.KRB5KRB_AP_ERR_BAD_INTEGRITY},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := krbtest.New(t, crypto.AES128SHA1)
			cr := r.Ticket(t, c.ticket)
			if c.name == "session-key-of-weak-enctype" {
				cr.Key = token.EncryptionKey{EType: 17, Value: cr.Key.Value}
			}
			_, _, err := accept(r, r.Request(t, cr, c.forge), nil)
			var e *status.Error
			if !errors.As(err, &e) || !e.Major.IsError() || e.Minor != c.minor {
				t.Fatalf("error %v, want minor %q", err, c.minor.Text())
			}
		})
	}
}

// An AP-REQ with a ticket cipher shorter than its MAC makes other libraries read out of bounds.
func TestTicketCipherShorterThanItsMAC(t *testing.T) {
	for _, etype := range etypes {
		for n := range 48 {
			r := krbtest.New(t, etype)
			ticket := token.Ticket{SName: r.Service, Enc: token.EncryptedData{EType: int32(etype), Cipher: make([]byte, n)}}
			c := r.Ticket(t, nil)
			c.Ticket = ticket.Marshal()
			_, _, err := accept(r, r.Request(t, c, nil), nil)
			if err == nil {
				t.Fatalf("%v: a ticket of %d octets was accepted", etype, n)
			}
		}
	}
}

func TestErrorTextsForMissingKeys(t *testing.T) {
	r := krbtest.New(t, crypto.AES256SHA1)
	r.KVNO = 4 // the keytab has 3
	r.Key = mustKey(t)
	_, _, err := accept(r, r.Request(t, r.Ticket(t, nil), nil), nil)
	e := wantMajor(t, err, status.Failure)
	want := "Request ticket server demo/server.test.example@TEST.EXAMPLE kvno 4 not found in keytab FILE:" + r.Dir + "/keytab" +
		"; there is kvno 3: the keytab or the client's ticket is out of date"
	if e.Minor != status.KRB5KRB_AP_ERR_BADKEYVER || e.Text != want {
		t.Errorf("minor %#x, text %q", e.Minor, e.Text)
	}
	r.Service.Components = []string{"other", "server.test.example"}
	_, _, err = accept(r, r.Request(t, r.Ticket(t, nil), nil), nil)
	if e := wantMajor(t, err, status.Failure); !strings.Contains(e.Text, "other/server.test.example@TEST.EXAMPLE not found") ||
		!strings.Contains(e.Text, "kvno 4,") {
		t.Errorf("text %q", e.Text)
	}
}

// A key that decrypts the ticket is used, whatever its version, as with other libraries.
func TestWrongKeyVersionOfTheRightKey(t *testing.T) {
	r := krbtest.New(t, crypto.AES256SHA1)
	r.KVNO = 4 // the keytab has 3
	if _, _, err := accept(r, r.Request(t, r.Ticket(t, nil), nil), nil); err != nil {
		t.Fatal(err)
	}
}

func TestReplyOfAnotherExchangeIsRefused(t *testing.T) {
	r := krbtest.New(t, crypto.AES256SHA1)
	r.Login(t, nil)
	first, _ := initiate(t, r, gss.InitArgs{Flags: gss.FlagMutual})
	r.Clock = r.Clock.Add(time.Second)
	_, res2 := initiate(t, r, gss.InitArgs{Flags: gss.FlagMutual})
	_, ares, err := accept(r, res2.Token, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = first.Init(r.Env, gss.InitArgs{Input: ares.Token})
	e := wantMajor(t, err, status.Failure)
	if e.Minor != status.KRB5_MUTUAL_FAILED {
		t.Errorf("minor %#x: %s", e.Minor, e.Text)
	}
	_, err = first.Wrap(true, 0, []byte("x"), memory)
	wantMajor(t, err, status.NoContext)
}

func TestErrorTokenReachesTheClient(t *testing.T) {
	r := krbtest.New(t, crypto.AES256SHA1)
	r.Login(t, nil)
	client, res := initiate(t, r, gss.InitArgs{Flags: gss.FlagMutual})
	now := r.Clock
	r.Clock = now.Add(20 * time.Minute)
	_, ares, err := accept(r, res.Token, nil)
	if err == nil || ares.Token == nil {
		t.Fatalf("error %v, token of %d octets", err, len(ares.Token))
	}
	r.Clock = now
	_, err = client.Init(r.Env, gss.InitArgs{Input: ares.Token})
	if e := wantMajor(t, err, status.Failure); e.Minor != status.KRB5KRB_AP_ERR_SKEW {
		t.Errorf("minor %q", e.Minor.Text())
	}
}

func TestDamagedRequests(t *testing.T) {
	r := krbtest.New(t, crypto.AES128SHA2)
	c := r.Ticket(t, nil)
	whole := r.Request(t, c, nil)
	for n := 1; n < len(whole); n++ { // an empty token is a request for SPNEGO's hints
		if _, _, err := accept(r, whole[:n], nil); err == nil {
			t.Fatalf("a token cut to %d octets was accepted", n)
		}
	}
	// Nothing authenticates the mutual-required option, the key version, and the ticket's service name if any key may
	// decrypt it.
	_, inner, _ := token.Unframe(whole)
	req, err := token.ParseAPReq(inner[2:])
	if err != nil {
		t.Fatal(err)
	}
	authenticated := func(i int) bool {
		return i >= bytes.Index(whole, req.Ticket.Enc.Cipher) && i < bytes.Index(whole, req.Ticket.Enc.Cipher)+len(req.Ticket.Enc.Cipher) ||
			i >= bytes.Index(whole, req.Authenticator.Cipher)
	}
	for i := range whole {
		for bit := range 8 {
			tok := slices.Clone(whole)
			tok[i] ^= 1 << bit
			if _, _, err := accept(r, tok, nil); err == nil && authenticated(i) {
				t.Fatalf("a change of bit %d of octet %d is accepted", bit, i)
			}
		}
	}
}

// The AP-REQ's option and the checksum's flag agree. If the option was changed on the way, the flag decides.
func TestChecksumDecidesOnMutualAuthentication(t *testing.T) {
	for _, flags := range []uint32{0, gss.FlagMutual} {
		r := krbtest.New(t, crypto.AES256SHA1)
		r.Login(t, nil)
		_, res := initiate(t, r, gss.InitArgs{Flags: flags})
		_, inner, _ := token.Unframe(res.Token)
		req, err := token.ParseAPReq(inner[2:])
		if err != nil {
			t.Fatal(err)
		}
		if (req.Options&token.APMutualRequired != 0) != (flags != 0) {
			t.Errorf("flags %#x, options %#x", flags, req.Options)
		}
		req.Options ^= token.APMutualRequired
		_, ares, err := accept(r, token.Frame(token.MechKRB5, token.TokAPReq, req.Marshal()), nil)
		if err != nil {
			t.Fatal(err)
		}
		if ares.Flags&gss.FlagMutual != flags || (ares.Token != nil) != (flags != 0) {
			t.Errorf("flags %#x: the acceptor has %#x and a token of %d octets", flags, ares.Flags, len(ares.Token))
		}
	}
}

func TestHalfOpenContexts(t *testing.T) {
	r := krbtest.New(t, crypto.AES256SHA1)
	r.Login(t, nil)
	half, _ := initiate(t, r, gss.InitArgs{Flags: gss.FlagMutual})
	for _, c := range []struct {
		name string
		err  error
	}{
		{"wrap", errorOf(half.Wrap(true, 0, []byte("x"), memory))},
		{"get-mic", errorOf(half.GetMIC(0, []byte("x"), memory))},
		{"time", errorOf(half.TimeLeft(r.Clock))},
		{"process", half.ProcessToken([]byte("x"))},
		{"size", errorOf(half.WrapSizeLimit(true, 0, 100))},
		{"by-oid", errorOf(half.InquireByOID(nil, token.MechKRB5))},
	} {
		t.Run(c.name, func(t *testing.T) { wantMajor(t, c.err, status.NoContext) })
	}
	info, err := half.Inquire(r.Clock)
	if err != nil || info.Open || !info.Local || info.Flags&gss.FlagProtReady != 0 || info.Source != nil {
		t.Errorf("a half-open context: %+v, %v", info, err)
	}
	half.Delete()
	half.Delete()
}

func errorOf[T any](_ T, err error) error { return err }

func TestExpiredTicketIsNotSent(t *testing.T) {
	r := krbtest.New(t, crypto.AES256SHA1)
	r.Login(t, func(p *krbtest.Part) { p.EndTime = p.AuthTime.Add(-time.Hour) })
	_, err := ctx.NewInitiator().Init(r.Env, gss.InitArgs{Target: target(t)})
	var e *status.Error
	if !errors.As(err, &e) || !e.Major.IsError() {
		t.Fatalf("error %v", err)
	}
}

func TestCredentialOfTheWrongUsage(t *testing.T) {
	r := krbtest.New(t, crypto.AES256SHA1)
	r.Login(t, nil)
	c, err := gss.Acquire(r.Env, nil, gss.Indefinite, nil, gss.Accept)
	if err != nil {
		t.Fatal(err)
	}
	_, err = ctx.NewInitiator().Init(r.Env, gss.InitArgs{Cred: c, Target: target(t)})
	wantMajor(t, err, status.NoCred)
	if c, err = gss.Acquire(r.Env, nil, gss.Indefinite, nil, gss.Initiate); err != nil {
		t.Fatal(err)
	}
	a := ctx.NewAcceptor()
	_, err = a.Accept(r.Env, gss.AcceptArgs{Cred: c, Input: r.Request(t, r.Ticket(t, nil), nil)})
	wantMajor(t, err, status.NoCred)
}

func TestAcceptorOfAnotherName(t *testing.T) {
	r := krbtest.New(t, crypto.AES256SHA1)
	r.Vars["KRB5_KTNAME"] = r.Write(t, "two", append(r.KeytabOf(r.Service, 3, r.Key),
		r.KeytabOf(token.Principal{Type: 1, Components: []string{"imap", "server.test.example"}, Realm: r.Name}, 3, r.Key)[2:]...))
	n, err := gss.ImportName([]byte("imap@server.test.example"), token.NTHostbasedService)
	if err != nil {
		t.Fatal(err)
	}
	// Both names have one key, so the name alone must keep the ticket of the other service out.
	c, err := gss.Acquire(r.Env, n, gss.Indefinite, nil, gss.Accept)
	if err != nil {
		t.Fatal(err)
	}
	r.Key = mustKey(t)
	tok := r.Request(t, r.Ticket(t, nil), nil)
	if _, err := ctx.NewAcceptor().Accept(r.Env, gss.AcceptArgs{Cred: c, Input: tok}); err == nil {
		t.Fatal("a ticket for demo was accepted by imap")
	}
}

func mustKey(t testing.TB) *crypto.Key {
	k, err := crypto.NewKey(crypto.AES256SHA1, make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// A program compares the target that a context gives with the name that it gave.
func TestTargetIsTheNameThatWasGiven(t *testing.T) {
	for given, nameType := range map[string]token.OID{
		"demo@server.test.example":              token.NTHostbasedService,
		"demo@Server.Nowhere.Example":           token.NTHostbasedService,
		"demo/server.nowhere.example@":          token.NTKRB5Principal,
		"demo/server.test.example@TEST.EXAMPLE": token.NTUserName,
	} {
		r := krbtest.New(t, crypto.AES256SHA1)
		n, err := gss.ImportName([]byte(given), nameType)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(given, "here") {
			r.Service.Components[1] = "server.nowhere.example"
			r.Vars["KRB5_KTNAME"] = "FILE:" + r.Write(t, "nowhere.keytab", r.KeytabOf(r.Service, r.KVNO, r.Key))
		}
		r.Login(t, nil)
		client, res := initiate(t, r, gss.InitArgs{Target: n, Flags: gss.FlagMutual})
		_, ares, err := accept(r, res.Token, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := client.Init(r.Env, gss.InitArgs{Target: n, Input: ares.Token}); err != nil {
			t.Fatal(err)
		}
		info, err := client.Inquire(r.Clock)
		if err != nil {
			t.Fatal(err)
		}
		if equal, err := gss.CompareNames(r.Env, n, info.Target); err != nil || !equal || !info.Target.IsMN() {
			text, _, _ := info.Target.Display()
			t.Errorf("%s is given, the target is %s: %v", given, text, err)
		}
	}
}

// Somebody who answers in the acceptor's place has one attempt: a failed context does not accept the right answer either.
func TestFailedContextStaysFailed(t *testing.T) {
	r := krbtest.New(t, crypto.AES256SHA1)
	r.Login(t, nil)
	client, res := initiate(t, r, gss.InitArgs{Flags: allFlags})
	_, answer, err := accept(r, res.Token, nil)
	if err != nil {
		t.Fatal(err)
	}
	forged := bytes.Clone(answer.Token)
	forged[len(forged)-1] ^= 1
	for i, tok := range [][]byte{forged, answer.Token} {
		if _, err := client.Init(r.Env, gss.InitArgs{Target: target(t), Input: tok}); err == nil {
			t.Errorf("answer %d is accepted", i)
		}
	}
	if _, err := client.Inquire(r.Clock); err == nil || status.Of(err).Major != status.NoContext {
		t.Errorf("a failed context can be inquired: %v", err)
	}
	client.Delete()
}
