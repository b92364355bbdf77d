// SPDX-License-Identifier: BSD-2-Clause

package ctx_test

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"libgssapi/internal/crypto"
	"libgssapi/internal/ctx"
	"libgssapi/internal/gss"
	"libgssapi/internal/krbtest"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
	"libgssapi/internal/wire"
)

const (
	pacAttributes = "urn:mspac: urn:mspac:logon-info urn:mspac:client-info urn:mspac:server-checksum urn:mspac:privsvr-checksum urn:mspac:18"
	indicators    = "auth-indicators"
)

// source returns the client's name in a context whose ticket has this authorization data.
func source(t testing.TB, r *krbtest.Realm, list ...token.AuthDataEntry) (*gss.Name, *ctx.Context, error) {
	t.Helper()
	r.Login(t, func(p *krbtest.Part) { p.AuthData = list })
	_, res := initiate(t, r, gss.InitArgs{Flags: allFlags})
	server, _, err := accept(r, res.Token, nil)
	if err != nil {
		return nil, nil, err
	}
	info, err := server.Inquire(r.Clock)
	return info.Source, server, err
}

// told returns all that a name says about its attributes.
func told(n *gss.Name) (s string) {
	for _, a := range n.Attributes() {
		s += a + ":"
		for after := -1; after != 0; {
			v, err := n.Attribute(a, after)
			if err != nil {
				s += fmt.Sprintf(" %#x", status.Of(err).Major)
				break
			}
			s += fmt.Sprintf(" %x %v %v", v.Octets, v.Authenticated, v.Complete)
			after = v.More
		}
		s += "\n"
	}
	return s
}

func otherKey(t testing.TB, e crypto.EType) *crypto.Key {
	t.Helper()
	k, err := crypto.RandomKey(e, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// The attributes of a client's name are those that the KDC signed for the service. A PAC that is not verified is listed, as
// MIT krb5 does it, but has no values.
func TestNameAttributes(t *testing.T) {
	for _, etype := range []crypto.EType{crypto.AES256SHA1, crypto.AES128SHA2, crypto.RC4} {
		r := krbtest.New(t, etype)
		if etype.Legacy() {
			setDefault(t, r, "allow_rc4 = true\n\tpermitted_enctypes = rc4 aes256-sha1")
		}
		pac := func(change func(b []byte)) token.AuthDataEntry {
			b := krbtest.PAC("alice", r.Clock, r.Key)
			if change != nil {
				change(b)
			}
			return krbtest.Relevant(token.ADWin2kPAC, b)
		}
		// buffer is where the header of a buffer is, and what it refers to.
		buffer := func(b []byte, n int) (header, data []byte) {
			header = b[8+16*n:]
			return header, b[binary.LittleEndian.Uint64(header[8:]):]
		}
		pacOf := func(client string, at time.Time, key *crypto.Key) token.AuthDataEntry {
			return krbtest.Relevant(token.ADWin2kPAC, krbtest.PAC(client, at, key))
		}
		cammac := func(key *crypto.Key, list ...string) token.AuthDataEntry {
			return krbtest.Relevant(token.ADCAMMAC, krbtest.CAMMAC(key, list...))
		}
		for _, c := range []struct {
			name     string
			ad       []token.AuthDataEntry
			names    string
			verified bool
		}{
			{"none", nil, "", false},
			{"pac", []token.AuthDataEntry{pac(nil)}, pacAttributes, true},
			{"pac-not-in-if-relevant", []token.AuthDataEntry{{Type: token.ADWin2kPAC, Data: krbtest.PAC("alice", r.Clock, r.Key)}}, pacAttributes, true},
			{"only-the-first-pac-counts", []token.AuthDataEntry{pac(nil), pacOf("alice", r.Clock, otherKey(t, etype))}, pacAttributes, true},
			{"kdc-signature-is-not-for-us", []token.AuthDataEntry{pac(func(b []byte) { _, d := buffer(b, 3); d[5] ^= 1 })}, pacAttributes, true},
			{"changed", []token.AuthDataEntry{pac(func(b []byte) { _, d := buffer(b, 0); d[0] ^= 1 })}, pacAttributes, false},
			{"signature-changed", []token.AuthDataEntry{pac(func(b []byte) { _, d := buffer(b, 2); d[5] ^= 1 })}, pacAttributes, false},
			{"unkeyed-checksum", []token.AuthDataEntry{pac(func(b []byte) { _, d := buffer(b, 2); d[0], d[1], d[2], d[3] = 7, 0, 0, 0 })}, pacAttributes, false},
			{"no-signature", []token.AuthDataEntry{pac(func(b []byte) { h, _ := buffer(b, 2); h[0] = 99 })},
				strings.Replace(pacAttributes, "server-checksum", "99", 1), false},
			{"two-signatures", []token.AuthDataEntry{pac(func(b []byte) { h, _ := buffer(b, 4); h[0] = 6 })},
				strings.Replace(pacAttributes, ":18", ":server-checksum", 1), false},
			{"anothers-key", []token.AuthDataEntry{pacOf("alice", r.Clock, otherKey(t, etype))}, pacAttributes, false},
			{"another-client", []token.AuthDataEntry{pacOf("bob", r.Clock, r.Key)}, pacAttributes, false},
			{"another-realm-in-the-name", []token.AuthDataEntry{pacOf("alice@OTHER.TEST", r.Clock, r.Key)}, pacAttributes, false},
			{"of-an-older-login", []token.AuthDataEntry{pacOf("alice", r.Clock.Add(-time.Second), r.Key)}, pacAttributes, false},
			{"indicators", []token.AuthDataEntry{cammac(r.Key, "otp", "hardened")}, indicators, true},
			{"indicators-twice", []token.AuthDataEntry{cammac(r.Key, "otp"), cammac(r.Key, "hardened")}, indicators, true},
			{"indicators-with-anothers-key", []token.AuthDataEntry{cammac(otherKey(t, etype), "otp")}, "", false},
			{"indicators-without-proof", []token.AuthDataEntry{krbtest.Relevant(token.ADIndicator, token.MarshalAuthIndicators([][]byte{[]byte("otp")}))}, "", false},
			{"both", []token.AuthDataEntry{cammac(r.Key, "otp", "hardened"), pac(nil)}, pacAttributes + " " + indicators, true},
		} {
			t.Run(fmt.Sprintf("%s/%s", etype, c.name), func(t *testing.T) {
				n, _, err := source(t, r, c.ad...)
				if err != nil {
					t.Fatal(err)
				}
				if got := strings.Join(n.Attributes(), " "); got != c.names {
					t.Errorf("attributes %s, not %s", got, c.names)
				}
				for _, a := range n.Attributes() {
					v, err := n.Attribute(a, -1)
					switch {
					case !c.verified && status.Of(err).Major != status.Unavailable:
						t.Errorf("%s has a value: %x, %v, %v", a, v.Octets, v.Authenticated, err)
					case c.verified && (err != nil || !v.Authenticated || !v.Complete):
						t.Errorf("%s: %+v, %v", a, v, err)
					}
				}
				if strings.Contains(c.names, indicators) {
					if s := told(n); !strings.HasSuffix(s, "auth-indicators: 6f7470 true true 68617264656e6564 true true\n") {
						t.Error(s)
					}
				}
			})
		}
	}
}

// Whatever cannot be parsed is refused, as MIT krb5 does: nobody but a KDC can have made it.
func TestMalformedNameAttributesAreRefused(t *testing.T) {
	r := krbtest.New(t, crypto.AES256SHA1)
	elements := token.MarshalAuthData([]token.AuthDataEntry{{Type: token.ADIndicator, Data: []byte("x")}})
	signed := token.CAMMAC{Elements: elements, Service: &token.Checksum{Type: r.EType.ChecksumType(), Sum: r.Key.Checksum(64, elements)}}
	for name, e := range map[string]token.AuthDataEntry{
		"pac":        krbtest.Relevant(token.ADWin2kPAC, []byte("x")),
		"cammac":     krbtest.Relevant(token.ADCAMMAC, []byte("x")),
		"indicators": krbtest.Relevant(token.ADCAMMAC, signed.Marshal()),
	} {
		if _, _, err := source(t, r, e); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	// As many as a name can keep when it is moved.
	half := krbtest.Relevant(token.ADCAMMAC, krbtest.CAMMAC(r.Key, slices.Repeat([]string{"x"}, token.MaxIndicators/2)...))
	n, _, err := source(t, r, half, half)
	if err != nil {
		t.Fatal(err)
	}
	if child := gss.RestoreName(wire.NewReader(wire.FormOf(n, nil))); child == nil || told(child) != told(n) {
		t.Error("a child has lost the indicators")
	}
	if _, _, err := source(t, r, half, half, krbtest.Relevant(token.ADCAMMAC, krbtest.CAMMAC(r.Key, "x"))); err == nil {
		t.Error("more indicators than a name can keep are accepted")
	}
}

// Attributes, and whether they are verified, stay with a name: in a child, in another process, and in the context's other
// life there, whatever the form of its token.
func TestNameAttributesStay(t *testing.T) {
	for _, verified := range []bool{true, false} {
		for _, settings := range []string{"export_sec_context = account", "export_sec_context = open",
			"export_sec_context = open\nformat = mit"} {
			r := krbtest.New(t, crypto.AES256SHA1)
			configure(t, r, settings)
			key := r.Key
			if !verified {
				key = otherKey(t, r.EType)
			}
			n, server, err := source(t, r, krbtest.Relevant(token.ADWin2kPAC, krbtest.PAC("alice", r.Clock, key)),
				krbtest.Relevant(token.ADCAMMAC, krbtest.CAMMAC(r.Key, "otp", "hardened")))
			if err != nil {
				t.Fatal(err)
			}
			want := told(n)
			if !strings.Contains(want, "6f7470") || strings.Contains(want, "urn:mspac:: 0x") == verified {
				t.Fatal(want)
			}
			composite, err := n.ExportComposite()
			if err != nil {
				t.Fatal(err)
			}
			imported, err := gss.ImportName(composite, token.NTCompositeExport)
			if err != nil {
				t.Fatal(err)
			}
			child := gss.RestoreName(wire.NewReader(wire.FormOf(n, nil)))
			canonical, err := n.Canonicalize(r.Env, token.MechKRB5)
			if err != nil {
				t.Fatal(err)
			}
			info, err := move(t, r, server).Inquire(r.Clock)
			if err != nil {
				t.Fatal(err)
			}
			for what, name := range map[string]*gss.Name{"duplicate": n.Duplicate(), "canonical": canonical, "imported": imported,
				"child's": child, "moved": info.Source} {
				if got := told(name); got != want {
					t.Errorf("%s, %s: %s\nnot %s", settings, what, got, want)
				}
				if same, err := gss.CompareNames(r.Env, name, n); err != nil || !same {
					t.Errorf("%s: the name is another one: %v", what, err)
				}
			}
			if bare, err := gss.ImportName(composite, token.NTExportName); err != nil || len(bare.Attributes()) != 0 {
				t.Errorf("attributes came with a name that was to have none: %v", err)
			}
			plain, err := n.Export(nil)
			if err != nil {
				t.Fatal(err)
			}
			if bare, err := gss.ImportName(plain, token.NTExportName); err != nil || len(bare.Attributes()) != 0 {
				t.Errorf("a name for access control lists has attributes: %v", err)
			}
		}
	}
}

// An attribute has the names that MIT krb5 knows it by.
func TestNamesOfAttributes(t *testing.T) {
	r := krbtest.New(t, crypto.AES256SHA1)
	n, _, err := source(t, r, krbtest.Relevant(token.ADWin2kPAC, krbtest.PAC("alice", r.Clock, r.Key)),
		krbtest.Relevant(token.ADCAMMAC, krbtest.CAMMAC(r.Key, "otp")))
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range []string{"urn:mspac:", "URN:MSPAC:", "urn:mspac:logon-info", "urn:mspac:Logon-Info", "urn:mspac:1", "urn:mspac:18", indicators} {
		if v, err := n.Attribute(a, -1); err != nil || len(v.Octets) == 0 || v.More != 0 {
			t.Errorf("%s: %+v, %v", a, v, err)
		}
	}
	if v, _ := n.Attribute("urn:mspac:1", -1); string(v.Octets) != "logon information" {
		t.Errorf("urn:mspac:1 is %q", v.Octets)
	}
	for _, a := range []string{"", "urn:mspac", "urn:mspac:0", "urn:mspac:+1", "urn:mspac:2", "urn:mspac:4294967297", "urn:mspac:x", "Auth-Indicators"} {
		if _, err := n.Attribute(a, -1); status.Of(err).Major != status.Unavailable {
			t.Errorf("%s: %v", a, err)
		}
	}
	for _, after := range []int{0, 1, 7, 1 << 30} {
		if _, err := n.Attribute("urn:mspac:", after); err == nil {
			t.Errorf("the PAC has a value after %d", after)
		}
		if _, err := n.Attribute(indicators, after); after > 0 && err == nil {
			t.Errorf("the only indicator is followed by value %d", after)
		}
	}
}
