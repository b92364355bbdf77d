// SPDX-License-Identifier: BSD-2-Clause

// Package handle stores the objects that C programs refer to. Each object has a handle: an address whose octets can be
// read but reveal nothing about the object. A handle that was never issued, or was taken back, refers to no object.
package handle

import (
	"sync"
	"sync/atomic"

	"libgssapi/internal/inherit"
)

// A Handle is the address of 16 octets that belong to it alone while it is live. They are random and cannot be
// written. In C libraries a handle is a pointer to a structure, and programs look into it: libtirpc sends the first 16
// octets of a context to its client, and libntirpc uses them to find the context again. The octets of two handles must
// therefore differ, and must not reveal an address to the peer.
//
// The zero Handle refers to no object; C calls it GSS_C_NO_CONTEXT, GSS_C_NO_CREDENTIAL and GSS_C_NO_NAME.
type Handle uint64

// Kind selects the addresses of a table: the handle of a name is never that of a context.
type Kind uint8

// Kinds. The zero Kind is not valid.
const (
	Context Kind = 1 + iota
	Credential
	Name
)

// octets is the size of the memory that a handle points to.
const octets = 16

// Table holds the live objects of one kind. Create tables with New. Any number of goroutines may call its methods; Get
// takes no lock.
//
// Handles are issued in the order of their addresses, page by page, and no handle is issued a second time before all
// pages of the kind have been used. A page is mapped when its first handle is needed, and unmapped when all of its
// handles have been issued and taken back.
type Table[T any] struct {
	kind    Kind
	memory  memory
	refuses func() bool                                   // or nil
	heads   [chains / headChains]atomic.Pointer[heads[T]] // of chains, made as they are needed

	mu      sync.Mutex
	current *page[T]             // has the handles to issue next, or nil
	cursors [len(windows)]uint64 // the number of the page after current in each window; 0: a random one
	live    int
	runs    int // of pages side by side

	store    *inherit.Store // nil: nothing is inherited
	withheld atomic.Bool    // nothing is inherited any more
	form     Form[T]
	last     *inherit.Chunk   // of the records
	spare    []*inherit.Chunk // records of no page

	// keeping is held while the form of an object that others may use is created or read. It is locked before mu.
	keeping sync.Mutex
}

type entry[T any] struct {
	object *T // nil: inherited and not used yet
}

// New returns an empty table.
func New[T any](k Kind) *Table[T] { return &Table[T]{kind: k, memory: system} }

// RefuseWhile gives the table no more pages while refuses reports true. It returns the table.
func (t *Table[T]) RefuseWhile(refuses func() bool) *Table[T] {
	t.refuses = refuses
	return t
}

// Put assigns a handle to object. It returns 0 if there is no address for one: the process has no more memory, or the
// table has too many pages, or is refused another one.
func (t *Table[T]) Put(object *T) Handle {
	h := t.Reserve()
	if h != 0 {
		t.Fill(h, object)
	}
	return h
}

// Reserve issues a handle for an object that is still to come: Fill does not fail. It returns 0 where Put does.
func (t *Table[T]) Reserve() Handle {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.current == nil || t.current.used == pageHandles {
		p := t.newPage()
		if p == nil {
			return 0
		}
		t.current = p
	}
	p := t.current
	h := p.handle(p.used)
	p.used++
	p.live++
	t.live++
	return h
}

// Fill makes a reserved handle refer to object.
func (t *Table[T]) Fill(h Handle, object *T) {
	b := t.block(object)
	if !t.fill(h, object, b) {
		t.drop(object, b)
	}
}

// fill reports whether a record keeps b.
func (t *Table[T]) fill(h Handle, object *T, b *inherit.Block) (kept bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	p := t.find(h.page())
	r := p.record(h)
	if kept = r != nil && b != nil && !t.withheld.Load(); kept {
		r.Set(uint64(h), b)
	}
	p.slot(h).Store(&entry[T]{object})
	return kept
}

// Cancel takes back a handle that was reserved and not filled. 0 is none.
func (t *Table[T]) Cancel(h Handle) {
	if h == 0 {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.free(t.find(h.page()))
}

// Get returns the object of a live handle, or nil.
func (t *Table[T]) Get(h Handle) *T {
	// The fast path, for messages: usually the page is the first of its chain and the object exists.
	if p := t.head(h.page()); p != nil && p.first == h&^slots {
		if e := p.slot(h).Load(); e != nil && e.object != nil {
			return e.object
		}
	}
	_, e := t.lookup(h)
	if e == nil {
		return nil
	}
	if e.object == nil {
		return t.revive(h)
	}
	return e.object
}

// lookup returns the page and entry of a live handle.
func (t *Table[T]) lookup(h Handle) (*page[T], *entry[T]) {
	p := t.find(h.page())
	if p == nil || h%octets != 0 {
		return nil, nil
	}
	e := p.slot(h).Load()
	if e == nil {
		return nil, nil
	}
	return p, e
}

// Take returns the object of a live handle and invalidates the handle. If several callers race for one handle, one of
// them gets the object and the others get nil.
func (t *Table[T]) Take(h Handle) *T {
	for t.Get(h) != nil {
		p, e := t.lookup(h)
		if e == nil || e.object == nil {
			continue
		}
		if b, ok := t.end(p, h, e); ok {
			t.drop(e.object, b)
			return e.object
		}
		// The handle's entry has changed in the meantime: it was kept, replaced or taken.
	}
	return nil
}

// end invalidates h if it still has the entry e, and returns the block that was kept for its object.
func (t *Table[T]) end(p *page[T], h Handle, e *entry[T]) (*inherit.Block, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !p.slot(h).CompareAndSwap(e, nil) {
		return nil, false
	}
	var b *inherit.Block
	if r := p.record(h); r != nil {
		b = r.Clear()
	}
	t.free(p)
	return b, true
}

// free counts a handle of p less. The caller holds t.mu.
func (t *Table[T]) free(p *page[T]) {
	t.live--
	p.live--
	if p.done() {
		t.retire(p)
	}
}

// Replace makes h refer to object instead of old. It fails if h no longer refers to old.
func (t *Table[T]) Replace(h Handle, old, object *T) bool { return t.exchange(h, old, object) }

// Len returns the number of live handles.
func (t *Table[T]) Len() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.live
}
