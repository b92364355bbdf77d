// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"strings"
	"testing"

	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// With dns_canonicalize_hostname = fallback, the KDC decides between the name as given and the canonical name.
func TestTicketForACanonicalName(t *testing.T) {
	for _, test := range []struct {
		name, host string
		realm      string // of the name; "" by [domain_realm]
		mode       string
		services   []string // that the KDC knows
		cached     []string // of which there are tickets
		noTGT      bool
		requests   string
		words      string // of the error
		minor      status.Minor
	}{
		{name: "name-as-given", host: "alias.corp.test", mode: "fallback", services: []string{"h/alias.corp.test", "h/real.corp.test"},
			requests: "h/alias.corp.test@A"},
		{name: "canonical-name", host: "Alias.corp.test", mode: "fallback", services: []string{"h/real.corp.test"},
			requests: "h/alias.corp.test@A h/real.corp.test@A"},
		{name: "neither", host: "alias.corp.test", mode: "fallback", requests: "h/alias.corp.test@A h/real.corp.test@A",
			minor: status.KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN, words: "h/alias.corp.test@A|; and |h/real.corp.test@A"},
		{name: "canonical-already", host: "real.corp.test", mode: "fallback", requests: "h/real.corp.test@A",
			minor: status.KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN},
		{name: "only-if-the-kdc-does-not-know-it", host: "alias.corp.test", mode: "fallback", services: []string{"h/alias.corp.test"},
			requests: "h/alias.corp.test@A"},
		{name: "port", host: "alias.corp.test:1433", mode: "fallback", services: []string{"h/real.corp.test:1433"},
			requests: "h/alias.corp.test:1433@A h/real.corp.test:1433@A"},
		{name: "realm-that-was-named", host: "alias.corp.test", realm: "A", mode: "fallback", services: []string{"h/real.corp.test"},
			requests: "h/alias.corp.test@A h/real.corp.test@A"},
		{name: "ticket-of-the-canonical-name", host: "alias.corp.test", mode: "fallback", cached: []string{"h/real.corp.test"}, noTGT: true},
		{name: "ticket-of-the-name-as-given", host: "Alias.corp.test", mode: "fallback", cached: []string{"h/alias.corp.test"}, noTGT: true},
		{name: "no-ticket-at-all", host: "alias.corp.test", mode: "fallback", noTGT: true, cached: []string{"h/x"},
			minor: status.KRB5_CC_NOTFOUND, words: "h/alias.corp.test|h/real.corp.test"},
		{name: "false", host: "alias.corp.test", realm: "A", mode: "false", services: []string{"h/real.corp.test"},
			requests: "h/alias.corp.test@A", minor: status.KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN},
	} {
		t.Run(test.name, func(t *testing.T) {
			realms, env, cfg := fakeRealms(t, nil, "[libdefaults]\n dns_canonicalize_hostname = "+test.mode+
				"\n[domain_realm]\n corp.test = A\n .corp.test = A\n", "A")
			env.Hosts = fakeHosts{"alias.corp.test": "real.corp.test 192.0.2.7", "real.corp.test": "real.corp.test 192.0.2.7"}
			a := realms["A"]
			a.addServices(t, append(test.services, test.cached...)...)
			alice := mustPrincipal(t, "alice@A")
			var creds []*Credential
			if !test.noTGT {
				creds = append(creds, a.issue(t, alice, "krbtgt/A", 0))
			}
			for _, s := range test.cached {
				creds = append(creds, a.issue(t, alice, s, 0))
			}
			cc := NewMemoryCCache(alice, creds...)
			server := token.Principal{Type: token.NTSrvHst, Components: []string{"h", test.host}, Realm: test.realm}
			for range 2 { // the second time there is nothing to ask
				cred, err := ServiceTicket(env, cfg, cc, server, TGSOptions{})
				if test.minor == 0 {
					if err != nil || !cred.Server.Equal(server) && len(test.cached) == 0 {
						t.Fatalf("%v, %v", cred, err)
					}
					continue
				}
				e := status.Of(err)
				if e == nil || e.Minor != test.minor {
					t.Fatal(err)
				}
				for words := range strings.SplitSeq(test.words, "|") {
					if !strings.Contains(e.Text, words) {
						t.Errorf("%s: no %q", e.Text, words)
					}
				}
				break
			}
			if got := strings.Join(a.asked(), " "); got != test.requests {
				t.Errorf("requests %q, not %q", got, test.requests)
			}
		})
	}
}
