// SPDX-License-Identifier: BSD-2-Clause

//go:build !purego

package crypto

import (
	"encoding/binary"
	"math/bits"
)

// schedule contains AES's round keys (FIPS 197, Section 5.2) in the order in which the kernels use them. For AES-128,
// which has four rounds fewer, slots 10 to 13 are empty.
type schedule struct {
	enc, dec [15 * blockSize]byte
	long     bool // AES-256
}

// expand computes the schedule of a key of 16 or 32 octets. The processor provides the S-box, so there are no table
// lookups.
func (ks *schedule) expand(key []byte) {
	var w [60]uint32 // FIPS 197's, least significant octet first
	n := len(key) / 4
	for i := range n {
		w[i] = binary.LittleEndian.Uint32(key[4*i:])
	}
	rounds := n + 6
	constant := uint32(1)
	for i := n; i < 4*(rounds+1); i++ {
		t := w[i-1]
		switch {
		case i%n == 0:
			t = bits.RotateLeft32(subWord(t), -8) ^ constant
			constant <<= 1
			if constant == 0x100 {
				constant = 0x1b
			}
		case n == 8 && i%n == 4:
			t = subWord(t)
		}
		w[i] = w[i-n] ^ t
	}
	ks.long = n == 8
	for r := range rounds + 1 {
		slot := r
		if r == rounds {
			slot = 14
		}
		for i := range 4 {
			binary.LittleEndian.PutUint32(ks.enc[slot*blockSize+4*i:], w[4*r+i])
		}
	}
	// The equivalent inverse cipher (FIPS 197, Section 5.3.5).
	copy(ks.dec[:blockSize], ks.enc[14*blockSize:])
	copy(ks.dec[14*blockSize:], ks.enc[:blockSize])
	for r := 1; r < rounds; r++ {
		invMixColumns(ks.dec[r*blockSize:][:blockSize], ks.enc[(rounds-r)*blockSize:][:blockSize])
	}
	clear(w[:])
}

// subWord is SubWord of FIPS 197.
func subWord(w uint32) uint32

// invMixColumns is InvMixColumns of FIPS 197 for a block.
//
//go:noescape
func invMixColumns(dst, src []byte)

// cbcEncrypt and cbcDecrypt do the whole blocks of src; dst has the same length, and iv is then that of what follows.
//
//go:noescape
func cbcEncrypt(ks *schedule, iv *[blockSize]byte, dst, src []byte)

//go:noescape
func cbcDecrypt(ks *schedule, iv *[blockSize]byte, dst, src []byte)
