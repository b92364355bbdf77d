// SPDX-License-Identifier: BSD-2-Clause

package crypto

import (
	"encoding"
	"hash"

	"libgssapi/internal/wipe"
)

// portableMAC is HMAC (RFC 2104) over a hash of the standard library, for all processors. Like nativeMAC, it stores
// the states of the hash after the block that contains the key, instead of the key.
//
// crypto/hmac is not suitable: on its first Reset it replaces its two padded copies of the key and leaves the old ones
// on the heap, where they can no longer be overwritten.
type portableMAC struct {
	hash         resumable
	inner, outer []byte // marshaled states
	sum          [maxHashSize]byte
}

// resumable is a hash that can continue from a stored state. MD5, SHA-1 and SHA-2 allocate nothing when they do.
type resumable interface {
	hash.Hash
	encoding.BinaryMarshaler
	encoding.BinaryUnmarshaler
}

func newPortableMAC(newHash func() hash.Hash, key []byte) *portableMAC {
	m := &portableMAC{hash: newHash().(resumable)}
	block := make([]byte, m.hash.BlockSize())
	defer clear(block)
	if len(key) > len(block) {
		m.hash.Write(key)
		m.hash.Sum(block[:0])
	} else {
		copy(block, key)
	}
	m.inner = m.stateAfter(block, 0x36)
	m.outer = m.stateAfter(block, 0x5c^0x36)
	return m
}

// stateAfter adds pad to the block and returns the state of a new hash that has processed it.
func (m *portableMAC) stateAfter(block []byte, pad byte) []byte {
	for i := range block {
		block[i] ^= pad
	}
	m.hash.Reset()
	m.hash.Write(block)
	state, err := m.hash.MarshalBinary()
	if err != nil {
		panic("crypto: a hash has no state: " + err.Error())
	}
	return state
}

func (m *portableMAC) resume(state []byte) {
	if err := m.hash.UnmarshalBinary(state); err != nil {
		panic("crypto: a MAC was used after it had been wiped")
	}
}

func (m *portableMAC) wipe() {
	clear(m.inner)
	clear(m.outer)
	clear(m.sum[:])
	wipe.Object(m.hash)
}

func (m *portableMAC) Reset()                      { m.resume(m.inner) }
func (m *portableMAC) Write(p []byte) (int, error) { return m.hash.Write(p) }

func (m *portableMAC) Sum(b []byte) []byte {
	sum := m.hash.Sum(m.sum[:0])
	m.resume(m.outer)
	m.hash.Write(sum)
	return m.hash.Sum(b)
}
