// SPDX-License-Identifier: BSD-2-Clause

package crypto

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"testing"

	"libgssapi/internal/status"
)

// cut divides b into pieces of random sizes, empty ones among them, with pieces in clear between.
func cut(r *rand.Rand, b []byte, clearPieces bool) []Piece {
	var pieces []Piece
	for len(b) > 0 {
		n := min(len(b), r.IntN(50))
		if r.IntN(4) == 0 {
			n = min(len(b), 16*r.IntN(20))
		}
		pieces = append(pieces, Piece{B: bytes.Clone(b[:n])})
		if b = b[n:]; clearPieces && r.IntN(3) == 0 {
			pieces = append(pieces, Piece{B: bytes.Repeat([]byte{'c'}, r.IntN(40)), Clear: true})
		}
	}
	return pieces
}

func join(pieces []Piece) []byte {
	var b []byte
	for _, p := range pieces {
		if !p.Clear {
			b = append(b, p.B...)
		}
	}
	return b
}

func eachKey(t *testing.T, f func(t *testing.T, k *Key)) {
	for e := EType(0); e < 32; e++ {
		if !e.Supported() || e.Legacy() {
			continue
		}
		t.Run(e.String(), func(t *testing.T) {
			k, err := NewKey(e, bytes.Repeat([]byte{byte(e)}, e.KeySize()))
			if err != nil {
				t.Fatal(err)
			}
			f(t, k)
		})
	}
}

func TestPiecesAreSealedAsOneMessage(t *testing.T) {
	eachKey(t, func(t *testing.T, k *Key) {
		r := rand.New(rand.NewPCG(1, 2))
		c := k.NewCipher(24)
		for size := range 300 {
			plain := make([]byte, blockSize+size)
			for i := range plain {
				plain[i] = byte(r.Uint32())
			}
			want := make([]byte, size+c.Overhead())
			if err := c.Seal(want, plain[blockSize:], nil, bytes.NewReader(plain[:blockSize])); err != nil {
				t.Fatal(err)
			}
			pieces, sum := cut(r, plain, false), make([]byte, c.macSize)
			if err := c.SealPieces(pieces, sum); err != nil {
				t.Fatal(err)
			}
			if got := append(join(pieces), sum...); !bytes.Equal(got, want) {
				t.Fatalf("%d octets in %d pieces are not sealed as in one", size, len(pieces))
			}
			if err := c.OpenPieces(cut(r, want[:len(plain)], false), sum); err != nil {
				t.Fatalf("%d octets: %v", size, err)
			}
			if err := c.OpenPieces(pieces, sum); err != nil || !bytes.Equal(join(pieces), plain) {
				t.Fatalf("%d octets: another message comes back: %v", size, err)
			}
		}
	})
}

func TestPiecesInClearAreCovered(t *testing.T) {
	eachKey(t, func(t *testing.T, k *Key) {
		r := rand.New(rand.NewPCG(3, 4))
		c := k.NewCipher(24)
		for size := range 200 {
			plain := bytes.Repeat([]byte{'p'}, blockSize+size)
			pieces, sum := append(cut(r, plain, true), Piece{B: []byte("clear"), Clear: true}), make([]byte, c.macSize)
			if err := c.SealPieces(pieces, sum); err != nil {
				t.Fatal(err)
			}
			last := pieces[len(pieces)-1].B
			if string(last) != "clear" {
				t.Fatalf("a piece in clear became %q", last)
			}
			sealed := make([]Piece, len(pieces))
			for i, p := range pieces {
				sealed[i] = Piece{bytes.Clone(p.B), p.Clear}
			}
			if err := c.OpenPieces(pieces, sum); err != nil || !bytes.Equal(join(pieces), plain) {
				t.Fatalf("%d octets: another message comes back: %v", size, err)
			}
			sealed[len(sealed)-1].B[0] ^= 1
			var e *status.Error
			if err := c.OpenPieces(sealed, sum); !errors.As(err, &e) || e.Major != status.BadMIC {
				t.Fatalf("with a piece in clear changed: %v", err)
			}
			if bytes.Contains(join(sealed), []byte("ppp")) {
				t.Fatalf("%d octets: plaintext is left of a message with a wrong MAC", size)
			}
		}
	})
}

func TestAnyChangedOctetOfPiecesIsRefused(t *testing.T) {
	eachKey(t, func(t *testing.T, k *Key) {
		c := k.NewCipher(24)
		sum := make([]byte, c.macSize)
		b := make([]byte, 50)
		if err := c.SealPieces([]Piece{{B: b}}, sum); err != nil {
			t.Fatal(err)
		}
		for i := range len(b) + len(sum) {
			b, sum := bytes.Clone(b), bytes.Clone(sum)
			if i < len(b) {
				b[i] ^= 0x10
			} else {
				sum[i-len(b)] ^= 0x10
			}
			if c.OpenPieces([]Piece{{B: b[:20]}, {B: b[20:]}}, sum) == nil {
				t.Errorf("octet %d", i)
			}
		}
	})
}

func TestPiecesCostNoAllocation(t *testing.T) {
	eachKey(t, func(t *testing.T, k *Key) {
		c := k.NewCipher(24)
		sum := make([]byte, c.macSize)
		pieces := []Piece{{B: make([]byte, 16)}, {B: make([]byte, 1001)}, {B: make([]byte, 7), Clear: true}, {B: make([]byte, 16)}}
		if n := testing.AllocsPerRun(50, func() {
			if c.SealPieces(pieces, sum) != nil || c.OpenPieces(pieces, sum) != nil {
				t.Error("it does not open")
			}
		}); n > 0 {
			t.Errorf("%v allocations", n)
		}
	})
}
