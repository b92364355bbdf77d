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
	w := walk{at: cursor{pieces: pieces}, hashed: cursor{pieces: pieces}}
	for left := n - restSize(n); left > 0; {
		if run := w.at.together(left); len(run) > 0 {
			c.hashTo(&w, w.at)
			c.engine.seal(run, run)
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
		c.engine.encrypt(block, block)
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
		c.hashTo(&w, cursor{})
	}
	copy(sum, c.hmac.Sum(c.sum[:0])[:c.macSize])
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
			c.engine.decrypt(block, block)
			place.write(block)
			left -= blockSize
		case c.etm:
			c.engine.decrypt(run, run)
			w.at.off += len(run)
		default:
			c.hashTo(&w, w.at)
			c.engine.open(run, run)
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

// isMAC reports whether sum is the MAC of what was hashed. It takes the same time wherever the two differ.
func (c *Cipher) isMAC(sum []byte) bool {
	return subtle.ConstantTimeCompare(c.hmac.Sum(c.sum[:0])[:c.macSize], sum) == 1
}

// walk is a way through pieces. What lies together goes through cipher and MAC at once; what does not, and what is in
// clear, makes them go by themselves, the MAC behind the cipher where it takes in the results.
type walk struct {
	at     cursor // of the cipher
	hashed cursor // of the MAC
}

// pass says that both have done n octets.
func (w *walk) pass(n int) {
	w.at.off += n
	w.hashed = w.at
}

// hashTo has the MAC take in all octets before place; the empty cursor is the end.
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

// together is what lies together at the cursor: whole blocks, at most n octets.
func (c *cursor) together(n int) []byte {
	run := c.next()
	return run[:min(len(run), n)/blockSize*blockSize]
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
