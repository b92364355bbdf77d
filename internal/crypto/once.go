// SPDX-License-Identifier: BSD-2-Clause

package crypto

import (
	"crypto/aes"
	"crypto/cipher"

	"libgssapi/internal/wipe"
)

// OnceKeySize and OnceOverhead are sizes of SealOnce, in octets.
const (
	OnceKeySize  = 32
	OnceOverhead = 16
)

// SealOnce encrypts with AES-256-GCM (NIST SP 800-38D), in place: b is the plaintext, and OnceOverhead octets of room
// for the tag, which also covers data. The key must seal nothing else, for the nonce is zeros.
func SealOnce(key *[OnceKeySize]byte, b, data []byte) {
	if sealOnceNative(key, b, data) {
		return
	}
	gcm := newGCM(key)
	defer wipe.Object(gcm)
	n := len(b) - OnceOverhead
	gcm.Seal(b[:0], onceNonce[:], b[:n], data)
}

// OpenOnce decrypts in place what SealOnce has made, and returns the plaintext. If b or data are not what they were, ok is
// false and nothing is left of b.
func OpenOnce(key *[OnceKeySize]byte, b, data []byte) (plain []byte, ok bool) {
	n := len(b) - OnceOverhead
	if n < 0 {
		return nil, false
	}
	if ok, native := openOnceNative(key, b, data); native {
		if !ok {
			clear(b)
			return nil, false
		}
		return b[:n], true
	}
	gcm := newGCM(key)
	defer wipe.Object(gcm)
	plain, err := gcm.Open(b[:0], onceNonce[:], b, data)
	if err != nil {
		clear(b)
		return nil, false
	}
	return plain, true
}

var onceNonce [12]byte

func newGCM(key *[OnceKeySize]byte) cipher.AEAD {
	block, err := aes.NewCipher(key[:])
	if err != nil {
		panic("crypto: AES-256 has keys of 32 octets")
	}
	defer wipe.Object(block) // the mode has a copy
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		panic("crypto: GCM has blocks of 16 octets")
	}
	return gcm
}
