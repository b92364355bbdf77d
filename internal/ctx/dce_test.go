// SPDX-License-Identifier: BSD-2-Clause

package ctx_test

import (
	"bytes"
	"testing"

	"libgssapi/internal/crypto"
	"libgssapi/internal/ctx"
	"libgssapi/internal/dertest"
	"libgssapi/internal/gss"
	"libgssapi/internal/inherit"
	"libgssapi/internal/krbtest"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

const dceFlags = allFlags | gss.FlagDCE

// dceHalf performs an exchange in DCE style as far as the acceptor's reply.
func dceHalf(t testing.TB, r *krbtest.Realm) (client, server *ctx.Context, reply []byte) {
	t.Helper()
	r.Login(t, nil)
	client, res := initiate(t, r, gss.InitArgs{Flags: dceFlags})
	server, ares, err := accept(r, res.Token, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !ares.More || ares.Source != nil {
		t.Errorf("after the first message: more %v, source %v", ares.More, ares.Source)
	}
	return client, server, ares.Token
}

func dcePair(t testing.TB, r *krbtest.Realm) (client, server *ctx.Context) {
	t.Helper()
	client, server, reply := dceHalf(t, r)
	res, err := client.Init(r.Env, gss.InitArgs{Target: target(t), Input: reply})
	if err != nil || res.More || len(res.Token) == 0 {
		t.Fatalf("the reply: %+v, %v", res, err)
	}
	ares, err := server.Accept(r.Env, gss.AcceptArgs{Input: res.Token})
	if err != nil || ares.More || len(ares.Token) != 0 || ares.Source == nil {
		t.Fatalf("the confirmation: %+v, %v", ares, err)
	}
	return client, server
}

func TestDCEStyleHasThreeMessagesWithoutFrames(t *testing.T) {
	for _, etype := range etypes {
		t.Run(etype.String(), func(t *testing.T) {
			r := krbtest.New(t, etype)
			client, server := dcePair(t, r)
			talk(t, client, server, "from the client")
			talk(t, server, client, "from the server")
			for _, c := range []*ctx.Context{client, server} {
				i, err := c.Inquire(r.Clock)
				if err != nil || i.Flags != dceFlags|gss.FlagTrans|gss.FlagProtReady {
					t.Errorf("%+v, %v", i, err)
				}
			}
		})
	}
}

func TestDCEStyleIsMutual(t *testing.T) {
	r := krbtest.New(t, crypto.AES256SHA1)
	r.Login(t, nil)
	_, res := initiate(t, r, gss.InitArgs{Flags: gss.FlagDCE})
	if res.Flags&gss.FlagMutual == 0 || !res.More {
		t.Errorf("%+v", res)
	}
}

func TestDCEStyleAcceptorIsNotReadyBeforeTheThirdMessage(t *testing.T) {
	r := krbtest.New(t, crypto.AES256SHA1)
	_, server, _ := dceHalf(t, r)
	_, err := server.Wrap(true, 0, []byte("text"), memory)
	wantMajor(t, err, status.NoContext)
	i, err := server.Inquire(r.Clock)
	if err != nil || i.Open || i.Local || i.Mech != token.MechKRB5 || i.Flags&gss.FlagDCE == 0 || i.Flags&gss.FlagProtReady != 0 ||
		i.Source != nil || i.Target != nil {
		t.Errorf("%+v, %v", i, err)
	}
}

func TestDCEStyleConfirmations(t *testing.T) {
	tests := map[string]func(confirmation, reply []byte) []byte{
		"our-own-reply-reflected":                     func(_, reply []byte) []byte { return reply },
		"our-own-reply-reflected-in-another-spelling": func(_, reply []byte) []byte { return dertest.Long(reply) },
		"our-own-reply-reflected-with-a-key-version": func(_, reply []byte) []byte {
			rep, err := token.ParseAPRep(reply)
			if err != nil {
				t.Fatal(err)
			}
			rep.Enc.KVNO, rep.Enc.HasKVNO = 1, true
			return rep.Marshal()
		},
		"our-own-reply-reflected-with-octets-after-it": func(_, reply []byte) []byte { return append(bytes.Clone(reply), 0) },
		"empty": func(_, _ []byte) []byte { return nil },
		"changed": func(c, _ []byte) []byte {
			c = bytes.Clone(c)
			c[len(c)-1] ^= 1
			return c
		},
		"framed":  func(c, _ []byte) []byte { return token.Frame(token.MechKRB5, token.TokAPRep, c) },
		"cut-off": func(c, _ []byte) []byte { return c[:len(c)-1] },
	}
	r := krbtest.New(t, crypto.AES256SHA1)
	for name, damage := range tests {
		t.Run(name, func(t *testing.T) {
			client, server, reply := dceHalf(t, r)
			res, err := client.Init(r.Env, gss.InitArgs{Target: target(t), Input: reply})
			if err != nil {
				t.Fatal(err)
			}
			if _, err = server.Accept(r.Env, gss.AcceptArgs{Input: damage(res.Token, reply)}); err == nil {
				t.Fatal("it is accepted")
			}
			if _, err = server.Accept(r.Env, gss.AcceptArgs{Input: res.Token}); err == nil {
				t.Error("after that, the right one is accepted")
			}
			server.Delete()
		})
	}
}

// Both exchanges have the same ticket and session key: only the sequence number differs.
func TestDCEStyleConfirmationOfAnotherExchangeIsRefused(t *testing.T) {
	r := krbtest.New(t, crypto.AES256SHA1)
	client, _, reply := dceHalf(t, r)
	_, second := initiate(t, r, gss.InitArgs{Flags: dceFlags})
	other, _, err := accept(r, second.Token, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := client.Init(r.Env, gss.InitArgs{Target: target(t), Input: reply})
	if err != nil {
		t.Fatal(err)
	}
	_, err = other.Accept(r.Env, gss.AcceptArgs{Input: res.Token})
	if e := wantMajor(t, err, status.Failure); e.Minor != status.KRB5_MUTUAL_FAILED {
		t.Errorf("%v", e)
	}
}

func TestDCEStyleRequestWithAFrameIsRefused(t *testing.T) {
	r := krbtest.New(t, crypto.AES256SHA1)
	r.Login(t, nil)
	_, res := initiate(t, r, gss.InitArgs{Flags: dceFlags})
	_, _, err := accept(r, token.Frame(token.MechKRB5, token.TokAPReq, res.Token), nil)
	wantMajor(t, err, status.DefectiveToken)
}

func TestChildAcceptsTheConfirmation(t *testing.T) {
	r := krbtest.New(t, crypto.AES256SHA1)
	client, server, reply := dceHalf(t, r)
	res, err := client.Init(r.Env, gss.InitArgs{Target: target(t), Input: reply})
	if err != nil {
		t.Fatal(err)
	}
	var words inherit.Words
	child := inherited(t, server, &words)
	if _, err := child.Accept(r.Env, gss.AcceptArgs{Input: res.Token}); err != nil {
		t.Fatal(err)
	}
	talk(t, client, child, "to the child")
}
