// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"bytes"
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"github.com/jcmturner/gokrb5/v8/iana/keyusage"

	"libgssapi/internal/crypto"
	"libgssapi/internal/dertest"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// oneRealm starts realm A with host/a, and returns alice's cache.
func oneRealm(t *testing.T) (*fakeRealm, *Env, *Config, *CCache) {
	t.Helper()
	realms, env, cfg := fakeRealms(t, nil, "", "A")
	a := realms["A"]
	a.addServices(t, "host/a", "host/b")
	alice := mustPrincipal(t, "alice@A")
	return a, env, cfg, NewMemoryCCache(alice, a.issue(t, alice, "krbtgt/A", token.TicketForwardable))
}

func TestTGSReply(t *testing.T) {
	otherKey := newKey(t, crypto.AES256SHA1)
	for _, test := range []struct {
		name   string
		tamper func(a *fakeRealm, r *fakeReply)
		minor  status.Minor // 0: accepted
	}{
		{"good", func(*fakeRealm, *fakeReply) {}, 0},
		{"session-key-instead-of-subkey", func(_ *fakeRealm, r *fakeReply) {
			r.key, r.usage = r.session, keyusage.TGS_REP_ENCPART_SESSION_KEY
		}, 0},
		{"session-key-with-the-subkey's-usage", func(_ *fakeRealm, r *fakeReply) { r.key = r.session },
			status.KRB5KRB_AP_ERR_BAD_INTEGRITY},
		{"somebody-else's-key", func(_ *fakeRealm, r *fakeReply) { r.key = otherKey }, status.KRB5KRB_AP_ERR_BAD_INTEGRITY},
		{"no-starttime", func(_ *fakeRealm, r *fakeReply) { r.part.StartTime = time.Time{} }, 0},
		{"wrong-nonce", func(_ *fakeRealm, r *fakeReply) { r.part.Nonce++ }, status.KRB5_KDCREP_MODIFIED},
		{"nonce-equal-in-its-low-32-bits", func(_ *fakeRealm, r *fakeReply) { r.part.Nonce += 1 << 32 },
			status.KRB5KRB_AP_ERR_BAD_INTEGRITY},
		{"cve-2017-11103-sname-of-the-ticket-changed", func(_ *fakeRealm, r *fakeReply) {
			ticket, _ := token.ParseTicket(r.rep.Ticket.Raw)
			ticket.SName.Components = []string{"host", "b"}
			r.rep.Ticket.Raw = ticket.Marshal()
		}, status.KRB5_KDCREP_MODIFIED},
		{"cve-2017-11103-ticket-of-another-service-with-our-sname", func(a *fakeRealm, r *fakeReply) {
			b := a.issueTo("host/b")
			ticket, _ := token.ParseTicket(b)
			ticket.SName.Components = []string{"host", "a"}
			r.rep.Ticket.Raw = ticket.Marshal()
			r.part.SName.NameString = []string{"host", "b"}
		}, status.KRB5_KDCREP_MODIFIED},
		{"wrong-client", func(_ *fakeRealm, r *fakeReply) { r.rep.Client.Components = []string{"bob"} },
			status.KRB5_KDCREP_MODIFIED},
		{"wrong-client-realm", func(_ *fakeRealm, r *fakeReply) { r.rep.Client.Realm = "B" }, status.KRB5_KDCREP_MODIFIED},
		{"canonical-realm", func(_ *fakeRealm, r *fakeReply) { rename(r, []string{"host", "a"}, "B") }, 0},
		{"canonical-realm-in-the-ticket-alone", func(_ *fakeRealm, r *fakeReply) {
			rename(r, []string{"host", "a"}, "B")
			r.part.SRealm = "A"
		}, status.KRB5_KDCREP_MODIFIED},
		{"no-sname", func(_ *fakeRealm, r *fakeReply) { rename(r, nil, "A") }, status.KRB5_KDCREP_MODIFIED},
		{"tgt-for-no-realm", func(_ *fakeRealm, r *fakeReply) { rename(r, []string{"krbtgt", ""}, "A") },
			status.KRB5_KDCREP_MODIFIED},
		{"enctype-that-we-did-not-ask-for", func(_ *fakeRealm, r *fakeReply) { r.part.Key.KeyType = 23 },
			status.KRB5_BAD_ENCTYPE},
		{"short-session-key", func(_ *fakeRealm, r *fakeReply) { r.part.Key.KeyValue = r.part.Key.KeyValue[:5] },
			status.KRB5_BAD_KEYSIZE},
		{"no-session-key", func(_ *fakeRealm, r *fakeReply) { r.part.Key.KeyValue = nil }, status.KRB5_BAD_KEYSIZE},
		{"starts-tomorrow", func(_ *fakeRealm, r *fakeReply) {
			r.part.StartTime = r.part.StartTime.Add(24 * time.Hour)
			r.part.EndTime = r.part.EndTime.Add(48 * time.Hour)
		}, status.KRB5_KDCREP_SKEW},
		{"expired", func(_ *fakeRealm, r *fakeReply) {
			r.part.StartTime = time.Time{}
			r.part.AuthTime = r.part.AuthTime.Add(-48 * time.Hour)
			r.part.EndTime = r.part.AuthTime.Add(24 * time.Hour)
		}, status.KRB5_KDCREP_SKEW},
		{"ends-before-it-begins", func(_ *fakeRealm, r *fakeReply) { r.part.EndTime = r.part.StartTime.Add(-time.Second) },
			status.KRB5_KDCREP_MODIFIED},
		{"message-of-another-type", func(_ *fakeRealm, r *fakeReply) {
			r.marshaled = func([]byte) []byte { return r.rep.Marshal(token.TypeASRep) }
		}, status.KRB5KRB_AP_ERR_MSG_TYPE},
		{"octets-after-the-message", func(_ *fakeRealm, r *fakeReply) {
			r.marshaled = func(b []byte) []byte { return append(b, 0) }
		}, 0},
		{"long-lengths-and-integers", func(a *fakeRealm, _ *fakeReply) { a.spell = dertest.Long }, 0},
		{"cipher-shorter-than-a-checksum", func(_ *fakeRealm, r *fakeReply) {
			r.marshaled = func([]byte) []byte {
				r.rep.Enc.Cipher = r.rep.Enc.Cipher[:7]
				return r.rep.Marshal(token.TypeTGSRep)
			}
		}, status.KRB5KRB_AP_ERR_BAD_INTEGRITY},
		{"no-cipher", func(_ *fakeRealm, r *fakeReply) {
			r.marshaled = func([]byte) []byte {
				r.rep.Enc.Cipher = nil
				return r.rep.Marshal(token.TypeTGSRep)
			}
		}, status.KRB5KRB_AP_ERR_BAD_INTEGRITY},
	} {
		t.Run(test.name, func(t *testing.T) {
			a, env, cfg, cc := oneRealm(t)
			a.set(func() { a.tamper = func(r *fakeReply) { test.tamper(a, r) } })
			cred, err := ServiceTicket(env, cfg, cc, mustPrincipal(t, "host/a@A"), TGSOptions{})
			if test.minor == 0 {
				if err != nil {
					t.Fatal(err)
				}
				if _, err := a.keys["host/a"].Decrypt(usageTicket, ticketCipher(t, cred)); err != nil {
					t.Error(err)
				}
				return
			}
			if e := status.Of(err); e == nil || e.Minor != test.minor {
				t.Errorf("%v", err)
			}
			if cred != nil || len(cc.Credentials()) != 1 {
				t.Error("the ticket was used")
			}
		})
	}
}

// MIT KDCs before 1.7 refuse the option. Then a reply must be what was asked for.
func TestCanonicalRealmThatWasNotAskedFor(t *testing.T) {
	a, env, cfg, cc := oneRealm(t)
	a.set(func() {
		a.noCanonicalize = true
		a.tamper = func(r *fakeReply) { rename(r, []string{"host", "a"}, "B") }
	})
	_, err := ServiceTicket(env, cfg, cc, mustPrincipal(t, "host/a@A"), TGSOptions{})
	if e := status.Of(err); e == nil || e.Minor != status.KRB5_KDCREP_MODIFIED {
		t.Errorf("%v", err)
	}
}

// A KDC's reason is reported, however the KDC encodes it.
func TestTGSRefusalInAnotherSpelling(t *testing.T) {
	a, env, cfg, cc := oneRealm(t)
	a.set(func() { a.spell = dertest.Long })
	_, err := ServiceTicket(env, cfg, cc, mustPrincipal(t, "host/nowhere@A"), TGSOptions{})
	if e := status.Of(err); e == nil || e.Minor != status.KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN || !strings.Contains(e.Text, "by the test") {
		t.Errorf("%v", err)
	}
}

func ticketCipher(t *testing.T, cred *Credential) []byte {
	t.Helper()
	ticket, err := token.ParseTicket(cred.Ticket)
	if err != nil {
		t.Fatal(err)
	}
	return ticket.Enc.Cipher
}

// rename changes the service's name in the ticket and in enc-part.
func rename(r *fakeReply, components []string, realm string) {
	ticket, _ := token.ParseTicket(r.rep.Ticket.Raw)
	ticket.SName.Components, ticket.SName.Realm = components, realm
	r.rep.Ticket.Raw = ticket.Marshal()
	r.part.SName.NameString, r.part.SRealm = components, realm
}

func (r *fakeRealm) issueTo(service string) []byte {
	server := token.Principal{Type: token.NTSrvInst, Components: strings.Split(service, "/"), Realm: r.name}
	return r.seal(&token.EncTicketPart{Client: token.Principal{Components: []string{"x"}, Realm: r.name},
		AuthTime: time.Now(),
		EndTime:  time.Now()}, server)
}

// newExchange makes alice's request for host/a, and the reply to it.
func newExchange(t testing.TB) (x *tgsExchange, reply []byte) {
	t.Helper()
	realms, _, _ := fakeRealms(t, nil, "", "A")
	a := realms["A"]
	a.addServices(t, "host/a")
	alice := token.Principal{Type: 1, Components: []string{"alice"}, Realm: "A"}
	q := &requester{env: &Env{Now: time.Now, Rand: rand.Reader}, etypes: []crypto.EType{crypto.AES256SHA1}}
	host := token.Principal{Type: 3, Components: []string{"host", "a"}, Realm: "A"}
	x, request, err := q.newTGS(a.issue(t, alice, "krbtgt/A", 0), host, optCanonicalize, nil)
	if err != nil {
		t.Fatal(err)
	}
	reply = a.answer(request)
	if _, err := x.verify(reply, time.Now(), time.Minute); err != nil {
		t.Fatal(err)
	}
	return x, reply
}

// Each bit of a reply is protected, is of no consequence, or belongs to the ticket, which only the service can check.
func TestTGSReplyWithAFlippedBit(t *testing.T) {
	x, reply := newExchange(t)
	now := time.Now()
	want, _ := x.verify(reply, now, time.Minute)
	for i := range len(reply) * 8 {
		changed := bytes.Clone(reply)
		changed[i/8] ^= 1 << (i % 8)
		got, err := x.verify(changed, now, time.Minute)
		if err != nil {
			continue
		}
		if !got.Server.Equal(want.Server) || !got.Client.Equal(want.Client) || !bytes.Equal(got.Key.Value, want.Key.Value) ||
			got.Key.EType != want.Key.EType || got.Flags != want.Flags || !got.EndTime.Equal(want.EndTime) {
			t.Errorf("bit %d changes the credential", i)
		}
	}
	for i := range reply {
		if _, err := x.verify(reply[:i], now, time.Minute); err == nil {
			t.Errorf("accepted the first %d octets", i)
		}
	}
}

// A reply that is refused after its decryption leaves no session key.
func TestRefusedReplyIsWiped(t *testing.T) {
	decrypted := func(reply []byte, msgType uint8, key *crypto.Key, usage uint32) (*token.KDCRep, *token.EncKDCRepPart) {
		rep, err := token.ParseKDCRep(reply, msgType)
		if err != nil {
			t.Fatal(err)
		}
		part, err := decryptReply(rep, replyKey{key, usage})
		if err != nil {
			t.Fatal(err)
		}
		return rep, part
	}
	tgs, reply := newExchange(t)
	rep, tgsPart := decrypted(reply, token.TypeTGSRep, tgs.subkey, usageTGSRepSubkey)
	tgs.nonce++
	_, err := tgs.accept(rep, tgsPart, time.Now(), time.Minute)
	wantMinor(t, err, status.KRB5_KDCREP_MODIFIED)

	as, reply := fuzzExchange(t, false)
	rep, asPart := decrypted(reply, token.TypeASRep, as.secret.keys[0], usageASRep)
	as.request.nonce++
	_, err = as.accept(rep, asPart)
	wantMinor(t, err, status.KRB5_KDCREP_MODIFIED)

	for name, part := range map[string]*token.EncKDCRepPart{"TGS-REP": tgsPart, "AS-REP": asPart} {
		if len(part.Key.Value) == 0 || !bytes.Equal(part.Key.Value, make([]byte, len(part.Key.Value))) {
			t.Errorf("%s: the key is %x", name, part.Key.Value)
		}
	}
}

func TestTGSRequestIsUnique(t *testing.T) {
	_, env, cfg, cc := oneRealm(t)
	q := newRequester(env, cfg, cc, nil)
	tgt := cc.Credentials()[0]
	x, _, err := q.newTGS(tgt, mustPrincipal(t, "host/a@A"), 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	y, _, err := q.newTGS(tgt, mustPrincipal(t, "host/a@A"), 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	if x.nonce == y.nonce || bytes.Equal(x.subkey.Bytes(), y.subkey.Bytes()) || x.nonce < 0 {
		t.Error("nonce or subkey is used twice")
	}
}

// A service may have keys only of types that are not allowed here, RC4 above all: the text tells which ones are.
func TestRefusedEnctypesAreNamed(t *testing.T) {
	a, env, cfg, cc := oneRealm(t)
	a.set(func() { a.spell = func([]byte) []byte { return a.refuse(14, mustPrincipal(t, "host/old@A")) } })
	_, err := ServiceTicket(env, cfg, cc, mustPrincipal(t, "host/old@A"), TGSOptions{})
	e := status.Of(err)
	if e == nil || e.Minor != status.KRB5KDC_ERR_ETYPE_NOSUPP {
		t.Fatalf("%v", err)
	}
	if !strings.HasSuffix(e.Text, "; we offered "+etypeNames(cfg.TGSEnctypes())) || !strings.Contains(e.Text, "aes256-cts-hmac-sha1-96") {
		t.Error(e.Text)
	}
}

func TestKRBError(t *testing.T) {
	a, env, cfg, cc := oneRealm(t)
	_, err := ServiceTicket(env, cfg, cc, mustPrincipal(t, "host/none@A"), TGSOptions{})
	e := status.Of(err)
	if e == nil || e.Minor != status.KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN || e.Major != status.Failure {
		t.Fatalf("%v", err)
	}
	for _, part := range []string{"host/none@A", "alice@A", "realm A", "by the test"} {
		if !strings.Contains(e.Text, part) {
			t.Errorf("%q is not in %q", part, e.Text)
		}
	}
	if n := len(a.asked()); n != 1 {
		t.Errorf("%d requests", n)
	}
}

func TestClockSkew(t *testing.T) {
	for _, test := range []struct {
		name, config string
		ahead        time.Duration
		good         bool
	}{
		{"kdc-ahead", "", 20 * time.Minute, true},
		{"kdc-behind", "", -20 * time.Minute, true},
		{"kdc_timesync-off", "[libdefaults]\n kdc_timesync = 0\n", 20 * time.Minute, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			realms, env, cfg := fakeRealms(t, nil, test.config, "A")
			a := realms["A"]
			a.addServices(t, "host/a")
			a.set(func() { a.clock = func() time.Time { return time.Now().Add(test.ahead) } })
			alice := mustPrincipal(t, "alice@A")
			cc := NewMemoryCCache(alice, a.issue(t, alice, "krbtgt/A", 0))
			_, err := ServiceTicket(env, cfg, cc, mustPrincipal(t, "host/a@A"), TGSOptions{})
			if (err == nil) != test.good {
				t.Errorf("%v", err)
			}
			if e := status.Of(err); e != nil && e.Minor != status.KRB5KRB_AP_ERR_SKEW {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestServiceTicketFromTheCache(t *testing.T) {
	alice, bob := mustPrincipal(t, "alice@A"), mustPrincipal(t, "bob@A")
	host := mustPrincipal(t, "host/a@A")
	for _, test := range []struct {
		name   string
		change func(*Credential)
		server token.Principal
		used   bool
	}{
		{"a-service-ticket-is-enough-without-tgt", func(*Credential) {}, host, true},
		{"name-type-does-not-matter", func(c *Credential) { c.Server.Type = token.NTSrvHst }, host, true},
		{"expired", func(c *Credential) { c.EndTime = time.Now().Add(-time.Second) }, host, false},
		{"of-another-client", func(c *Credential) { c.Client = bob }, host, false},
		{"for-another-service", func(c *Credential) { c.Server.Components = []string{"host", "b"} }, host, false},
		{"for-another-realm", func(c *Credential) { c.Server.Realm = "B" }, host, false},
		{"user-to-user", func(c *Credential) { c.IsSKey = true }, host, false},
		{"invalid-flag", func(c *Credential) { c.Flags |= token.TicketInvalid }, host, false},
		{"enctype-not-permitted", func(c *Credential) { c.Key.EType = int32(crypto.AES128SHA1) }, host, false},
		{"found-by-referral", func(c *Credential) { c.Server.Realm = "" }, token.Principal{Components: host.Components},
			true},
		{"of-the-own-realm-for-a-name-without-one", func(*Credential) {}, token.Principal{Components: host.Components}, true},
		{"of-a-foreign-realm-for-a-name-without-one", func(c *Credential) { c.Server.Realm = "B" },
			token.Principal{Components: host.Components}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			realms, env, cfg := fakeRealms(t, nil, "", "A")
			a := realms["A"]
			a.addServices(t, "host/a")
			cred := a.issue(t, alice, "host/a", 0)
			test.change(cred)
			got, err := ServiceTicket(env, cfg, NewMemoryCCache(alice, cred), test.server,
				TGSOptions{EncTypes: []crypto.EType{crypto.AES256SHA1}})
			if test.used != (err == nil && bytes.Equal(got.Ticket, cred.Ticket)) {
				t.Errorf("%v, %v", got, err)
			}
			major, minor := status.NoCred, status.KRB5_CC_NOTFOUND
			if test.name == "expired" {
				major, minor = status.CredentialsExpired, status.KRB5KRB_AP_ERR_TKT_EXPIRED
			}
			if e := status.Of(err); e != nil && (e.Minor != minor || e.Major != major) {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestServiceTicketWithAnExpiredTGT(t *testing.T) {
	realms, env, cfg := fakeRealms(t, nil, "", "A")
	alice := mustPrincipal(t, "alice@A")
	tgt := realms["A"].issue(t, alice, "krbtgt/A", 0)
	tgt.EndTime = time.Now().Add(-time.Minute)
	_, err := ServiceTicket(env, cfg, NewMemoryCCache(alice, tgt), mustPrincipal(t, "host/a@A"), TGSOptions{})
	if e := status.Of(err); e == nil || e.Major != status.CredentialsExpired ||
		e.Minor != status.KRB5KRB_AP_ERR_TKT_EXPIRED {
		t.Errorf("%v", err)
	}
}

func TestForwardedTGT(t *testing.T) {
	a, env, cfg, cc := oneRealm(t)
	cred, err := ForwardedTGT(env, cfg, cc)
	if err != nil {
		t.Fatal(err)
	}
	if cred.Flags&(token.TicketForwarded|token.TicketForwardable) != token.TicketForwarded|token.TicketForwardable {
		t.Errorf("flags %#x", cred.Flags)
	}
	if len(cc.Credentials()) != 1 {
		t.Error("it was kept")
	}
	a.set(func() { a.tamper = func(r *fakeReply) { r.part.Flags.Bytes[0] &^= 0x20 } })
	if _, err := ForwardedTGT(env, cfg, cc); err == nil {
		t.Error("a ticket that is not forwarded was accepted")
	}
	alice := mustPrincipal(t, "alice@A")
	fixed := NewMemoryCCache(alice, a.issue(t, alice, "krbtgt/A", 0))
	_, err = ForwardedTGT(env, cfg, fixed)
	if e := status.Of(err); e == nil || e.Minor != status.KRB5_TKT_NOT_FORWARDABLE {
		t.Errorf("%v", err)
	}
}

func FuzzKDCReply(f *testing.F) {
	x, reply := newExchange(f)
	f.Add(reply, uint8(token.TypeTGSRep))
	f.Add(reply[:len(reply)/2], uint8(token.TypeTGSRep))
	now := time.Now()
	f.Fuzz(func(t *testing.T, b []byte, msgType uint8) {
		rep, err := token.ParseKDCRep(b, msgType&0x1f)
		if err == nil && len(rep.Ticket.Raw) == 0 {
			t.Error("a reply without ticket")
		}
		x.verify(b, now, time.Minute)
	})
}

// FuzzEncKDCRepPart reads the plaintext: a KDC, or someone else who has the key, may also be hostile.
func FuzzEncKDCRepPart(f *testing.F) {
	x, reply := newExchange(f)
	rep, err := token.ParseKDCRep(reply, token.TypeTGSRep)
	if err != nil {
		f.Fatal(err)
	}
	plain, err := x.subkey.Decrypt(keyusage.TGS_REP_ENCPART_AUTHENTICATOR_SUB_KEY, rep.Enc.Cipher)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(plain)
	now := time.Now()
	f.Fuzz(func(t *testing.T, b []byte) {
		part, err := token.ParseEncKDCRepPart(b)
		if err != nil {
			return
		}
		cred, err := x.kdcRequest.verify(rep, part, x.client, now, time.Minute)
		if err == nil && (!cred.Server.Equal(x.server) || len(cred.Key.Value) != 32) {
			t.Errorf("accepted %v", cred)
		}
	})
}

// A ticket-granting ticket whose session key has an enctype that is not to be used is not used, as with MIT krb5.
func TestEnctypeOfTheTGT(t *testing.T) {
	for setting, used := range map[string]bool{
		"default_tgs_enctypes = aes128-cts aes256-cts": true,
		"default_tgs_enctypes = aes128-cts":            false,
		"permitted_enctypes = aes128-cts":              false,
		"default_tkt_enctypes = aes128-cts":            true,
	} {
		realms, env, cfg := fakeRealms(t, nil, "[libdefaults]\n "+setting+"\n", "A")
		a := realms["A"]
		a.addServices(t, "host/a")
		alice := mustPrincipal(t, "alice@A")
		cc := NewMemoryCCache(alice, a.issue(t, alice, "krbtgt/A", 0))
		_, err := ServiceTicket(env, cfg, cc, mustPrincipal(t, "host/a@A"), TGSOptions{})
		if used {
			if err != nil {
				t.Errorf("%s: %v", setting, err)
			}
			continue
		}
		if text := wantMinor(t, err, status.KRB5_BAD_ENCTYPE); !strings.Contains(text, "default_tgs_enctypes") {
			t.Errorf("%s: %s", setting, text)
		}
	}
}
