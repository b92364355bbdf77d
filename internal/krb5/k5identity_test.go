// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"testing"

	"libgssapi/internal/token"
)

// Only services on hosts have a host; HTTP/www may also be a user's name.
func TestIdentityByHostIsForServicesOnly(t *testing.T) {
	p := mustPrincipal(t, "HTTP/www@B.TEST")
	if _, ok := parseIdentity("alice@A.TEST host=*", p); ok {
		t.Error("the name of no service has a host")
	}
	if _, ok := parseIdentity("alice@A.TEST host=*", service(t, "HTTP/www@B.TEST")); !ok {
		t.Error("the name of a service has no host")
	}
}

func TestPatterns(t *testing.T) {
	for _, v := range []struct {
		pattern, text string
		want          bool
	}{
		{"", "", true}, {"", "a", false}, {"*", "", true}, {"*", "abc", true}, {"a*c", "abbc", true}, {"a*c", "abbd", false},
		{"?", "", false}, {"?b", "ab", true}, {"[a-c]x", "bx", true}, {"[a-c]x", "dx", false}, {"[!a]", "a", false},
		{"[!a]", "b", true}, {"[]]", "]", true}, {"[a", "[a", true}, {`\*`, "*", true}, {`\*`, "a", false}, {`[\]]`, "]", true},
		{"*a*b*", "xxaxxb", true}, {"*a*b", "abab", true}, {"**", "a/b", true}, {"ab", "abc", false}, {`a\`, `a\`, true},
	} {
		if got := matchesPattern(v.pattern, v.text); got != v.want {
			t.Errorf("%q matches %q: %v", v.pattern, v.text, got)
		}
	}
}

// FuzzIdentity matches an arbitrary line with an arbitrary host, without a panic or a long search.
func FuzzIdentity(f *testing.F) {
	f.Add("alice@A.TEST realm=B* service=[!a-z]* host=\\*?.test", "www.b.test")
	f.Add("a host=[[]", "[")
	f.Fuzz(func(t *testing.T, line, host string) {
		p := token.Principal{Type: token.NTSrvHst, Components: []string{"HTTP", host}, Realm: "B.TEST"}
		if client, ok := parseIdentity(line, p); ok && len(client.Components) == 0 {
			t.Errorf("%q", line)
		}
	})
}
