// SPDX-License-Identifier: BSD-2-Clause

//go:build !purego

package crypto

// schedule contains AES's round keys (FIPS 197, Section 5.2) in the order in which the kernels use them. For AES-128,
// which has four rounds fewer, slots 10 to 13 are empty.
type schedule struct {
	enc, dec [15 * blockSize]byte
	long     bool // AES-256
}

// expand computes the schedule of a key of 16 or 32 octets. The processor provides the S-box, so there are no table
// lookups.
func (ks *schedule) expand(key []byte) {
	rounds := ks.expandForSealing(key)
	// The equivalent inverse cipher (FIPS 197, Section 5.3.5).
	copy(ks.dec[:blockSize], ks.enc[14*blockSize:])
	copy(ks.dec[14*blockSize:], ks.enc[:blockSize])
	for r := 1; r < rounds; r++ {
		invMixColumns(ks.dec[r*blockSize:][:blockSize], ks.enc[(rounds-r)*blockSize:][:blockSize])
	}
}

// expandForSealing computes what encryption needs, and returns the number of rounds.
func (ks *schedule) expandForSealing(key []byte) (rounds int) {
	if len(key) == 16 {
		expand128(ks, key)
		return 10
	}
	ks.long = true
	expand256(ks, key)
	return 14
}

// expand128 and expand256 compute enc (FIPS 197, Section 5.2).
//
//go:noescape
func expand128(ks *schedule, key []byte)

//go:noescape
func expand256(ks *schedule, key []byte)

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
