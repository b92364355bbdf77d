// SPDX-License-Identifier: BSD-2-Clause

package crypto

import "crypto/subtle"

// Piece is a part of a message that is stored in several places. Concatenated, the pieces of a message are the same as
// a contiguous message.
type Piece struct {
	B     []byte
	Clear bool // covered by the MAC, and not encrypted
}

// SealPieces encrypts pieces in place and writes the MAC, which covers all of them in order, to sum. The first block
// of those that are encrypted is the confounder, which the caller has filled with random octets.
func (c *Cipher) SealPieces(pieces []Piece, sum []byte) error {
	n := encryptedSize(pieces)
	if n < blockSize || len(sum) != c.macSize {
		return errSize
	}
	c.sealer.begin()
	w := walk{at: cursor{pieces: pieces}, hashed: cursor{pieces: pieces}}
	for left := n - restSize(n); left > 0; {
		if run := w.at.together(left); len(run) > 0 {
			c.hashTo(&w, w.at)
			c.sealer.seal(run, run)
			w.pass(len(run))
			left -= len(run)
			continue
		}
		// A block that lies in more than one piece is put together first.
		place, block := w.at, c.stolen[:]
		w.at.read(block)
		if !c.etm {
			c.hashTo(&w, w.at)
		}
		c.sealer.encrypt(block, block)
		place.write(block)
		left -= blockSize
	}
	place := w.at
	rest := c.rest[:restSize(n)]
	w.at.read(rest)
	if !c.etm {
		c.hashTo(&w, cursor{})
	}
	if len(rest) == blockSize {
		c.sealer.encrypt(rest, rest)
		place.write(rest)
	} else {
		// As sealRest does it.
		clear(c.rest[len(rest):])
		c.sealer.encrypt(c.rest[:], c.rest[:])
		place.write(c.rest[blockSize:])
		place.write(c.rest[:len(rest)-blockSize])
	}
	clear(c.rest[:])
	if c.etm {
		c.hashTo(&w, cursor{})
	}
	copy(sum, c.hmac.Sum(c.sum[:0])[:c.macSize])
	return nil
}

// OpenPieces decrypts pieces in place and verifies the MAC. If the MAC is wrong, decrypted octets have been wiped or,
// if the MAC covers the ciphertext, nothing has been decrypted.
func (c *Cipher) OpenPieces(pieces []Piece, sum []byte) error {
	n := encryptedSize(pieces)
	if n < blockSize || len(sum) != c.macSize {
		return errShort
	}
	c.sealer.begin()
	w := walk{at: cursor{pieces: pieces}, hashed: cursor{pieces: pieces}}
	if c.etm {
		c.hashTo(&w, cursor{})
		if !c.isMAC(sum) {
			return errIntegrity
		}
	}
	for left := n - restSize(n); left > 0; {
		run := w.at.together(left)
		switch {
		case len(run) == 0:
			place, block := w.at, c.stolen[:]
			w.at.read(block)
			c.sealer.decrypt(block, block)
			place.write(block)
			left -= blockSize
		case c.etm:
			c.sealer.decrypt(run, run)
			w.at.off += len(run)
		default:
			c.hashTo(&w, w.at)
			c.sealer.open(run, run)
			w.pass(len(run))
		}
		left -= len(run)
	}
	place := w.at
	rest := c.rest[:restSize(n)]
	w.at.read(rest)
	c.decryptRest(rest)
	place.write(rest)
	clear(c.rest[:])
	if c.etm {
		return nil
	}
	c.hashTo(&w, cursor{})
	if !c.isMAC(sum) {
		for _, p := range pieces {
			if !p.Clear {
				clear(p.B)
			}
		}
		return errIntegrity
	}
	return nil
}

// isMAC reports whether sum is the MAC of what was hashed. The time it takes does not depend on where the two differ.
func (c *Cipher) isMAC(sum []byte) bool {
	return subtle.ConstantTimeCompare(c.hmac.Sum(c.sum[:0])[:c.macSize], sum) == 1
}

// walk traverses pieces. Contiguous octets are processed by cipher and MAC at once. Octets that are not contiguous, or
// are in the clear, are processed separately, by the MAC after the cipher if it covers the cipher's output.
type walk struct {
	at     cursor // of the cipher
	hashed cursor // of the MAC
}

// pass records that both have processed n octets.
func (w *walk) pass(n int) {
	w.at.off += n
	w.hashed = w.at
}

// hashTo passes all octets before place to the MAC; an empty cursor means the end.
func (c *Cipher) hashTo(w *walk, place cursor) {
	h := &w.hashed
	for len(h.pieces) > len(place.pieces) {
		c.hmac.Write(h.pieces[0].B[h.off:])
		h.pieces, h.off = h.pieces[1:], 0
	}
	if len(h.pieces) > 0 {
		c.hmac.Write(h.pieces[0].B[h.off:place.off])
		h.off = place.off
	}
}

// restSize returns how many of n octets are subject to ciphertext stealing: the last two blocks, or the only one.
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

// cursor is a position among the octets of pieces that are encrypted.
type cursor struct {
	pieces []Piece
	off    int // in the first piece
}

// next returns the contiguous octets at the cursor. The result is not empty unless the cursor is at the end.
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

// together returns the contiguous octets at the cursor in whole blocks, at most n octets.
func (c *cursor) together(n int) []byte {
	run := c.next()
	return run[:min(len(run), n)/blockSize*blockSize]
}

// SumPieces returns the checksum of pieces. Like that of Sum, the result is valid until the next call.
func (m *MAC) SumPieces(pieces []Piece) []byte {
	m.hmac.Reset()
	for _, p := range pieces {
		m.hmac.Write(p.B)
	}
	return m.hmac.Sum(m.sum[:0])[:m.size]
}

// VerifyPieces reports whether sum is the checksum of pieces. The time it takes does not depend on where the two
// differ.
func (m *MAC) VerifyPieces(sum []byte, pieces []Piece) bool {
	return subtle.ConstantTimeCompare(m.SumPieces(pieces), sum) == 1
}
