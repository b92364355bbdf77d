// SPDX-License-Identifier: BSD-2-Clause

package protect

import (
	"encoding/binary"
	"syscall"

	"libgssapi/internal/crypto"
	"libgssapi/internal/message"
	"libgssapi/internal/status"
)

// PseudoRandom returns n octets in memory from mem that both sides of the context get for the same input and nobody else
// can compute (RFC 4401; RFC 4402, Section 2): PRF(K, 0 | in) | PRF(K, 1 | in) | ..., with counters of four octets. The
// full key is the one that protects messages; the partial key is the initiator's subkey, else the session key.
func (p *Protection) PseudoRandom(full bool, in []byte, n int, mem *message.Memory) ([]byte, error) {
	p.recv.mu.Lock()
	defer p.recv.mu.Unlock()
	key := p.recv.early.key
	if full {
		key = p.recv.keys.key
	}
	if key == nil {
		return nil, errWiped()
	}
	return pseudoRandom(key, in, n, mem)
}

func pseudoRandom(key *crypto.Key, in []byte, n int, mem *message.Memory) ([]byte, error) {
	if n < 0 {
		return nil, status.Errorf(status.Failure, status.Minor(syscall.EINVAL),
			"a pseudo-random value of %d octets was requested", n)
	}
	if n == 0 {
		return nil, nil
	}
	out := mem.Alloc(n)
	if out == nil {
		return nil, errMemory(n)
	}
	var counter [4]byte
	for i, rest := uint32(0), out; len(rest) > 0; i++ {
		binary.BigEndian.PutUint32(counter[:], i)
		rest = rest[copy(rest, key.PRF(counter[:], in)):]
	}
	return out, nil
}
