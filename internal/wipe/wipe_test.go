// SPDX-License-Identifier: BSD-2-Clause

package wipe

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"crypto/md5"
	"crypto/rc4"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"hash"
	"testing"
)

// A cipher without its key encrypts to something else: to the same for all keys.
func TestNothingOfAKeyIsLeft(t *testing.T) {
	encrypt := func(b cipher.Block) []byte {
		out := make([]byte, 16)
		b.Encrypt(out, out)
		return out
	}
	for name, make := range map[string]func(key []byte) (any, func() []byte){
		"aes": func(key []byte) (any, func() []byte) {
			b, _ := aes.NewCipher(key)
			return b, func() []byte { return encrypt(b) }
		},
		"gcm": func(key []byte) (any, func() []byte) {
			b, _ := aes.NewCipher(key)
			g, _ := cipher.NewGCM(b)
			return g, func() []byte { return g.Seal(nil, make([]byte, 12), []byte("text"), nil) }
		},
		"cbc": func(key []byte) (any, func() []byte) {
			b, _ := aes.NewCipher(key)
			m := cipher.NewCBCEncrypter(b, make([]byte, 16))
			return m, func() []byte {
				out := make([]byte, 16)
				m.CryptBlocks(out, out)
				return out
			}
		},
		"triple-des": func(key []byte) (any, func() []byte) {
			b, _ := des.NewTripleDESCipher(key[:24])
			return b, func() []byte { return encrypt(b) }
		},
		"rc4": func(key []byte) (any, func() []byte) {
			c, _ := rc4.NewCipher(key)
			return c, func() []byte {
				out := make([]byte, 16)
				c.XORKeyStream(out, out)
				return out
			}
		},
		"md5":    hashOf(md5.New),
		"sha1":   hashOf(sha1.New),
		"sha256": hashOf(sha256.New),
		"sha384": hashOf(sha512.New384),
	} {
		t.Run(name, func(t *testing.T) {
			one, use := make(bytes.Repeat([]byte{1}, 32))
			other, useOther := make(bytes.Repeat([]byte("2key"), 8))
			if name != "rc4" && name != "cbc" && bytes.Equal(use(), useOther()) {
				t.Fatal("two keys are one")
			}
			Object(one)
			Object(other)
			if !bytes.Equal(use(), useOther()) {
				t.Error("the keys are still there")
			}
		})
	}
}

// hashOf makes hashes that have taken in a key: more than a block, so that state and block both have some of it.
func hashOf(newHash func() hash.Hash) func([]byte) (any, func() []byte) {
	return func(key []byte) (any, func() []byte) {
		h := newHash()
		h.Write(bytes.Repeat(key, 5))
		return h, func() []byte { return h.Sum(nil) }
	}
}

func TestWipeOfNothing(t *testing.T) {
	Object(nil)
	Object(7)
	Object((*[4]byte)(nil))
	var none cipher.Block
	Object(none)
}
