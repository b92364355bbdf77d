// SPDX-License-Identifier: BSD-2-Clause

package crypto

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/hex"
	"testing"
)

// The test cases 13 and 14 of the GCM specification (McGrew, Viega), whose nonce is zeros.
func TestOnceVectors(t *testing.T) {
	var key [OnceKeySize]byte
	for _, c := range []struct {
		octets int
		want   string
	}{
		{0, "530f8afbc74536b9a963b4f1c4cb738b"},
		{16, "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"},
	} {
		b := make([]byte, c.octets+OnceOverhead)
		SealOnce(&key, b, nil)
		if got := hex.EncodeToString(b); got != c.want {
			t.Errorf("%d octets: %s, want %s", c.octets, got, c.want)
		}
	}
}

func TestOnceIsGCMOfTheStandardLibrary(t *testing.T) {
	memory := newGuarded(t, 2048)
	for n := range 700 {
		key := [OnceKeySize]byte(randomOctets(OnceKeySize))
		data := randomOctets(n % 67)
		block, err := aes.NewCipher(key[:])
		if err != nil {
			t.Fatal(err)
		}
		gcm, err := cipher.NewGCM(block)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range [][]byte{memory.first(n+OnceOverhead, n%5), memory.last(n+OnceOverhead, 0)} {
			rand.Read(b)
			plain := bytes.Clone(b[:n])
			want := gcm.Seal(nil, make([]byte, 12), plain, data)
			SealOnce(&key, b, data)
			if !bytes.Equal(b, want) {
				t.Fatalf("%d octets, %d of data: sealed differently", n, len(data))
			}
			if back, ok := OpenOnce(&key, b, data); !ok || !bytes.Equal(back, plain) {
				t.Fatalf("%d octets, %d of data: opened differently", n, len(data))
			}
		}
	}
}

func TestOnceRefusesEveryChange(t *testing.T) {
	key := [OnceKeySize]byte(randomOctets(OnceKeySize))
	data := randomOctets(44)
	sealed := randomOctets(100 + OnceOverhead)
	SealOnce(&key, sealed, data)
	zeros := make([]byte, len(sealed))
	refused := func(what string, b, data []byte) {
		t.Helper()
		if plain, ok := OpenOnce(&key, b, data); ok || plain != nil {
			t.Errorf("%s: opened", what)
		}
		if !bytes.Equal(b, zeros[:len(b)]) {
			t.Errorf("%s: something of it is left", what)
		}
	}
	for i := range 8 * len(sealed) {
		b := bytes.Clone(sealed)
		b[i/8] ^= 1 << (i % 8)
		refused("a bit of the ciphertext", b, data)
	}
	for i := range 8 * len(data) {
		other := bytes.Clone(data)
		other[i/8] ^= 1 << (i % 8)
		refused("a bit of the data", bytes.Clone(sealed), other)
	}
	for n := range len(sealed) - OnceOverhead {
		refused("the end is cut off", bytes.Clone(sealed[:OnceOverhead+n]), data)
	}
	refused("no data", bytes.Clone(sealed), nil)
	for n := range OnceOverhead {
		if _, ok := OpenOnce(&key, bytes.Clone(sealed[:n]), data); ok {
			t.Errorf("%d octets: opened", n)
		}
	}
}

func BenchmarkOnce(b *testing.B) {
	key := [OnceKeySize]byte(randomOctets(OnceKeySize))
	octets, data := make([]byte, 400), make([]byte, 44)
	b.ReportAllocs()
	for b.Loop() {
		SealOnce(&key, octets, data)
		OpenOnce(&key, octets, data)
	}
}
