// SPDX-License-Identifier: BSD-2-Clause

package token

import (
	"reflect"
	"strings"
	"testing"
)

func TestParsePrincipal(t *testing.T) {
	for _, test := range []struct {
		text       string
		components []string
		realm      string
		hasRealm   bool
	}{
		{"u", []string{"u"}, "", false},
		{"u@R", []string{"u"}, "R", true},
		{"u@", []string{"u"}, "", true},
		{"host/a.b@R", []string{"host", "a.b"}, "R", true},
		{"a/b/c@R", []string{"a", "b", "c"}, "R", true},
		{`a\/b@R`, []string{"a/b"}, "R", true},
		{`u\@D@R`, []string{"u@D"}, "R", true},
		{`a\\b`, []string{`a\b`}, "", false},
		{`a\nb\tc\bd\0e`, []string{"a\nb\tc\bd\x00e"}, "", false},
		{`\x`, []string{"x"}, "", false},
		{`u@A\/B`, []string{"u"}, "A/B", true},
		{`u@A\@B`, []string{"u"}, "A@B", true},
		{"", []string{""}, "", false},
		{"@R", []string{""}, "R", true},
		{"/", []string{"", ""}, "", false},
		{"ü@Ü", []string{"ü"}, "Ü", true},
	} {
		p, hasRealm, err := ParsePrincipal(test.text)
		want := Principal{NTPrincipal, test.components, test.realm}
		if err != nil || hasRealm != test.hasRealm || !reflect.DeepEqual(p, want) {
			t.Errorf("%q is %q, %v, %v", test.text, p, hasRealm, err)
		}
	}
}

func TestParsePrincipalRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"a@B@C":      "two realms",
		"a@B/c":      "behind the @",
		`a\@b@C/d`:   "behind the @",
		`a\`:         "backslash",
		`a@R\`:       "backslash",
		"a\x00b@R":   "NUL",
		"a@R\x00x":   "NUL",
		"a\\\x00b@R": "NUL",
	} {
		if p, _, err := ParsePrincipal(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is %q, %v", text, p, err)
		}
	}
}

func TestPrincipalString(t *testing.T) {
	p := Principal{Components: []string{"a/b", "c@d", `e\f`, "\n\t\b\x00"}, Realm: "R/S@T"}
	if got, want := p.String(), `a\/b/c\@d/e\\f/\n\t\b\0@R\/S\@T`; got != want {
		t.Errorf("%s, not %s", got, want)
	}
	if got, want := p.WithoutRealm(), `a\/b/c\@d/e\\f/\n\t\b\0`; got != want {
		t.Errorf("%s, not %s", got, want)
	}
}

func TestParseEnterprise(t *testing.T) {
	for text, want := range map[string]struct {
		printed  string
		hasRealm bool
	}{
		"joe@corp.example":         {`joe\@corp.example@`, false},
		"joe@corp.example@R":       {`joe\@corp.example@R`, true},
		"joe":                      {"joe@", false},
		"a/b@c@R":                  {`a\/b\@c@R`, true},
		`a\@b@c@R`:                 {`a\@b\@c@R`, true},
		"@@":                       {`\@@`, true},
		"joe@corp.example@R@again": {},
		"joe\x00@corp":             {},
	} {
		p, hasRealm, err := ParseEnterprise(text)
		if want.printed == "" {
			if err == nil {
				t.Errorf("%q is %q", text, p)
			}
		} else if err != nil || p.String() != want.printed || hasRealm != want.hasRealm || len(p.Components) != 1 || p.Type != NTEnterprise {
			t.Errorf("%q is %q, %v, %v", text, p, hasRealm, err)
		}
	}
}

func TestPrincipalEqual(t *testing.T) {
	p := Principal{NTPrincipal, []string{"host", "a"}, "R"}
	for _, test := range []struct {
		name string
		q    Principal
		want bool
	}{
		{"the same", Principal{NTPrincipal, []string{"host", "a"}, "R"}, true},
		{"another name type", Principal{NTSrvHst, []string{"host", "a"}, "R"}, true},
		{"another realm", Principal{NTPrincipal, []string{"host", "a"}, "S"}, false},
		{"realm in another case", Principal{NTPrincipal, []string{"host", "a"}, "r"}, false},
		{"one component", Principal{NTPrincipal, []string{"host/a"}, "R"}, false},
		{"a third component", Principal{NTPrincipal, []string{"host", "a", ""}, "R"}, false},
	} {
		if p.Equal(test.q) != test.want {
			t.Errorf("%s: not %v", test.name, test.want)
		}
	}
}

func TestIsTGS(t *testing.T) {
	for text, want := range map[string]bool{
		"krbtgt/A@B": true, "krbtgt@A": false, "krbtgt/A/x@B": false, "host/A@B": false,
	} {
		if p, _, _ := ParsePrincipal(text); p.IsTGS() != want {
			t.Errorf("%s: not %v", text, want)
		}
	}
}

// The text of a principal is parsed to that principal.
func FuzzPrincipal(f *testing.F) {
	for _, s := range []string{"u@R", `a\/b/c@R\@S`, "@", `\0`, "a/@/", "\x00", `x\`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, hasRealm, err := ParsePrincipal(s)
		if err != nil {
			return
		}
		text := p.WithoutRealm()
		if hasRealm {
			text = p.String()
		}
		q, again, err := ParsePrincipal(text)
		if err != nil || again != hasRealm || !p.Equal(q) {
			t.Fatalf("%q is %q, which prints as %q, which is %q, %v", s, p, text, q, err)
		}
	})
}
