// SPDX-License-Identifier: BSD-2-Clause

// Package handle keeps the objects that C programs hold: each gets a number in pointer's clothing, and a number that was
// not given out, or was taken back, finds nothing.
package handle

import (
	"crypto/rand"
	"encoding/binary"
	"sync"
	"sync/atomic"
)

// A Handle is made of, from the top:
//
//	1 bit   set
//	1 bit   clear: with the bit above it, no address on amd64 or arm64 looks like this, and following one faults at once
//	2 bits  kind
//	40 bits serial of the slot
//	20 bits slot
//
// 0 is no handle; it is what C calls GSS_C_NO_CONTEXT, GSS_C_NO_CREDENTIAL and GSS_C_NO_NAME.
type Handle uint64

// Kind keeps the tables apart: a name's number is never a context's.
type Kind uint8

// Kinds. The zero Kind is none.
const (
	Context Kind = 1 + iota
	Credential
	Name
)

const (
	slotBits   = 20
	serialBits = 40
	mark       = 1 << 63

	chunkSlots = 256
	chunks     = 1 << slotBits / chunkSlots
)

func compose(k Kind, serial uint64, slot uint32) Handle {
	return mark | Handle(k&3)<<(serialBits+slotBits) | Handle(serial&(1<<serialBits-1))<<slotBits | Handle(slot)
}

func (h Handle) slot() uint32 { return uint32(h & (1<<slotBits - 1)) }

// Table holds the live objects of one kind. Use New. All methods may be called by any number of goroutines; Get takes no
// lock. Its memory is bounded by the largest number of handles that were live at once.
type Table[T any] struct {
	kind   Kind
	chunks [chunks]atomic.Pointer[chunk[T]]

	mu   sync.Mutex
	used uint32   // slots in chunks that were ever given out
	free []uint32 // slots whose object was taken
	live int
}

type chunk[T any] [chunkSlots]slot[T]

// A slot's serial goes up with each object that it holds, from a random start. The random start makes a number of another
// instance of the engine (the parent's before a fork) unknown here, but for one chance in 2^40 per object of that slot.
// A slot whose serials are used up is given up, so that no number comes twice.
type slot[T any] struct {
	entry atomic.Pointer[entry[T]]
	start uint64
	taken uint64 // serials used so far; guarded by Table.mu
}

type entry[T any] struct {
	handle Handle
	object *T
}

// New returns an empty table.
func New[T any](k Kind) *Table[T] { return &Table[T]{kind: k} }

// Put gives object a number. It returns 0 where 2^20 handles are live already.
func (t *Table[T]) Put(object *T) Handle {
	t.mu.Lock()
	defer t.mu.Unlock()
	n, ok := t.pick()
	if !ok {
		return 0
	}
	s := &t.chunks[n/chunkSlots].Load()[n%chunkSlots]
	h := compose(t.kind, s.start+s.taken, n)
	s.taken++
	t.live++
	s.entry.Store(&entry[T]{h, object})
	return h
}

// pick returns a slot without an object. The caller holds the lock.
func (t *Table[T]) pick() (uint32, bool) {
	if last := len(t.free) - 1; last >= 0 {
		n := t.free[last]
		t.free = t.free[:last]
		return n, true
	}
	if t.used == 1<<slotBits {
		return 0, false
	}
	if t.used%chunkSlots == 0 {
		t.chunks[t.used/chunkSlots].Store(newChunk[T]())
	}
	t.used++
	return t.used - 1, true
}

func newChunk[T any]() *chunk[T] {
	var seed [8 * chunkSlots]byte
	rand.Read(seed[:]) // never fails (crypto/rand)
	c := new(chunk[T])
	for i := range c {
		c[i].start = binary.LittleEndian.Uint64(seed[8*i:]) & (1<<serialBits - 1)
	}
	return c
}

// lookup returns the slot and entry of a live handle.
func (t *Table[T]) lookup(h Handle) (*slot[T], *entry[T]) {
	n := h.slot()
	c := t.chunks[n/chunkSlots].Load()
	if c == nil {
		return nil, nil
	}
	s := &c[n%chunkSlots]
	e := s.entry.Load()
	if e == nil || e.handle != h {
		return nil, nil
	}
	return s, e
}

// Get returns the object of a live handle, else nil.
func (t *Table[T]) Get(h Handle) *T {
	if _, e := t.lookup(h); e != nil {
		return e.object
	}
	return nil
}

// Take returns the object of a live handle and ends the handle. Of callers that race for one handle a single one gets the
// object; the others get nil.
func (t *Table[T]) Take(h Handle) *T {
	s, e := t.lookup(h)
	if e == nil || !s.entry.CompareAndSwap(e, nil) {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.live--
	if s.taken < 1<<serialBits {
		t.free = append(t.free, h.slot())
	}
	return e.object
}

// Replace puts object in the place of old, which h must still mean; h then means object.
func (t *Table[T]) Replace(h Handle, old, object *T) bool {
	s, e := t.lookup(h)
	return e != nil && e.object == old && s.entry.CompareAndSwap(e, &entry[T]{h, object})
}

// Len returns the number of live handles.
func (t *Table[T]) Len() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.live
}
