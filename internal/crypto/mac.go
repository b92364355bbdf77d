// SPDX-License-Identifier: BSD-2-Clause

package crypto

import "crypto/subtle"

// MAC computes the checksums of one key and usage (RFC 3961, Section 5.4; RFC 8009, Section 6) without allocating.
// Only one caller at a time may use it.
type MAC struct {
	hmac mac
	size int
	sum  [maxHashSize]byte
}

// NewMAC derives Kc for a key usage.
func (k *Key) NewMAC(usage uint32) *MAC {
	p := k.etype.profile()
	kc := p.deriveUsage(k.b, usage, constantKc)
	defer clear(kc)
	return &MAC{hmac: newMAC(p, kc), size: p.macSize}
}

// Wipe overwrites the key. The MAC must not be used afterwards.
func (m *MAC) Wipe() {
	m.hmac.wipe()
	clear(m.sum[:])
}

// Size returns the length of a checksum in octets.
func (m *MAC) Size() int { return m.size }

// Sum returns the checksum of a followed by b. The result is valid until the next call.
func (m *MAC) Sum(a, b []byte) []byte {
	m.hmac.Reset()
	m.hmac.Write(a)
	m.hmac.Write(b)
	return m.hmac.Sum(m.sum[:0])[:m.size]
}

// Verify reports whether sum is the checksum of a followed by b. The time it takes does not depend on where the two
// differ.
func (m *MAC) Verify(sum, a, b []byte) bool {
	return subtle.ConstantTimeCompare(m.Sum(a, b), sum) == 1
}
