// SPDX-License-Identifier: BSD-2-Clause

package crypto

import (
	"crypto/subtle"
	"io"

	"libgssapi/internal/status"
)

var (
	errShort = &status.Error{Major: status.BadMIC, Minor: status.KRB5_BAD_MSIZE,
		Text: "ciphertext is shorter than its confounder and MAC"}
	errIntegrity = &status.Error{Major: status.BadMIC, Minor: status.KRB5KRB_AP_ERR_BAD_INTEGRITY,
		Text: "decryption failed: wrong key, or the message was changed on its way"}
	errSize = &status.Error{Major: status.Failure, Minor: status.KRB5_BAD_MSIZE,
		Text: "buffer of the wrong size for encryption"}
)

// Cipher encrypts and decrypts with one key and usage, without allocating. Only one caller at a time may use it.
//
// The plaintext of RFC 3961 is confounder | message. All of its blocks but the last two are processed directly between
// the caller's buffers, by the sealer's seal and open. The last two, which ciphertext stealing (RFC 3962, Section 5)
// swaps, are processed in rest.
type Cipher struct {
	sealer  sealer
	hmac    mac // the sealer's
	macSize int
	etm     bool

	first  [blockSize]byte     // the confounder
	rest   [2 * blockSize]byte // the last two blocks
	stolen [blockSize]byte
	mac    [maxMACSize]byte // as it came in
	sum    [maxHashSize]byte
}

// zeroIV is the initial cipher state. It is never written.
var zeroIV = make([]byte, blockSize)

// NewCipher derives Ke and Ki for a key usage.
func (k *Key) NewCipher(usage uint32) *Cipher {
	p := k.etype.profile()
	ke, ki := p.deriveCipher(k.b, usage)
	defer clear(ke)
	defer clear(ki)
	e := newSealer(p, ke, ki)
	return &Cipher{sealer: e, hmac: e.mac(), macSize: p.macSize, etm: p.etm}
}

// Wipe overwrites the keys. The Cipher must not be used afterwards.
func (c *Cipher) Wipe() {
	c.sealer.wipe()
	clear(c.first[:])
	clear(c.rest[:])
	clear(c.stolen[:])
}

// Overhead returns the number of octets that Seal adds: confounder and MAC.
func (c *Cipher) Overhead() int { return blockSize + c.macSize }

// restStart returns the offset of the last two blocks of n octets, n > blockSize.
func restStart(n int) int { return ((n-1)/blockSize - 1) * blockSize }

// Seal encrypts msg | tail to dst, which is Overhead octets longer than both together and overlaps neither. tail is at
// most one block: it is for what a token appends to a message that is stored elsewhere.
func (c *Cipher) Seal(dst, msg, tail []byte, rand io.Reader) error {
	n := blockSize + len(msg) + len(tail)
	if len(dst) != n+c.macSize || len(tail) > blockSize {
		return errSize
	}
	if _, err := io.ReadFull(rand, c.first[:]); err != nil {
		return status.Errorf(status.Failure, status.KRB5_CRYPTO_INTERNAL, "no random octets for a confounder: %v", err)
	}
	c.sealer.begin()
	switch {
	case n == blockSize:
		// A single block: nothing to steal from.
		c.sealer.seal(dst[:n], c.first[:])
	case n <= 2*blockSize:
		copy(c.rest[:], c.first[:])
		copy(c.rest[blockSize+copy(c.rest[blockSize:], msg):], tail)
		c.sealRest(dst[:n], n)
	default:
		start := restStart(n)
		c.sealer.seal(dst[:blockSize], c.first[:])
		c.sealer.seal(dst[blockSize:start], msg[:start-blockSize])
		copy(c.rest[copy(c.rest[:], msg[start-blockSize:]):], tail)
		c.sealRest(dst[start:n], n-start)
	}
	copy(dst[n:], c.hmac.Sum(c.sum[:0])[:c.macSize])
	return nil
}

// sealRest encrypts the last two blocks, the first n octets of c.rest, with ciphertext stealing: they are padded with
// zeros, their ciphertext blocks are swapped, and the part that was padding is dropped from the end.
func (c *Cipher) sealRest(dst []byte, n int) {
	if !c.etm {
		c.hmac.Write(c.rest[:n])
	}
	clear(c.rest[n:])
	c.sealer.encrypt(c.rest[:2*blockSize], c.rest[:2*blockSize])
	copy(dst[:blockSize], c.rest[blockSize:])
	copy(dst[blockSize:], c.rest[:blockSize])
	if c.etm {
		c.hmac.Write(dst)
	}
}

// Open decrypts the ciphertext a | b, which is Overhead octets longer than dst, to dst and verifies its MAC. A token
// that was rotated in transit is passed in two parts. dst overlaps neither. If the MAC is wrong, dst has been wiped.
func (c *Cipher) Open(dst, a, b []byte) error {
	n := len(a) + len(b) - c.macSize
	if n < blockSize {
		return errShort
	}
	if len(dst) != n-blockSize {
		return errSize
	}
	c.sealer.begin()
	start := 0
	if n > 2*blockSize {
		start = restStart(n)
		gather(c.first[:], a, b, 0)
		c.sealer.open(c.first[:], c.first[:])
		// The blocks that lie whole in a are read there; those that the end of a cuts, and all in b, are put together
		// in dst first.
		whole := max(min(start, len(a)/blockSize*blockSize), blockSize)
		c.sealer.open(dst[:whole-blockSize], a[min(blockSize, len(a)):][:whole-blockSize])
		if whole < start {
			part := dst[whole-blockSize : start-blockSize]
			gather(part, a, b, whole)
			c.sealer.open(part, part)
		}
	}
	gather(c.rest[:n-start], a, b, start)
	gather(c.mac[:c.macSize], a, b, n)
	rest := c.openRest(n - start)
	if start == 0 {
		rest = rest[blockSize:] // the confounder
		copy(dst, rest)
	} else {
		copy(dst[start-blockSize:], rest)
	}
	clear(c.rest[:])
	if subtle.ConstantTimeCompare(c.hmac.Sum(c.sum[:0])[:c.macSize], c.mac[:c.macSize]) != 1 {
		clear(dst)
		return errIntegrity
	}
	return nil
}

// openRest decrypts the first n octets of c.rest in place, which are one block or two with ciphertext stealing, and
// returns them.
func (c *Cipher) openRest(n int) []byte {
	rest := c.rest[:n]
	if c.etm {
		c.hmac.Write(rest)
	}
	c.decryptRest(rest)
	if !c.etm {
		c.hmac.Write(rest)
	}
	return rest
}

// decryptRest decrypts the beginning of c.rest in place, without processing the MAC.
func (c *Cipher) decryptRest(rest []byte) {
	if len(rest) == blockSize {
		c.sealer.decrypt(rest, rest)
		return
	}
	// rest is C(n) | C(n-1), the latter cut to the length of the last plaintext block. That block was padded with
	// zeros, so what was cut off is the end of the decryption of C(n).
	last, cut := rest[:blockSize], rest[blockSize:]
	c.sealer.decryptBlock(c.stolen[:], last)
	copy(c.stolen[:], cut)
	copy(c.rest[blockSize:], last)
	copy(c.rest[:blockSize], c.stolen[:])
	c.sealer.decrypt(c.rest[:], c.rest[:])
}

// gather copies the octets of a | b from offset off to dst.
func gather(dst, a, b []byte, off int) {
	if off < len(a) {
		n := copy(dst, a[off:])
		dst, off = dst[n:], len(a)
	}
	copy(dst, b[off-len(a):])
}
