// SPDX-License-Identifier: BSD-2-Clause

//go:build unix && !purego

package crypto

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	mrand "math/rand/v2"
	"testing"

	"libgssapi/internal/processor"
)

func needNative(t testing.TB) {
	if !processor.Has().SHA {
		t.Skip("this processor has no instructions for AES and SHA: the portable one is all there is")
	}
	if !processor.Has().SHA512 {
		t.Log("this processor has no AVX-512: SHA-384 is that of the standard library")
	}
}

func TestNativeAESIsThatOfTheStandardLibrary(t *testing.T) {
	if !processor.Has().AES {
		t.Skip("this processor has no instructions for AES: the portable one is all there is")
	}
	src, dst := newGuarded(t, 1024), newGuarded(t, 1024)
	for _, size := range []int{16, 32} {
		key, iv := randomOctets(size), randomOctets(blockSize)
		block, err := aes.NewCipher(key)
		if err != nil {
			t.Fatal(err)
		}
		var ks schedule
		ks.expand(key)
		for n := 0; n <= 40*blockSize; n += blockSize {
			for _, place := range []func(guarded) []byte{
				func(g guarded) []byte { return g.first(n, 0) },
				func(g guarded) []byte { return g.first(n, 5) },
				func(g guarded) []byte { return g.last(n, 0) },
			} {
				plain, out, want := place(src), place(dst), make([]byte, n)
				rand.Read(plain)
				cipher.NewCBCEncrypter(block, iv).CryptBlocks(want, plain)
				next := [blockSize]byte(iv)
				cbcEncrypt(&ks, &next, out, plain)
				if !bytes.Equal(out, want) {
					t.Fatalf("key of %d octets: %d octets are encrypted differently", size, n)
				}
				if n > 0 && !bytes.Equal(next[:], want[n-blockSize:]) {
					t.Fatalf("key of %d octets: IV behind %d octets is not the last block", size, n)
				}
				next = [blockSize]byte(iv)
				copy(plain, out)
				cbcDecrypt(&ks, &next, out, plain)
				back := make([]byte, n)
				cipher.NewCBCDecrypter(block, iv).CryptBlocks(back, plain)
				if !bytes.Equal(out, back) {
					t.Fatalf("key of %d octets: %d octets are decrypted differently", size, n)
				}
				if n > 0 && !bytes.Equal(next[:], want[n-blockSize:]) {
					t.Fatalf("key of %d octets: IV behind %d decrypted octets is not the last block", size, n)
				}
				next = [blockSize]byte(iv)
				cbcDecrypt(&ks, &next, plain, plain)
				if !bytes.Equal(plain, back) {
					t.Fatalf("key of %d octets: %d octets are decrypted differently in place", size, n)
				}
			}
		}
	}
}

func TestNativeMACIsThatOfTheStandardLibrary(t *testing.T) {
	needNative(t)
	memory := newGuarded(t, 1024)
	for _, e := range []EType{AES128SHA1, AES128SHA2, AES256SHA2} {
		for _, keySize := range []int{0, 1, 24, 63, 64} {
			key := randomOctets(keySize)
			native, twin := newMAC(e.profile(), key), hmac.New(e.profile().newHash, key)
			for n := 0; n <= 600; n++ {
				for gap := range 17 {
					data := memory.last(n, 0)
					if gap > 0 {
						data = memory.first(n, gap-1)
					}
					rand.Read(data[:min(n, 8)])
					cut := n * gap / 17
					native.Reset()
					native.Write(data[:cut])
					native.Write(data[cut:])
					twin.Reset()
					twin.Write(data)
					if got, want := native.Sum(nil), twin.Sum(nil); !bytes.Equal(got, want) {
						t.Fatalf("%s: HMAC of %d octets cut at %d is %x, want %x", e, n, cut, got, want)
					}
				}
			}
		}
	}
}

// sealers returns both ciphers for a usage.
func sealers(k *Key, usage uint32) (native, twin *Cipher) {
	p := k.etype.profile()
	ke, ki := p.deriveCipher(k.b, usage)
	e := newPortableSealer(p, ke, ki)
	return k.NewCipher(usage), &Cipher{sealer: e, hmac: e.mac(), macSize: p.macSize, etm: p.etm}
}

// What is long is sealed and opened in place by the kernels; pieces in clear bring the hash out of step with them.
func TestSealersSealAndOpenPiecesAlike(t *testing.T) {
	needNative(t)
	eachType(t, func(t *testing.T, k *Key) {
		r := mrand.New(mrand.NewPCG(5, 6))
		native, twin := sealers(k, 24)
		for round := range 300 {
			n := r.IntN(3000)
			if round%50 == 0 {
				n = maxRun + r.IntN(2*maxRun)
			}
			plain := randomOctets(n)
			pieces := []Piece{{B: randomOctets(blockSize)}}
			for left := plain; len(left) > 0; {
				cut := len(left)
				if r.IntN(2) == 0 {
					cut = r.IntN(cut + 1)
				}
				pieces = append(pieces, Piece{B: bytes.Clone(left[:cut])})
				if left = left[cut:]; r.IntN(3) == 0 {
					pieces = append(pieces, Piece{B: randomOctets(r.IntN(40)), Clear: true})
				}
			}
			same := make([]Piece, len(pieces))
			for i, p := range pieces {
				same[i] = Piece{bytes.Clone(p.B), p.Clear}
			}
			got, want := make([]byte, native.macSize), make([]byte, native.macSize)
			if err := native.SealPieces(pieces, got); err != nil {
				t.Fatal(err)
			}
			if err := twin.SealPieces(same, want); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(join(pieces), join(same)) || !bytes.Equal(got, want) {
				t.Fatalf("%d octets in %d pieces are sealed differently", n, len(pieces))
			}
			if err := native.OpenPieces(pieces, got); err != nil || !bytes.Equal(join(pieces)[blockSize:], plain) {
				t.Fatalf("%d octets in %d pieces do not open (%v)", n, len(pieces), err)
			}
			if err := twin.OpenPieces(same, got); err != nil || !bytes.Equal(join(same)[blockSize:], plain) {
				t.Fatalf("%d octets in %d pieces do not open with the twin (%v)", n, len(pieces), err)
			}
		}
	})
}

func TestPiecesStayWithinTheirMemory(t *testing.T) {
	needNative(t)
	memory := newGuarded(t, 1024)
	eachType(t, func(t *testing.T, k *Key) {
		c, sum := k.NewCipher(24), make([]byte, maxMACSize)
		for n := 0; n <= 600; n++ {
			for gap := range 4 {
				data := memory.last(n, 0)
				if gap > 0 {
					data = memory.first(n, gap-1)
				}
				plain := randomOctets(n)
				copy(data, plain)
				pieces := []Piece{{B: randomOctets(blockSize)}, {B: data}}
				if gap == 2 {
					pieces = append(pieces, Piece{B: randomOctets(blockSize)})
				}
				if err := c.SealPieces(pieces, sum[:c.macSize]); err != nil {
					t.Fatal(err)
				}
				if err := c.OpenPieces(pieces, sum[:c.macSize]); err != nil || !bytes.Equal(data, plain) {
					t.Fatalf("%d octets in place do not open (%v)", n, err)
				}
			}
		}
	})
}

func TestSealersSealAndOpenAlikeAtTheEdgesOfMemory(t *testing.T) {
	needNative(t)
	msgMemory, dstMemory := newGuarded(t, 1024), newGuarded(t, 1024)
	aMemory, bMemory := newGuarded(t, 1024), newGuarded(t, 1024)
	eachType(t, func(t *testing.T, k *Key) {
		native, twin := sealers(k, 24)
		confounder, want, back := randomOctets(blockSize), make([]byte, 1024), make([]byte, 1024)
		for n := 0; n <= 600; n++ {
			for gap := range 17 {
				place := func(g guarded, n int) []byte {
					if gap == 0 {
						return g.last(n, 0)
					}
					return g.first(n, gap-1)
				}
				msg, want, back := place(msgMemory, n), want[:n+native.Overhead()], back[:n]
				rand.Read(msg)
				tail := min(n, gap%(blockSize+1))
				got := place(dstMemory, len(want))
				if err := native.Seal(got, msg[:n-tail], msg[n-tail:], bytes.NewReader(confounder)); err != nil {
					t.Fatal(err)
				}
				if err := twin.Seal(want, msg, nil, bytes.NewReader(confounder)); err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(got, want) {
					t.Fatalf("%d octets with a tail of %d, %d from the edge, are sealed differently", n, tail, gap-1)
				}
				// Cut anywhere, often within the last blocks.
				cut := len(got) - (n*7+gap*5)%len(got)
				a, b := place(aMemory, cut), place(bMemory, len(got)-cut)
				copy(a, got)
				copy(b, got[cut:])
				out := place(dstMemory, n)
				if err := native.Open(out, a, b); err != nil || !bytes.Equal(out, msg) {
					t.Fatalf("%d octets cut at %d, %d from the edge, do not open (%v)", n, cut, gap-1, err)
				}
				if err := twin.Open(back, a, b); err != nil || !bytes.Equal(back, msg) {
					t.Fatalf("%d octets cut at %d do not open by the twin (%v)", n, cut, err)
				}
			}
		}
	})
}

func TestSealersSealLongMessagesAlike(t *testing.T) {
	needNative(t)
	eachType(t, func(t *testing.T, k *Key) {
		native, twin := sealers(k, 24)
		confounder := randomOctets(blockSize)
		for _, n := range []int{maxRun - 1, maxRun, maxRun + 1, maxRun + 48, 2*maxRun + 200, 5*maxRun + 31} {
			msg, got, want := randomOctets(n), make([]byte, n+native.Overhead()), make([]byte, n+native.Overhead())
			if err := native.Seal(got, msg, nil, bytes.NewReader(confounder)); err != nil {
				t.Fatal(err)
			}
			if err := twin.Seal(want, msg, nil, bytes.NewReader(confounder)); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Fatalf("%d octets are sealed differently", n)
			}
			back := make([]byte, n)
			if err := native.Open(back, got, nil); err != nil || !bytes.Equal(back, msg) {
				t.Fatalf("%d octets do not open (%v)", n, err)
			}
		}
	})
}

// A processor may have AES alone.
func TestSealersAgreeWithoutKernelsForTheHash(t *testing.T) {
	defer func(has processor.Instructions) { *processor.Has() = has }(*processor.Has())
	processor.Has().SHA, processor.Has().SHA512 = false, false
	testCallsInAnyOrder(t)
}

// The calls of a sealer for one message, in any order and size, among them those in place that Cipher makes for what a
// token's rotation tore apart.
func TestSealersAgreeOnCallsInAnyOrder(t *testing.T) {
	needNative(t)
	testCallsInAnyOrder(t)
}

func testCallsInAnyOrder(t *testing.T) {
	src, dst := newGuarded(t, 4096), newGuarded(t, 4096)
	eachType(t, func(t *testing.T, k *Key) {
		native, twin := sealers(k, 24)
		for range 1000 {
			native.sealer.begin()
			twin.sealer.begin()
			calls := randomOctets(7)
			sealing := calls[0]&1 == 0
			for _, c := range calls {
				n := int(c>>3) * blockSize
				in := src.last(n, 0)
				rand.Read(in)
				got, want := dst.last(n, 0), make([]byte, n)
				switch kind := c % 3; {
				case sealing && kind == 0:
					native.sealer.encrypt(got, in)
					twin.sealer.encrypt(want, in)
				case sealing:
					native.sealer.seal(got, in)
					twin.sealer.seal(want, in)
				case kind == 0:
					native.sealer.decrypt(got, in)
					twin.sealer.decrypt(want, in)
				case kind == 1:
					copy(got, in)
					native.sealer.open(got, got)
					twin.sealer.open(want, in)
				default:
					native.sealer.open(got, in)
					twin.sealer.open(want, in)
				}
				if !bytes.Equal(got, want) {
					t.Fatalf("calls %v: %d octets differ", calls, n)
				}
			}
			if got, want := native.hmac.Sum(nil), twin.hmac.Sum(nil); !bytes.Equal(got, want) {
				t.Fatalf("calls %v: HMAC differs", calls)
			}
		}
	})
}

func FuzzSealers(f *testing.F) {
	needNative(f)
	for n := 0; n < 300; n += 23 {
		f.Add(uint8(n), []byte("key"), []byte("confounder"), make([]byte, n), uint16(n/2))
	}
	f.Fuzz(func(t *testing.T, e uint8, key, confounder, msg []byte, cut uint16) {
		etype := AES128SHA1 + EType(e%4)
		k := newKey(etype, make([]byte, etype.KeySize()))
		copy(k.b, key)
		native, twin := sealers(k, 24)
		first := make([]byte, blockSize)
		copy(first, confounder)
		got, want := make([]byte, len(msg)+native.Overhead()), make([]byte, len(msg)+native.Overhead())
		if err := native.Seal(got, msg, nil, bytes.NewReader(first)); err != nil {
			t.Fatal(err)
		}
		if err := twin.Seal(want, msg, nil, bytes.NewReader(first)); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Fatalf("sealed to %x, want %x", got, want)
		}
		at := int(cut) % (len(got) + 1)
		back := make([]byte, len(msg))
		if err := native.Open(back, got[:at], got[at:]); err != nil || !bytes.Equal(back, msg) {
			t.Fatalf("cut at %d does not open: %v", at, err)
		}
	})
}

func TestOnceAllocatesNothing(t *testing.T) {
	if has := processor.Has(); !has.AES || !has.CLMUL {
		t.Skip("this processor has no instructions for GCM: that of the standard library allocates")
	}
	key := [OnceKeySize]byte(randomOctets(OnceKeySize))
	b, data := make([]byte, 400), make([]byte, 44)
	if n := testing.AllocsPerRun(100, func() {
		SealOnce(&key, b, data)
		OpenOnce(&key, b, data)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
