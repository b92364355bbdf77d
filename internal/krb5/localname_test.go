// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"strings"
	"testing"
	"time"

	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// What MIT krb5 1.20.1 makes of aabb@A with one rule; "" means no account.
func TestRules(t *testing.T) {
	p := token.Principal{Components: []string{"aabb"}, Realm: "A"}
	const bad = "malformed"
	for rule, want := range map[string]string{
		"s/a/b/":                "babb",
		"[1:$1]s/a/b":           bad,
		"[1:$1]x":               bad,
		"[1:$2]":                bad,
		"[1:$1":                 bad,
		"[x:$1]":                bad,
		"[-1:$1]":               bad,
		"[1:$]":                 "A",
		"[1:$1](a(b)c)":         "",
		"[1:$1](a[)":            "",
		"[1:$1]s/[//":           "",
		"[1:$1](aabb":           bad,
		"":                      "aabb",
		"[2:$1]":                "",
		"[1:a$0]":               "aA",
		"[1:$1] s/a/b/":         "babb",
		"[1:$1]s/a/b/gs/b/c/":   "cbbb",
		"[01:$01]":              "aabb",
		`[1:$1]s/\//x/`:         "",
		`[1:$1](\w+)`:           "aabb",
		"[1:$1](aab{2})":        "aabb",
		"[1:$1](aab)":           "",
		"[1:$1](a|aabb)":        "aabb",
		"[1:$1]s/^a//g":         "bb",
		"[1:$1]s/x*/y/g":        "yaabb", // MIT does not return from this one
		"[1:$1]s/b$/[$1]/":      "aab[$1]",
		"[1:$1@$0](.*@A)s/@A//": "aabb",
	} {
		name, ok, err := applyRule(rule, p)
		switch {
		case err != nil:
			wantMinor(t, err, status.KRB5_CONFIG_BADFORMAT)
			name = bad
		case !ok:
			name = ""
		}
		if name != want {
			t.Errorf("%s: %q, want %q", rule, name, want)
		}
	}
}

func TestRulesAreBounded(t *testing.T) {
	p := token.Principal{Components: []string{strings.Repeat("a", 1000)}, Realm: "A"}
	for _, rule := range []string{
		strings.Repeat("x", maxRule+1),
		"[1:" + strings.Repeat("$1", 100) + "]",
		"[1:$1]" + strings.Repeat("s/a/"+strings.Repeat("a", 50)+"/g", 60),
	} {
		_, _, err := applyRule(rule, p)
		text := wantMinor(t, err, status.KRB5_CONFIG_BADFORMAT)
		if !strings.Contains(text, "too long") {
			t.Error(text)
		}
	}
	start := time.Now()
	_, _, _ = applyRule("[1:$1]((a*)*b)", p)
	if d := time.Since(start); d > busy {
		t.Errorf("a rule took %s", d)
	}
}

func FuzzRule(f *testing.F) {
	f.Add("[2:$1;$2@$0](^.*;admin@A$)s/;admin@A$//gs/a/b/", "root", "admin", "A")
	f.Fuzz(func(t *testing.T, rule, first, second, realm string) {
		name, ok, err := applyRule(rule, token.Principal{Components: []string{first, second}, Realm: realm})
		if ok && err != nil || !ok && name != "" {
			t.Fatalf("%q, %v, %v", name, ok, err)
		}
	})
}

func TestNameWithANULHasNoAccount(t *testing.T) {
	env := newTestEnv(t, map[string]string{"KRB5_CONFIG": writeFile(t, "krb5.conf",
		"[realms]\nA = {\nauth_to_local = RULE:[1:$1@$0](root.*)s/@.*//\nauth_to_local = DEFAULT\n}\n")})
	cfg, err := env.Library.Config(env)
	if err != nil {
		t.Fatal(err)
	}
	if name, err := cfg.LocalName(token.Principal{Components: []string{"root"}, Realm: "A"}, "A"); err != nil || name != "root" {
		t.Errorf("%q, %v", name, err)
	}
	for _, p := range []token.Principal{
		{Components: []string{"root\x00a7"}, Realm: "A"},
		{Components: []string{"root\x00"}, Realm: "OTHER"},
		{Components: []string{"root"}, Realm: "A\x00B"},
	} {
		name, err := cfg.LocalName(p, "A")
		if err == nil {
			t.Errorf("%q is the account %q", p, name)
			continue
		}
		wantMinor(t, err, status.KRB5_LNAME_NOTRANS)
	}
}

// "RULE:" alone maps every principal to its own name, whatever its realm; without the colon it is a mistake.
func TestRuleWithoutColonIsRefused(t *testing.T) {
	p := token.Principal{Components: []string{"root"}, Realm: "OTHER"}
	name, ok, err := applyMapping("RULE", p, "A")
	if err == nil {
		t.Fatalf("%q, %v", name, ok)
	}
	wantMinor(t, err, status.KRB5_CONFIG_BADFORMAT)
	if name, ok, err := applyMapping("RULE:", p, "A"); name != "root" || !ok || err != nil {
		t.Errorf("%q, %v, %v", name, ok, err)
	}
}
