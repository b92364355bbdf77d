// SPDX-License-Identifier: BSD-2-Clause

package crypto

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"math"
	"sync"
	"testing"

	"libgssapi/internal/status"
)

var allTypes = []EType{AES128SHA1, AES256SHA1, AES128SHA2, AES256SHA2}

func eachType(t *testing.T, f func(t *testing.T, k *Key)) {
	for _, e := range allTypes {
		t.Run(e.String(), func(t *testing.T) {
			k, err := RandomKey(e, rand.Reader)
			if err != nil {
				t.Fatal(err)
			}
			f(t, k)
		})
	}
}

func randomOctets(n int) []byte {
	b := make([]byte, n)
	rand.Read(b)
	return b
}

func TestEveryLengthDecryptsToItself(t *testing.T) {
	lengths := []int{chunk - 1, chunk, chunk + 1, 3*chunk + 17, 1 << 20, 200_000}
	for n := 0; n <= 100; n++ {
		lengths = append(lengths, n)
	}
	eachType(t, func(t *testing.T, k *Key) {
		for _, n := range lengths {
			plain := randomOctets(n)
			sealed, err := k.Encrypt(7, plain, rand.Reader)
			if err != nil {
				t.Fatal(err)
			}
			got, err := k.Decrypt(7, sealed)
			if err != nil || !bytes.Equal(got, plain) {
				t.Fatalf("%d octets do not come back (%v)", n, err)
			}
		}
	})
}

func TestTailIsEncryptedAsIfItWereInTheMessage(t *testing.T) {
	eachType(t, func(t *testing.T, k *Key) {
		c := k.NewCipher(24)
		confounder := randomOctets(blockSize)
		for n := 0; n <= 70; n++ {
			for tail := 0; tail <= blockSize && tail <= n; tail++ {
				plain := randomOctets(n)
				want, err := k.Encrypt(24, plain, bytes.NewReader(confounder))
				if err != nil {
					t.Fatal(err)
				}
				got := make([]byte, len(want))
				err = c.Seal(got, plain[:n-tail], plain[n-tail:], bytes.NewReader(confounder))
				if err != nil || !bytes.Equal(got, want) {
					t.Fatalf("%d octets with a tail of %d are sealed differently (%v)", n, tail, err)
				}
			}
		}
	})
}

func TestCiphertextInTwoPartsOpensWhereverItIsCut(t *testing.T) {
	eachType(t, func(t *testing.T, k *Key) {
		c := k.NewCipher(24)
		for _, n := range []int{0, 1, 15, 16, 17, 31, 32, 33, 64, 100} {
			plain := randomOctets(n)
			sealed, err := k.Encrypt(24, plain, rand.Reader)
			if err != nil {
				t.Fatal(err)
			}
			for cut := 0; cut <= len(sealed); cut++ {
				got := make([]byte, n)
				if err := c.Open(got, sealed[:cut], sealed[cut:]); err != nil || !bytes.Equal(got, plain) {
					t.Fatalf("%d octets cut at %d do not open (%v)", n, cut, err)
				}
			}
		}
	})
}

func TestChangedCiphertextIsRefusedAndLeavesNoPlaintext(t *testing.T) {
	eachType(t, func(t *testing.T, k *Key) {
		c := k.NewCipher(24)
		for _, n := range []int{0, 5, 16, 50} {
			sealed, err := k.Encrypt(24, bytes.Repeat([]byte{0xaa}, n), rand.Reader)
			if err != nil {
				t.Fatal(err)
			}
			for i := range sealed {
				sealed[i] ^= 0x40
				got := bytes.Repeat([]byte{0x55}, n)
				if err := c.Open(got, sealed, nil); !errors.Is(err, errIntegrity) {
					t.Errorf("octet %d of %d changed: %v", i, len(sealed), err)
				}
				if !bytes.Equal(got, make([]byte, n)) {
					t.Errorf("octet %d of %d changed: plaintext left behind", i, len(sealed))
				}
				sealed[i] ^= 0x40
			}
		}
	})
}

func TestTruncatedCiphertextIsRefused(t *testing.T) {
	eachType(t, func(t *testing.T, k *Key) {
		sealed, err := k.Encrypt(2, randomOctets(40), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		for n := range sealed {
			if _, err := k.Decrypt(2, sealed[:n]); err == nil {
				t.Errorf("%d of %d octets decrypt", n, len(sealed))
			}
		}
	})
}

func TestOtherKeyAndOtherUsageDoNotDecrypt(t *testing.T) {
	eachType(t, func(t *testing.T, k *Key) {
		sealed, err := k.Encrypt(2, []byte("message"), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		other, err := RandomKey(k.EType(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := other.Decrypt(2, sealed); err == nil {
			t.Error("another key decrypts")
		}
		if _, err := k.Decrypt(3, sealed); err == nil {
			t.Error("another key usage decrypts")
		}
		sum := k.Checksum(2, []byte("message"))
		if k.VerifyChecksum(3, []byte("message"), sum) || other.VerifyChecksum(2, []byte("message"), sum) {
			t.Error("another key or key usage verifies")
		}
		if k.VerifyChecksum(2, []byte("message"), nil) || k.VerifyChecksum(2, []byte("message"), sum[:len(sum)-1]) {
			t.Error("a short checksum verifies")
		}
	})
}

func TestConfounderDiffersFromMessageToMessage(t *testing.T) {
	eachType(t, func(t *testing.T, k *Key) {
		a, _ := k.Encrypt(2, []byte("message"), rand.Reader)
		b, _ := k.Encrypt(2, []byte("message"), rand.Reader)
		if bytes.Equal(a, b) {
			t.Error("two encryptions are equal")
		}
	})
}

func TestFailingRandomSourceFailsTheCall(t *testing.T) {
	empty := bytes.NewReader(nil)
	eachType(t, func(t *testing.T, k *Key) {
		if _, err := k.Encrypt(2, []byte("message"), empty); err == nil {
			t.Error("encrypted without a confounder")
		}
		if _, err := RandomKey(k.EType(), empty); err == nil {
			t.Error("made a key of nothing")
		}
	})
}

func TestWrongKeySizeAndTypeAreRefused(t *testing.T) {
	for _, e := range allTypes {
		for n := 0; n < 64; n++ {
			if _, err := NewKey(e, make([]byte, n)); (err == nil) != (n == e.KeySize()) {
				t.Errorf("%s: key of %d octets: %v", e, n, err)
			}
		}
	}
	for _, e := range []EType{math.MinInt32, -1, 0, 1, 15, 21, 22, 24, 27, math.MaxInt32} {
		if _, err := NewKey(e, make([]byte, 16)); status.Of(err).Minor != status.KRB5_PROG_ETYPE_NOSUPP {
			t.Errorf("%s: %v", e, err)
		}
		if _, err := StringToKey(e, nil, "", 1); err == nil {
			t.Errorf("%s: string-to-key succeeds", e)
		}
		if e.Supported() || e.KeySize() != 0 || e.MACSize() != 0 || e.ChecksumType() != 0 {
			t.Errorf("%s is said to be supported", e)
		}
	}
}

// A KDC that nobody has authenticated chooses the salt, and a credential store may have a password without octets.
func TestStringToKeyOfNothing(t *testing.T) {
	for _, e := range []EType{DES3, AES128SHA1, AES256SHA1, AES128SHA2, AES256SHA2, RC4, Camellia128, Camellia256} {
		if k, err := StringToKey(e, nil, "", 1); err != nil || len(k.Bytes()) != e.KeySize() {
			t.Errorf("%s: %v", e, err)
		}
	}
}

func TestStringToKeyBoundsIterations(t *testing.T) {
	if _, err := StringToKey(AES128SHA1, []byte("p"), "s", maxIterations+1); err == nil {
		t.Error("too many iterations are done")
	}
}

func TestNamesOfTypesAreReadInAnyCase(t *testing.T) {
	for name, want := range map[string]EType{
		"aes256-cts-hmac-sha1-96": AES256SHA1, "AES256-CTS": AES256SHA1, "aes128-sha2": AES128SHA2,
		"aes256-cts-hmac-sha384-192": AES256SHA2, "rc4-hmac": 23, "des3-cbc-sha1": 16, "camellia256-cts-cmac": 26,
	} {
		if got, ok := ParseEType(name); !ok || got != want {
			t.Errorf("%s is %d, %v", name, got, ok)
		}
	}
	for _, name := range []string{"", "aes", "17", "aes256-cts-hmac-sha1-96 "} {
		if got, ok := ParseEType(name); ok {
			t.Errorf("%q is %d", name, got)
		}
	}
	for _, e := range allTypes {
		if got, ok := ParseEType(e.String()); !ok || got != e {
			t.Errorf("%s is %d", e, got)
		}
	}
}

// What MIT krb5 1.20 answers for each type.
func TestStrengthIsMITs(t *testing.T) {
	for e, want := range map[EType]int{
		DES3: 112, AES128SHA1: 128, AES256SHA1: 256, AES128SHA2: 128, AES256SHA2: 256, RC4: 64, Camellia128: 128,
		Camellia256: 256, 99: 0,
	} {
		if got := e.Strength(); got != want {
			t.Errorf("%s: %d bits", e, got)
		}
	}
}

func TestKeyServesManyThreads(t *testing.T) {
	eachType(t, func(t *testing.T, k *Key) {
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for usage := range uint32(50) {
					plain := randomOctets(60)
					sealed, err := k.Encrypt(usage%5, plain, rand.Reader)
					if err != nil {
						t.Error(err)
						return
					}
					got, err := k.Decrypt(usage%5, sealed)
					if err != nil || !bytes.Equal(got, plain) {
						t.Errorf("does not come back (%v)", err)
					}
					if !k.VerifyChecksum(usage%5, plain, k.Checksum(usage%5, plain)) {
						t.Error("checksum does not verify")
					}
				}
			})
		}
		wg.Wait()
	})
}

func TestWipeOverwritesTheKey(t *testing.T) {
	k, err := NewKey(AES128SHA1, bytes.Repeat([]byte{7}, 16))
	if err != nil {
		t.Fatal(err)
	}
	b := k.Bytes()
	k.Wipe()
	if !bytes.Equal(b, make([]byte, 16)) {
		t.Error("octets of the key are left")
	}
}

func TestMessagesCostNoAllocation(t *testing.T) {
	eachType(t, func(t *testing.T, k *Key) {
		c, m := k.NewCipher(24), k.NewMAC(25)
		msg, tail := randomOctets(1000), randomOctets(blockSize)
		sealed := make([]byte, len(msg)+len(tail)+c.Overhead())
		plain := make([]byte, len(msg)+len(tail))
		sum := bytes.Clone(m.Sum(msg, tail))
		var random io.Reader = rand.Reader
		n := testing.AllocsPerRun(100, func() {
			if err := c.Seal(sealed, msg, tail, random); err != nil {
				t.Error(err)
			}
			if err := c.Open(plain, sealed[100:], nil); err == nil {
				t.Error("opened a part")
			}
			if err := c.Open(plain, sealed, nil); err != nil {
				t.Error(err)
			}
			if !m.Verify(sum, msg, tail) {
				t.Error("does not verify")
			}
		})
		if n != 0 {
			t.Errorf("%v allocations", n)
		}
	})
}

func FuzzDecrypt(f *testing.F) {
	keys := make(map[EType]*Key)
	for _, e := range allTypes {
		k, err := NewKey(e, bytes.Repeat([]byte{byte(e)}, e.KeySize()))
		if err != nil {
			f.Fatal(err)
		}
		keys[e] = k
		for _, n := range []int{0, 1, 16, 17, 32, 40} {
			sealed, err := k.Encrypt(2, make([]byte, n), bytes.NewReader(make([]byte, blockSize)))
			if err != nil {
				f.Fatal(err)
			}
			f.Add(byte(e), uint32(2), uint16(n), sealed)
		}
	}
	f.Fuzz(func(t *testing.T, e byte, usage uint32, cut uint16, sealed []byte) {
		k := keys[AES128SHA1+EType(e%4)]
		usage %= 4
		plain, err := k.Decrypt(usage, sealed)
		if err == nil && len(plain)+k.etype.Overhead() != len(sealed) {
			t.Errorf("%d octets decrypt to %d", len(sealed), len(plain))
		}
		// The same in two parts.
		if len(sealed) < k.etype.Overhead() {
			return
		}
		at := int(cut) % (len(sealed) + 1)
		again := make([]byte, len(sealed)-k.etype.Overhead())
		if err2 := k.NewCipher(usage).Open(again, sealed[:at], sealed[at:]); (err2 == nil) != (err == nil) {
			t.Errorf("cut at %d: %v, uncut: %v", at, err2, err)
		}
		if err == nil && !bytes.Equal(again, plain) {
			t.Errorf("cut at %d opens to something else", at)
		}
	})
}

func BenchmarkSeal(b *testing.B) {
	benchmark(b, func(b *testing.B, k *Key, msg []byte) {
		c := k.NewCipher(24)
		tail := make([]byte, blockSize)
		out := make([]byte, len(msg)+len(tail)+c.Overhead())
		for b.Loop() {
			if err := c.Seal(out, msg, tail, rand.Reader); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkOpen(b *testing.B) {
	benchmark(b, func(b *testing.B, k *Key, msg []byte) {
		c := k.NewCipher(24)
		sealed := make([]byte, len(msg)+c.Overhead())
		if err := c.Seal(sealed, msg, nil, rand.Reader); err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			if err := c.Open(msg, sealed, nil); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkMAC(b *testing.B) {
	benchmark(b, func(b *testing.B, k *Key, msg []byte) {
		m := k.NewMAC(25)
		for b.Loop() {
			m.Sum(msg, nil)
		}
	})
}

func BenchmarkDerive(b *testing.B) {
	for _, e := range allTypes {
		b.Run(e.String(), func(b *testing.B) {
			b.ReportAllocs()
			k := newKey(e, make([]byte, e.KeySize()))
			for b.Loop() {
				k.NewCipher(24)
			}
		})
	}
}

func benchmark(b *testing.B, f func(b *testing.B, k *Key, msg []byte)) {
	for _, e := range allTypes {
		for _, size := range []struct {
			name string
			n    int
		}{{"64", 64}, {"1K", 1 << 10}, {"64K", 64 << 10}, {"1M", 1 << 20}} {
			b.Run(e.String()+"/"+size.name, func(b *testing.B) {
				b.SetBytes(int64(size.n))
				b.ReportAllocs()
				f(b, newKey(e, make([]byte, e.KeySize())), make([]byte, size.n))
			})
		}
	}
}

// The keys of a cipher are made together, from folds that are kept.
func TestCipherKeysAreThoseOfTheUsage(t *testing.T) {
	for _, e := range []EType{AES128SHA1, AES256SHA1, AES128SHA2, AES256SHA2, Camellia128, Camellia256} {
		p := e.profile()
		key := randomOctets(p.keySize)
		for _, usage := range []uint32{0, 2, 2, 31, 32, 1 << 20} {
			ke, ki := p.deriveCipher(key, usage)
			if !bytes.Equal(ke, p.deriveUsage(key, usage, constantKe)) {
				t.Errorf("%s, usage %d: Ke is another", e, usage)
			}
			if !bytes.Equal(ki, p.deriveUsage(key, usage, constantKi)) {
				t.Errorf("%s, usage %d: Ki is another", e, usage)
			}
		}
	}
}
