// SPDX-License-Identifier: BSD-2-Clause

package krb5mech

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"testing"

	"libgssapi/internal/crypto"
	"libgssapi/internal/gss"
	"libgssapi/internal/krb5"
	"libgssapi/internal/krbtest"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// aliases knows canonical names of hosts, and counts lookups.
type aliases struct {
	canonical map[string]string
	asked     int
}

func (a *aliases) Addresses(_ context.Context, host string) (string, []netip.Addr, error) {
	a.asked++
	if c := a.canonical[host]; c != "" {
		return c, nil, nil
	}
	return "", nil, errors.New("unknown")
}

func (*aliases) Name(context.Context, netip.Addr) (string, error) { return "", errors.New("unknown") }

// The keytab decides between the name as given and the canonical name.
func TestAcceptorNameFallback(t *testing.T) {
	for _, c := range []struct {
		what, mode, host string
		accepts          string // of the service's principals
		asked            int
		words            string
	}{
		{"name as given", "fallback", "server.test.example", "demo/server.test.example", 0, ""},
		{"canonical name", "fallback", "alias.test.example", "demo/server.test.example", 1, ""},
		{"upper case", "fallback", "SERVER.test.example", "demo/server.test.example", 0, ""},
		{"neither", "fallback", "other.test.example", "", 1, "No key table entry found matching demo/other.test.example@TEST.EXAMPLE or demo/third.test.example@TEST.EXAMPLE in"},
		{"true", "true", "alias.test.example", "demo/server.test.example", 1, ""},
		{"false", "false", "alias.test.example", "", 0, "No key table entry found matching demo/alias.test.example@TEST.EXAMPLE in"},
	} {
		t.Run(c.what, func(t *testing.T) {
			r := krbtest.New(t, crypto.AES256SHA1)
			hosts := &aliases{canonical: map[string]string{
				"alias.test.example": "server.test.example", "other.test.example": "third.test.example"}}
			r.Env.Hosts = hosts
			r.Vars["KRB5_CONFIG"] = r.Write(t, "krb5.conf", []byte("[libdefaults]\n default_realm = TEST.EXAMPLE\n rdns = false\n"+
				" dns_canonicalize_hostname = "+c.mode+"\n[domain_realm]\n .test.example = TEST.EXAMPLE\n"))
			n, err := gss.ImportName([]byte("demo@"+c.host), token.NTHostbasedService)
			if err != nil {
				t.Fatal(err)
			}
			got, err := gss.Acquire(r.Env, n, gss.Indefinite, nil, gss.Accept)
			if hosts.asked != c.asked {
				t.Errorf("%d questions, not %d", hosts.asked, c.asked)
			}
			if c.accepts == "" {
				if err == nil || status.Of(err).Minor != status.KG_KEYTAB_NOMATCH || !strings.Contains(err.Error(), c.words) {
					t.Errorf("%v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer got.Release()
			p := token.Principal{Components: strings.Split(c.accepts, "/"), Realm: r.Name}
			element, err := In(got, token.MechKRB5)
			if err != nil {
				t.Fatal(err)
			}
			if !element.acceptor.owner.matches(p, false) {
				t.Errorf("a ticket for %s is not taken", p)
			}
			if p.Components[1] = "other.test.example"; element.acceptor.owner.matches(p, false) {
				t.Errorf("a ticket for %s is taken", p)
			}
			if text, _, err := got.Info(r.Env).Name.Display(); c.mode == "fallback" &&
				(err != nil || string(text) != "demo/"+c.host+"@") {
				t.Errorf("it is called %s, %v", text, err)
			}
		})
	}
}

// An initiator may also be a host; its cache decides.
func TestInitiatorNameFallback(t *testing.T) {
	r := krbtest.New(t, crypto.AES256SHA1)
	r.Env.Hosts = &aliases{canonical: map[string]string{"alias.test.example": "server.test.example", "other.test.example": "third.test.example"}}
	r.Vars["KRB5_CONFIG"] = r.Write(t, "krb5.conf", []byte("[libdefaults]\n default_realm = TEST.EXAMPLE\n rdns = false\n"+
		" dns_canonicalize_hostname = fallback\n[domain_realm]\n .test.example = TEST.EXAMPLE\n"))
	if _, err := krb5.CreateCCache(r.Env, r.Vars["KRB5CCNAME"], r.Service, r.Ticket(t, func(p *krbtest.Part) { p.Client = r.Service })); err != nil {
		t.Fatal(err)
	}
	for host, major := range map[string]status.Major{
		"server.test.example": 0, "alias.test.example": 0, "other.test.example": status.NoCred,
	} {
		n, err := gss.ImportName([]byte("demo@"+host), token.NTHostbasedService)
		if err != nil {
			t.Fatal(err)
		}
		got, err := gss.Acquire(r.Env, n, gss.Indefinite, nil, gss.Initiate)
		if (err == nil) != (major == 0) || err != nil && status.Of(err).Major != major {
			t.Errorf("%s: %v", host, err)
		}
		got.Release()
	}
}
