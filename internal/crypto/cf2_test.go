// SPDX-License-Identifier: BSD-2-Clause

package crypto

import (
	"encoding/hex"
	"testing"
)

// RFC 6113, Appendix A.
func TestCF2Vectors(t *testing.T) {
	for e, want := range map[EType]string{
		AES128SHA1: "97df97e4b798b29eb31ed7280287a92a",
		AES256SHA1: "4d6ca4e629785c1f01baf55e2e548566b9617ae3a96868c337cb93b5e72b1c7b",
		DES3:       "e58f9eb643862c13ad38e529313462a7f73e62834fe54a01",
		RC4:        "24d7f6b6bae4e5c00d2082c5ebab3672",
	} {
		k1, err := StringToKey(e, []byte("key1"), "key1", 0)
		if err != nil {
			t.Fatal(err)
		}
		k2, err := StringToKey(e, []byte("key2"), "key2", 0)
		if err != nil {
			t.Fatal(err)
		}
		got, err := CF2(k1, k2, "a", "b")
		if err != nil || hex.EncodeToString(got.Bytes()) != want || got.EType() != e {
			t.Errorf("%s: %v", e, err)
		}
	}
}

// The key has the type of the first, whatever the second has.
func TestCF2OfTwoTypes(t *testing.T) {
	seen := map[string]bool{}
	for _, a := range allTypes {
		for _, b := range allTypes {
			k1, _ := NewKey(a, make([]byte, a.KeySize()))
			k2, _ := NewKey(b, make([]byte, b.KeySize()))
			k, err := CF2(k1, k2, "first", "second")
			if err != nil || k.EType() != a || len(k.Bytes()) != a.KeySize() {
				t.Errorf("%s, %s: %v", a, b, err)
			}
			if seen[string(k.Bytes())] {
				t.Errorf("%s, %s: a key of another pair", a, b)
			}
			seen[string(k.Bytes())] = true
		}
	}
	if _, err := CF2(nil, nil, "", ""); err == nil {
		t.Error("no keys were combined")
	}
}
