// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"testing"
	"time"

	"libgssapi/internal/token"
)

// What krb5.conf says of initial tickets, with the values that MIT krb5 1.20 requests.
func TestInitialOptions(t *testing.T) {
	const forwardable, proxiable, renewable = token.TicketForwardable, token.TicketProxiable, token.TicketRenewable
	for _, c := range []struct {
		what, libdefaults string
		options           uint32
		lifetime          time.Duration
		first             int // of preferred preauthentication
	}{
		{what: "nothing", options: optRenewableOK, lifetime: 24 * time.Hour},
		{what: "for all", libdefaults: " forwardable = true\n ticket_lifetime = 1h\n", options: optRenewableOK | forwardable, lifetime: time.Hour},
		{what: "for the realm", libdefaults: " R = {\n  forwardable = true\n  proxiable = true\n  canonicalize = true\n  ticket_lifetime = 2h\n" +
			"  renew_lifetime = 3h\n  preferred_preauth_types = 7\n }\n",
			options: optRenewableOK | forwardable | proxiable | renewable | optCanonicalize, lifetime: 2 * time.Hour, first: 7},
		{what: "for the realm against all", libdefaults: " forwardable = true\n proxiable = true\n R = {\n  forwardable = false\n }\n",
			options: optRenewableOK | proxiable, lifetime: 24 * time.Hour},
		{what: "for another realm", libdefaults: " S = {\n  forwardable = true\n }\n", options: optRenewableOK, lifetime: 24 * time.Hour},
		{what: "default options", libdefaults: " kdc_default_options = 1073741824\n", options: forwardable, lifetime: 24 * time.Hour},
		{what: "and more", libdefaults: " kdc_default_options = 1073741840\n proxiable = true\n",
			options: optRenewableOK | forwardable | proxiable, lifetime: 24 * time.Hour},
		{what: "hexadecimal", libdefaults: " kdc_default_options = 0x40000000\n", options: optRenewableOK, lifetime: 24 * time.Hour},
	} {
		env, _ := testEnv(t, map[string]string{})
		q := newInitialRequester(env, realmOf(t, c.libdefaults), 0)
		x, err := q.newASExchange(mustPrincipal(t, "alice@R"), &secret{}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if x.request.options != c.options || x.lifetime != c.lifetime {
			t.Errorf("%s: options %#x for %v", c.what, x.request.options, x.lifetime)
		}
		if rank := x.cfg.preferredPreauth("R"); c.first != 0 && rank(int32(c.first)) >= rank(int32(c.first)+1) {
			t.Errorf("%s: type %d is not preferred", c.what, c.first)
		}
		x.wipe()
	}
}
