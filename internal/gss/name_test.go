// SPDX-License-Identifier: BSD-2-Clause

package gss_test

import (
	"bytes"
	"reflect"
	"slices"
	"testing"

	"libgssapi/internal/gss"
	"libgssapi/internal/krb5mech"
	_ "libgssapi/internal/mechs"
	"libgssapi/internal/token"
	"libgssapi/internal/wire"
)

func imported(text string, nt token.OID) *gss.Name {
	n, err := gss.ImportName([]byte(text), nt)
	if err != nil {
		panic(err)
	}
	return n
}

var examples = []*gss.Name{
	nil,
	imported("alice", token.NTUserName),
	imported("", token.NTAnonymous),
	krb5mech.NameOf(token.Principal{Type: token.NTSrvHst, Components: []string{"host", "server"}, Realm: "TEST"}),
	krb5mech.NameOf(token.Principal{Realm: "TEST"}),
	krb5mech.NameOf(token.Principal{Components: slices.Repeat([]string{""}, 5000), Realm: "TEST"}),
}

func TestRestoredNameIsTheSame(t *testing.T) {
	for _, n := range examples {
		r := wire.NewReader(wire.FormOf(n, nil))
		if got := gss.RestoreName(r); !r.Done() || !reflect.DeepEqual(got, n) {
			t.Errorf("%+v is not %+v", got, n)
		}
	}
}

func TestTruncatedFormsAreNoNames(t *testing.T) {
	for _, n := range examples[:5] {
		form := wire.FormOf(n, nil)
		for i := range form {
			if r := wire.NewReader(form[:i]); gss.RestoreName(r) != nil && r.Done() {
				t.Errorf("the first %d octets of %x are a name", i, form)
			}
		}
	}
}

func TestSnapshotKnowsEveryField(t *testing.T) {
	typ := reflect.TypeFor[gss.Name]()
	for i := range typ.NumField() {
		if f := typ.Field(i).Name; !slices.Contains([]string{"text", "nameType", "mn"}, f) {
			t.Errorf("a child after fork(2) does not get %s", f)
		}
	}
}

func FuzzRestore(f *testing.F) {
	for _, n := range examples {
		f.Add(wire.FormOf(n, nil))
	}
	f.Add([]byte("\x01\x00\x00\x00\x000000\x00\x00\x00\x00\x00\x00\x00\x00")) // no mechanism
	f.Fuzz(func(t *testing.T, form []byte) {
		r := wire.NewReader(form)
		if n := gss.RestoreName(r); r.Done() && !bytes.Equal(wire.FormOf(n, nil), form) {
			t.Error("the form of what was made is another one")
		}
	})
}
