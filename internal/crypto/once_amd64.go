// SPDX-License-Identifier: BSD-2-Clause

//go:build !purego

package crypto

import (
	"crypto/subtle"
	"encoding/binary"

	"libgssapi/internal/processor"
)

// gcm256 is AES-256-GCM with a nonce of 12 zeros.
//
// GHASH is computed as POLYVAL (RFC 8452, Appendix A), whose bits are in the order in which the processor multiplies them:
// octets are reversed where they are read, and the hash key is multiplied by x.
type gcm256 struct {
	ks     schedule
	powers [4]fieldElement // of the hash key, the first one first
	hash   fieldElement
	mask   [blockSize]byte // of the tag
}

// fieldElement is an element of POLYVAL's field, the least significant octet first.
type fieldElement [blockSize]byte

func (g *gcm256) init(key *[OnceKeySize]byte) {
	g.ks.expandForSealing(key[:])
	var blocks [2 * blockSize]byte // of the counters 0 and 1
	ctr256(&g.ks, 0, blocks[:], blocks[:])
	copy(g.mask[:], blocks[blockSize:])
	h := &g.powers[0]
	high, low := binary.BigEndian.Uint64(blocks[:]), binary.BigEndian.Uint64(blocks[8:])
	carry := high >> 63
	high, low = high<<1|low>>63, low<<1
	binary.LittleEndian.PutUint64(h[:], low^carry)
	binary.LittleEndian.PutUint64(h[8:], high^carry*0xc2<<56)
	clear(blocks[:])
	for i := range len(g.powers) - 1 {
		g.powers[i+1] = g.powers[i]
		polyval(&g.powers, &g.powers[i+1], blocks[:blockSize]) // the product with the key
	}
}

// tag computes the tag of a ciphertext.
func (g *gcm256) tag(ciphertext, data []byte) (tag [blockSize]byte) {
	g.absorb(data)
	g.absorb(ciphertext)
	var lengths [blockSize]byte
	binary.BigEndian.PutUint64(lengths[:], 8*uint64(len(data)))
	binary.BigEndian.PutUint64(lengths[8:], 8*uint64(len(ciphertext)))
	polyval(&g.powers, &g.hash, lengths[:])
	for i := range tag {
		tag[i] = g.hash[blockSize-1-i] ^ g.mask[i]
	}
	return tag
}

// absorb hashes octets, with zeros behind them up to the end of a block.
func (g *gcm256) absorb(b []byte) {
	whole := len(b) &^ (blockSize - 1)
	polyval(&g.powers, &g.hash, b[:whole])
	if whole < len(b) {
		var last [blockSize]byte
		copy(last[:], b[whole:])
		polyval(&g.powers, &g.hash, last[:])
	}
}

// xor encrypts or decrypts in place.
func (g *gcm256) xor(b []byte) {
	whole := len(b) &^ (blockSize - 1)
	ctr256(&g.ks, 2, b[:whole], b[:whole])
	if whole < len(b) {
		var last [blockSize]byte
		copy(last[:], b[whole:])
		ctr256(&g.ks, uint32(2+whole/blockSize), last[:], last[:])
		copy(b[whole:], last[:])
		clear(last[:])
	}
}

func sealOnceNative(key *[OnceKeySize]byte, b, data []byte) bool {
	if has := processor.Has(); !has.AES || !has.CLMUL {
		return false
	}
	var g gcm256
	g.init(key)
	n := len(b) - OnceOverhead
	g.xor(b[:n])
	tag := g.tag(b[:n], data)
	copy(b[n:], tag[:])
	g = gcm256{}
	return true
}

func openOnceNative(key *[OnceKeySize]byte, b, data []byte) (ok, native bool) {
	if has := processor.Has(); !has.AES || !has.CLMUL {
		return false, false
	}
	var g gcm256
	g.init(key)
	n := len(b) - OnceOverhead
	tag := g.tag(b[:n], data)
	if ok = subtle.ConstantTimeCompare(tag[:], b[n:]) == 1; ok {
		g.xor(b[:n])
	}
	g = gcm256{}
	return ok, true
}

// ctr256 encrypts whole blocks of src in counter mode, with a key of 256 bits. The first counter block is zeros before
// counter. dst has the same length, and may be src.
//
//go:noescape
func ctr256(ks *schedule, counter uint32, dst, src []byte)

// polyval continues the hash of the whole blocks in b, whose octets it reverses. Of powers only the first is used for less
// than four blocks.
//
//go:noescape
func polyval(powers *[4]fieldElement, hash *fieldElement, b []byte)
