// SPDX-License-Identifier: BSD-2-Clause

package crypto

import (
	"crypto/subtle"
	"io"
	"sync"

	"libgssapi/internal/status"
)

// Key is a protocol key together with the values derived from it so far. It is safe for concurrent use.
type Key struct {
	etype EType
	b     []byte

	mu      sync.Mutex         // guards the rest; its holder may use the ciphers and MACs
	ciphers map[uint32]*Cipher // by key usage; usages are constants of ours, so the maps stay small
	macs    map[uint32]*MAC
}

func errUnsupported(e EType) error {
	return status.Errorf(status.Failure, status.KRB5_PROG_ETYPE_NOSUPP, "encryption type %s is not supported", e)
}

// newKey takes ownership of b.
func newKey(e EType, b []byte) *Key { return &Key{etype: e, b: b} }

// NewKey creates a key from its octets. It copies b.
func NewKey(e EType, b []byte) (*Key, error) {
	p := e.profile()
	if p == nil {
		return nil, errUnsupported(e)
	}
	if len(b) != p.keySize {
		return nil, status.Errorf(status.Failure, status.KRB5_BAD_KEYSIZE, "key of %d octets, %s has %d",
			len(b), e, p.keySize)
	}
	return copiedKey(e, b), nil
}

// copiedKey copies b, to where the key is.
func copiedKey(e EType, b []byte) *Key {
	k := new(struct {
		Key
		octets [32]byte // no key is longer
	})
	k.Key.etype, k.Key.b = e, append(k.octets[:0], b...)
	return &k.Key
}

// RandomKey creates a key from octets read from rand.
func RandomKey(e EType, rand io.Reader) (*Key, error) {
	p := e.profile()
	if p == nil {
		return nil, errUnsupported(e)
	}
	b := make([]byte, p.keySize)
	if e == DES3 {
		b = b[:21]
	}
	if _, err := io.ReadFull(rand, b); err != nil {
		return nil, status.Errorf(status.Failure, status.KRB5_CRYPTO_INTERNAL, "no random octets for a key: %v", err)
	}
	if e == DES3 {
		defer clear(b)
		return newKey(e, randomTripleDES(b)), nil
	}
	return newKey(e, b), nil
}

// Copy returns a key with the same octets, which is wiped independently.
func (k *Key) Copy() *Key { return copiedKey(k.etype, k.b) }

// EType returns the key's encryption type.
func (k *Key) EType() EType { return k.etype }

// Bytes returns the key's octets. The result aliases them.
func (k *Key) Bytes() []byte { return k.b }

// Wipe overwrites the key and the values derived from it. A wiped key must not be used again, but Ciphers and MACs
// created from it continue to work.
func (k *Key) Wipe() {
	k.mu.Lock()
	defer k.mu.Unlock()
	clear(k.b)
	for _, c := range k.ciphers {
		c.Wipe()
	}
	for _, m := range k.macs {
		m.Wipe()
	}
	k.ciphers, k.macs = nil, nil
}

// Encrypt encrypts plaintext for a key usage (RFC 3961, Section 5.3; RFC 8009, Section 5) and returns confounder and
// plaintext encrypted with Ke, followed by the MAC.
func (k *Key) Encrypt(usage uint32, plaintext []byte, rand io.Reader) ([]byte, error) {
	if k.etype.Legacy() {
		return k.legacyEncrypt(usage, plaintext, rand)
	}
	out := make([]byte, len(plaintext)+k.etype.Overhead())
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := k.cipher(usage).Seal(out, plaintext, nil, rand); err != nil {
		return nil, err
	}
	return out, nil
}

// Decrypt returns the plaintext of ciphertext in newly allocated memory. If the MAC is wrong, it returns an error and
// no plaintext.
func (k *Key) Decrypt(usage uint32, ciphertext []byte) ([]byte, error) {
	if k.etype.Legacy() {
		return k.legacyDecrypt(usage, ciphertext)
	}
	if len(ciphertext) < k.etype.Overhead() {
		return nil, errShort
	}
	out := make([]byte, len(ciphertext)-k.etype.Overhead())
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := k.cipher(usage).Open(out, ciphertext, nil); err != nil {
		return nil, err
	}
	return out, nil
}

// Checksum returns the checksum of data, of type EType.ChecksumType, for a key usage.
func (k *Key) Checksum(usage uint32, data []byte) []byte {
	if k.etype.Legacy() {
		return k.legacyChecksum(usage, data)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	return append([]byte(nil), k.mac(usage).Sum(data, nil)...)
}

// VerifyChecksum reports whether sum is the checksum of data. The time it takes does not depend on where the two
// differ.
func (k *Key) VerifyChecksum(usage uint32, data, sum []byte) bool {
	if k.etype.Legacy() {
		return subtle.ConstantTimeCompare(k.legacyChecksum(usage, data), sum) == 1
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.mac(usage).Verify(sum, data, nil)
}

// PRF is the pseudo-random function of the key's type, applied to the concatenation of parts. It returns 16 octets for
// types 17 and 18, 32 for type 19, and 48 for type 20.
func (k *Key) PRF(parts ...[]byte) []byte {
	if k.etype.Legacy() {
		return k.legacyPRF(parts)
	}
	return k.etype.profile().prf(k.b, parts)
}

func (k *Key) cipher(usage uint32) *Cipher {
	c := k.ciphers[usage]
	if c == nil {
		if k.ciphers == nil {
			k.ciphers = make(map[uint32]*Cipher)
		}
		c = k.NewCipher(usage)
		k.ciphers[usage] = c
	}
	return c
}

func (k *Key) mac(usage uint32) *MAC {
	m := k.macs[usage]
	if m == nil {
		if k.macs == nil {
			k.macs = make(map[uint32]*MAC)
		}
		m = k.NewMAC(usage)
		k.macs[usage] = m
	}
	return m
}
