// SPDX-License-Identifier: BSD-2-Clause

package main

// #include "glue.h"
import "C"

import (
	"unsafe"

	"libgssapi/internal/message"
)

// maxIOV bounds the number of buffers of a message.
const maxIOV = 1 << 16

// iovRoom is room for the buffers of most messages.
type iovRoom [8]message.Buffer

// descriptors are the caller's, nil if they cannot be read.
func descriptors(iov *C.gss_iov_buffer_desc, count C.int) []C.gss_iov_buffer_desc {
	if iov == nil || count < 0 || count > maxIOV {
		return nil
	}
	return unsafe.Slice(iov, int(count))
}

func bufferType(d *C.gss_iov_buffer_desc) message.BufferType {
	return message.BufferType(d._type &^ C.GSS_IOV_BUFFER_FLAG_MASK)
}

func toAllocate(d *C.gss_iov_buffer_desc) bool { return d._type&C.GSS_IOV_BUFFER_FLAG_ALLOCATE != 0 }

// purpose is what the buffers of a call are for: to make a token, or to take one apart.
type purpose int

const (
	making purpose = iota
	taking
)

func hasStream(all []C.gss_iov_buffer_desc) bool {
	for i := range all {
		if bufferType(&all[i]) == message.BufferStream {
			return true
		}
	}
	return false
}

// isInput reports whether a buffer has memory of the caller's. What is allocated for a token that is made may be
// uninitialized, and so may, beside a stream, the data buffer, which will be where the message lies in it, and what
// would hold the rest of a token. For all others GSS_IOV_BUFFER_FLAG_ALLOCATE says nothing: a caller who takes back what
// it has just made still has it set.
func isInput(d *C.gss_iov_buffer_desc, use purpose, stream bool) bool {
	switch bufferType(d) {
	case message.BufferData:
		return use == making || !stream
	case message.BufferSignOnly, message.BufferStream:
		return true
	case message.BufferHeader, message.BufferTrailer, message.BufferPadding, message.BufferMICToken:
		if use == taking {
			return !stream
		}
		return !toAllocate(d)
	}
	return false
}

// readableIOV reports whether the buffers can be borrowed.
func readableIOV(iov *C.gss_iov_buffer_desc, count C.int, use purpose) bool {
	all := descriptors(iov, count)
	stream := hasStream(all)
	for i := range all {
		if isInput(&all[i], use, stream) && !readable(&all[i].buffer) {
			return false
		}
	}
	return all != nil
}

// borrowIOV appends the caller's buffers to room.
func borrowIOV(room []message.Buffer, iov *C.gss_iov_buffer_desc, count C.int, use purpose) []message.Buffer {
	all := descriptors(iov, count)
	stream := hasStream(all)
	for i := range all {
		b := message.Buffer{Type: bufferType(&all[i]), Allocate: toAllocate(&all[i])}
		if isInput(&all[i], use, stream) {
			b.B = borrow(&all[i].buffer)
		}
		room = append(room, b)
	}
	return room
}

// giveIOV gives the buffers that are results.
func giveIOV(iov *C.gss_iov_buffer_desc, buffers []message.Buffer) {
	all := descriptors(iov, C.int(len(buffers)))
	for i := range all {
		b, d := &buffers[i], &all[i]
		if !b.Changed {
			continue
		}
		d.buffer.length = C.size_t(len(b.B))
		if cap(b.B) > 0 {
			setPointer(&d.buffer.value, uintptr(unsafe.Pointer(unsafe.SliceData(b.B))))
		}
		if b.Allocated {
			d._type |= C.GSS_IOV_BUFFER_FLAG_ALLOCATED
		}
	}
}

// giveLengths gives the lengths that are results; those buffers have no value yet.
func giveLengths(iov *C.gss_iov_buffer_desc, buffers []message.Buffer) {
	all := descriptors(iov, C.int(len(buffers)))
	for i := range all {
		if buffers[i].Changed {
			all[i].buffer.length = C.size_t(buffers[i].Len)
			clearPointer(&all[i].buffer.value)
		}
	}
}

// borrowLengths is borrowIOV without the buffers' memory, which may be uninitialized.
func borrowLengths(room []message.Buffer, iov *C.gss_iov_buffer_desc, count C.int) []message.Buffer {
	all := descriptors(iov, count)
	for i := range all {
		room = append(room, message.Buffer{
			Type: bufferType(&all[i]), Allocate: toAllocate(&all[i]), Len: int(min(all[i].buffer.length, maxBuffer)),
		})
	}
	return room
}

// onStack hides buffers from escape analysis. As arguments of an interface method they would be allocated on the heap for
// each message. message.Protection promises not to retain them; the caller keeps them alive during the call.
func onStack(buffers []message.Buffer) (same []message.Buffer) {
	type header [unsafe.Sizeof(buffers) / unsafe.Sizeof(uintptr(0))]uintptr
	*(*header)(unsafe.Pointer(&same)) = *(*header)(unsafe.Pointer(&buffers))
	return same
}
