// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	"libgssapi/internal/crypto"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// FuzzProfile calls every getter on an arbitrary krb5.conf without includes.
func FuzzProfile(f *testing.F) {
	f.Add([]byte("[libdefaults]*\nx* = \"a\\n\" b\n[realms]\nA =\n{\nkdc = [::1]:88\nB* = { c = d }*\n}*\n"))
	f.Add([]byte("\xef\xbb\xbf[libdefaults]\r\ndefault_realm = A\r\n" +
		"permitted_enctypes = DEFAULT -aes,rc4\r\nclockskew = 1d-2h\r\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if bytes.Contains(b, []byte("include")) {
			return // other files are not part of the input
		}
		root := &section{}
		r := &profileReader{left: maxConfigSize}
		if err := r.parse("krb5.conf", b, root); err != nil {
			if e := status.Of(err); e.Minor != status.KRB5_CONFIG_BADFORMAT || !strings.Contains(e.Text, ", line ") {
				t.Fatalf("%v", err)
			}
			return
		}
		c := &Config{profile: profile{root}}
		realm, err := c.DefaultRealm()
		if err != nil {
			realm = "A"
		}
		c.KDCs(realm)
		c.RealmOfHost("a.b.c")
		c.FallbackRealmOfHost("a.b.c")
		c.Capath("A.B", realm)
		c.PermittedEnctypes()
		if c.ClockSkew() < 0 || c.KDCTimeout() <= 0 || c.MaxRetries() <= 0 || c.UDPPreferenceLimit() < 0 {
			t.Fatal("a setting out of its bounds")
		}
		_, _ = c.LocalName(token.Principal{Components: []string{"a"}, Realm: realm}, realm)
	})
}

// FuzzCCache reads arbitrary octets. What it accepts is unchanged after being written and read again.
func FuzzCCache(f *testing.F) {
	for version := 1; version <= 4; version++ {
		w := newCCacheWriter(version)
		w.b = append(w.b, 5, byte(version))
		if version == 4 {
			w.b = append(w.b, "\x00\x0c\x00\x01\x00\x08\x00\x00\x00\x05\x00\x00\x00\x01"...)
		}
		cred := sampleCredential(f, "krbtgt/A.TEST@A.TEST")
		w.principal(cred.Client)
		w.credential(cred)
		cred.Server = token.Principal{Realm: configRealm, Components: []string{configName, "fast_avail"}}
		w.credential(cred)
		f.Add(w.b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := parseCCache(b)
		if err != nil {
			return
		}
		again, err := parseCCache(c.marshal())
		if err != nil {
			t.Fatal(err)
		}
		if !again.principal.Equal(c.principal) || again.offset != c.offset || len(again.creds) != len(c.creds) ||
			len(again.config) != len(c.config) {
			t.Fatalf("%+v became %+v", c, again)
		}
		for i, cred := range c.creds {
			if cred.StartTime.IsZero() {
				cred.StartTime = cred.AuthTime
			}
			if !reflect.DeepEqual(cred, again.creds[i]) {
				t.Fatalf("%+v became %+v", cred, again.creds[i])
			}
		}
	})
}

func FuzzKeytab(f *testing.F) {
	for _, version := range []uint16{keytabVersion1, keytabVersion2} {
		k := newKeytabFile(version)
		k.add(mustPrincipal(f, "host/h@A"), 44, 300, 18, make([]byte, 32))
		k.hole(8)
		k.add(mustPrincipal(f, "host/h@A"), 1, 0, 23, make([]byte, 16))
		f.Add(k.b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		kt, err := parseKeytab(b)
		if err != nil {
			return
		}
		for i := range kt.Entries {
			e := &kt.Entries[i]
			if e.at < 0 || e.at+int64(e.size) > int64(len(b)) ||
				e.Usable && e.size != crypto.EType(e.EType).KeySize() {
				t.Fatalf("%+v", e)
			}
		}
	})
}
