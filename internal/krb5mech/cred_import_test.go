// SPDX-License-Identifier: BSD-2-Clause

package krb5mech

import (
	"encoding/binary"
	"testing"

	"libgssapi/internal/crypto"
	"libgssapi/internal/gss"
	"libgssapi/internal/krb5"
	"libgssapi/internal/krbtest"
)

func importOf(names ...string) (b []byte) {
	for _, n := range names {
		b = binary.BigEndian.AppendUint32(b, uint32(len(n)))
		b = append(b, n...)
	}
	return b
}

func TestParseImport(t *testing.T) {
	w, err := Mechanism{}.ParseImport(&krb5.Env{}, oidImportCred, importOf("FILE:/cc", "host/a@R", "FILE:/kt"))
	if err != nil {
		t.Fatal(err)
	}
	if w.Usage != gss.Both || w.Store.Value(storeCCache) != "FILE:/cc" || w.Store.Value(storeKeytab) != "FILE:/kt" {
		t.Errorf("%+v", w)
	}
	if w.Name == nil {
		t.Error("the acceptor takes any key")
	}
	// The principal of a cache is in the cache.
	if w, err = (Mechanism{}).ParseImport(&krb5.Env{}, oidImportCred, importOf("FILE:/cc", "bob@R", "")); err != nil || w.Name != nil ||
		w.Usage != gss.Initiate {
		t.Errorf("%+v, %v", w, err)
	}
}

func FuzzParseImport(f *testing.F) {
	f.Add(importOf("FILE:/cc", "host/a@R", "FILE:/kt"))
	f.Add(importOf("", "", ""))
	f.Add([]byte{0xff, 0xff, 0xff, 0xff})
	f.Add(importOf("", "alice", "FILE:/kt"))
	env := krbtest.New(f, crypto.AES256SHA1).Env // for the default realm
	f.Fuzz(func(t *testing.T, value []byte) {
		w, err := Mechanism{}.ParseImport(env, oidImportCred, value)
		if err == nil && w.Store.Value(storeCCache) == "" && w.Store.Value(storeKeytab) == "" {
			t.Error("a credential of nothing")
		}
	})
}
