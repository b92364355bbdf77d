// SPDX-License-Identifier: BSD-2-Clause

package crypto

import (
	"crypto/cipher"
	"encoding/binary"

	"libgssapi/internal/wipe"
)

// cmac is CMAC (NIST SP 800-38B) over a cipher with 128-bit blocks.
type cmac struct {
	block  cipher.Block
	k1, k2 [blockSize]byte // for a last block that is whole, and one that is not

	state [blockSize]byte
	last  [blockSize]byte // the last block so far, n octets
	n     int
}

func newCMAC(block cipher.Block) *cmac {
	m := &cmac{block: block}
	block.Encrypt(m.k1[:], m.k1[:])
	double(&m.k1, &m.k1)
	double(&m.k2, &m.k1)
	return m
}

// double multiplies by x in GF(2^128).
func double(dst, src *[blockSize]byte) {
	hi, lo := binary.BigEndian.Uint64(src[:8]), binary.BigEndian.Uint64(src[8:])
	carry := hi >> 63
	binary.BigEndian.PutUint64(dst[:8], hi<<1|lo>>63)
	binary.BigEndian.PutUint64(dst[8:], lo<<1^carry*0x87)
}

func (m *cmac) wipe() {
	wipe.Object(m.block)
	*m = cmac{block: m.block}
}

func (m *cmac) Reset() {
	clear(m.state[:])
	m.n = 0
}

func (m *cmac) Write(p []byte) (int, error) {
	total := len(p)
	for len(p) > 0 {
		if m.n == blockSize {
			m.absorb()
		}
		n := copy(m.last[m.n:], p)
		m.n += n
		p = p[n:]
	}
	return total, nil
}

func (m *cmac) absorb() {
	for i := range m.state {
		m.state[i] ^= m.last[i]
	}
	m.block.Encrypt(m.state[:], m.state[:])
	m.n = 0
}

func (m *cmac) Sum(b []byte) []byte {
	key := &m.k1
	if m.n < blockSize {
		m.last[m.n] = 0x80
		clear(m.last[m.n+1:])
		key = &m.k2
	}
	for i := range m.last {
		m.last[i] ^= key[i]
	}
	m.absorb()
	return append(b, m.state[:]...)
}

// feedbackKDF is KDF-FEEDBACK-CMAC of RFC 6803, Section 3.
func feedbackKDF(key, constant []byte, size int) []byte {
	m := newCMAC(newCamellia(key))
	defer m.wipe()
	var out, previous []byte
	out = make([]byte, 0, maxKeySize)
	previous = make([]byte, blockSize)
	input := make([]byte, 0, blockSize+4+len(constant)+1+4)
	for i := uint32(1); len(out) < size; i++ {
		input = binary.BigEndian.AppendUint32(append(input[:0], previous...), i)
		input = append(append(input, constant...), 0)
		m.Reset()
		m.Write(binary.BigEndian.AppendUint32(input, uint32(size)*8))
		clear(previous)
		previous = m.Sum(nil)
		out = append(out, previous...)
	}
	clear(previous)
	clear(input)
	return out[:size]
}
