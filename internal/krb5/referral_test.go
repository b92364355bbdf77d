// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

func TestCrossRealm(t *testing.T) {
	for _, test := range []struct {
		name     string
		trusts   string            // "A>B": A issues TGTs for B
		refer    map[string]string // "service@REALM" to the realm that it is referred to
		service  string            // and where it is, "host/x.y@REALM"
		asked    string            // "" for service
		config   string
		requests string // all of them in each realm's order, "A: ... B: ..."
		kept     string // TGTs and service tickets in the cache at the end
		minor    status.Minor
	}{
		{name: "one-hop", trusts: "A>B", service: "host/x@B",
			requests: "A: krbtgt/B@A; B: host/x@B", kept: "krbtgt/B@A host/x@B"},
		{name: "two-hops-by-capaths", trusts: "A>B B>C", service: "host/x@C", config: "[capaths]\n A = {\n  C = B\n }\n",
			requests: "A: krbtgt/C@A krbtgt/B@A; B: krbtgt/C@B; C: host/x@C", kept: "krbtgt/B@A krbtgt/C@B host/x@C"},
		{name: "three-hops-by-capaths", trusts: "A>B B>C C>D", service: "host/x@D",
			config:   "[capaths]\n A = {\n  D = B\n  D = C\n }\n",
			requests: "A: krbtgt/D@A krbtgt/C@A krbtgt/B@A; B: krbtgt/D@B krbtgt/C@B; C: krbtgt/D@C; D: host/x@D",
			kept:     "krbtgt/B@A krbtgt/C@B krbtgt/D@C host/x@D"},
		{name: "hierarchy-of-names", trusts: "A>P.A P.A>S.P.A", service: "host/x@S.P.A", config: "",
			requests: "A: krbtgt/S.P.A@A krbtgt/P.A@A; P.A: krbtgt/S.P.A@P.A; S.P.A: host/x@S.P.A",
			kept:     "krbtgt/P.A@A krbtgt/S.P.A@P.A host/x@S.P.A"},
		{name: "kdc-that-sends-to-a-realm-off-the-path", trusts: "A>B B>C", refer: map[string]string{"krbtgt/C@A": "B"},
			service: "host/x@C", requests: "A: krbtgt/C@A; B: krbtgt/C@B; C: host/x@C", kept: "krbtgt/B@A krbtgt/C@B host/x@C"},
		{name: "no-trust", service: "host/x@B", requests: "A: krbtgt/B@A", minor: status.KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN},
		{name: "referral", trusts: "A>B", refer: map[string]string{"host/x.y@A": "B"}, service: "host/x.y@B",
			asked:    "host/x.y@",
			requests: "A: host/x.y@A; B: host/x.y@B", kept: "krbtgt/B@A host/x.y@"},
		{name: "two-referrals", trusts: "A>B B>C", refer: map[string]string{"host/x.y@A": "B", "host/x.y@B": "C"},
			service: "host/x.y@C", asked: "host/x.y@", requests: "A: host/x.y@A; B: host/x.y@B; C: host/x.y@C",
			kept: "krbtgt/B@A krbtgt/C@B host/x.y@"},
		{name: "referral-from-a-realm-that-was-named", trusts: "A>B", refer: map[string]string{"host/x.y@A": "B"},
			service: "host/x.y@B", asked: "host/x.y@A", requests: "A: host/x.y@A; B: host/x.y@B", kept: "krbtgt/B@A host/x.y@A"},
		{name: "referrals-in-a-circle", trusts: "A>B B>A", refer: map[string]string{"host/x.y@A": "B", "host/x.y@B": "A"},
			asked: "host/x.y@", requests: "A: host/x.y@A; B: host/x.y@B", kept: "krbtgt/B@A", minor: status.KRB5_KDC_UNREACH},
		{name: "referral-to-the-same-realm", trusts: "A>B", refer: map[string]string{"host/x.y@A": "A"},
			asked: "host/x.y@", requests: "A: host/x.y@A", minor: status.KRB5_KDC_UNREACH},
		{name: "tgt-path-in-a-circle", trusts: "A>B B>A", refer: map[string]string{"krbtgt/C@A": "B", "krbtgt/C@B": "A"},
			asked: "host/x@C", requests: "A: krbtgt/C@A; B: krbtgt/C@B", kept: "krbtgt/B@A krbtgt/A@B",
			minor: status.KRB5_KDC_UNREACH},
		{name: "unknown-host-is-tried-in-the-realm-of-its-domain", trusts: "A>B.C", service: "host/x.b.c@B.C",
			asked:    "host/x.b.c@",
			requests: "A: host/x.b.c@A krbtgt/B.C@A; B.C: host/x.b.c@B.C", kept: "krbtgt/B.C@A host/x.b.c@"},
		{name: "unknown-host-keeps-the-first-error", asked: "host/x.b.c@",
			requests: "A: host/x.b.c@A krbtgt/B.C@A krbtgt/C@A",
			minor:    status.KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN},
	} {
		t.Run(test.name, func(t *testing.T) {
			names := []string{"A", "B", "C", "D", "B.C", "P.A", "S.P.A"}
			realms, env, cfg := fakeRealms(t, strings.Fields(test.trusts), test.config, names...)
			if test.service != "" {
				p := mustPrincipal(t, test.service)
				realms[p.Realm].addServices(t, p.WithoutRealm())
			}
			for from, to := range test.refer {
				p := mustPrincipal(t, from)
				realms[p.Realm].set(func() { realms[p.Realm].referral[p.WithoutRealm()] = to })
			}
			alice := mustPrincipal(t, "alice@A")
			tgt := realms["A"].issue(t, alice, "krbtgt/A", 0)
			cc := NewMemoryCCache(alice, tgt)
			if test.asked == "" {
				test.asked = test.service
			}
			cred, err := ServiceTicket(env, cfg, cc, mustPrincipal(t, test.asked), TGSOptions{})
			if test.minor == 0 {
				if err != nil {
					t.Fatal(err)
				}
				real := mustPrincipal(t, test.service)
				if _, err := realms[real.Realm].keys[real.WithoutRealm()].Decrypt(usageTicket, ticketCipher(t, cred)); err != nil {
					t.Error(err)
				}
			} else if e := status.Of(err); e == nil || e.Minor != test.minor {
				t.Errorf("%v", err)
			}
			var requests, kept []string
			for _, name := range names {
				if asked := realms[name].asked(); len(asked) > 0 {
					requests = append(requests, name+": "+strings.Join(asked, " "))
				}
			}
			for _, c := range cc.Credentials()[1:] {
				kept = append(kept, c.Server.String())
			}
			if got := strings.Join(requests, "; "); got != test.requests {
				t.Errorf("requests %q, not %q", got, test.requests)
			}
			if got := strings.Join(kept, " "); got != test.kept {
				t.Errorf("kept %q, not %q", got, test.kept)
			}
			if test.minor != 0 {
				return
			}
			if _, err := ServiceTicket(env, cfg, cc, mustPrincipal(t, test.asked), TGSOptions{}); err != nil {
				t.Error(err)
			}
			for _, name := range names {
				if asked := realms[name].asked(); len(asked) > 0 {
					t.Errorf("the second call asked %s for %s", name, asked)
				}
			}
		})
	}
}

func TestCrossRealmTGTsAreUsedAgain(t *testing.T) {
	realms, env, cfg := fakeRealms(t, []string{"A>B", "B>C"}, "[capaths]\n A = {\n  C = B\n }\n", "A", "B", "C")
	realms["C"].addServices(t, "host/x", "host/y")
	alice := mustPrincipal(t, "alice@A")
	cc := NewMemoryCCache(alice, realms["A"].issue(t, alice, "krbtgt/A", 0))
	for _, name := range []string{"host/x@C", "host/y@C"} {
		if _, err := ServiceTicket(env, cfg, cc, mustPrincipal(t, name), TGSOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	if a, b := len(realms["A"].asked()), len(realms["B"].asked()); a != 2 || b != 1 {
		t.Errorf("A was asked %d times, B %d times", a, b)
	}
}

// kinit -S or a canonicalized login may start in a realm other than the client's.
func TestStartRealm(t *testing.T) {
	realms, env, cfg := fakeRealms(t, nil, "", "A", "B")
	realms["B"].addServices(t, "host/x")
	alice := mustPrincipal(t, "alice@A")
	tgt := realms["B"].issue(t, alice, "krbtgt/B", 0)
	cc := NewMemoryCCache(alice, tgt)
	host := mustPrincipal(t, "host/x@B")
	if _, err := ServiceTicket(env, cfg, cc, host, TGSOptions{}); err == nil {
		t.Error("a TGT of another realm was used without start_realm")
	}
	if err := cc.SetConfig("start_realm", []byte("B")); err != nil {
		t.Fatal(err)
	}
	if _, err := ServiceTicket(env, cfg, cc, host, TGSOptions{}); err != nil {
		t.Error(err)
	}
}

// A chain of realms, each referring to the next, is not followed for ever.
func TestReferralsAreBounded(t *testing.T) {
	var names, trusts []string
	for i := range 20 {
		names = append(names, fmt.Sprintf("R%d", i))
		if i > 0 {
			trusts = append(trusts, fmt.Sprintf("R%d>R%d", i-1, i))
		}
	}
	realms, env, cfg := fakeRealms(t, trusts, "", names...)
	for i := range 19 {
		realms[names[i]].set(func() { realms[names[i]].referral["host/x.y"] = names[i+1] })
	}
	alice := mustPrincipal(t, "alice@R0")
	cc := NewMemoryCCache(alice, realms["R0"].issue(t, alice, "krbtgt/R0", 0))
	_, err := ServiceTicket(env, cfg, cc, mustPrincipal(t, "host/x.y@"), TGSOptions{})
	if e := status.Of(err); e == nil || e.Minor != status.KRB5_KDC_UNREACH {
		t.Errorf("%v", err)
	}
	sum := 0
	for _, r := range realms {
		sum += len(r.asked())
	}
	if sum > maxHops+1 {
		t.Errorf("%d requests", sum)
	}
}

func TestOKAsDelegateNeedsEachRealm(t *testing.T) {
	for _, vouched := range []bool{true, false} {
		realms, env, cfg := fakeRealms(t, []string{"A>B"}, "", "A", "B")
		realms["B"].addServices(t, "host/x")
		if !vouched {
			realms["A"].set(func() {
				realms["A"].tamper = func(r *fakeReply) { r.part.Flags.Bytes[1] &^= byte(token.TicketOKAsDelegate >> 16) }
			})
		}
		alice := mustPrincipal(t, "alice@A")
		cc := NewMemoryCCache(alice, realms["A"].issue(t, alice, "krbtgt/A", 0))
		for _, call := range []string{"first", "from the cache"} {
			cred, err := ServiceTicket(env, cfg, cc, mustPrincipal(t, "host/x@B"), TGSOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if got := cred.Flags&token.TicketOKAsDelegate != 0; got != vouched {
				t.Errorf("%s: ok-as-delegate is %v, and %v on the way", call, got, vouched)
			}
		}
	}
}

func TestOldKDCWithoutCanonicalize(t *testing.T) {
	a, env, cfg, cc := oneRealm(t)
	a.set(func() { a.noCanonicalize = true })
	if _, err := ServiceTicket(env, cfg, cc, mustPrincipal(t, "host/a@A"), TGSOptions{}); err != nil {
		t.Fatal(err)
	}
	if got := a.asked(); !slices.Equal(got, []string{"host/a@A", "host/a@A"}) {
		t.Errorf("requests %q", got)
	}
}

// Without canonicalize, a KDC must not return a ticket for another service than the one asked for.
func TestAllows(t *testing.T) {
	for _, test := range []struct {
		asked, got string
		options    uint32
		want       bool
	}{
		{"host/x@A", "host/x@A", 0, true},
		{"host/x@A", "host/y@A", 0, false},
		{"host/x@A", "host/y@A", optCanonicalize, true},
		{"host/x@A", "host/x@B", 0, false},
		{"host/x@A", "host/x@B", optCanonicalize, true},
		{"host/x@A", "host/x@", optCanonicalize, false},
		{"host/x@A", "krbtgt/B@A", 0, false},
		{"host/x@A", "krbtgt/B@A", optCanonicalize, true},
		{"host/x@A", "krbtgt/B@C", 0, false},
		{"host/x@A", "krbtgt/B@C", optCanonicalize, true},
		{"host/x@A", "krbtgt/@C", optCanonicalize, false},
		{"krbtgt/C@A", "krbtgt/B@A", 0, true},
		{"krbtgt/C@A", "krbtgt/B@B", 0, false},
		{"krbtgt/C@A", "host/x@A", 0, false},
		{"krbtgt/C@A", "krbtgt/@A", 0, false},
	} {
		r := kdcRequest{server: mustPrincipal(t, test.asked), options: test.options}
		if got := r.allows(mustPrincipal(t, test.got)); got != test.want {
			t.Errorf("%s for %s with options %#x: %v", test.got, test.asked, test.options, got)
		}
	}
}

// If a KDC of another realm returns what it calls a ticket-granting ticket of our realm, it is stored as one of the
// other realm, so that it is never mistaken for ours.
func TestReferralDoesNotPassForAnotherRealms(t *testing.T) {
	realms, env, cfg := fakeRealms(t, []string{"A>B", "B>A"}, "", "A", "B")
	realms["B"].set(func() {
		realms["B"].referral["host/x.y"] = "A"
		realms["B"].tamper = func(r *fakeReply) { rename(r, []string{"krbtgt", "A"}, "A") }
	})
	alice := mustPrincipal(t, "alice@A")
	cc := NewMemoryCCache(alice, realms["A"].issue(t, alice, "krbtgt/A", 0))
	_, err := ServiceTicket(env, cfg, cc, mustPrincipal(t, "host/x.y@B"), TGSOptions{})
	if err == nil {
		t.Error("a ticket from nowhere")
	}
	var kept []string
	for _, c := range cc.Credentials() {
		kept = append(kept, c.Server.String())
	}
	if got := strings.Join(kept, " "); got != "krbtgt/A@A krbtgt/B@A krbtgt/A@B" {
		t.Errorf("the cache has %s", got)
	}
}
