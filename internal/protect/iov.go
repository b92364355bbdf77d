// SPDX-License-Identifier: BSD-2-Clause

package protect

import (
	"syscall"

	"libgssapi/internal/crypto"
	"libgssapi/internal/message"
	"libgssapi/internal/status"
)

// find returns the buffer of a type, or nil if there is none or more than one.
func find(iov []message.Buffer, t message.BufferType) *message.Buffer {
	var found *message.Buffer
	for i := range iov {
		if iov[i].Type == t {
			if found != nil {
				return nil
			}
			found = &iov[i]
		}
	}
	return found
}

func hasData(iov []message.Buffer) bool {
	for i := range iov {
		if iov[i].Type == message.BufferData {
			return true
		}
	}
	return false
}

// place makes the buffer n octets long, for a result.
func place(b *message.Buffer, n int, mem *message.Memory) error {
	if b.Allocate {
		m := mem.Alloc(max(n, 1))
		if m == nil {
			return errMemory(n)
		}
		b.B, b.Allocated, b.Changed = m[:n], true, true
		return nil
	}
	if len(b.B) < n {
		return status.Errorf(status.Failure, status.KRB5_BAD_MSIZE,
			"a buffer of type %d has %d octets, %d are needed", b.Type, len(b.B), n)
	}
	b.B, b.Changed = b.B[:n], true
	return nil
}

// empty sets the length of a buffer that the token does not need to 0. b may be nil.
func empty(b *message.Buffer) {
	if b != nil {
		b.B, b.Changed = b.B[:0], true
	}
}

// checkPadding refuses padding in tokens of RFC 4121, which have none: it would be a part of the message that is in no
// data buffer.
func checkPadding(iov []message.Buffer) error {
	for i := range iov {
		if b := &iov[i]; b.Type == message.BufferPadding && len(b.B) != 0 {
			return status.Errorf(status.DefectiveToken, status.G_BAD_TOK_HEADER,
				"there are %d octets of padding, but tokens of RFC 4121 have none", len(b.B))
		}
	}
	return nil
}

// takeBack frees the buffers that place allocated.
func takeBack(iov []message.Buffer, mem *message.Memory) {
	for i := range iov {
		if b := &iov[i]; b.Allocated {
			mem.Free(b.B)
			b.B, b.Allocated = nil, false
		}
	}
}

// appendPieces appends the parts of the message that are protected, in the order of the buffers.
func appendPieces(pieces []crypto.Piece, iov []message.Buffer) []crypto.Piece {
	for i := range iov {
		switch b := &iov[i]; b.Type {
		case message.BufferData, message.BufferPadding:
			pieces = append(pieces, crypto.Piece{B: b.B})
		case message.BufferSignOnly:
			pieces = append(pieces, crypto.Piece{B: b.B, Clear: true})
		}
	}
	return pieces
}

// wipeData clears what may be the plaintext of a message that is not genuine. It was decrypted in place, and nobody must
// get it: if the integrity check fails, decryption returns an error and nothing else (RFC 3961, Section 3).
func wipeData(iov []message.Buffer) {
	for i := range iov {
		if b := &iov[i]; b.Type == message.BufferData || b.Type == message.BufferPadding {
			clear(b.B)
		}
	}
}

func errNoBuffer(what string) error {
	return status.Errorf(status.Failure, status.Minor(syscall.EINVAL), "there must be exactly one %s buffer", what)
}
