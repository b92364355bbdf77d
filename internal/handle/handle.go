// SPDX-License-Identifier: BSD-2-Clause

// Package handle keeps the objects that C programs hold: each gets a number in pointer's clothing, and a number that
// was not given out, or was taken back, finds nothing.
package handle

import (
	"crypto/rand"
	mathrand "math/rand/v2"
	"sync"
	"sync/atomic"

	"libgssapi/internal/inherit"
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

	chunkSlots = inherit.Slots
	chunks     = 1 << slotBits / chunkSlots
)

func compose(k Kind, serial uint64, slot uint32) Handle {
	return mark | Handle(k&3)<<(serialBits+slotBits) | Handle(serial&(1<<serialBits-1))<<slotBits | Handle(slot)
}

func (h Handle) slot() uint32 { return uint32(h & (1<<slotBits - 1)) }

// Table holds the live objects of one kind. Use New. All methods may be called by any number of goroutines; Get takes
// no lock. Its memory is bounded by the largest number of handles that were live at once.
type Table[T any] struct {
	kind   Kind
	chunks [chunks]atomic.Pointer[chunk[T]]

	mu   sync.Mutex
	used uint32   // slots in chunks that were ever given out
	free []uint32 // slots whose object was taken
	live int

	serials *mathrand.ChaCha8 // nil until there is a slot

	store *inherit.Store // nil: nothing is inherited
	form  Form[T]
	last  *inherit.Chunk // of the records

	// keeping is held while the form of an object that others may use is made or read; before mu.
	keeping sync.Mutex
}

type chunk[T any] struct {
	slots   [chunkSlots]slot[T]
	records *inherit.Chunk // of the same slots, or nil
}

// A slot's serial goes up with each object that it holds, from a random start. The random start makes a number of
// another instance of the engine (the parent's before a fork) unknown here, but for one chance in 2^40 per object of
// that slot. A slot whose serials are used up is given up, so that no number comes twice.
type slot[T any] struct {
	entry atomic.Pointer[entry[T]]
	start uint64
	taken uint64 // serials used so far; guarded by Table.mu
}

type entry[T any] struct {
	handle Handle
	object *T // nil: inherited, and not used yet
}

// New returns an empty table.
func New[T any](k Kind) *Table[T] { return &Table[T]{kind: k} }

// Put gives object a number. It returns 0 where 2^20 handles are live already.
func (t *Table[T]) Put(object *T) Handle {
	b := t.block(object)
	h, kept := t.put(object, b)
	if !kept {
		t.drop(object, b)
	}
	return h
}

// put also reports whether it has a record that keeps b.
func (t *Table[T]) put(object *T, b *inherit.Block) (h Handle, kept bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	n, ok := t.pick()
	if !ok {
		return 0, false
	}
	s := &t.chunks[n/chunkSlots].Load().slots[n%chunkSlots]
	h = compose(t.kind, s.start+s.taken, n)
	s.taken++
	t.live++
	r := t.record(n)
	if kept = r != nil && b != nil; kept {
		r.Set(uint64(h), b)
	}
	s.entry.Store(&entry[T]{h, object})
	return h, kept
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
		t.chunks[t.used/chunkSlots].Store(t.newChunk(t.appendRecords()))
	}
	t.used++
	return t.used - 1, true
}

// newChunk returns a chunk whose slots start at random serials. The caller holds t.mu.
func (t *Table[T]) newChunk(records *inherit.Chunk) *chunk[T] {
	if t.serials == nil {
		var seed [32]byte
		rand.Read(seed[:]) // never fails (crypto/rand)
		t.serials = mathrand.NewChaCha8(seed)
	}
	c := &chunk[T]{records: records}
	for i := range c.slots {
		c.slots[i].start = t.serials.Uint64() & (1<<serialBits - 1)
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
	s := &c.slots[n%chunkSlots]
	e := s.entry.Load()
	if e == nil || e.handle != h {
		return nil, nil
	}
	return s, e
}

// Get returns the object of a live handle, else nil.
func (t *Table[T]) Get(h Handle) *T {
	_, e := t.lookup(h)
	if e == nil {
		return nil
	}
	if e.object == nil {
		return t.revive(h)
	}
	return e.object
}

// Take returns the object of a live handle and ends the handle. Of callers that race for one handle a single one gets
// the object; the others get nil.
func (t *Table[T]) Take(h Handle) *T {
	for t.Get(h) != nil {
		s, e := t.lookup(h)
		if e == nil || e.object == nil {
			continue
		}
		if b, ok := t.end(s, e); ok {
			t.drop(e.object, b)
			return e.object
		}
		// Another entry stands for the handle meanwhile: it was kept, replaced or taken.
	}
	return nil
}

// end ends the handle of e, if it is the one that s has, and returns what was kept of its object.
func (t *Table[T]) end(s *slot[T], e *entry[T]) (*inherit.Block, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !s.entry.CompareAndSwap(e, nil) {
		return nil, false
	}
	t.live--
	n := e.handle.slot()
	if s.taken < 1<<serialBits {
		t.free = append(t.free, n)
	}
	if r := t.record(n); r != nil {
		return r.Clear(), true
	}
	return nil, true
}

// Replace puts object in the place of old, which h must still mean; h then means object.
func (t *Table[T]) Replace(h Handle, old, object *T) bool { return t.exchange(h, old, object) }

// Len returns the number of live handles.
func (t *Table[T]) Len() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.live
}
