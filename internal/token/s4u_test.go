// SPDX-License-Identifier: BSD-2-Clause

package token

import (
	"bytes"
	"encoding/hex"
	"reflect"
	"testing"
)

// Encodings by MS-SFU, written octet by octet.
func TestS4UPAData(t *testing.T) {
	user := Principal{Type: 1, Components: []string{"u"}, Realm: "R"}
	for what, test := range map[string]struct {
		got  []byte
		want string
	}{
		"PA-FOR-USER": {(&ForUser{User: user, Checksum: Checksum{Type: -138, Sum: []byte{1, 2}}}).Marshal(),
			"3031" + "a00e" + "300c" + "a003020101" + "a105" + "3003" + "1b0175" + "a103" + "1b0152" +
				"a20e" + "300c" + "a0040202ff76" + "a104" + "0402" + "0102" + "a30a" + "1b08" + hex.EncodeToString([]byte("Kerberos"))},
		"PA-PAC-OPTIONS": {MarshalPacOptions(PacResourceBased), "3009" + "a007" + "03050010000000"},
	} {
		if got := hex.EncodeToString(test.got); got != test.want {
			t.Errorf("%s:\n%s\n%s", what, got, test.want)
		}
	}
	if got := string((&ForUser{User: Principal{Type: 0x0a, Components: []string{"a", "b"}, Realm: "R"}}).Signed()); got !=
		"\x0a\x00\x00\x00abRKerberos" {
		t.Errorf("%q is signed", got)
	}
}

func s4uUser() *S4UX509User {
	p := &S4UX509User{ID: S4UUserID{Nonce: 0xfffffffe, User: Principal{Type: 1, Components: []string{"u"}, Realm: "R"},
		Options: S4UReplyKeyUsage}, Checksum: Checksum{Type: 16, Sum: []byte("sum")}}
	p.ID.Marshal()
	return p
}

func TestS4UX509User(t *testing.T) {
	p := s4uUser()
	got, err := ParseS4UX509User(p.Marshal())
	if err != nil || !reflect.DeepEqual(p, got) {
		t.Errorf("%+v, %v", got, err)
	}
	// A certificate, and no name.
	b, _ := hex.DecodeString("302c" + "a01a" + "3018" + "a003020107" + "a203" + "1b0152" + "a303" + "040163" + "a407" +
		"03050020000000" + "a10e" + "300c" + "a003020110" + "a105" + "0403" + "737572")
	got, err = ParseS4UX509User(b)
	if err != nil || got.ID.Nonce != 7 || got.ID.User.Realm != "R" || got.ID.User.Components != nil ||
		got.ID.Options != S4UReplyKeyUsage || !bytes.Equal(got.ID.Raw, b[4:30]) || string(got.Checksum.Sum) != "sur" {
		t.Errorf("%+v, %v", got, err)
	}
	whole := p.Marshal()
	for n := range whole {
		if _, err := ParseS4UX509User(whole[:n]); err == nil {
			t.Errorf("cut after %d octets", n)
		}
	}
	if _, err := ParseS4UX509User(append(whole, 0)); err == nil {
		t.Error("an octet follows")
	}
}

func FuzzParseS4UX509User(f *testing.F) {
	f.Add(s4uUser().Marshal())
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := ParseS4UX509User(b)
		if err != nil {
			return
		}
		if again, err := ParseS4UX509User(p.Marshal()); err != nil || !reflect.DeepEqual(p, again) {
			t.Errorf("%v\n%+v\n%+v", err, p, again)
		}
	})
}

func FuzzParsePacOptions(f *testing.F) {
	f.Add(MarshalPacOptions(PacResourceBased))
	f.Fuzz(func(t *testing.T, b []byte) {
		flags, err := ParsePacOptions(b)
		if err != nil {
			return
		}
		if again, err := ParsePacOptions(MarshalPacOptions(flags)); err != nil || flags != again {
			t.Errorf("%v, %x, %x", err, flags, again)
		}
	})
}
