// SPDX-License-Identifier: BSD-2-Clause

package crypto

import (
	"crypto/subtle"

	"libgssapi/internal/status"
)

// seedSize is the length of random-to-key's input, in octets.
func (e EType) seedSize() int {
	if e == DES3 {
		return 21
	}
	return e.KeySize()
}

// randomToKey is random-to-key of RFC 3961, Section 3. seed has seedSize octets and belongs to the key afterwards.
func randomToKey(e EType, seed []byte) *Key {
	if e == DES3 {
		defer clear(seed)
		return newKey(e, randomTripleDES(seed))
	}
	return newKey(e, seed)
}

// prfPlus is PRF+ of RFC 6113, Section 5.1: PRF(1 | pepper) | PRF(2 | pepper) | ..., cut to size octets.
func (k *Key) prfPlus(size int, pepper []byte) []byte {
	out := make([]byte, 0, size+maxHashSize)
	for n := byte(1); len(out) < size; n++ {
		block := k.PRF([]byte{n}, pepper)
		out = append(out, block...)
		clear(block)
	}
	clear(out[size:])
	return out[:size]
}

// CF2 is KRB-FX-CF2 of RFC 6113, Section 5.1: a key, of the type of k1, that only a holder of both keys can make.
func CF2(k1, k2 *Key, pepper1, pepper2 string) (*Key, error) {
	if k1 == nil || k2 == nil {
		return nil, status.Errorf(status.Failure, status.KRB5_CRYPTO_INTERNAL, "a key to combine is missing")
	}
	seed := k1.prfPlus(k1.etype.seedSize(), []byte(pepper1))
	other := k2.prfPlus(len(seed), []byte(pepper2))
	defer clear(other)
	subtle.XORBytes(seed, seed, other)
	return randomToKey(k1.etype, seed), nil
}
