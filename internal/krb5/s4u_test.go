// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jcmturner/gokrb5/v8/messages"
	"github.com/jcmturner/gokrb5/v8/types"

	"libgssapi/internal/crypto"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// fakeS4U is what a realm knows of services that act for users.
type fakeS4U struct {
	spelled       map[string]string // names as the realm spells them
	notForwarded  []string          // users whose tickets are not forwardable
	mayDelegate   []string          // "service>target" by the service's entry
	resourceBased []string          // "service>target" by the target's entry
	reject        bool              // the padata is refused
}

type fakeActed struct {
	client      token.Principal
	forwardable bool
	padata      []token.PAData
	encrypted   types.PADataSequence
}

func (r *fakeRealm) unwilling() bool { return r.s4u != nil && r.s4u.reject }

// actedFor does S4U2Self and S4U2Proxy (MS-SFU, Section 3.2.5). It may change for whom the ticket is: a referral.
func (r *fakeRealm) actedFor(req *messages.TGSReq, tgt *token.EncTicketPart, session, subkey *crypto.Key, name *string,
) (*fakeActed, int32) {
	if r.s4u == nil {
		return nil, 0
	}
	if flagsIn(req.ReqBody.KDCOptions)&optCNameInAdditionalTicket != 0 {
		return r.proxied(req, tgt, name)
	}
	if len(req.PAData) == 1 {
		return nil, 0
	}
	if len(req.PAData) != 3 || req.PAData[1].PADataType != token.PAS4UX509User || req.PAData[2].PADataType != token.PAForUser {
		return nil, codeUnknownPAData
	}
	said, err := token.ParseS4UX509User(req.PAData[1].PADataValue)
	user := token.ForUser{User: said.ID.User}
	user.Checksum = token.Checksum{Type: -138, Sum: session.ChecksumMD5(17, user.Signed())}
	if err != nil || !subkey.VerifyChecksum(26, said.ID.Raw, said.Checksum.Sum) || said.ID.Nonce != uint32(req.ReqBody.Nonce) ||
		string(user.Marshal()) != string(req.PAData[2].PADataValue) {
		return nil, 41
	}
	acted := &fakeActed{client: said.ID.User, forwardable: !slices.Contains(r.s4u.notForwarded, said.ID.User.String())}
	if to, ok := r.s4u.spelled[said.ID.User.String()]; ok {
		acted.client, _, _ = token.ParsePrincipal(to)
	}
	acted.padata = []token.PAData{{Type: token.PAS4UX509User, Value: vouch(subkey, said.ID.Nonce, acted.client, token.S4UReplyKeyUsage, 27)}}
	if req.ReqBody.SName.NameType == token.NTEnterprise {
		service, _, _ := token.ParsePrincipal(req.ReqBody.SName.NameString[0])
		if service.Realm == r.name {
			*name = service.WithoutRealm()
			return acted, 0
		}
		// The referral is for the service; who the user is stands in its authorization data.
		*name = "krbtgt/" + service.Realm
		if via, ok := r.referral["to "+service.Realm]; ok {
			*name = "krbtgt/" + via
		}
		acted.client = tgt.Client
		return acted, 0
	}
	if req.ReqBody.SName.PrincipalNameString() != tgt.Client.WithoutRealm() {
		return nil, codeBadOption
	}
	return acted, 0
}

// vouch makes a PA-S4U-X509-USER.
func vouch(key *crypto.Key, nonce uint32, user token.Principal, options, usage uint32) []byte {
	p := token.S4UX509User{ID: token.S4UUserID{Nonce: nonce, User: user, Options: options}}
	p.Checksum = token.Checksum{Type: key.EType().ChecksumType(), Sum: key.Checksum(usage, p.ID.Marshal())}
	return p.Marshal()
}

func (r *fakeRealm) proxied(req *messages.TGSReq, tgt *token.EncTicketPart, name *string) (*fakeActed, int32) {
	if len(req.ReqBody.AdditionalTickets) != 1 || len(req.PAData) != 2 || req.PAData[1].PADataType != token.PAPacOptions {
		return nil, codeBadOption
	}
	evidence := req.ReqBody.AdditionalTickets[0]
	of := evidence.SName.PrincipalNameString()
	if evidence.Realm != r.name {
		of += "@" + evidence.Realm
	} else if of != tgt.Client.WithoutRealm() {
		return nil, codeBadOption
	}
	plain, err := r.keys[of].Decrypt(usageTicket, evidence.EncPart.Cipher)
	if err != nil {
		return nil, 31
	}
	part, err := token.ParseEncTicketPart(plain)
	if err != nil {
		return nil, 31
	}
	resourceBased := types.PADataSequence{{PADataType: token.PAPacOptions, PADataValue: token.MarshalPacOptions(token.PacResourceBased)}}
	acted := &fakeActed{client: part.Client, forwardable: true, encrypted: resourceBased}
	if strings.HasPrefix(*name, "krbtgt/") {
		return acted, 0 // the target's realm will see
	}
	way := tgt.Client.WithoutRealm() + ">" + *name
	if !slices.Contains(r.s4u.resourceBased, way) &&
		(part.Flags&token.TicketForwardable == 0 || !slices.Contains(r.s4u.mayDelegate, way)) {
		return nil, codeBadOption
	}
	return acted, 0
}

// selfRealm is realm A, whose service "web" has a cache with a TGT.
func selfRealm(t *testing.T, trusts []string, names ...string) (map[string]*fakeRealm, *Env, *Config, *CCache) {
	t.Helper()
	realms, env, cfg := fakeRealms(t, trusts, "", append([]string{"A"}, names...)...)
	for _, r := range realms {
		r.set(func() { r.s4u = &fakeS4U{} })
	}
	a := realms["A"]
	a.addServices(t, "web", "imap/a", "host/a")
	web := mustPrincipal(t, "web@A")
	return realms, env, cfg, NewMemoryCCache(web, a.issue(t, web, "krbtgt/A", token.TicketForwardable))
}

// noKeytab is for KDCs that say whose tickets they give.
func noKeytab() (*Keytab, error) {
	return nil, status.Errorf(status.Failure, status.KRB5_KT_NOTFOUND, "no keytab is here")
}

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

// Active Directory does not tell upper from lower case, and says how it spells a name.
func TestTicketToSelfWithAnotherSpelling(t *testing.T) {
	realms, env, cfg, cc := selfRealm(t, nil)
	realms["A"].set(func() { realms["A"].s4u.spelled = map[string]string{"ALICE@A": "Alice@A"} })
	cred, err := TicketToSelf(env, cfg, cc, mustPrincipal(t, "ALICE@A"), TGSOptions{}, noKeytab)
	if err != nil || cred.Client.String() != "Alice@A" {
		t.Errorf("%+v, %v", cred, err)
	}
}

// What an enterprise name stands for the KDC says, for its own realm.
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

// Without the KDC's word it is the name of the user in the realm, or none: somebody on the way could have had the KDC give
// the ticket of a user whom the service has asked for before.
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
			file.add(cc.Principal, 1, 0, uint16(key.EType()), key.Bytes())
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

// Heimdal's KDC does not say whose ticket it gives. Who has the key of the service can read it in the ticket.
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
			file.add(cc.Principal, 1, 0, uint16(key.EType()), key.Bytes())
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
			!strings.Contains(e.Text, "does not know S4U2Self") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Only the user's realm knows the user. It refers back to the service's, perhaps by another.
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

// Who a name of another realm stands for its own KDC knows, and nobody on the way back.
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

// proxyCache is a cache with which web acts for alice.
func proxyCache(t *testing.T, env *Env, cfg *Config, cc *CCache) *CCache {
	t.Helper()
	evidence, err := TicketToSelf(env, cfg, cc, mustPrincipal(t, "alice@A"), TGSOptions{}, noKeytab)
	if err != nil {
		t.Fatal(err)
	}
	proxy, err := NewProxyCCache(cc, evidence)
	if err != nil {
		t.Fatal(err)
	}
	return proxy
}

func TestServiceTicketByProxy(t *testing.T) {
	realms, env, cfg, cc := selfRealm(t, nil)
	a := realms["A"]
	a.set(func() { a.s4u.mayDelegate = []string{"web>imap/a"} })
	proxy := proxyCache(t, env, cfg, cc)
	if service, ok := proxy.Impersonator(); !ok || !service.Equal(cc.Principal) {
		t.Errorf("%v, %v", service, ok)
	}
	for _, name := range []string{"imap/a@A", "imap/a@"} {
		cred, err := ServiceTicket(env, cfg, proxy, mustPrincipal(t, name), TGSOptions{})
		if err != nil || cred.Client.String() != "alice@A" {
			t.Fatalf("%+v, %v", cred, err)
		}
		plain, err := a.keys["imap/a"].Decrypt(usageTicket, ticketCipher(t, cred))
		if err != nil {
			t.Fatal(err)
		}
		if part, err := token.ParseEncTicketPart(plain); err != nil || part.Client.String() != "alice@A" {
			t.Errorf("%+v, %v", part, err)
		}
	}
	a.asked()
	// It is in the cache now, and is not taken for the evidence.
	if _, err := ServiceTicket(env, cfg, proxy, mustPrincipal(t, "imap/a@A"), TGSOptions{}); err != nil ||
		len(a.asked()) != 0 {
		t.Errorf("%v", err)
	}
	// For itself the service has the ticket.
	cred, err := ServiceTicket(env, cfg, proxy, cc.Principal, TGSOptions{})
	if err != nil || len(a.asked()) != 0 || !cred.Server.Equal(cc.Principal) {
		t.Errorf("%v", err)
	}
	if _, err := NewProxyCCache(proxy, cred); status.Of(err).Minor != status.G_BAD_USAGE {
		t.Errorf("acting for one who is acted for: %v", err)
	}
	if _, err := ForwardedTGT(env, cfg, proxy); err == nil {
		t.Error("the service's ticket-granting ticket is forwarded as the user's")
	}
}

func TestRefusalsOfS4U2Proxy(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*fakeRealm)
		minor  status.Minor
		text   string
	}{
		"not allowed":     {func(*fakeRealm) {}, status.KRB5KDC_ERR_BADOPTION, "is not allowed to act for users at imap/a@A"},
		"not forwardable": {func(r *fakeRealm) { r.s4u.notForwarded = []string{"alice@A"} }, status.KRB5KDC_ERR_BADOPTION, "is not forwardable"},
		"resource-based": {func(r *fakeRealm) {
			r.s4u.notForwarded, r.s4u.resourceBased = []string{"alice@A"}, []string{"web>imap/a"}
		}, 0, ""},
		"client changed": {func(r *fakeRealm) {
			r.s4u.mayDelegate = []string{"web>imap/a"}
			r.tamper = func(f *fakeReply) {
				if len(f.rep.PAData) == 0 {
					f.rep.Client.Components = []string{"bob"}
				}
			}
		}, status.KRB5_KDCREP_MODIFIED, "is for bob@A, not for alice@A"},
		"ticket of the service's own": {func(r *fakeRealm) {
			r.tamper = func(f *fakeReply) { r.s4u = nil }
		}, status.KRB5KDC_ERR_PADATA_TYPE_NOSUPP, "does not know S4U2Proxy"},
		"referral without a word": {func(r *fakeRealm) {
			r.s4u.mayDelegate = []string{"web>imap/a"}
			r.tamper = func(f *fakeReply) {
				if len(f.rep.PAData) == 0 {
					f.part.EncPAData = nil
					rename(f, []string{"krbtgt", "B"}, "A")
				}
			}
		}, status.KRB5KDC_ERR_PADATA_TYPE_NOSUPP, "does not know resource-based delegation"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // a wrong reply is waited beyond for a right one
			realms, env, cfg, cc := selfRealm(t, nil)
			realms["A"].set(func() { test.change(realms["A"]) })
			proxy := proxyCache(t, env, cfg, cc)
			_, err := ServiceTicket(env, cfg, proxy, mustPrincipal(t, "imap/a@A"), TGSOptions{})
			if test.minor == 0 {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if e := status.Of(err); err == nil || e.Minor != test.minor || !strings.Contains(e.Text, test.text) {
				t.Errorf("%v", err)
			}
		})
	}
}

// The target's realm decides, with two tickets for itself: one of the service's own and the user's.
func TestServiceTicketByProxyElsewhere(t *testing.T) {
	realms, env, cfg, cc := selfRealm(t, []string{"A>B", "B>C"}, "B", "C")
	realms["C"].addServices(t, "imap/c")
	realms["A"].set(func() { realms["A"].referral["imap/c"] = "B" })
	realms["B"].set(func() { realms["B"].referral["imap/c"] = "C" })
	proxy := proxyCache(t, env, cfg, cc)
	get := func() (*Credential, error) {
		return ServiceTicket(env, cfg, proxy, mustPrincipal(t, "imap/c@C"), TGSOptions{})
	}
	if _, err := get(); err == nil || status.Of(err).Minor != status.KRB5KDC_ERR_BADOPTION {
		t.Errorf("%v", err)
	}
	realms["C"].set(func() { realms["C"].s4u.resourceBased = []string{"web>imap/c"} })
	cred, err := get()
	if err != nil || cred.Client.String() != "alice@A" {
		t.Fatalf("%+v, %v", cred, err)
	}
	plain, err := realms["C"].keys["imap/c"].Decrypt(usageTicket, ticketCipher(t, cred))
	if err != nil {
		t.Fatal(err)
	}
	if part, err := token.ParseEncTicketPart(plain); err != nil || part.Client.String() != "alice@A" {
		t.Errorf("%+v, %v", part, err)
	}
	for _, cred := range proxy.Credentials() {
		if cred.Server.IsTGS() && !cred.Client.Equal(cc.Principal) {
			t.Errorf("the cache has a ticket-granting ticket of %s", cred.Client)
		}
	}
}

// Nothing is left of the tickets with which the realm of the target was asked.
func TestTicketsOnTheWayOfAProxyAreWiped(t *testing.T) {
	realms, env, cfg, cc := selfRealm(t, []string{"A>B", "B>C"}, "B", "C")
	realms["C"].addServices(t, "imap/c")
	realms["A"].set(func() { realms["A"].referral["imap/c"] = "B" })
	realms["B"].set(func() { realms["B"].referral["imap/c"] = "C" })
	realms["C"].set(func() { realms["C"].s4u.resourceBased = []string{"web>imap/c"} })
	proxy := proxyCache(t, env, cfg, cc)
	q := newRequester(env, cfg, proxy, nil)
	if _, err := q.proxied(proxy, cc.Principal, mustPrincipal(t, "imap/c@")); err != nil {
		t.Fatal(err)
	}
	var keys [][]byte
	for _, cc := range q.caches {
		keys = append(keys, keysOf(cc.store.(*memoryStore).cache.contents)...)
		keys = append(keys, keysOf(&cc.contents)...)
	}
	for _, cred := range q.own {
		keys = append(keys, cred.Key.Value)
	}
	own := len(q.own)
	q.wipe()
	if len(keys) <= own {
		t.Errorf("%d keys, %d of them outside of caches", len(keys), own)
	}
	for i, key := range keys {
		if len(bytes.Trim(key, "\x00")) > 0 {
			t.Errorf("key %d is left", i)
		}
	}
}

// The realm that has the service's own ticket refers the user's elsewhere: that is no ticket for the target.
func TestReferralByProxyWhereTheTargetIs(t *testing.T) {
	realms, env, cfg, cc := selfRealm(t, []string{"A>B"}, "B")
	b := realms["B"]
	b.addServices(t, "imap/b")
	realms["A"].set(func() { realms["A"].referral["imap/b"] = "B" })
	b.set(func() {
		b.s4u.resourceBased = []string{"web>imap/b"}
		b.tamper = func(r *fakeReply) {
			if r.part.SName.NameString[0] == "imap" && r.subkey != nil {
				rename(r, []string{"krbtgt", "C"}, "B")
			}
		}
	})
	proxy := proxyCache(t, env, cfg, cc)
	cred, err := ServiceTicket(env, cfg, proxy, mustPrincipal(t, "imap/b@B"), TGSOptions{})
	if e := status.Of(err); err == nil || e.Minor != status.KRB5_KDC_UNREACH {
		t.Errorf("%v, %v", cred, err)
	}
}

func TestExpiredEvidence(t *testing.T) {
	_, env, cfg, cc := selfRealm(t, nil)
	proxy := proxyCache(t, env, cfg, cc)
	now := env.Now
	env.Now = func() time.Time { return now().Add(2 * time.Hour) }
	_, err := ServiceTicket(env, cfg, proxy, mustPrincipal(t, "imap/a@A"), TGSOptions{})
	if e := status.Of(err); err == nil || e.Minor != status.KRB5KRB_AP_ERR_TKT_EXPIRED || !strings.Contains(e.Text, "web@A acts for alice@A") {
		t.Errorf("%v", err)
	}
}

// A service whose account has several names acts with a ticket for any of them.
func TestEvidenceForAnotherNameOfTheService(t *testing.T) {
	realms, env, cfg, cc := selfRealm(t, nil)
	a := realms["A"]
	alice := mustPrincipal(t, "alice@A")
	a.set(func() { a.s4u.mayDelegate = []string{"web>imap/a"} })
	proxy, err := NewProxyCCache(cc, a.issue(t, alice, "host/a", token.TicketForwardable))
	if err != nil {
		t.Fatal(err)
	}
	_, err = ServiceTicket(env, cfg, proxy, mustPrincipal(t, "imap/a@A"), TGSOptions{})
	if e := status.Of(err); err == nil || e.Minor != status.KRB5KDC_ERR_BADOPTION { // that KDC has accounts of one name
		t.Errorf("%v", err)
	}
}
