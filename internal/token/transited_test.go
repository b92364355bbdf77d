// SPDX-License-Identifier: BSD-2-Clause

package token

import (
	"slices"
	"strings"
	"testing"
)

func TestParseTransited(t *testing.T) {
	for _, test := range []struct {
		name, contents, client, server string
		want                           []string
	}{
		{"none", "", "A", "B", nil},
		{"one", "X", "A", "B", []string{"X"}},
		{"rfc4120-domain-prefixes", "EDU,MIT.,ATHENA.,WASHINGTON.EDU,CS.", "A", "B",
			[]string{"EDU", "MIT.EDU", "ATHENA.MIT.EDU", "WASHINGTON.EDU", "CS.WASHINGTON.EDU"}},
		{"rfc4120-x500-suffixes", "/COM,/HP,/APOLLO, /COM/DEC", "A", "B",
			[]string{"/COM", "/COM/HP", "/COM/HP/APOLLO", "/COM/DEC"}},
		{"rfc4120-empty-subfields-at-both-ends", ",EDU, /COM,", "ATHENA.MIT.EDU", "/COM/HP/APOLLO",
			[]string{"MIT.EDU", "EDU", "/COM", "/COM/HP"}},
		{"comma-alone", ",", "A.B.C", "C", []string{"B.C"}},
		{"quoted-comma", `A\,B`, "A", "B", []string{"A,B"}},
		{"gap-between-neighbours", "C,,B.C,X", "A", "B", []string{"C", "B.C", "X"}},
		{"gap-downwards", "D,,A.B.C.D", "A", "B", []string{"D", "B.C.D", "C.D", "A.B.C.D"}},
		{"256-realms", strings.Repeat("A,", 255) + "A", "A", "B", slices.Repeat([]string{"A"}, 256)},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := ParseTransited(Transited{1, []byte(test.contents)}, test.client, test.server)
			if err != nil || !slices.Equal(got, test.want) {
				t.Errorf("%q, %v, not %q", got, err, test.want)
			}
		})
	}
}

func TestParseTransitedRefuses(t *testing.T) {
	for _, test := range []struct {
		name     string
		encoding int32
		contents string
		want     string
	}{
		{"unknown-encoding", 2, "X", "unknown encoding"},
		{"cve-2015-2697-nul", 1, "X\x00Y", "NUL"},
		{"backslash-at-the-end", 1, `X\`, "backslash"},
		{"gap-between-strangers", 1, ",X", "cannot be known"},
		{"gap-up-to-a-stranger", 1, "X,", "cannot be known"},
		{"257-realms", 1, strings.Repeat("A,", 256) + "A", "too many"},
		{"realm-that-grows", 1, "A" + strings.Repeat(",ABCDEFGHIJKLMNOPQRSTUVWXYZ.", 100), "too long"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := ParseTransited(Transited{test.encoding, []byte(test.contents)}, "CLIENT.A", "SERVER.B")
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
	if got, err := ParseTransited(Transited{1, []byte(",Z")}, strings.Repeat("a.", 300)+"Z", "B"); err == nil {
		t.Errorf("a gap of %d realms is filled", len(got))
	}
}

// Whatever the octets, the list is bounded.
func FuzzTransited(f *testing.F) {
	f.Add([]byte("EDU,MIT.,ATHENA."), "A.B", "B")
	f.Add([]byte(",EDU, /COM,"), "X.EDU", "/COM/X/Y")
	f.Add([]byte(`,\,,/,.`), "/", ".")
	f.Fuzz(func(t *testing.T, b []byte, client, server string) {
		realms, err := ParseTransited(Transited{1, b}, client, server)
		if err == nil && len(realms) > maxTransited+1 {
			t.Fatalf("%d realms", len(realms))
		}
	})
}
