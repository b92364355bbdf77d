// SPDX-License-Identifier: BSD-2-Clause

// Package message defines the per-message calls of GSS-API (RFC 2743, Section 2.3) and their arguments.
package message

import "libgssapi/internal/status"

// Protection protects the messages of an established context. Any number of goroutines may call its methods. Arguments are
// the caller's memory: an implementation must not retain any of it, the slices of Buffers included.
type Protection interface {
	// GetMIC returns a MIC token for msg. It also works after the context has expired.
	GetMIC(qop uint32, msg []byte, mem *Memory) ([]byte, error)
	// VerifyMIC verifies a MIC token for msg. The supplementary code reports replays and messages out of order.
	VerifyMIC(msg, tok []byte) (supplementary status.Major, err error)

	// Wrap protects msg.
	Wrap(conf bool, qop uint32, msg []byte, mem *Memory) ([]byte, error)
	// Unwrap verifies and, if it is sealed, decrypts a peer's token.
	Unwrap(tok []byte, mem *Memory) (msg []byte, conf bool, supplementary status.Major, err error)
	// WrapSizeLimit returns the length of the longest message whose token has at most maxOutput octets, 0 if there is none.
	WrapSizeLimit(conf bool, qop, maxOutput uint32) (uint32, error)

	// WrapIOV and the following methods process scattered messages in place. Those with Length in their names set the
	// lengths that the buffers must have.
	WrapIOV(conf bool, qop uint32, iov []Buffer, mem *Memory) (bool, error)
	WrapIOVLength(conf bool, qop uint32, iov []Buffer) (bool, error)
	UnwrapIOV(iov []Buffer, mem *Memory) (conf bool, supplementary status.Major, err error)
	GetMICIOV(qop uint32, iov []Buffer, mem *Memory) error
	GetMICIOVLength(qop uint32, iov []Buffer) error
	VerifyMICIOV(iov []Buffer) (supplementary status.Major, err error)

	// WrapAEAD and UnwrapAEAD also protect associated data, which is not part of the token.
	WrapAEAD(conf bool, qop uint32, assoc, msg []byte, mem *Memory) ([]byte, bool, error)
	UnwrapAEAD(tok, assoc []byte, mem *Memory) (msg []byte, conf bool, supplementary status.Major, err error)

	// PseudoRandom returns n octets that both sides of the context get for the same input (RFC 4401, Section 3).
	PseudoRandom(full bool, in []byte, n int, mem *Memory) ([]byte, error)
}

// Memory is the caller's allocator for results. Alloc is asked for at least one octet and may return nil; what it
// returns need not be cleared. Free takes back a slice just as Alloc returned it.
type Memory struct {
	Alloc func(n int) []byte
	Free  func([]byte)
}

// BufferType is the purpose of a Buffer (GSS_IOV_BUFFER_TYPE_* in gssapi_ext.h). Other types are ignored.
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

// Buffer is one buffer of a scattered message (gss_iov_buffer_desc).
type Buffer struct {
	Type     BufferType
	Allocate bool   // a result is to be in memory of the library's
	B        []byte // the caller's memory, to be read and written in place
	Len      int    // where only lengths are asked for, the length of B, which is not there

	// Changed is set if B or Len is a result, Allocated if B is from the Memory that was passed.
	Changed, Allocated bool
}
