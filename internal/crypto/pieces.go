// SPDX-License-Identifier: BSD-2-Clause

package crypto

import "crypto/subtle"

// Piece is a part of a message that lies in several places. The pieces of a message, one after the other, are what a
// contiguous one would be.
type Piece struct {
	B     []byte
	Clear bool // covered by the MAC, and not encrypted
}

// SealPieces encrypts pieces in place and puts the MAC, which covers all of them in their order, into sum. The first
// block of those that are encrypted is the confounder, which the caller has filled with random octets.
func (c *Cipher) SealPieces(pieces []Piece, sum []byte) error {
	n := encryptedSize(pieces)
	if n < blockSize || len(sum) != c.macSize {
		return errSize
	}
	c.engine.begin()
	if !c.etm {
		copy(sum, c.macOf(pieces))
	}
	at := cursor{pieces: pieces}
	c.whole(&at, n-restSize(n), false)
	place := at
	rest := c.rest[:restSize(n)]
	at.read(rest)
	if len(rest) == blockSize {
		c.engine.encrypt(rest, rest)
		place.write(rest)
	} else {
		// As sealRest does it.
		clear(c.rest[len(rest):])
		c.engine.encrypt(c.rest[:], c.rest[:])
		place.write(c.rest[blockSize:])
		place.write(c.rest[:len(rest)-blockSize])
	}
	clear(c.rest[:])
	if c.etm {
		copy(sum, c.macOf(pieces))
	}
	return nil
}

// OpenPieces decrypts pieces in place and verifies the MAC. If it is wrong, what was decrypted is wiped, or, where the
// MAC is over the ciphertext, nothing was.
func (c *Cipher) OpenPieces(pieces []Piece, sum []byte) error {
	n := encryptedSize(pieces)
	if n < blockSize || len(sum) != c.macSize {
		return errShort
	}
	c.engine.begin()
	if c.etm && subtle.ConstantTimeCompare(c.macOf(pieces), sum) != 1 {
		return errIntegrity
	}
	at := cursor{pieces: pieces}
	c.whole(&at, n-restSize(n), true)
	place := at
	rest := c.rest[:restSize(n)]
	at.read(rest)
	c.decryptRest(rest)
	place.write(rest)
	clear(c.rest[:])
	if !c.etm && subtle.ConstantTimeCompare(c.macOf(pieces), sum) != 1 {
		for _, p := range pieces {
			if !p.Clear {
				clear(p.B)
			}
		}
		return errIntegrity
	}
	return nil
}

// macOf is the MAC over what begin put there and pieces.
func (c *Cipher) macOf(pieces []Piece) []byte {
	for _, p := range pieces {
		c.hmac.Write(p.B)
	}
	return c.hmac.Sum(c.sum[:0])[:c.macSize]
}

// restSize is how much of n octets ciphertext stealing concerns: the last two blocks, or the only one.
func restSize(n int) int {
	if n <= blockSize {
		return n
	}
	return n - restStart(n)
}

func encryptedSize(pieces []Piece) int {
	n := 0
	for _, p := range pieces {
		if !p.Clear {
			n += len(p.B)
		}
	}
	return n
}

// cursor is a place among the octets of pieces that are encrypted.
type cursor struct {
	pieces []Piece
	off    int // in the first piece
}

// next is what lies together at the cursor, not empty if there is anything.
func (c *cursor) next() []byte {
	for len(c.pieces) > 0 {
		if p := c.pieces[0]; !p.Clear && c.off < len(p.B) {
			return p.B[c.off:]
		}
		c.pieces, c.off = c.pieces[1:], 0
	}
	return nil
}

func (c *cursor) read(dst []byte) {
	for len(dst) > 0 {
		n := copy(dst, c.next())
		dst = dst[n:]
		c.off += n
	}
}

func (c *cursor) write(src []byte) {
	for len(src) > 0 {
		n := copy(c.next(), src)
		src = src[n:]
		c.off += n
	}
}

// whole encrypts or decrypts the next n octets at the cursor in place; n is whole blocks. A block that lies in more than
// one piece is put together first.
func (c *Cipher) whole(at *cursor, n int, decrypt bool) {
	for n > 0 {
		run := at.next()
		place := *at
		if run = run[:min(len(run), n)/blockSize*blockSize]; len(run) > 0 {
			at.off += len(run)
		} else {
			run = c.stolen[:]
			at.read(run)
		}
		if decrypt {
			c.engine.decrypt(run, run)
		} else {
			c.engine.encrypt(run, run)
		}
		if &run[0] == &c.stolen[0] {
			place.write(run)
		}
		n -= len(run)
	}
}

// SumPieces is Sum of pieces, and VerifyPieces is Verify.
func (m *MAC) SumPieces(pieces []Piece) []byte {
	m.hmac.Reset()
	for _, p := range pieces {
		m.hmac.Write(p.B)
	}
	return m.hmac.Sum(m.sum[:0])[:m.size]
}

// VerifyPieces reports whether sum is the checksum of pieces. It takes the same time wherever the two differ.
func (m *MAC) VerifyPieces(sum []byte, pieces []Piece) bool {
	return subtle.ConstantTimeCompare(m.SumPieces(pieces), sum) == 1
}
