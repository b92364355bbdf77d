// SPDX-License-Identifier: BSD-2-Clause

package protect

import "io"

// randomness gives the octets of a source in their order, and asks it for those of some messages at a time: Go's source
// writes to a word that all threads share, each time, and threads with short messages would wait for each other there.
// Nothing of it goes on in a child, which would send the same octets as its parent.
type randomness struct {
	source io.Reader
	octets [128]byte // eight confounders
	left   []byte    // those not given yet
}

// Read gives as many octets as are wanted, or fails. The caller has a lock.
func (r *randomness) Read(b []byte) (int, error) {
	if len(b) > len(r.octets) {
		return io.ReadFull(r.source, b)
	}
	if len(b) > len(r.left) {
		r.left = nil
		n, err := io.ReadAtLeast(r.source, r.octets[:], len(b))
		if err != nil {
			return 0, err
		}
		r.left = r.octets[:n]
	}
	n := copy(b, r.left)
	clear(r.left[:n])
	r.left = r.left[n:]
	return n, nil
}
