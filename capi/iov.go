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

// descriptors returns the caller's descriptors, or nil if they cannot be read.
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

// direction says whether the buffers of a call are for a token that is sent or for one that was received.
type direction int

const (
	sending direction = iota
	receiving
)

func hasStream(all []C.gss_iov_buffer_desc) bool {
	for i := range all {
		if bufferType(&all[i]) == message.BufferStream {
			return true
		}
	}
	return false
}

// isInput reports whether a buffer refers to memory of the caller. It may be uninitialized if it is to be allocated for a
// token that is sent. Beside a stream, the data buffer may be uninitialized as well, because it is set to the message within
// the stream, and so may the buffers for the rest of a token. For a received token GSS_IOV_BUFFER_FLAG_ALLOCATE means
// nothing: callers who unwrap what they have just wrapped leave it set.
func isInput(d *C.gss_iov_buffer_desc, dir direction, stream bool) bool {
	switch bufferType(d) {
	case message.BufferData:
		return dir == sending || !stream
	case message.BufferSignOnly, message.BufferStream:
		return true
	case message.BufferHeader, message.BufferTrailer, message.BufferPadding, message.BufferMICToken:
		if dir == receiving {
			return !stream
		}
		return !toAllocate(d)
	}
	return false
}

// readableIOV reports whether the buffers can be borrowed.
func readableIOV(iov *C.gss_iov_buffer_desc, count C.int, dir direction) bool {
	all := descriptors(iov, count)
	stream := hasStream(all)
	for i := range all {
		if isInput(&all[i], dir, stream) && !readable(&all[i].buffer) {
			return false
		}
	}
	return all != nil
}

// borrowIOV appends the caller's buffers to room.
func borrowIOV(room []message.Buffer, iov *C.gss_iov_buffer_desc, count C.int, dir direction) []message.Buffer {
	all := descriptors(iov, count)
	stream := hasStream(all)
	for i := range all {
		b := message.Buffer{Type: bufferType(&all[i]), Allocate: toAllocate(&all[i])}
		if isInput(&all[i], dir, stream) {
			b.B = borrow(&all[i].buffer)
		}
		room = append(room, b)
	}
	return room
}

// giveIOV gives the buffers that have changed.
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

// giveLengths gives the lengths that have changed; those buffers have no value yet.
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

// onStack hides buffers from escape analysis, which would allocate the arguments of an interface method on the heap for each
// message. message.Protection promises not to retain them; the caller keeps them alive during the call.
func onStack(buffers []message.Buffer) (same []message.Buffer) {
	type header [unsafe.Sizeof(buffers) / unsafe.Sizeof(uintptr(0))]uintptr
	*(*header)(unsafe.Pointer(&same)) = *(*header)(unsafe.Pointer(&buffers))
	return same
}
