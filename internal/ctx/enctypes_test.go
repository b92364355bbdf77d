// SPDX-License-Identifier: BSD-2-Clause

package ctx_test

import (
	"crypto/rand"
	"encoding/binary"
	"slices"
	"strings"
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

const (
	oidAllowableEnctypes token.OID = "\x2a\x85\x70\x2b\x0d\x0e"
	oidAcceptorSubkey    token.OID = "\x2a\x85\x70\x2b\x0d\x0a"
)

// limitedCred returns a credential after gss_krb5_set_allowable_enctypes.
func limitedCred(t testing.TB, r *krbtest.Realm, usage gss.Usage, list ...crypto.EType) *gss.Cred {
	t.Helper()
	c, err := gss.Acquire(r.Env, nil, gss.Indefinite, nil, usage)
	if err != nil {
		t.Fatal(err)
	}
	if list != nil {
		var value []byte
		for _, e := range list {
			value = binary.BigEndian.AppendUint32(value, uint32(e))
		}
		if err := c.SetOption(oidAllowableEnctypes, value); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

// acceptorSubkeyType returns the type of the acceptor's subkey, or 0 if there is none.
func acceptorSubkeyType(t testing.TB, c *ctx.Context) crypto.EType {
	t.Helper()
	set, err := c.InquireByOID(nil, oidAcceptorSubkey)
	if err != nil {
		if status.Of(err).Minor != status.KG_NO_SUBKEY {
			t.Fatal(err)
		}
		return 0
	}
	return crypto.EType(binary.BigEndian.Uint16(set[0]))
}

// etypeOffer returns an element AD-ETYPE-NEGOTIATION.
func etypeOffer(list ...crypto.EType) token.AuthDataEntry {
	var numbers []int32
	for _, e := range list {
		numbers = append(numbers, int32(e))
	}
	return token.AuthDataEntry{Type: token.ADEtypeNeg, Data: token.MarshalEtypeList(numbers)}
}

const (
	aes128, aes256   = crypto.AES128SHA1, crypto.AES256SHA1
	sha128, sha256   = crypto.AES128SHA2, crypto.AES256SHA2
	rc4, camellia256 = crypto.RC4, crypto.Camellia256
)

// Tickets, krb5.conf and the programs of both sides decide on the type of the key that protects messages.
func TestEnctypeIsNegotiated(t *testing.T) {
	const permitted = "permitted_enctypes = "
	for _, c := range []struct {
		name           string
		session        crypto.EType
		client, server string // settings
		allowed        [2][]crypto.EType
		flags          uint32
		subkey         crypto.EType
	}{
		{"the-best-of-all", aes128, "", "", [2][]crypto.EType{}, allFlags, aes256},
		{"nothing-better", aes256, "", "", [2][]crypto.EType{}, allFlags, aes256},
		{"in-DCE-style", aes128, "", "", [2][]crypto.EType{}, dceFlags, aes256},
		{"one-way", aes128, "", "", [2][]crypto.EType{}, gss.FlagInteg, 0},
		{"the-acceptor-chooses", aes128, permitted + "aes256-sha1 aes256-sha2 aes128-sha1",
			permitted + "aes256-sha2 aes256-sha1 aes128-sha1", [2][]crypto.EType{}, allFlags, sha256},
		{"the-acceptor-prefers-the-session-key", aes128, "", permitted + "aes128-sha1 aes256-sha1", [2][]crypto.EType{}, allFlags, aes128},
		{"the-initiator-prefers-the-session-key", aes128, permitted + "aes128-sha1 aes256-sha1", "", [2][]crypto.EType{}, allFlags, aes128},
		{"what-follows-the-session-key-is-not-offered", aes128, permitted + "camellia256-cts aes128-sha1 aes256-sha1", "",
			[2][]crypto.EType{}, allFlags, aes128},
		{"nothing-in-common", aes128, permitted + "camellia256-cts aes128-sha1", permitted + "aes256-sha2 aes128-sha1",
			[2][]crypto.EType{}, allFlags, aes128},
		{"asked-for-in-tickets", aes128, "default_tgs_enctypes = aes256-sha2 aes128-sha1", permitted + "aes256-sha2 aes128-sha1", [2][]crypto.EType{}, allFlags, sha256},
		{"the-acceptor's-program-decides", aes128, permitted + "aes256-sha1 aes128-sha2 aes128-sha1", "",
			[2][]crypto.EType{nil, {sha128, aes128}}, allFlags, sha128},
		{"the-initiator's-program-decides", aes128, permitted + "aes128-sha1 aes256-sha1", "",
			[2][]crypto.EType{{aes256, aes128}, nil}, allFlags, aes256},
		{"both-programs-decide", aes128, "", "", [2][]crypto.EType{{sha256, sha128, aes128}, {sha128, sha256, aes128}}, allFlags, sha128},
		{"a-program-allows-twice", aes128, "", "", [2][]crypto.EType{nil, {aes128, aes128, aes256}}, allFlags, aes128},
		{"a-program-allows-what-krb5.conf-does-not", aes128, "", permitted + "aes128-sha1", [2][]crypto.EType{nil, {aes256, aes128}},
			allFlags, aes128},
		{"from-rc4", rc4, "allow_rc4 = true", "allow_rc4 = true", [2][]crypto.EType{}, allFlags, aes256},
		{"rc4-alone", rc4, "allow_rc4 = true\n\t" + permitted + "rc4", "allow_rc4 = true", [2][]crypto.EType{}, allFlags, 0},
		{"rc4-alone-in-DCE-style", rc4, "allow_rc4 = true\n\t" + permitted + "rc4", "allow_rc4 = true", [2][]crypto.EType{}, dceFlags, rc4},
		{"rc4-is-not-offered", aes128, "allow_rc4 = true\n\t" + permitted + "rc4 aes256-sha1 aes128-sha1", "allow_rc4 = true",
			[2][]crypto.EType{}, allFlags, aes256},
		{"never-to-rc4", aes128, "allow_rc4 = true\n\t" + permitted + "rc4 aes128-sha1", "allow_rc4 = true\n\t" + permitted + "rc4 aes128-sha1",
			[2][]crypto.EType{}, allFlags, aes128},
	} {
		for name, mech := range map[string]token.OID{"krb5": token.MechKRB5, "spnego": token.MechSPNEGO} {
			t.Run(c.name+"/"+name, func(t *testing.T) {
				r := krbtest.New(t, aes128)
				r.Login(t, func(p *krbtest.Part) { p.Key = keyOfType(t, c.session) })
				conf := r.Vars["KRB5_CONFIG"]
				set := func(setting string) {
					r.Vars["KRB5_CONFIG"] = conf
					setDefault(t, r, setting)
				}
				set(c.client)
				client, server := ctx.NewInitiator(), ctx.NewAcceptor()
				ic, ac := limitedCred(t, r, gss.Initiate, c.allowed[0]...), limitedCred(t, r, gss.Accept, c.allowed[1]...)
				var res gss.Result
				var ares gss.Result
				var err error
				for res.More = true; ; {
					if res.More {
						set(c.client)
						if res, err = client.Init(r.Env, gss.InitArgs{
							Cred: ic, Target: target(t), Mech: mech, Flags: c.flags, Input: ares.Token}); err != nil {
							t.Fatal(err)
						}
					}
					if res.Token == nil {
						break
					}
					set(c.server)
					ares, err = server.Accept(r.Env, gss.AcceptArgs{Cred: ac, Input: res.Token})
					if err != nil {
						t.Fatal(err)
					}
					if ares.Token == nil {
						break
					}
				}
				for side, x := range map[string]*ctx.Context{"initiator": client, "acceptor": server} {
					if got := acceptorSubkeyType(t, x); got != c.subkey {
						t.Errorf("%s: the subkey is of %s, want %s", side, got, c.subkey)
					}
				}
				talk(t, client, server, "from the client")
				talk(t, server, client, "from the server")
			})
		}
	}
}

func keyOfType(t testing.TB, e crypto.EType) token.EncryptionKey {
	t.Helper()
	k, err := crypto.RandomKey(e, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return token.EncryptionKey{EType: int32(e), Value: k.Bytes()}
}

// Whatever the initiator offers, the acceptor chooses a subkey that its context may have.
func TestAcceptorSubkeyFitsTheContext(t *testing.T) {
	for name, settings := range map[string]struct{ defaults, policy string }{
		"old":            {"allow_rc4 = true\n\tpermitted_enctypes = rc4 aes128-sha1", ""},
		"for-the-kernel": {"permitted_enctypes = aes256-sha2 camellia256-cts aes128-sha1", kernelPolicy},
	} {
		t.Run(name, func(t *testing.T) {
			r := krbtest.New(t, aes128)
			configure(t, r, settings.policy)
			setDefault(t, r, settings.defaults)
			tok := r.Request(t, r.Ticket(t, nil), func(_ *token.APReq, a *token.Authenticator) {
				a.AuthData = []token.AuthDataEntry{relevant(etypeOffer(rc4, sha256, camellia256))}
			})
			server, _, err := accept(r, tok, nil)
			if err != nil || acceptorSubkeyType(t, server) != aes128 {
				t.Errorf("error %v, subkey of %s", err, acceptorSubkeyType(t, server))
			}
		})
	}
}

// gss_krb5_set_allowable_enctypes and krb5.conf keep keys of other types out of an acceptor's contexts.
func TestAcceptorRefusesEnctypes(t *testing.T) {
	for _, c := range []struct {
		name    string
		setting string
		allowed []crypto.EType
		session crypto.EType
		subkey  crypto.EType // 0: none
		text    string       // "": accepted
	}{
		{"both-allowed", "", []crypto.EType{aes128}, aes128, aes128, ""},
		{"no-subkey", "", []crypto.EType{aes128}, aes128, 0, ""},
		{"another-session-key", "", []crypto.EType{aes256}, aes128, aes256,
			"session key: enctype aes128-cts-hmac-sha1-96 is not one that the program allows for its credential"},
		{"another-subkey", "", []crypto.EType{aes128}, aes128, aes256,
			"client's subkey: enctype aes256-cts-hmac-sha1-96 is not one that the program allows for its credential"},
		{"neither", "", []crypto.EType{sha128}, aes128, aes128,
			"session key: enctype aes128-cts-hmac-sha1-96 is not one that the program allows for its credential"},
		{"none-that-is-used", "", []crypto.EType{99, aes256}, aes128, aes128,
			"session key: enctype aes128-cts-hmac-sha1-96 is not one that the program allows for its credential"},
		{"krb5.conf-does-not-permit-it", "permitted_enctypes = aes256-sha1", []crypto.EType{aes128}, aes128, aes128,
			"session key: enctype aes128-cts-hmac-sha1-96 is not supported or not in permitted_enctypes"},
		{"krb5.conf-does-not-permit-the-subkey", "permitted_enctypes = aes256-sha1", nil, aes256, aes128,
			"client's subkey: enctype aes128-cts-hmac-sha1-96 is not supported or not in permitted_enctypes"},
	} {
		for name, negotiated := range map[string]bool{"krb5": false, "spnego": true} {
			t.Run(c.name+"/"+name, func(t *testing.T) {
				r := krbtest.New(t, aes256) // the ticket's own type does not matter
				if c.setting != "" {
					setDefault(t, r, c.setting)
				}
				ticket := r.Ticket(t, func(p *krbtest.Part) { p.Key = keyOfType(t, c.session) })
				tok := r.Request(t, ticket, func(_ *token.APReq, a *token.Authenticator) {
					a.Subkey = nil
					if c.subkey != 0 {
						k := keyOfType(t, c.subkey)
						a.Subkey = &k
					}
				})
				if negotiated {
					m := token.NegTokenInit{MechTypes: []token.OID{token.MechKRB5}, MechToken: tok}
					tok = token.FrameMessage(token.MechSPNEGO, m.Marshal())
				}
				server := ctx.NewAcceptor()
				_, err := server.Accept(r.Env, gss.AcceptArgs{Cred: limitedCred(t, r, gss.Accept, c.allowed...), Input: tok})
				if c.text == "" {
					if err != nil {
						t.Fatal(err)
					}
					if got := acceptorSubkeyType(t, server); !slices.Contains(c.allowed, got) {
						t.Errorf("our subkey is of %s", got)
					}
					return
				}
				e := wantMajor(t, err, status.Failure)
				if e.Minor != status.KRB5_NOPERM_ETYPE || !strings.HasSuffix(e.Text, c.text) {
					t.Errorf("minor %q: %s", e.Minor.Text(), e.Text)
				}
			})
		}
	}
}

// Offers of an initiator, well-formed or not.
func TestOffersOfEnctypes(t *testing.T) {
	other := token.AuthDataEntry{Type: 141, Data: []byte("anything")}
	offer := func(b string) token.AuthDataEntry {
		return token.AuthDataEntry{Type: token.ADEtypeNeg, Data: []byte(b)}
	}
	for _, c := range []struct {
		name   string
		list   []token.AuthDataEntry
		subkey crypto.EType // 0: refused
	}{
		{"none", nil, aes128},
		{"better", []token.AuthDataEntry{relevant(etypeOffer(sha256, aes256, aes128))}, aes256},
		{"in-the-second-element", []token.AuthDataEntry{relevant(other), relevant(other, etypeOffer(aes256))}, aes256},
		{"not-inside", []token.AuthDataEntry{etypeOffer(aes256)}, aes256},
		{"twice-the-first-counts", []token.AuthDataEntry{relevant(etypeOffer(sha128)), relevant(etypeOffer(aes256))}, aes128},
		{"unknown-ones", []token.AuthDataEntry{relevant(etypeOffer(99, -135, 0, sha256))}, aes128}, // krb5.conf's default order
		{"not-permitted", []token.AuthDataEntry{relevant(etypeOffer(rc4, 3))}, aes128},
		{"empty", []token.AuthDataEntry{relevant(etypeOffer())}, aes128},
		{"not-DER", []token.AuthDataEntry{relevant(offer("\x30\x03\x02\x01"))}, 0},
		{"no-list", []token.AuthDataEntry{relevant(offer(""))}, 0},
		{"of-texts", []token.AuthDataEntry{relevant(offer("\x30\x05\x1b\x03aes"))}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := krbtest.New(t, aes128)
			tok := r.Request(t, r.Ticket(t, nil), func(_ *token.APReq, a *token.Authenticator) { a.AuthData = c.list })
			server, _, err := accept(r, tok, nil)
			if c.subkey == 0 {
				if e := wantMajor(t, err, status.DefectiveToken); !strings.HasPrefix(e.Text, "EtypeList") {
					t.Error(e.Text)
				}
				return
			}
			if err != nil || acceptorSubkeyType(t, server) != c.subkey {
				t.Errorf("error %v, subkey of %s", err, acceptorSubkeyType(t, server))
			}
		})
	}
}

// replyTo answers an AP-REQ as its acceptor would, with a subkey of its choice.
func replyTo(t testing.TB, r *krbtest.Realm, ticket *krb5.Credential, tok []byte, subkey crypto.EType) []byte {
	t.Helper()
	_, inner, err := token.Unframe(tok)
	if err != nil {
		t.Fatal(err)
	}
	req, err := token.ParseAPReq(inner[2:])
	if err != nil {
		t.Fatal(err)
	}
	session, err := crypto.NewKey(crypto.EType(ticket.Key.EType), ticket.Key.Value)
	if err != nil {
		t.Fatal(err)
	}
	const usageAuthenticator, usageAPRep = 11, 12
	plain, err := session.Decrypt(usageAuthenticator, req.Authenticator.Cipher)
	if err != nil {
		t.Fatal(err)
	}
	auth, err := token.ParseAuthenticator(plain)
	if err != nil {
		t.Fatal(err)
	}
	key := keyOfType(t, subkey)
	part := token.EncAPRepPart{CTime: auth.CTime, CUSec: auth.CUSec, Subkey: &key, SeqNumber: 5, HasSeq: true}
	cipher, err := session.Encrypt(usageAPRep, part.Marshal(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	rep := token.APRep{Enc: token.EncryptedData{EType: ticket.Key.EType, Cipher: cipher}}
	return token.Frame(token.MechKRB5, token.TokAPRep, rep.Marshal())
}

// The acceptor chooses among what was offered, and a child after fork(2) remembers what that was.
func TestInitiatorAcceptsOnlyOfferedSubkeys(t *testing.T) {
	for _, c := range []struct {
		chosen crypto.EType
		ok     bool
	}{{aes128, true}, {aes256, true}, {sha256, true}, {sha128, false}, {rc4, false}, {camellia256, false}} {
		t.Run(c.chosen.String(), func(t *testing.T) {
			r := krbtest.New(t, aes128)
			setDefault(t, r, "allow_rc4 = true\n\tpermitted_enctypes = rc4 aes256-sha1 aes256-sha2 aes128-sha1")
			ticket := r.Login(t, nil)
			client, res := initiate(t, r, gss.InitArgs{Flags: allFlags})
			var words inherit.Words
			reply := replyTo(t, r, ticket, res.Token, c.chosen)
			for _, side := range []*ctx.Context{inherited(t, client, &words), client} {
				_, err := side.Init(r.Env, gss.InitArgs{Target: target(t), Input: reply})
				if c.ok {
					if err != nil || acceptorSubkeyType(t, side) != c.chosen {
						t.Errorf("error %v, subkey of %s", err, acceptorSubkeyType(t, side))
					}
					continue
				}
				if e := wantMajor(t, err, status.Failure); e.Minor != status.KRB5_NOPERM_ETYPE {
					t.Errorf("minor %q: %s", e.Minor.Text(), e.Text)
				}
			}
		})
	}
}
