// SPDX-License-Identifier: BSD-2-Clause

package ctx_test

import (
	"crypto/rand"
	"testing"

	"libgssapi/internal/crypto"
	"libgssapi/internal/dertest"
	"libgssapi/internal/gss"
	"libgssapi/internal/krbtest"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// longToken writes a framed token of krb5 with lengths and INTEGERs in more octets than they need.
func longToken(t testing.TB, tok []byte) []byte {
	t.Helper()
	_, inner, err := token.Unframe(tok)
	if err != nil {
		t.Fatal(err)
	}
	oid := append(dertest.AppendLength([]byte{0x06}, 4, len(token.MechKRB5)), token.MechKRB5...)
	content := append(append(oid, inner[:2]...), dertest.Long(inner[2:])...)
	return append(dertest.AppendLength([]byte{0x60}, 4, len(content)), content...)
}

// longPlain does so with what is encrypted.
func longPlain(t testing.TB, key *crypto.Key, usage uint32, enc *token.EncryptedData) {
	t.Helper()
	plain, err := key.Decrypt(usage, enc.Cipher)
	if err == nil {
		enc.Cipher, err = key.Encrypt(usage, dertest.Long(plain), rand.Reader)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// longRequest makes an AP-REQ of which everything is long, the ticket and what is encrypted included.
func longRequest(t testing.TB, r *krbtest.Realm) (tok []byte, session *crypto.Key) {
	t.Helper()
	c := r.Ticket(t, nil)
	ticket, err := token.ParseTicket(c.Ticket)
	if err != nil {
		t.Fatal(err)
	}
	if session, err = crypto.NewKey(r.EType, c.Key.Value); err != nil {
		t.Fatal(err)
	}
	longPlain(t, r.Key, 2, &ticket.Enc)
	c.Ticket = dertest.Long(ticket.Marshal())
	_, inner, err := token.Unframe(r.Request(t, c, nil))
	if err != nil {
		t.Fatal(err)
	}
	req, err := token.ParseAPReq(inner[2:])
	if err != nil {
		t.Fatal(err)
	}
	longPlain(t, session, 11, &req.Authenticator)
	return longToken(t, token.Frame(token.MechKRB5, token.TokAPReq, req.Marshal())), session
}

func TestRequestInAnotherSpelling(t *testing.T) {
	for _, etype := range append(etypes, crypto.DES3, crypto.RC4) {
		t.Run(etype.String(), func(t *testing.T) {
			r := krbtest.New(t, etype)
			r.Vars["KRB5_CONFIG"] += ":" + r.Write(t, "weak.conf",
				[]byte("[libdefaults]\n allow_weak_crypto = true\n allow_des3 = true\n allow_rc4 = true\n"))
			tok, _ := longRequest(t, r)
			_, res, err := accept(r, tok, nil)
			if err != nil {
				t.Fatal(err)
			}
			text, _, err := res.Source.Display()
			if err != nil || string(text) != r.Client.String() {
				t.Errorf("from %q, %v", text, err)
			}
		})
	}
}

// The replay cache has the authenticator's ciphertext, so no spelling of its message makes another request of it.
func TestReplayInAnotherSpellingIsRefused(t *testing.T) {
	r := krbtest.New(t, crypto.AES256SHA1)
	tok := r.Request(t, r.Ticket(t, nil), nil)
	if _, _, err := accept(r, tok, nil); err != nil {
		t.Fatal(err)
	}
	_, _, err := accept(r, longToken(t, tok), nil)
	if e := wantMajor(t, err, status.Failure); e.Minor != status.KRB5KRB_AP_ERR_REPEAT {
		t.Errorf("%v", err)
	}
}

func TestReplyInAnotherSpelling(t *testing.T) {
	r := krbtest.New(t, crypto.AES256SHA1)
	c := r.Login(t, nil)
	session, err := crypto.NewKey(r.EType, c.Key.Value)
	if err != nil {
		t.Fatal(err)
	}
	client, res := initiate(t, r, gss.InitArgs{Flags: allFlags})
	server, ares, err := accept(r, res.Token, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, inner, err := token.Unframe(ares.Token)
	if err != nil {
		t.Fatal(err)
	}
	rep, err := token.ParseAPRep(inner[2:])
	if err != nil {
		t.Fatal(err)
	}
	longPlain(t, session, 12, &rep.Enc)
	tok := longToken(t, token.Frame(token.MechKRB5, token.TokAPRep, rep.Marshal()))
	if _, err := client.Init(r.Env, gss.InitArgs{Target: target(t), Input: tok}); err != nil {
		t.Fatal(err)
	}
	talk(t, client, server, "from the client")
	talk(t, server, client, "from the server")
}

func TestErrorInAnotherSpellingKeepsItsCode(t *testing.T) {
	r := krbtest.New(t, crypto.AES256SHA1)
	r.Login(t, nil)
	client, _ := initiate(t, r, gss.InitArgs{Flags: gss.FlagMutual})
	msg := token.KRBError{STime: r.Clock, Code: 37, SName: r.Service}
	tok := longToken(t, token.Frame(token.MechKRB5, token.TokError, msg.Marshal()))
	_, err := client.Init(r.Env, gss.InitArgs{Input: tok})
	if e := wantMajor(t, err, status.Failure); e.Minor != status.KRB5KRB_AP_ERR_SKEW {
		t.Errorf("%v", err)
	}
}

// NTLM is another mechanism, not a damaged token: the caller may have one that knows it.
func TestNTLMIsAnUnsupportedMechanism(t *testing.T) {
	ntlm := []byte("NTLMSSP\x00\x01\x00\x00\x00\x07\x82\x08\xa2")
	offer := token.NegTokenInit{MechTypes: []token.OID{token.MechKRB5}, MechToken: ntlm}
	for name, tok := range map[string][]byte{
		"negotiate":    ntlm,
		"signature":    ntlm[:8],
		"as the token": token.FrameMessage(token.MechSPNEGO, offer.Marshal()),
	} {
		_, _, err := accept(krbtest.New(t, crypto.AES256SHA1), tok, nil)
		if e := status.Of(err); e == nil || e.Major != status.BadMech {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, _, err := accept(krbtest.New(t, crypto.AES256SHA1), ntlm[:7], nil)
	wantMajor(t, err, status.DefectiveToken)
}
