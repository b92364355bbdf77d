// SPDX-License-Identifier: BSD-2-Clause

package crypto

import (
	"crypto/cipher"
	"encoding/binary"
	"math/bits"
)

// camellia is the block cipher of RFC 3713. Its S-box is a table of four cache lines: as with most implementations,
// someone who shares a processor's cache with this process may learn something about the key from its timing. It is
// provided for realms that have such keys, and nothing prefers it.
type camellia struct {
	enc, dec camelliaKeys
}

// camelliaKeys are the subkeys in the order in which they are used (RFC 3713, Section 2.2).
type camelliaKeys struct {
	before, after [2]uint64
	round         [24]uint64
	layer         [6]uint64
	rounds        int // 18 or 24
}

// newCamellia takes a key of 16 or 32 octets.
func newCamellia(key []byte) cipher.Block {
	word := binary.BigEndian.Uint64
	kl, kr := wide{word(key), word(key[8:])}, wide{}
	if len(key) == 32 {
		kr = wide{word(key[16:]), word(key[24:])}
	}
	ka := wide{kl.hi ^ kr.hi, kl.lo ^ kr.lo}
	ka.lo ^= camelliaF(ka.hi, 0xa09e667f3bcc908b)
	ka.hi ^= camelliaF(ka.lo, 0xb67ae8584caa73b2)
	ka.hi, ka.lo = ka.hi^kl.hi, ka.lo^kl.lo
	ka.lo ^= camelliaF(ka.hi, 0xc6ef372fe94f82be)
	ka.hi ^= camelliaF(ka.lo, 0x54ff53a5f1d36f1c)
	c := new(camellia)
	k := &c.enc
	if len(key) == 16 {
		k.rounds = 18
		k.before = kl.rotated(0)
		rounds(k.round[0:], ka.rotated(0), kl.rotated(15), ka.rotated(15), kl.rotated(45))
		k.round[8], k.round[9] = ka.rotated(45)[0], kl.rotated(60)[1]
		rounds(k.round[10:], ka.rotated(60), kl.rotated(94), ka.rotated(94), kl.rotated(111))
		rounds(k.layer[:], ka.rotated(30), kl.rotated(77))
		k.after = ka.rotated(111)
	} else {
		kb := wide{ka.hi ^ kr.hi, ka.lo ^ kr.lo}
		kb.lo ^= camelliaF(kb.hi, 0x10e527fade682d1d)
		kb.hi ^= camelliaF(kb.lo, 0xb05688c2b3e6c1fd)
		k.rounds = 24
		k.before = kl.rotated(0)
		rounds(k.round[:], kb.rotated(0), kr.rotated(15), ka.rotated(15), kb.rotated(30), kl.rotated(45), ka.rotated(45),
			kr.rotated(60), kb.rotated(60), kl.rotated(77), kr.rotated(94), ka.rotated(94), kl.rotated(111))
		rounds(k.layer[:], kr.rotated(30), kl.rotated(60), ka.rotated(77))
		k.after = kb.rotated(111)
	}
	// Decryption takes them the other way round (Section 2.3.3).
	d := &c.dec
	d.rounds, d.before, d.after = k.rounds, k.after, k.before
	layers := k.rounds/3 - 2 // two between every six rounds
	for i := range k.rounds {
		d.round[i] = k.round[k.rounds-1-i]
	}
	for i := range layers {
		d.layer[i] = k.layer[layers-1-i]
	}
	return c
}

func (c *camellia) BlockSize() int          { return blockSize }
func (c *camellia) Encrypt(dst, src []byte) { c.enc.crypt(dst, src) }
func (c *camellia) Decrypt(dst, src []byte) { c.dec.crypt(dst, src) }

func (k *camelliaKeys) crypt(dst, src []byte) {
	a := binary.BigEndian.Uint64(src) ^ k.before[0]
	b := binary.BigEndian.Uint64(src[8:]) ^ k.before[1]
	for i := 0; i < k.rounds; i += 2 {
		if i > 0 && i%6 == 0 {
			a, b = camelliaFL(a, k.layer[i/3-2]), camelliaFLInverse(b, k.layer[i/3-1])
		}
		b ^= camelliaF(a, k.round[i])
		a ^= camelliaF(b, k.round[i+1])
	}
	binary.BigEndian.PutUint64(dst, b^k.after[0])
	binary.BigEndian.PutUint64(dst[8:], a^k.after[1])
}

// wide is a 128-bit number.
type wide struct{ hi, lo uint64 }

// rotated returns w rotated left by n bits.
func (w wide) rotated(n int) [2]uint64 {
	if n >= 64 {
		w, n = wide{w.lo, w.hi}, n-64
	}
	return [2]uint64{w.hi<<n | w.lo>>(64-n), w.lo<<n | w.hi>>(64-n)}
}

func rounds(dst []uint64, pairs ...[2]uint64) {
	for i, p := range pairs {
		dst[2*i], dst[2*i+1] = p[0], p[1]
	}
}

// camelliaF is the F-function (Section 2.4.1).
func camelliaF(x, k uint64) uint64 {
	x ^= k
	t1 := camelliaS[byte(x>>56)]
	t2 := bits.RotateLeft8(camelliaS[byte(x>>48)], 1)
	t3 := bits.RotateLeft8(camelliaS[byte(x>>40)], 7)
	t4 := camelliaS[bits.RotateLeft8(byte(x>>32), 1)]
	t5 := bits.RotateLeft8(camelliaS[byte(x>>24)], 1)
	t6 := bits.RotateLeft8(camelliaS[byte(x>>16)], 7)
	t7 := camelliaS[bits.RotateLeft8(byte(x>>8), 1)]
	t8 := camelliaS[byte(x)]
	return uint64(t1^t3^t4^t6^t7^t8)<<56 | uint64(t1^t2^t4^t5^t7^t8)<<48 |
		uint64(t1^t2^t3^t5^t6^t8)<<40 | uint64(t2^t3^t4^t5^t6^t7)<<32 |
		uint64(t1^t2^t6^t7^t8)<<24 | uint64(t2^t3^t5^t7^t8)<<16 |
		uint64(t3^t4^t5^t6^t8)<<8 | uint64(t1^t4^t5^t6^t7)
}

// camelliaFL and camelliaFLInverse are the layers between the rounds (Section 2.4.2).
func camelliaFL(x, k uint64) uint64 {
	a, b := uint32(x>>32), uint32(x)
	b ^= bits.RotateLeft32(a&uint32(k>>32), 1)
	a ^= b | uint32(k)
	return uint64(a)<<32 | uint64(b)
}

func camelliaFLInverse(x, k uint64) uint64 {
	a, b := uint32(x>>32), uint32(x)
	a ^= b | uint32(k)
	b ^= bits.RotateLeft32(a&uint32(k>>32), 1)
	return uint64(a)<<32 | uint64(b)
}

// camelliaS is SBOX1; the others are rotations of it.
var camelliaS = [256]byte{
	112, 130, 44, 236, 179, 39, 192, 229, 228, 133, 87, 53, 234, 12, 174, 65,
	35, 239, 107, 147, 69, 25, 165, 33, 237, 14, 79, 78, 29, 101, 146, 189,
	134, 184, 175, 143, 124, 235, 31, 206, 62, 48, 220, 95, 94, 197, 11, 26,
	166, 225, 57, 202, 213, 71, 93, 61, 217, 1, 90, 214, 81, 86, 108, 77,
	139, 13, 154, 102, 251, 204, 176, 45, 116, 18, 43, 32, 240, 177, 132, 153,
	223, 76, 203, 194, 52, 126, 118, 5, 109, 183, 169, 49, 209, 23, 4, 215,
	20, 88, 58, 97, 222, 27, 17, 28, 50, 15, 156, 22, 83, 24, 242, 34,
	254, 68, 207, 178, 195, 181, 122, 145, 36, 8, 232, 168, 96, 252, 105, 80,
	170, 208, 160, 125, 161, 137, 98, 151, 84, 91, 30, 149, 224, 255, 100, 210,
	16, 196, 0, 72, 163, 247, 117, 219, 138, 3, 230, 218, 9, 63, 221, 148,
	135, 92, 131, 2, 205, 74, 144, 51, 115, 103, 246, 243, 157, 127, 191, 226,
	82, 155, 216, 38, 200, 55, 198, 59, 129, 150, 111, 75, 19, 190, 99, 46,
	233, 121, 167, 140, 159, 110, 188, 142, 41, 245, 249, 182, 47, 253, 180, 89,
	120, 152, 6, 106, 231, 70, 113, 186, 212, 37, 171, 66, 136, 162, 141, 250,
	114, 7, 185, 85, 248, 238, 172, 10, 54, 73, 42, 104, 60, 56, 241, 164,
	64, 40, 211, 123, 187, 201, 67, 193, 21, 227, 173, 244, 119, 199, 128, 158,
}
