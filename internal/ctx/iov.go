// SPDX-License-Identifier: BSD-2-Clause

package ctx

import (
	"syscall"

	"libgssapi/internal/crypto"
	"libgssapi/internal/status"
)

// BufferType is what a Buffer is for (GSS_IOV_BUFFER_TYPE_* of gssapi_ext.h). Others than these are left alone.
type BufferType uint32

// Buffer types.
const (
	BufferData     BufferType = 1  // sealed or signed
	BufferHeader   BufferType = 2  // what the token puts before the message
	BufferTrailer  BufferType = 7  // what it puts behind it
	BufferPadding  BufferType = 9  // between message and trailer; RFC 4121 needs none
	BufferStream   BufferType = 10 // a whole token, for unwrapping
	BufferSignOnly BufferType = 11 // covered by the checksum, and neither sealed nor in the token
	BufferMICToken BufferType = 12
)

// Buffer is a piece of a message in several (gss_iov_buffer_desc).
type Buffer struct {
	Type     BufferType
	Allocate bool   // a result is to be in memory of the library's
	B        []byte // the caller's memory, to be read and written in place
	Len      int    // where only lengths are asked for, the length of B, which is not there

	// Changed says that B or Len is a result, Allocated that B is of the Memory that was passed.
	Changed, Allocated bool
}

// find returns the buffer of a type, or nil: if there are several, none of them is meant.
func find(iov []Buffer, t BufferType) *Buffer {
	var found *Buffer
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

func hasData(iov []Buffer) bool {
	for i := range iov {
		if iov[i].Type == BufferData {
			return true
		}
	}
	return false
}

// place makes n octets of b, for a result.
func (b *Buffer) place(n int, mem *Memory) error {
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

// empty makes nothing of a buffer, if there is one, that the token has no use for.
func empty(b *Buffer) {
	if b != nil {
		b.B, b.Changed = b.B[:0], true
	}
}

// checkPadding refuses padding in tokens of RFC 4121, which have none: it would be a piece of the message that no data
// buffer holds.
func checkPadding(iov []Buffer) error {
	for i := range iov {
		if b := &iov[i]; b.Type == BufferPadding && len(b.B) != 0 {
			return status.Errorf(status.DefectiveToken, status.G_BAD_TOK_HEADER,
				"there are %d octets of padding, and tokens of RFC 4121 have none", len(b.B))
		}
	}
	return nil
}

// takeBack frees what place allocated.
func takeBack(iov []Buffer, mem *Memory) {
	for i := range iov {
		if b := &iov[i]; b.Allocated {
			mem.Free(b.B)
			b.B, b.Allocated = nil, false
		}
	}
}

// appendPieces appends the message: what is protected, in the order of the buffers.
func appendPieces(pieces []crypto.Piece, iov []Buffer) []crypto.Piece {
	for i := range iov {
		switch b := &iov[i]; b.Type {
		case BufferData, BufferPadding:
			pieces = append(pieces, crypto.Piece{B: b.B})
		case BufferSignOnly:
			pieces = append(pieces, crypto.Piece{B: b.B, Clear: true})
		}
	}
	return pieces
}

// wipeData clears what may be plaintext of a message that is not genuine. What is decrypted in place cannot be taken back
// otherwise, and nobody must get it: decryption gives an error alone if the integrity check fails (RFC 3961, Section 3).
func wipeData(iov []Buffer) {
	for i := range iov {
		if b := &iov[i]; b.Type == BufferData || b.Type == BufferPadding {
			clear(b.B)
		}
	}
}

func errNoBuffer(what string) error {
	return status.Errorf(status.Failure, status.Minor(syscall.EINVAL), "there is not one %s buffer", what)
}
