// SPDX-License-Identifier: BSD-2-Clause

package handle

import (
	"sync"

	"libgssapi/internal/inherit"
)

// Withhold stops all objects of the table, existing and future ones, from being inherited by children.
func (t *Table[T]) Withhold() {
	t.withheld.Store(true)
	for _, h := range t.handles() {
		t.Keep(h)
	}
}

// handles lists the live handles.
func (t *Table[T]) handles() (live []Handle) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i := range t.heads {
		b := t.heads[i].Load()
		if b == nil {
			continue
		}
		for j := range b {
			for p := b[j].Load(); p != nil; p = p.next.Load() {
				for slot := range p.slots {
					if p.slots[slot].Load() != nil {
						live = append(live, p.handle(slot))
					}
				}
			}
		}
	}
	return live
}

// Form defines how the objects of a table are stored for a child after fork(2).
type Form[T any] struct {
	// Encode returns the octets from which Decode recreates the object, in room if that is large enough, or nil if that is
	// impossible. The caller wipes them, and room.
	Encode func(object *T, room []byte) []byte

	// Decode recreates an object from a form, which it does not keep, and the words that belong to it. The object
	// continues to record its state in the words.
	Decode func(form []byte, words *inherit.Words) (*T, error)

	// Attach makes the object record its state in words, now and with each change, or stop recording if words is nil.
	// After it has returned, the object does not touch any earlier words. Attach itself may be nil.
	Attach func(object *T, words *inherit.Words)
}

// Inherit stores the table's objects in store from now on, and adopts the objects that are already there, under the
// handles that they have. An adopted object is created when it is first requested. The table must be empty.
func (t *Table[T]) Inherit(store *inherit.Store, form Form[T]) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.store, t.form = store, form
	for c := store.First(int(t.kind)); c != nil; c = c.Next() {
		t.adopt(c)
		t.last = c
	}
}

// adopt takes over the page that records belong to, with its live handles. The parent continues to issue the other
// handles of the page, so this process does not.
func (t *Table[T]) adopt(records *inherit.Chunk) {
	number := records.Page()
	p := &page[T]{first: Handle(number * pageOctets), records: records, used: pageHandles}
	entries := new([pageHandles]entry[T])
	for i := range entries {
		r, h := records.Record(i), p.handle(i)
		if number == 0 || r.Handle() != uint64(h) || r.Block() == nil {
			t.store.Free(r.Clear())
			continue
		}
		p.slots[i].Store(&entries[i])
		p.live++
	}
	t.live += p.live
	switch {
	case number == 0:
		t.spare = append(t.spare, records)
	default:
		t.link(p)
		if p.done() {
			t.retire(p)
		}
	}
}

// takeRecords returns records for one more page, or nil if there is no memory: objects in that page are then not
// inherited. The caller holds t.mu.
func (t *Table[T]) takeRecords() *inherit.Chunk {
	if t.store == nil {
		return nil
	}
	if last := len(t.spare) - 1; last >= 0 {
		c := t.spare[last]
		t.spare = t.spare[:last]
		return c
	}
	c := t.store.Append(int(t.kind), t.last)
	if c != nil {
		t.last = c
	}
	return c
}

// giveRecords takes back the records of a page without live handles. A child must not unmap addresses that this
// process may have mapped again, so from here on the records belong to no page. The caller holds t.mu.
func (t *Table[T]) giveRecords(c *inherit.Chunk) {
	c.SetPage(0)
	t.spare = append(t.spare, c)
}

// formSize is more than most forms need, but for those with the authorization data of a Windows domain.
const formSize = 512

// forms are rooms for forms. None in the pool has anything in it.
var forms = sync.Pool{New: func() any { return new([formSize]byte) }}

// block returns an object's inheritable form, or nil if it has none.
func (t *Table[T]) block(object *T) *inherit.Block {
	if t.store == nil || t.withheld.Load() {
		return nil
	}
	room := forms.Get().(*[formSize]byte)
	defer forms.Put(room)
	defer clear(room[:])
	form := t.form.Encode(object, room[:0])
	if form == nil {
		return nil
	}
	defer clear(form)
	b := t.store.NewBlock(form)
	if b != nil && t.form.Attach != nil {
		t.form.Attach(object, b.Words())
	}
	return b
}

// drop frees the block that was kept for an object. It waits for calls that are using the object.
func (t *Table[T]) drop(object *T, b *inherit.Block) {
	if b == nil {
		return
	}
	if object != nil && t.form.Attach != nil {
		t.form.Attach(object, nil)
	}
	t.store.Free(b)
}

// revive creates the object of an adopted handle when it is first used. If that fails, the handle becomes invalid.
func (t *Table[T]) revive(h Handle) *T {
	t.keeping.Lock()
	defer t.keeping.Unlock()
	p, e := t.lookup(h)
	if e == nil {
		return nil
	}
	if e.object != nil {
		return e.object
	}
	b := p.record(h).Block()
	object, err := t.form.Decode(b.Form(), b.Words())
	if err != nil {
		b, _ = t.end(p, h, e)
		t.drop(nil, b)
		return nil
	}
	p.slot(h).Store(&entry[T]{object})
	return object
}

// Keep updates what a child would inherit for a live handle. Call it after each change to the object, except for
// changes that the object records itself.
func (t *Table[T]) Keep(h Handle) {
	if t.store == nil {
		return
	}
	if object := t.Get(h); object != nil {
		t.exchange(h, object, object)
	}
}

// exchange makes h refer to object, in its present state, instead of old. It fails if h no longer refers to old.
func (t *Table[T]) exchange(h Handle, old, object *T) bool {
	t.keeping.Lock()
	defer t.keeping.Unlock()
	var b *inherit.Block
	if p, _ := t.lookup(h); p != nil && p.record(h) != nil {
		b = t.block(object)
	}
	before, done := t.swap(h, old, object, b)
	switch {
	case !done:
		t.drop(object, b)
	case old != object || b == nil:
		t.drop(old, before)
	default:
		t.store.Free(before) // the object records in b now
	}
	return done
}

// swap does so in the tables. It returns the previous block of h.
func (t *Table[T]) swap(h Handle, old, object *T, b *inherit.Block) (before *inherit.Block, done bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	p, e := t.lookup(h)
	if e == nil || e.object != old {
		return nil, false
	}
	p.slot(h).Store(&entry[T]{object})
	switch r := p.record(h); {
	case r == nil:
		return nil, true
	case b == nil:
		return r.Clear(), true
	case r.Handle() == 0:
		r.Set(uint64(h), b)
		return nil, true
	default:
		return r.Exchange(b), true
	}
}
