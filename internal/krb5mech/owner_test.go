// SPDX-License-Identifier: BSD-2-Clause

package krb5mech

import (
	"testing"

	"libgssapi/internal/crypto"
	"libgssapi/internal/gss"
	"libgssapi/internal/krb5"
	"libgssapi/internal/krbtest"
	"libgssapi/internal/token"
)

func TestWantedOwner(t *testing.T) {
	r := krbtest.New(t, crypto.AES256SHA1)
	const host, nowhere = "server.test.example", "server.nowhere.example" // the latter has no realm in krb5.conf
	for _, c := range []struct {
		name       string
		nameType   token.OID
		matches    []string
		ignoreHost []string // more, with ignore_acceptor_hostname
		others     []string
	}{
		{"demo@" + host, token.NTHostbasedService, []string{"demo/" + host + "@TEST.EXAMPLE"},
			[]string{"demo/" + nowhere + "@TEST.EXAMPLE"},
			[]string{"demo/" + host + "@OTHER", "host/" + host + "@TEST.EXAMPLE", "demo@TEST.EXAMPLE"}},
		{"demo@" + nowhere, token.NTHostbasedService,
			[]string{"demo/" + nowhere + "@TEST.EXAMPLE", "demo/" + nowhere + "@OTHER"},
			[]string{"demo/" + host + "@OTHER"},
			[]string{"host/" + nowhere + "@OTHER", "demo/" + nowhere + "/x@OTHER"}},
		{"demo", token.NTHostbasedService,
			[]string{"demo/" + host + "@TEST.EXAMPLE", "demo/" + nowhere + "@OTHER"}, nil,
			[]string{"host/" + host + "@TEST.EXAMPLE", "demo@TEST.EXAMPLE"}},
		{"demo/" + host, token.NTKRB5Principal, []string{"demo/" + host + "@TEST.EXAMPLE"}, nil,
			[]string{"demo/" + host + "@OTHER", "demo/" + nowhere + "@TEST.EXAMPLE"}},
		{"demo/" + host + "@", token.NTKRB5Principal,
			[]string{"demo/" + host + "@TEST.EXAMPLE", "demo/" + host + "@OTHER"}, nil,
			[]string{"demo/" + nowhere + "@TEST.EXAMPLE", "demo@OTHER"}},
		{"alice@", token.NTUserName, []string{"alice@TEST.EXAMPLE", "alice@OTHER"}, nil, []string{"bob@OTHER"}},
		{"alice", token.NTUserName, []string{"alice@TEST.EXAMPLE"}, nil, []string{"alice@OTHER", "alice/admin@TEST.EXAMPLE"}},
	} {
		n, err := gss.ImportName([]byte(c.name), c.nameType)
		if err != nil {
			t.Fatal(err)
		}
		o, err := likeliest(r.Env, n)
		if err != nil {
			t.Fatal(err)
		}
		for _, list := range []struct {
			names        []string
			with, always bool
		}{{c.matches, true, true}, {c.ignoreHost, true, false}, {c.others, false, false}} {
			for _, text := range list.names {
				p, _, _ := token.ParsePrincipal(text)
				if got := o.matches(p, false); got != list.always {
					t.Errorf("%s is wanted, %s is it: %v", c.name, text, got)
				}
				if got := o.matches(p, true); got != list.with {
					t.Errorf("%s is wanted, %s is it on any host: %v", c.name, text, got)
				}
			}
		}
	}
	anybody, err := likeliest(r.Env, nil)
	if err != nil || !anybody.matches(token.Principal{Components: []string{"x"}, Realm: "Y"}, false) {
		t.Errorf("%v", err)
	}
}

func likeliest(env *krb5.Env, n *gss.Name) (owner, error) {
	for o, err := range ownersOf(env, n) {
		return o, err
	}
	return owner{}, nil
}
