// SPDX-License-Identifier: BSD-2-Clause

package protect

import "io"

// randomness returns the octets of a source in order, and requests those for several messages at a time: on each request
// Go's source writes to a word that all threads share, where threads with short messages would wait for each other. A
// child inherits none of them: it would send the same octets as its parent.
type randomness struct {
	source io.Reader
	octets [128]byte // eight confounders
	left   []byte    // those not given yet
}

// Read fills b or fails. The caller holds a lock.
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
