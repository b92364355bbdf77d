// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"strings"
	"testing"
	"time"

	"libgssapi/internal/crypto"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

func TestTicketToSelf(t *testing.T) {
	realms, env, cfg, cc := selfRealm(t, nil)
	user := mustPrincipal(t, "alice@A")
	cred, err := TicketToSelf(env, cfg, cc, user, TGSOptions{Lifetime: 10 * time.Minute}, noKeytab)
	if err != nil {
		t.Fatal(err)
	}
	if !cred.Client.Equal(user) || !cred.Server.Equal(cc.Principal) || cred.Flags&token.TicketForwardable == 0 ||
		time.Until(cred.EndTime) > 11*time.Minute {
		t.Errorf("%+v", cred)
	}
	plain, err := realms["A"].keys["web"].Decrypt(usageTicket, ticketCipher(t, cred))
	if err != nil {
		t.Fatal(err)
	}
	if part, err := token.ParseEncTicketPart(plain); err != nil || !part.Client.Equal(user) {
		t.Errorf("%+v, %v", part, err)
	}
	if len(cc.Credentials()) != 1 {
		t.Error("the ticket is in the service's cache")
	}
}

// Active Directory ignores case, and returns its own spelling of a name.
func TestTicketToSelfWithAnotherSpelling(t *testing.T) {
	realms, env, cfg, cc := selfRealm(t, nil)
	realms["A"].set(func() { realms["A"].s4u.spelled = map[string]string{"ALICE@A": "Alice@A"} })
	cred, err := TicketToSelf(env, cfg, cc, mustPrincipal(t, "ALICE@A"), TGSOptions{}, noKeytab)
	if err != nil || cred.Client.String() != "Alice@A" {
		t.Errorf("%+v, %v", cred, err)
	}
}

// The KDC decides what an enterprise name stands for, within its own realm.
func TestTicketToSelfByEnterpriseName(t *testing.T) {
	realms, env, cfg, cc := selfRealm(t, nil)
	a := realms["A"]
	user := token.Principal{Type: token.NTEnterprise, Components: []string{"alice.smith@corp.example"}, Realm: "A"}
	for spelled, taken := range map[string]bool{"alice@A": true, "alice@B": false} {
		a.set(func() { a.s4u.spelled = map[string]string{user.String(): spelled} })
		cred, err := TicketToSelf(env, cfg, cc, user, TGSOptions{}, noKeytab)
		if taken != (err == nil) || taken && cred.Client.String() != spelled {
			t.Errorf("%s: %v, %v", spelled, cred, err)
		}
	}
}

// If the KDC does not vouch for it, an enterprise name must be the user's name at the realm. Otherwise an attacker
// could obtain the ticket of a user for whom the service has asked earlier.
func TestEnterpriseNameThatNobodyVouchesFor(t *testing.T) {
	for upn, taken := range map[string]bool{"alice@A": true, "Alice@a": true, "alice.smith@corp.example": false, "alice@B": false} {
		t.Run(upn, func(t *testing.T) {
			t.Parallel()
			realms, env, cfg, cc := selfRealm(t, nil)
			a := realms["A"]
			user := token.Principal{Type: token.NTEnterprise, Components: []string{upn}, Realm: "A"}
			a.set(func() {
				a.s4u.spelled = map[string]string{user.String(): "alice@A"}
				a.tamper = func(r *fakeReply) { r.rep.PAData = nil }
			})
			key := a.keys["web"]
			file := newKeytabFile(keytabVersion2)
			file.addKey(cc.Principal, key)
			kt := openTestKeytab(t, file)
			cred, err := TicketToSelf(env, cfg, cc, user, TGSOptions{}, func() (*Keytab, error) { return kt, nil })
			switch {
			case taken && (err != nil || cred.Client.String() != "alice@A"):
				t.Errorf("%v, %v", cred, err)
			case !taken && (err == nil || status.Of(err).Minor != status.KRB5_KDCREP_MODIFIED):
				t.Errorf("%v, %v", cred, err)
			}
		})
	}
}

func TestRepliesToS4U2Self(t *testing.T) {
	alice, bob := mustPrincipal(t, "alice@A"), mustPrincipal(t, "bob@A")
	otherKey := newKey(t, crypto.AES256SHA1)
	nonce := func(r *fakeReply) uint32 { return uint32(r.part.Nonce) }
	say := func(r *fakeReply, value []byte) { r.rep.PAData[0].Value = value }
	for name, test := range map[string]struct {
		tamper func(r *fakeReply)
		minor  status.Minor // 0: it is taken
	}{
		"request's-key-usage": {func(r *fakeReply) { say(r, vouch(r.subkey, nonce(r), alice, 0, 26)) }, 0},
		"key-usage-of-a-request-in-a-reply": {func(r *fakeReply) {
			say(r, vouch(r.subkey, nonce(r), alice, token.S4UReplyKeyUsage, 26))
		}, status.KRB5_KDCREP_MODIFIED},
		"other-padata-before": {func(r *fakeReply) {
			r.rep.PAData = append([]token.PAData{{Type: 2, Value: []byte{1}}}, r.rep.PAData...)
		}, 0},
		"no-word-on-the-user":    {func(r *fakeReply) { r.rep.PAData = nil }, status.KRB5_KDCREP_MODIFIED},
		"malformed-word":         {func(r *fakeReply) { say(r, []byte{0x30, 0x80}) }, status.KRB5_KDCREP_MODIFIED},
		"client-changed":         {func(r *fakeReply) { r.rep.Client = bob }, status.KRB5_KDCREP_MODIFIED},
		"client's-realm-changed": {func(r *fakeReply) { r.rep.Client.Realm = "B" }, status.KRB5_KDCREP_MODIFIED},
		"client-in-another-case": {func(r *fakeReply) { r.rep.Client.Components = []string{"ALICE"} }, status.KRB5_KDCREP_MODIFIED},
		"somebody-else-throughout": {func(r *fakeReply) {
			r.rep.Client = bob
			say(r, vouch(r.subkey, nonce(r), bob, token.S4UReplyKeyUsage, 27))
		}, status.KRB5_KDCREP_MODIFIED},
		"checksum-of-another-key": {func(r *fakeReply) { say(r, vouch(otherKey, nonce(r), alice, token.S4UReplyKeyUsage, 27)) },
			status.KRB5_KDCREP_MODIFIED},
		"checksum-of-the-session-key": {func(r *fakeReply) { say(r, vouch(r.session, nonce(r), alice, token.S4UReplyKeyUsage, 27)) },
			status.KRB5_KDCREP_MODIFIED},
		"user-changed-under-the-checksum": {func(r *fakeReply) {
			p, _ := token.ParseS4UX509User(r.rep.PAData[0].Value)
			p.ID.User = bob
			p.ID.Marshal()
			say(r, p.Marshal())
			r.rep.Client = bob
		}, status.KRB5_KDCREP_MODIFIED},
		"checksum-type-without-a-key": {func(r *fakeReply) {
			p, _ := token.ParseS4UX509User(r.rep.PAData[0].Value)
			p.Checksum.Type = 7
			say(r, p.Marshal())
		}, status.KRB5_KDCREP_MODIFIED},
		"no-checksum": {func(r *fakeReply) {
			p, _ := token.ParseS4UX509User(r.rep.PAData[0].Value)
			p.Checksum.Sum = nil
			say(r, p.Marshal())
		}, status.KRB5_KDCREP_MODIFIED},
		"word-of-another-request": {func(r *fakeReply) { say(r, vouch(r.subkey, nonce(r)+1, alice, token.S4UReplyKeyUsage, 27)) },
			status.KRB5_KDCREP_MODIFIED},
		"ticket-for-another-service": {func(r *fakeReply) { rename(r, []string{"host", "a"}, "A") }, status.KRB5KRB_AP_WRONG_PRINC},
		"referral-to-ourselves":      {func(r *fakeReply) { rename(r, []string{"krbtgt", "A"}, "A") }, status.KRB5_KDCREP_MODIFIED},
		"ticket-of-the-service's-own": {func(r *fakeReply) { r.rep.Client, r.rep.PAData = mustPrincipal(t, "web@A"), nil },
			status.KRB5KDC_ERR_PADATA_TYPE_NOSUPP},
		"ticket-of-the-service's-own-vouched-for": {func(r *fakeReply) { r.rep.Client = mustPrincipal(t, "web@A") },
			status.KRB5_KDCREP_MODIFIED},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // a wrong reply is waited beyond for a right one
			realms, env, cfg, cc := selfRealm(t, nil)
			realms["A"].set(func() { realms["A"].tamper = test.tamper })
			cred, err := TicketToSelf(env, cfg, cc, alice, TGSOptions{}, noKeytab)
			if test.minor == 0 {
				if err != nil || !cred.Client.Equal(alice) {
					t.Errorf("%v, %v", cred, err)
				}
				return
			}
			if e := status.Of(err); err == nil || e.Minor != test.minor || cred != nil {
				t.Errorf("%v, %v", cred, err)
			}
		})
	}
}

// Heimdal's KDC does not say whose ticket it returns. With the service's key, the client can be read from the ticket.
func TestTicketThatOnlyItsServiceCanRead(t *testing.T) {
	alice, bob := mustPrincipal(t, "alice@A"), mustPrincipal(t, "bob@A")
	for name, test := range map[string]struct {
		tamper func(a *fakeRealm, r *fakeReply)
		key    bool
		text   string // "": it is taken
	}{
		"its own key": {func(*fakeRealm, *fakeReply) {}, true, ""},
		"another key": {func(*fakeRealm, *fakeReply) {}, false, "the ticket cannot be read"},
		"the service's own ticket": {func(a *fakeRealm, r *fakeReply) {
			part := token.EncTicketPart{Client: mustPrincipal(t, "web@A"), AuthTime: time.Now(), EndTime: time.Now().Add(time.Hour)}
			r.rep.Ticket.Raw = a.seal(&part, mustPrincipal(t, "web@A"))
		}, true, "it is of web@A"},
		"an earlier one of the user's": {func(a *fakeRealm, r *fakeReply) {
			part := token.EncTicketPart{Client: alice, Key: token.EncryptionKey{EType: 18, Value: make([]byte, 32)},
				Flags: token.TicketForwardable, AuthTime: time.Now(), EndTime: time.Now().Add(time.Hour)}
			r.rep.Ticket.Raw = a.seal(&part, mustPrincipal(t, "web@A"))
		}, true, "another ticket of alice@A"},
		"another user's": {func(a *fakeRealm, r *fakeReply) { r.rep.Client = bob }, true, "is for bob@A and does not vouch for alice@A"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			realms, env, cfg, cc := selfRealm(t, nil)
			a := realms["A"]
			a.set(func() {
				a.tamper = func(r *fakeReply) {
					r.rep.PAData = nil
					test.tamper(a, r)
				}
			})
			key := a.keys["web"]
			if !test.key {
				key = newKey(t, crypto.AES256SHA1)
			}
			file := newKeytabFile(keytabVersion2)
			file.addKey(cc.Principal, key)
			kt := openTestKeytab(t, file)
			cred, err := TicketToSelf(env, cfg, cc, alice, TGSOptions{}, func() (*Keytab, error) { return kt, nil })
			switch {
			case test.text == "" && (err != nil || !cred.Client.Equal(alice)):
				t.Errorf("%v, %v", cred, err)
			case test.text != "" && (err == nil || status.Of(err).Minor != status.KRB5_KDCREP_MODIFIED || !strings.Contains(err.Error(), test.text)):
				t.Errorf("%v", err)
			}
		})
	}
}

func TestKDCsWithoutS4U(t *testing.T) {
	for name, change := range map[string]func(*fakeRealm){
		"ignores it": func(r *fakeRealm) { r.s4u = nil },
		"rejects it": func(r *fakeRealm) { r.s4u.reject = true },
	} {
		realms, env, cfg, cc := selfRealm(t, nil)
		realms["A"].set(func() { change(realms["A"]) })
		_, err := TicketToSelf(env, cfg, cc, mustPrincipal(t, "alice@A"), TGSOptions{}, noKeytab)
		if e := status.Of(err); err == nil || e.Minor != status.KRB5KDC_ERR_PADATA_TYPE_NOSUPP ||
			!strings.Contains(e.Text, "does not support S4U2Self") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Only the user's realm knows the user. It refers back to the service's realm, possibly through another.
func TestTicketToSelfOfAUserElsewhere(t *testing.T) {
	for _, via := range []bool{false, true} {
		realms, env, cfg, cc := selfRealm(t, []string{"A>B", "B>A", "B>C", "C>A"}, "B", "C")
		wantC := 0
		if via {
			realms["B"].set(func() { realms["B"].referral["to A"] = "C" })
			wantC = 1
		}
		realms["B"].set(func() { realms["B"].s4u.notForwarded = []string{"bob@B"} })
		cred, err := TicketToSelf(env, cfg, cc, mustPrincipal(t, "bob@B"), TGSOptions{}, noKeytab)
		if err != nil || cred.Client.String() != "bob@B" || cred.Server.String() != "web@A" {
			t.Errorf("%+v, %v", cred, err)
		}
		if b, c := realms["B"].asked(), realms["C"].asked(); len(b) != 1 || b[0] != `web\@A@B` || len(c) != wantC {
			t.Errorf("asked in B %q, in C %q", b, c)
		}
		for _, cred := range cc.Credentials() {
			if !cred.Client.Equal(cc.Principal) {
				t.Errorf("the service's cache has a ticket of %s", cred.Client)
			}
		}
	}
}

// Only its own KDC decides whom a name in another realm stands for, not the realms on the way back.
func TestTicketToSelfOfAnEnterpriseNameElsewhere(t *testing.T) {
	user := token.Principal{Type: token.NTEnterprise, Components: []string{"bob.smith@corp.example"}, Realm: "B"}
	for said, taken := range map[string]bool{"bob@B": true, "root@B": false} {
		realms, env, cfg, cc := selfRealm(t, []string{"A>B", "B>A"}, "B")
		realms["B"].set(func() { realms["B"].s4u.spelled = map[string]string{user.String(): "bob@B"} })
		realms["A"].set(func() { realms["A"].s4u.spelled = map[string]string{user.String(): said, "bob@B": said} })
		cred, err := TicketToSelf(env, cfg, cc, user, TGSOptions{}, noKeytab)
		switch {
		case taken && (err != nil || cred.Client.String() != "bob@B"):
			t.Errorf("%s: %v, %v", said, cred, err)
		case !taken && (err == nil || status.Of(err).Minor != status.KRB5_KDCREP_MODIFIED):
			t.Errorf("%s: %v", said, err)
		}
	}
}

func TestTicketToSelfByReferralsInACircle(t *testing.T) {
	realms, env, cfg, cc := selfRealm(t, []string{"A>B", "B>C", "C>B"}, "B", "C")
	realms["B"].set(func() { realms["B"].referral["to A"] = "C" })
	realms["C"].set(func() { realms["C"].referral["to A"] = "B" })
	_, err := TicketToSelf(env, cfg, cc, mustPrincipal(t, "bob@B"), TGSOptions{}, noKeytab)
	if e := status.Of(err); err == nil || e.Minor != status.KRB5_KDC_UNREACH {
		t.Errorf("%v", err)
	}
}
