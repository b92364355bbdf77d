// SPDX-License-Identifier: BSD-2-Clause

package crypto

import (
	"bytes"
	"crypto/subtle"
	"encoding/binary"
	"sync/atomic"

	"libgssapi/internal/status"
)

// The last octet of a derivation constant (RFC 3961, Section 5.3): Ke encrypts, Ki protects the integrity of what Ke
// encrypts, and Kc computes checksums.
const (
	constantKe = 0xaa
	constantKi = 0x55
	constantKc = 0x99
)

// maxIterations limits string-to-key, because the count comes from a KDC that has not been authenticated yet.
const maxIterations = 1 << 24

// deriveUsage returns Ke, Ki or Kc for a key usage number.
func (p *profile) deriveUsage(key []byte, usage uint32, constant byte) []byte {
	label := append(binary.BigEndian.AppendUint32(make([]byte, 0, 5), usage), constant)
	if p.etm {
		if constant == constantKe {
			return p.kdf(key, label, p.keySize)
		}
		return p.kdf(key, label, p.macKeySize)
	}
	if p.camellia {
		return feedbackKDF(key, label, p.keySize)
	}
	return p.dk(key, label)
}

// deriveCipher returns Ke and Ki for a key usage number.
func (p *profile) deriveCipher(key []byte, usage uint32) (ke, ki []byte) {
	if p.etm || p.camellia {
		return p.deriveUsage(key, usage, constantKe), p.deriveUsage(key, usage, constantKi)
	}
	ke, ki = make([]byte, p.keySize), make([]byte, p.keySize)
	foldUsage(ke[:blockSize], usage, constantKe)
	foldUsage(ki[:blockSize], usage, constantKi)
	encryptChains(key, ke, ki)
	return ke, ki
}

// dk is DK of RFC 3961, Section 5.1, for AES, whose random-to-key function is the identity. The size of the result is
// that of the key. Each block of the result is the encryption of the previous one, as in CBC mode with a plaintext in
// which all blocks but the first are zero.
func (p *profile) dk(key, constant []byte) []byte {
	out := make([]byte, p.keySize)
	nfold(out[:blockSize], constant)
	encryptChains(key, out)
	return out
}

// folds caches the n-folds of the constants of key usages: they are not secret, and computing one takes longer than
// encrypting it.
var folds [32][2]atomic.Pointer[[blockSize]byte]

// foldUsage computes the n-fold of the constant of Ke or Ki for a key usage number.
func foldUsage(out []byte, usage uint32, constant byte) {
	var kept *atomic.Pointer[[blockSize]byte]
	if usage < uint32(len(folds)) {
		kept = &folds[usage][constant&1]
		if fold := kept.Load(); fold != nil {
			copy(out, fold[:])
			return
		}
	}
	nfold(out, append(binary.BigEndian.AppendUint32(nil, usage), constant))
	if kept != nil {
		kept.Store((*[blockSize]byte)(bytes.Clone(out)))
	}
}

// nfold is n-fold of RFC 3961, Section 5.1: copies of in, each rotated right by 13 bits more than the previous one,
// are concatenated up to a common multiple of both lengths. The result is cut into pieces of len(out) octets, which
// are added as one's complement numbers, most significant octet first. The n-fold of nothing is zero, as with MIT krb5.
func nfold(out, in []byte) {
	clear(out)
	if len(in) == 0 {
		return
	}
	n, k := len(out), len(in)
	lcm := n / gcd(n, k) * k
	ring := 8 * k // bits of in
	carry := 0
	// From the least significant octet on, so that carries move up: to octet to of out comes octet from of a copy that is
	// rotated by turn bits.
	to, from, turn := n-1, k-1, 13*(lcm/k-1)%ring
	for range lcm {
		bit := 8*from - turn
		if bit < 0 {
			bit += ring
		}
		high, low := bit/8, bit/8+1
		if low == k {
			low = 0
		}
		carry += int(out[to]) + int(byte((uint(in[high])<<8|uint(in[low]))>>(8-bit%8)))
		out[to] = byte(carry)
		carry >>= 8
		if to--; to < 0 {
			to = n - 1
		}
		if from--; from < 0 {
			from, turn = k-1, (turn-13%ring+ring)%ring
		}
	}
	// The carry out of the top comes in again at the bottom.
	for i := n - 1; carry != 0; i = (i - 1 + n) % n {
		carry += int(out[i])
		out[i] = byte(carry)
		carry >>= 8
	}
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// kdf is KDF-HMAC-SHA2 of RFC 8009, Section 3, for results of at most one hash, which is sufficient for all its uses:
// HMAC(key, 1 | label | 0 | context | length in bits).
func (p *profile) kdf(key, label []byte, size int, context ...[]byte) []byte {
	mac := newHMAC(p, key)
	defer mac.wipe()
	mac.Reset()
	var word [4]byte
	binary.BigEndian.PutUint32(word[:], 1)
	mac.Write(word[:])
	mac.Write(label)
	mac.Write([]byte{0})
	for _, part := range context {
		mac.Write(part)
	}
	binary.BigEndian.PutUint32(word[:], uint32(size)*8)
	mac.Write(word[:])
	sum := mac.Sum(nil)
	clear(sum[size:])
	return sum[:size]
}

// prf is the pseudo-random function of RFC 3961, Section 5.3, with the AES parameters of RFC 3962 (16 octets), of RFC
// 8009, Section 5 (32 or 48 octets), or of RFC 6803, Section 6 (16 octets).
func (p *profile) prf(key []byte, in [][]byte) []byte {
	if p.camellia {
		kp := feedbackKDF(key, []byte("prf"), p.keySize)
		defer clear(kp)
		m := newCMAC(newCamellia(kp))
		defer m.wipe()
		for _, part := range in {
			m.Write(part)
		}
		return m.Sum(nil)
	}
	if p.etm {
		return p.kdf(key, []byte("prf"), p.hashSize, in...)
	}
	h := p.newHash()
	for _, part := range in {
		h.Write(part)
	}
	// The hash is cut to a multiple of the block size: one block.
	out := h.Sum(nil)[:blockSize]
	kp := p.dk(key, []byte("prf"))
	defer clear(kp)
	encryptChains(kp, out)
	return out
}

// pbkdf2 is PBKDF2 of RFC 8018, Section 5.2, with HMAC as its PRF, for a key of this type. It overwrites the password.
func (p *profile) pbkdf2(password, salt []byte, iterations uint32) []byte {
	mac := newHMAC(p, password)
	defer mac.wipe()
	clear(password)
	var sum [maxHashSize]byte
	defer clear(sum[:])
	blocks := (p.keySize + p.hashSize - 1) / p.hashSize
	key := make([]byte, blocks*p.hashSize)
	for i := range blocks {
		block := key[i*p.hashSize:][:p.hashSize]
		u := binary.BigEndian.AppendUint32(salt, uint32(i+1))
		for range iterations {
			mac.Reset()
			mac.Write(u)
			u = mac.Sum(sum[:0])
			subtle.XORBytes(block, block, u)
		}
	}
	clear(key[p.keySize:])
	return key[:p.keySize]
}

// StringToKey derives a key from a password and a salt (RFC 3962, Section 4; RFC 8009, Section 4; RFC 6803, Section
// 4). iterations is the number that the KDC requests in s2kparams; 0 means the type's default. It leaves no copy of the
// password behind.
func StringToKey(e EType, password []byte, salt string, iterations uint32) (*Key, error) {
	p := e.profile()
	if p == nil {
		return nil, errUnsupported(e)
	}
	if e.Legacy() {
		return legacyStringToKey(e, password, salt)
	}
	if iterations == 0 {
		iterations = p.iterations
	}
	if iterations > maxIterations {
		return nil, status.Errorf(status.Failure, status.KRB5_ERR_BAD_S2K_PARAMS,
			"string-to-key with %d iterations is refused, the limit is %d", iterations, maxIterations)
	}
	if p.etm || p.camellia {
		salt = p.name + "\x00" + salt
	}
	tkey := p.pbkdf2(bytes.Clone(password), []byte(salt), iterations)
	defer clear(tkey)
	if p.etm {
		return newKey(e, p.kdf(tkey, []byte("kerberos"), p.keySize)), nil
	}
	if p.camellia {
		return newKey(e, feedbackKDF(tkey, []byte("kerberos"), p.keySize)), nil
	}
	return newKey(e, p.dk(tkey, []byte("kerberos"))), nil
}
