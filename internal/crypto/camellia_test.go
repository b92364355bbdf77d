// SPDX-License-Identifier: BSD-2-Clause

package crypto

import (
	"bytes"
	"encoding/hex"
	"testing"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// RFC 3713, Appendix A.
func TestCamelliaVectors(t *testing.T) {
	const plain = "0123456789abcdeffedcba9876543210"
	for key, want := range map[string]string{
		"0123456789abcdeffedcba9876543210":                                 "67673138549669730857065648eabe43",
		"0123456789abcdeffedcba987654321000112233445566778899aabbccddeeff": "9acc237dff16d76c20ef7c919e3a7509",
	} {
		c := newCamellia(unhex(t, key))
		got := make([]byte, blockSize)
		if c.Encrypt(got, unhex(t, plain)); hex.EncodeToString(got) != want {
			t.Errorf("key of %d octets: %x, want %s", len(key)/2, got, want)
		}
		if c.Decrypt(got, got); hex.EncodeToString(got) != plain {
			t.Errorf("key of %d octets: decrypted to %x", len(key)/2, got)
		}
	}
}

// RFC 6803, Section 10.
func TestCamelliaStringToKeyVectors(t *testing.T) {
	for _, v := range []struct {
		iterations     uint32
		password, salt string
		k128, k256     string
	}{
		{1, "password", "ATHENA.MIT.EDUraeburn", "57d0297298ffd9d35de5a47fb4bde24b",
			"b9d6828b2056b7be656d88a123b1fac68214ac2b727ecf5f69afe0c4df2a6d2c"},
		{2, "password", "ATHENA.MIT.EDUraeburn", "73f1b53aa0f310f93b1de8ccaa0cb152",
			"83fc5866e5f8f4c6f38663c65c87549f342bc47ed394dc9d3cd4d163ade375e3"},
		{1200, "password", "ATHENA.MIT.EDUraeburn", "8e571145452855575fd916e7b04487aa",
			"77f421a6f25e138395e837e5d85d385b4c1bfd772e112cd9208ce72a530b15e6"},
	} {
		for e, want := range map[EType]string{Camellia128: v.k128, Camellia256: v.k256} {
			k, err := StringToKey(e, []byte(v.password), v.salt, v.iterations)
			if err != nil || hex.EncodeToString(k.Bytes()) != want {
				t.Errorf("%v, %d iterations: %x, %v, want %s", e, v.iterations, k.Bytes(), err, want)
			}
		}
	}
}

func TestCamelliaRoundTrip(t *testing.T) {
	for _, e := range []EType{Camellia128, Camellia256} {
		k, err := NewKey(e, bytes.Repeat([]byte{5}, e.KeySize()))
		if err != nil {
			t.Fatal(err)
		}
		for n := range 100 {
			plain := bytes.Repeat([]byte{byte(n)}, n)
			sealed, err := k.Encrypt(3, plain, bytes.NewReader(make([]byte, 16)))
			if err != nil {
				t.Fatal(err)
			}
			if got, err := k.Decrypt(3, sealed); err != nil || !bytes.Equal(got, plain) {
				t.Errorf("%v, %d octets: %x, %v", e, n, got, err)
			}
			sealed[n] ^= 1
			if _, err := k.Decrypt(3, sealed); err == nil {
				t.Errorf("%v, %d octets: a changed one opens", e, n)
			}
		}
	}
}

// CMAC's own vectors (RFC 4493, Section 4) are for AES; the sealer's tests and MIT's library cover it with Camellia.
func TestCMACInParts(t *testing.T) {
	m := newCMAC(newCamellia(make([]byte, 16)))
	text := bytes.Repeat([]byte("text"), 20)
	for n := range len(text) {
		m.Reset()
		m.Write(text[:n])
		whole := m.Sum(nil)
		for cut := range n {
			m.Reset()
			m.Write(text[:cut])
			m.Write(text[cut:n])
			if !bytes.Equal(m.Sum(nil), whole) {
				t.Fatalf("%d octets, cut at %d", n, cut)
			}
		}
	}
}
