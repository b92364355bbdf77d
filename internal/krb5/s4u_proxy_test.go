// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// proxyCache returns a cache with which web acts for alice.
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
	// The ticket is now in the cache, and is not mistaken for the evidence.
	if _, err := ServiceTicket(env, cfg, proxy, mustPrincipal(t, "imap/a@A"), TGSOptions{}); err != nil ||
		len(a.asked()) != 0 {
		t.Errorf("%v", err)
	}
	// The service already has the ticket for itself.
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
		}, status.KRB5KDC_ERR_PADATA_TYPE_NOSUPP, "does not support S4U2Proxy"},
		"referral without a word": {func(r *fakeRealm) {
			r.s4u.mayDelegate = []string{"web>imap/a"}
			r.tamper = func(f *fakeReply) {
				if len(f.rep.PAData) == 0 {
					f.part.EncPAData = nil
					rename(f, []string{"krbtgt", "B"}, "A")
				}
			}
		}, status.KRB5KDC_ERR_PADATA_TYPE_NOSUPP, "does not support resource-based delegation"},
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

// The target's realm decides, on the basis of two TGTs: the service's own and the user's.
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

// The tickets used in the target's realm are wiped.
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
		keys = append(keys, keysOf(cc.backend.(*memoryCCache).cache.contents)...)
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

// If a realm to which the service has a ticket refers the user's request elsewhere, the referral is not a ticket for
// the target.
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

// A service whose account has several names can act with a ticket for any of them.
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

// A service with the same name in the acting service's own realm is not the target, and need not exist.
func TestServiceTicketByProxyIsForTheRealmOfTheTarget(t *testing.T) {
	for _, also := range []string{"", "a service that it may act at", "another service"} {
		realms, env, cfg, cc := selfRealm(t, []string{"A>B", "B>C"}, "B", "C")
		a, c := realms["A"], realms["C"]
		c.addServices(t, "imap/c")
		c.set(func() { c.s4u.resourceBased = []string{"web>imap/c"} })
		a.set(func() { a.referral["krbtgt/C"] = "B" })
		realms["B"].set(func() { realms["B"].referral["imap/c"] = "C" })
		if also != "" {
			a.addServices(t, "imap/c")
		}
		if strings.Contains(also, "may") {
			a.set(func() { a.s4u.mayDelegate = []string{"web>imap/c"} })
		}
		proxy := proxyCache(t, env, cfg, cc)
		cred, err := ServiceTicket(env, cfg, proxy, mustPrincipal(t, "imap/c@C"), TGSOptions{})
		if err != nil {
			t.Errorf("the own realm has %q: %v", also, err)
			continue
		}
		if _, err := c.keys["imap/c"].Decrypt(usageTicket, ticketCipher(t, cred)); err != nil {
			t.Errorf("the own realm has %q: the ticket is not for imap/c@C", also)
		}
	}
}

// A service that acts for a user also asks for the lifetime that it wants, and asks again if the cached ticket is too
// short.
func TestLifetimeOfProxiedTickets(t *testing.T) {
	realms, env, cfg, cc := selfRealm(t, nil)
	a := realms["A"]
	a.set(func() { a.s4u.mayDelegate = []string{"web>imap/a"} })
	proxy := proxyCache(t, env, cfg, cc)
	whole := proxy.Credentials()[0].EndTime
	a.asked()
	for _, c := range []struct {
		wish, least time.Duration
		asked       int
	}{
		{10 * time.Minute, 9 * time.Minute, 1},
		{5 * time.Minute, 9 * time.Minute, 0},
		{20 * time.Minute, 19 * time.Minute, 1},
		{100 * time.Hour, whole.Sub(env.Now()) - time.Minute, 1},
		{100 * time.Hour, whole.Sub(env.Now()) - time.Minute, 0},
	} {
		cred, err := ServiceTicket(env, cfg, proxy, mustPrincipal(t, "imap/a@A"), TGSOptions{Lifetime: c.wish})
		if err != nil {
			t.Fatal(err)
		}
		left, asked := cred.EndTime.Sub(env.Now()), len(a.asked())
		if left < c.least || left > c.least+2*time.Minute || asked != c.asked {
			t.Errorf("%v: %d questions, a ticket for %v", c.wish, asked, left)
		}
	}
}
