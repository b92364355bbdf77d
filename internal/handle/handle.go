// SPDX-License-Identifier: BSD-2-Clause

// Package handle keeps the objects that C programs hold. Each gets a handle: an address whose octets can be read, but
// which says nothing about the object. A handle that was never given out, or was taken back, finds nothing.
package handle

import (
	"sync"
	"sync/atomic"

	"libgssapi/internal/inherit"
)

// A Handle is the address of 16 octets that belong to it alone while it is live. They are random and cannot be written.
// C libraries give out pointers to structures, and programs look into these: libtirpc sends the first 16 octets of a
// context to its client, libntirpc finds the context again by them. So the octets of two handles must differ, and must
// not tell the peer an address.
//
// 0 is no handle; C calls it GSS_C_NO_CONTEXT, GSS_C_NO_CREDENTIAL and GSS_C_NO_NAME.
type Handle uint64

// Kind selects the addresses of a table: a name's handle is never a context's.
type Kind uint8

// Kinds. The zero Kind is none.
const (
	Context Kind = 1 + iota
	Credential
	Name
)

// octets is the size of what a handle points to.
const octets = 16

// Table holds the live objects of one kind. Use New. Any number of goroutines may call its methods; Get takes no lock.
//
// Handles are given out in the order of their addresses, page by page, and none comes twice before all pages of the
// kind have had their turn. A page is mapped when its first handle is needed, and unmapped when all of its handles have
// been given out and taken.
type Table[T any] struct {
	kind   Kind
	memory memory
	heads  [chains / headChains]atomic.Pointer[heads[T]] // of chains, made as they are needed

	mu      sync.Mutex
	current *page[T]             // has the handles that are given out next, or nil
	cursors [len(windows)]uint64 // the number of the page after current in each window; 0: a random one
	live    int
	runs    int // of pages side by side

	store    *inherit.Store // nil: nothing is inherited
	withheld atomic.Bool    // nothing is inherited any more
	form     Form[T]
	last     *inherit.Chunk   // of the records
	spare    []*inherit.Chunk // records of no page

	// keeping is held while the form of an object that others may use is made or read; before mu.
	keeping sync.Mutex
}

type entry[T any] struct {
	object *T // nil: inherited, and not used yet
}

// New returns an empty table.
func New[T any](k Kind) *Table[T] { return &Table[T]{kind: k, memory: system} }

// Put gives object a handle. It returns 0 if there are no addresses for one: the process may have no more memory, or
// the table too many pages.
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
	if t.current == nil || t.current.used == pageHandles {
		p := t.newPage()
		if p == nil {
			return 0, false
		}
		t.current = p
	}
	p := t.current
	h = p.handle(p.used)
	p.used++
	p.live++
	t.live++
	r := p.record(h)
	if kept = r != nil && b != nil && !t.withheld.Load(); kept {
		r.Set(uint64(h), b)
	}
	p.slot(h).Store(&entry[T]{object})
	return h, kept
}

// Get returns the object of a live handle, else nil.
func (t *Table[T]) Get(h Handle) *T {
	// For messages: the page is mostly the first of its chain, and the object there.
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

// Take returns the object of a live handle and ends the handle. Of callers that race for one handle a single one gets
// the object; the others get nil.
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
		// Another entry stands for the handle meanwhile: it was kept, replaced or taken.
	}
	return nil
}

// end ends h, if it still has the entry e, and returns what was kept of its object.
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
	t.live--
	p.live--
	if p.done() {
		t.retire(p)
	}
	return b, true
}

// Replace puts object in the place of old, which h must still mean; h then means object.
func (t *Table[T]) Replace(h Handle, old, object *T) bool { return t.exchange(h, old, object) }

// Len returns the number of live handles.
func (t *Table[T]) Len() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.live
}
