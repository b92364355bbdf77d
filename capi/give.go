// SPDX-License-Identifier: BSD-2-Clause

package main

/*
#cgo noescape engine_malloc
#cgo nocallback engine_malloc
#cgo noescape engine_free
#cgo nocallback engine_free
#include "glue.h"
*/
import "C"

import (
	"sync"
	"unsafe"

	"libgssapi/internal/gss"
	"libgssapi/internal/handle"
	"libgssapi/internal/message"
	"libgssapi/internal/token"
)

// callerMemory is where per-message calls write their results; the caller releases them with free(3).
var callerMemory = message.Memory{Alloc: allocate, Free: free}

// allocate returns n uninitialized octets from malloc(3), or nil if there is no memory.
func allocate(n int) []byte {
	p := C.engine_malloc(C.size_t(max(n, 1)))
	if p == nil {
		return nil
	}
	return unsafe.Slice((*byte)(p), max(n, 1))[:n]
}

// free frees what allocate returned. b may be shorter, but must begin with the same octet.
func free(b []byte) { C.engine_free(unsafe.Pointer(unsafe.SliceData(b))) }

// giveMemory gives octets that are already in memory from malloc(3). An empty buffer gets no value, because some programs
// free only what has a length.
func giveMemory(b C.gss_buffer_t, octets []byte) {
	if len(octets) == 0 {
		free(octets)
		return
	}
	b.length = C.size_t(len(octets))
	setPointer(&b.value, uintptr(unsafe.Pointer(unsafe.SliceData(octets))))
}

// giveBuffer gives a copy of octets. It returns false, and gives nothing, if there is no memory.
func giveBuffer(b C.gss_buffer_t, octets []byte) bool {
	if len(octets) == 0 {
		return true
	}
	m := allocate(len(octets))
	if m == nil {
		return false
	}
	copy(m, octets)
	giveMemory(b, m)
	return true
}

// giveText gives a copy of text followed by a NUL that is not counted, because programs print it with %s.
func giveText(b C.gss_buffer_t, text []byte) bool {
	m := allocate(len(text) + 1)
	if m == nil {
		return false
	}
	copy(m, text)
	m[len(text)] = 0
	b.length = C.size_t(len(text))
	setPointer(&b.value, uintptr(unsafe.Pointer(unsafe.SliceData(m))))
	return true
}

// giveOID gives a static OID, or GSS_C_NO_OID for "". p may be nil.
func giveOID(p *C.gss_OID, o token.OID) {
	if p != nil {
		setPointer(p, staticOID(o))
	}
}

// kept holds OIDs that the front does not have: at most one for each name type and mechanism.
var kept struct {
	sync.Mutex
	oids map[token.OID]uintptr
}

// staticOID returns the address of a gss_OID_desc that is never freed, or 0 if there is no memory for it.
func staticOID(o token.OID) uintptr {
	if o == "" {
		return 0
	}
	if p := C.engine_static_oid(unsafe.Pointer(unsafe.StringData(string(o))), C.size_t(len(o))); p != nil {
		return uintptr(unsafe.Pointer(p))
	}
	kept.Lock()
	defer kept.Unlock()
	if p, ok := kept.oids[o]; ok {
		return p
	}
	var desc C.gss_OID_desc
	m := allocate(int(unsafe.Sizeof(desc)))
	if m == nil {
		return 0
	}
	p := (*C.gss_OID_desc)(unsafe.Pointer(unsafe.SliceData(m)))
	if !fillOID(p, o) {
		free(m)
		return 0
	}
	if kept.oids == nil {
		kept.oids = map[token.OID]uintptr{}
	}
	kept.oids[o] = uintptr(unsafe.Pointer(p))
	return kept.oids[o]
}

func fillOID(p *C.gss_OID_desc, o token.OID) bool {
	m := allocate(len(o))
	if m == nil {
		return false
	}
	copy(m, o)
	p.length = C.OM_uint32(len(o))
	setPointer(&p.elements, uintptr(unsafe.Pointer(unsafe.SliceData(m))))
	return true
}

// giveOIDs gives a set that gss_release_oid_set frees: the set, its array and the octets of each member are allocated.
// p may be nil.
func giveOIDs(p *C.gss_OID_set, oids []token.OID) bool {
	if p == nil {
		return true
	}
	set, members := newSet[C.gss_OID_set_desc](oids, fillOID, func(o *C.gss_OID_desc) { C.engine_free(o.elements) })
	if set == nil {
		return false
	}
	set.count = C.size_t(len(oids))
	setPointer(&set.elements, address(members))
	setPointer(p, uintptr(unsafe.Pointer(set)))
	return true
}

// giveBuffers gives a buffer set that gss_release_buffer_set frees.
func giveBuffers(p *C.gss_buffer_set_t, buffers [][]byte) bool {
	fill := func(b *C.gss_buffer_desc, octets []byte) bool {
		clearBuffer(b)
		return giveBuffer(b, octets)
	}
	set, members := newSet[C.gss_buffer_set_desc](buffers, fill, func(b *C.gss_buffer_desc) {
		wipe([][]byte{unsafe.Slice((*byte)(b.value), int(b.length))}) // it may be a key
		C.engine_free(b.value)
	})
	if set == nil {
		return false
	}
	set.count = C.size_t(len(buffers))
	setPointer(&set.elements, address(members))
	setPointer(p, uintptr(unsafe.Pointer(set)))
	return true
}

// newSet allocates an uninitialized set, and an array of members that fill makes from the values. It returns nil, and leaves
// nothing allocated, if there is no memory; undo releases what fill has allocated for a member.
func newSet[Set, Member, Value any](values []Value, fill func(*Member, Value) bool, undo func(*Member)) (*Set, []Member) {
	set := allocateArray[Set](1)
	array := allocateArray[Member](len(values))
	filled := 0
	if set != nil && array != nil {
		for filled < len(values) && fill(&array[filled], values[filled]) {
			filled++
		}
		if filled == len(values) {
			return &set[0], array
		}
	}
	for i := range filled {
		undo(&array[i])
	}
	freeArray(array)
	freeArray(set)
	return nil, nil
}

// giveVariables gives variables of an environment as putenv(3) takes them: in a buffer set, each with a NUL at its end. p may
// be nil.
func giveVariables(p *C.gss_buffer_set_t, variables []gss.Variable) bool {
	if p == nil {
		return true
	}
	var buffers [][]byte
	for _, v := range variables {
		buffers = append(buffers, append([]byte(v.Name+"="+v.Value), 0))
	}
	return giveBuffers(p, buffers)
}

// allocateArray returns n uninitialized elements from malloc(3), or nil if there is no memory.
func allocateArray[T any](n int) []T {
	var element T
	m := allocate(n * int(unsafe.Sizeof(element)))
	if m == nil {
		return nil
	}
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(m))), n)
}

func address[T any](array []T) uintptr { return uintptr(unsafe.Pointer(unsafe.SliceData(array))) }

func freeArray[T any](array []T) { C.engine_free(unsafe.Pointer(unsafe.SliceData(array))) }

// takeBackOIDs undoes giveOIDs.
func takeBackOIDs(p *C.gss_OID_set) {
	if p == nil || *p == nil {
		return
	}
	set := *p
	for i := range members(set) {
		C.engine_free(members(set)[i].elements)
	}
	C.engine_free(unsafe.Pointer(set.elements))
	C.engine_free(unsafe.Pointer(set))
	clearPointer(p)
}

// giveUint32, giveBool and giveUsage give a number. p may be nil.
func giveUint32(p *C.OM_uint32, v uint32) {
	if p != nil {
		*p = C.OM_uint32(v)
	}
}

func giveBool(p *C.int, v bool) {
	switch {
	case p == nil:
	case v:
		*p = 1
	default:
		*p = 0
	}
}

func giveUsage(p *C.gss_cred_usage_t, u gss.Usage) {
	if p != nil {
		*p = C.gss_cred_usage_t(u)
	}
}

// giveName gives a name's handle. p may be nil; a nil name gives GSS_C_NO_NAME.
func giveName(p *C.gss_name_t, n *gss.Name) bool {
	return n == nil || give(p, names, n)
}

// giveCredential gives a credential's handle. p may be nil; a nil credential gives GSS_C_NO_CREDENTIAL.
func giveCredential(p *C.gss_cred_id_t, c *gss.Cred) bool {
	return c == nil || give(p, credentials, c)
}

func give[H object, T any](p *H, t *handle.Table[T], o *T) bool {
	if p == nil {
		return true
	}
	h := t.Put(o)
	setPointer(p, uintptr(h))
	return h != 0
}

// giveImported gives the object that make creates from a token. make calls ready, which reserves a handle, before it uses up
// the token.
func giveImported[H object, T any](p *H, t *handle.Table[T], make func(ready func() error) (*T, error)) error {
	var h handle.Handle
	o, err := make(func() error {
		if h = t.Reserve(); h == 0 {
			return errHandles
		}
		return nil
	})
	if err != nil {
		t.Cancel(h)
		return err
	}
	t.Fill(h, o)
	setPointer(p, uintptr(h))
	return nil
}

// takeBackName undoes giveName.
func takeBackName(p *C.gss_name_t) {
	if p != nil && handleAt(p) != 0 {
		names.Take(handleAt(p))
		clearPointer(p)
	}
}

// takeBackCredential undoes giveCredential.
func takeBackCredential(p *C.gss_cred_id_t) {
	if p == nil || handleAt(p) == 0 {
		return
	}
	if c := credentials.Take(handleAt(p)); c != nil {
		c.Release()
	}
	clearPointer(p)
}

// takeBackBuffer undoes giveBuffer.
func takeBackBuffer(b C.gss_buffer_t) {
	if b.length != 0 {
		C.engine_free(b.value)
	}
	clearBuffer(b)
}
