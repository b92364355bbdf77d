// SPDX-License-Identifier: BSD-2-Clause

//go:build !purego

package crypto

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/binary"
)

// nativeMAC is HMAC (RFC 2104) with SHA-1 or SHA-256. The states of both hashes after their first block, which holds
// nothing but the key, are kept: a short message takes a block of its own and one for the outer hash.
type nativeMAC struct {
	sha256       bool
	size         int // of the hash, in octets
	inner, outer [8]uint32

	h      [8]uint32
	block  [groupSize]byte // begun, length%groupSize octets
	length uint64          // hashed and in block, in octets
}

// The initial states (FIPS 180-4, Sections 5.3.1 and 5.3.3).
var (
	sha1Initial   = [8]uint32{0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0}
	sha256Initial = [8]uint32{
		0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
	}
)

// newNativeMAC returns nil where there are no instructions for the hash.
func newNativeMAC(p *profile, key []byte) mac {
	if !nativeSHA || len(key) > groupSize {
		return nil
	}
	m := &nativeMAC{size: p.hashSize}
	switch p.hashSize {
	case sha1.Size:
		m.inner = sha1Initial
	case sha256.Size:
		m.inner, m.sha256 = sha256Initial, true
	default:
		return nil
	}
	m.outer = m.inner
	m.keyBlock(&m.inner, key, 0x36)
	m.keyBlock(&m.outer, key, 0x5c)
	clear(m.block[:])
	return m
}

// keyBlock hashes the key, padded with zeros and added to pad.
func (m *nativeMAC) keyBlock(h *[8]uint32, key []byte, pad byte) {
	clear(m.block[copy(m.block[:], key):])
	for i := range m.block {
		m.block[i] ^= pad
	}
	m.blocks(h, m.block[:])
}

func (m *nativeMAC) blocks(h *[8]uint32, p []byte) {
	if m.sha256 {
		sha256Blocks(h, p)
	} else {
		sha1Blocks(h, p)
	}
}

func (m *nativeMAC) Reset() {
	m.h = m.inner
	m.length = groupSize
}

// missing is how many octets the block lacks that was begun, 0 if none was.
func (m *nativeMAC) missing() int { return int(-m.length % groupSize) }

func (m *nativeMAC) Write(p []byte) (int, error) {
	total := len(p)
	if missing := m.missing(); missing > 0 {
		n := copy(m.block[groupSize-missing:], p)
		m.length += uint64(n)
		p = p[n:]
		if n < missing {
			return total, nil
		}
		m.blocks(&m.h, m.block[:])
	}
	if n := len(p) / groupSize * groupSize; n > 0 {
		m.blocks(&m.h, p[:n])
		m.length += uint64(n)
		p = p[n:]
	}
	m.length += uint64(copy(m.block[:], p))
	return total, nil
}

func (m *nativeMAC) Sum(b []byte) []byte {
	m.finish(&m.h, m.length)
	for i, w := range m.h[:m.size/4] {
		binary.BigEndian.PutUint32(m.block[4*i:], w)
	}
	m.h = m.outer
	m.finish(&m.h, uint64(groupSize+m.size))
	for _, w := range m.h[:m.size/4] {
		b = binary.BigEndian.AppendUint32(b, w)
	}
	return b
}

// finish pads what is in the block (FIPS 180-4, Section 5.1.1), length octets being the whole message.
func (m *nativeMAC) finish(h *[8]uint32, length uint64) {
	n := int(length % groupSize)
	m.block[n] = 0x80
	clear(m.block[n+1:])
	if n+1+8 > groupSize {
		m.blocks(h, m.block[:])
		clear(m.block[:])
	}
	binary.BigEndian.PutUint64(m.block[groupSize-8:], 8*length)
	m.blocks(h, m.block[:])
}

// sha1Blocks and sha256Blocks hash the whole blocks of p. SHA-1 uses five words of h.
//
//go:noescape
func sha1Blocks(h *[8]uint32, p []byte)

//go:noescape
func sha256Blocks(h *[8]uint32, p []byte)

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
