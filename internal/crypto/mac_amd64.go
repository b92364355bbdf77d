// SPDX-License-Identifier: BSD-2-Clause

//go:build !purego

package crypto

import (
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"

	"libgssapi/internal/processor"
)

// nativeMAC is HMAC (RFC 2104) with SHA-1, SHA-256 or SHA-384. It stores the states of both hashes after their first
// block, which contains only the key, so a short message costs one block and one more for the outer hash.
type nativeMAC struct {
	size         int // of the hash, in octets; it also tells which one
	group        int // block size of the hash, in octets
	inner, outer hashState

	h      hashState
	block  [maxGroupSize]byte // begun, length%group octets
	length uint64             // hashed and in block, in octets
}

// hashState contains the words of SHA-512. SHA-1 and SHA-256 have 32-bit words, two in each, the lower one first.
type hashState [8]uint64

const maxGroupSize = sha512.BlockSize

// maxRun is the most that a kernel processes at once, in octets. Garbage collection and everything else that briefly
// stops all threads waits for the end of a run.
const maxRun = 64 << 10

// The initial states (FIPS 180-4, Section 5.3).
var (
	sha1Initial   = hashState{0xefcdab8967452301, 0x1032547698badcfe, 0xc3d2e1f0}
	sha256Initial = hashState{0xbb67ae856a09e667, 0xa54ff53a3c6ef372, 0x9b05688c510e527f, 0x5be0cd191f83d9ab}
	sha384Initial = hashState{
		0xcbbb9d5dc1059ed8, 0x629a292a367cd507, 0x9159015a3070dd17, 0x152fecd8f70e5939,
		0x67332667ffc00b31, 0x8eb44a8768581511, 0xdb0c2e0d64f98fa7, 0x47b5481dbefa4fa4,
	}
)

// newNativeMAC returns nil if this processor has no kernel for the hash.
func newNativeMAC(p *profile, key []byte) mac {
	m := &nativeMAC{size: p.hashSize, group: sha1.BlockSize}
	ok := processor.Has().SHA
	switch p.hashSize {
	case sha1.Size:
		m.inner = sha1Initial
	case sha256.Size:
		m.inner = sha256Initial
	case sha512.Size384:
		m.inner, m.group, ok = sha384Initial, sha512.BlockSize, processor.Has().SHA512
	}
	if !ok || len(key) > m.group {
		return nil
	}
	m.outer = m.inner
	m.keyBlock(&m.inner, key, 0x36)
	m.keyBlock(&m.outer, key, 0x5c)
	clear(m.block[:])
	return m
}

// keyBlock hashes the key, padded with zeros and added to pad.
func (m *nativeMAC) keyBlock(h *hashState, key []byte, pad byte) {
	block := m.block[:m.group]
	clear(block[copy(block, key):])
	for i := range block {
		block[i] ^= pad
	}
	m.blocks(h, block)
}

func (m *nativeMAC) blocks(h *hashState, p []byte) {
	switch m.size {
	case sha1.Size:
		sha1Blocks(h, p)
	case sha256.Size:
		sha256Blocks(h, p)
	default:
		sha512Blocks(h, p)
	}
}

func (m *nativeMAC) wipe() {
	m.inner, m.outer, m.h = hashState{}, hashState{}, hashState{}
	clear(m.block[:])
}

func (m *nativeMAC) Reset() {
	m.h = m.inner
	m.length = uint64(m.group)
}

// begun returns the number of octets in the block. Block sizes are powers of two.
func (m *nativeMAC) begun() int { return int(m.length) & (m.group - 1) }

// missing returns the number of octets that the block lacks, or 0 if it is empty.
func (m *nativeMAC) missing() int { return -int(m.length) & (m.group - 1) }

func (m *nativeMAC) Write(p []byte) (int, error) {
	total := len(p)
	if begun := m.begun(); begun > 0 {
		n := copy(m.block[begun:m.group], p)
		m.length += uint64(n)
		p = p[n:]
		if begun+n < m.group {
			return total, nil
		}
		m.blocks(&m.h, m.block[:m.group])
	}
	for len(p) >= m.group {
		n := min(len(p)&^(m.group-1), maxRun)
		m.blocks(&m.h, p[:n])
		m.length += uint64(n)
		p = p[n:]
	}
	m.length += uint64(copy(m.block[:], p))
	return total, nil
}

func (m *nativeMAC) Sum(b []byte) []byte {
	m.finish()
	m.words(m.block[:])
	m.h = m.outer
	m.length = uint64(m.group + m.size)
	m.finish()
	n := len(b)
	b = append(b, m.block[:m.size]...)
	m.words(b[n:])
	return b
}

// words writes the hash to the first octets of p.
func (m *nativeMAC) words(p []byte) {
	if m.size == sha512.Size384 {
		for i, w := range m.h[:sha512.Size384/8] {
			binary.BigEndian.PutUint64(p[8*i:], w)
		}
		return
	}
	for i := range m.size / 4 {
		binary.BigEndian.PutUint32(p[4*i:], uint32(m.h[i/2]>>(i%2*32)))
	}
}

// finish pads the contents of the block (FIPS 180-4, Section 5.1). The length before the padding, in bits, occupies an
// eighth of a block; its upper half is zero.
func (m *nativeMAC) finish() {
	block, n := m.block[:m.group], m.begun()
	block[n] = 0x80
	clear(block[n+1:])
	if n+1 > m.group-m.group/8 {
		m.blocks(&m.h, block)
		clear(block)
	}
	binary.BigEndian.PutUint64(block[m.group-8:], 8*m.length)
	m.blocks(&m.h, block)
}

// sha1Blocks, sha256Blocks and sha512Blocks hash the whole blocks of p.
//
//go:noescape
func sha1Blocks(h *hashState, p []byte)

//go:noescape
func sha256Blocks(h *hashState, p []byte)

//go:noescape
func sha512Blocks(h *hashState, p []byte)

// sha256Constants is K of FIPS 180-4, Section 4.2.2.
//
//lint:ignore U1000 the kernels read it
var sha256Constants = [64]uint32{
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
	0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
	0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
	0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
	0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
}

// sha512Constants is K of FIPS 180-4, Section 4.2.3.
//
//lint:ignore U1000 the kernels read it
var sha512Constants = [80]uint64{
	0x428a2f98d728ae22, 0x7137449123ef65cd, 0xb5c0fbcfec4d3b2f, 0xe9b5dba58189dbbc,
	0x3956c25bf348b538, 0x59f111f1b605d019, 0x923f82a4af194f9b, 0xab1c5ed5da6d8118,
	0xd807aa98a3030242, 0x12835b0145706fbe, 0x243185be4ee4b28c, 0x550c7dc3d5ffb4e2,
	0x72be5d74f27b896f, 0x80deb1fe3b1696b1, 0x9bdc06a725c71235, 0xc19bf174cf692694,
	0xe49b69c19ef14ad2, 0xefbe4786384f25e3, 0x0fc19dc68b8cd5b5, 0x240ca1cc77ac9c65,
	0x2de92c6f592b0275, 0x4a7484aa6ea6e483, 0x5cb0a9dcbd41fbd4, 0x76f988da831153b5,
	0x983e5152ee66dfab, 0xa831c66d2db43210, 0xb00327c898fb213f, 0xbf597fc7beef0ee4,
	0xc6e00bf33da88fc2, 0xd5a79147930aa725, 0x06ca6351e003826f, 0x142929670a0e6e70,
	0x27b70a8546d22ffc, 0x2e1b21385c26c926, 0x4d2c6dfc5ac42aed, 0x53380d139d95b3df,
	0x650a73548baf63de, 0x766a0abb3c77b2a8, 0x81c2c92e47edaee6, 0x92722c851482353b,
	0xa2bfe8a14cf10364, 0xa81a664bbc423001, 0xc24b8b70d0f89791, 0xc76c51a30654be30,
	0xd192e819d6ef5218, 0xd69906245565a910, 0xf40e35855771202a, 0x106aa07032bbd1b8,
	0x19a4c116b8d2d0c8, 0x1e376c085141ab53, 0x2748774cdf8eeb99, 0x34b0bcb5e19b48a8,
	0x391c0cb3c5c95a63, 0x4ed8aa4ae3418acb, 0x5b9cca4f7763e373, 0x682e6ff3d6b2b8a3,
	0x748f82ee5defb2fc, 0x78a5636f43172f60, 0x84c87814a1f0ab72, 0x8cc702081a6439ec,
	0x90befffa23631e28, 0xa4506cebde82bde9, 0xbef9a3f7b2c67915, 0xc67178f2e372532b,
	0xca273eceea26619c, 0xd186b8c721c0c207, 0xeada7dd6cde0eb1e, 0xf57d4f7fee6ed178,
	0x06f067aa72176fba, 0x0a637dc5a2c898a6, 0x113f9804bef90dae, 0x1b710b35131c471b,
	0x28db77f523047d84, 0x32caab7b40c72493, 0x3c9ebe0a15c9bebc, 0x431d67c49c100d4c,
	0x4cc5d4becb3e42b6, 0x597f299cfc657e2a, 0x5fcb6fab3ad6faec, 0x6c44198c4a475817,
}
