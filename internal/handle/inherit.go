// SPDX-License-Identifier: BSD-2-Clause

package handle

import "libgssapi/internal/inherit"

// Form is how the objects of a table are kept for a child after fork(2).
type Form[T any] struct {
	// Encode returns what Decode makes the object of again, or nil if that cannot be. The caller wipes it.
	Encode func(*T) []byte

	// Decode makes an object of a form, which it does not keep, and of the words that belong to it. The object goes on
	// with recording its state in the words.
	Decode func(form []byte, words *inherit.Words) (*T, error)

	// Attach has the object record its state in words, now and with each change; without words, nowhere. When it has
	// returned, the object does not touch any earlier words. It may be nil.
	Attach func(object *T, words *inherit.Words)
}

// Inherit keeps the table's objects in store from now on, and adopts those that are there, under the numbers that they
// have. An object is made when it is first asked for. The table must be empty.
func (t *Table[T]) Inherit(store *inherit.Store, form Form[T]) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.store, t.form = store, form
	for c := store.First(int(t.kind)); c != nil && t.used < 1<<slotBits; c = c.Next() {
		t.adopt(c)
	}
}

// adopt takes over a chunk of records. The serials of its slots start anew, so that the numbers which this process
// gives out are none of those that its parent will.
func (t *Table[T]) adopt(records *inherit.Chunk) {
	c := t.newChunk(records)
	entries := new([chunkSlots]entry[T])
	for i := range entries {
		r, slot := records.Record(i), t.used+uint32(i)
		h := Handle(r.Handle())
		if h == 0 || h.slot() != slot || r.Block() == nil {
			t.store.Free(r.Clear())
			t.free = append(t.free, slot)
			continue
		}
		entries[i].handle = h
		c.slots[i].entry.Store(&entries[i])
		t.live++
	}
	t.chunks[t.used/chunkSlots].Store(c)
	t.used += chunkSlots
	t.last = records
}

// appendRecords returns the records for one more chunk of slots, or nil if there are none: then the objects in it, and
// in those that follow, are not inherited. The caller holds t.mu.
func (t *Table[T]) appendRecords() *inherit.Chunk {
	if t.store == nil || t.used > 0 && t.last == nil {
		return nil
	}
	t.last = t.store.Append(int(t.kind), t.last)
	return t.last
}

// record returns the inheritable record of a slot, nil if there is none.
func (t *Table[T]) record(slot uint32) *inherit.Record {
	c := t.chunks[slot/chunkSlots].Load()
	if c.records == nil {
		return nil
	}
	return c.records.Record(int(slot % chunkSlots))
}

// block returns an object's inheritable form, nil if it has none.
func (t *Table[T]) block(object *T) *inherit.Block {
	if t.store == nil {
		return nil
	}
	form := t.form.Encode(object)
	if form == nil {
		return nil
	}
	b := t.store.NewBlock(form)
	clear(form)
	if b != nil && t.form.Attach != nil {
		t.form.Attach(object, b.Words())
	}
	return b
}

// drop ends what was kept of an object. It waits for calls that are using the object.
func (t *Table[T]) drop(object *T, b *inherit.Block) {
	if b == nil {
		return
	}
	if object != nil && t.form.Attach != nil {
		t.form.Attach(object, nil)
	}
	t.store.Free(b)
}

// revive makes the object of an adopted handle when it is first used. One that cannot be made has no handle any more.
func (t *Table[T]) revive(h Handle) *T {
	t.keeping.Lock()
	defer t.keeping.Unlock()
	s, e := t.lookup(h)
	if e == nil {
		return nil
	}
	if e.object != nil {
		return e.object
	}
	b := t.record(h.slot()).Block()
	object, err := t.form.Decode(b.Form(), b.Words())
	if err != nil {
		b, _ = t.end(s, e)
		t.drop(nil, b)
		return nil
	}
	s.entry.Store(&entry[T]{h, object})
	return object
}

// Keep brings what a child would inherit of a live handle up to date. It is to be called after each change to the
// object but those that the object records by itself.
func (t *Table[T]) Keep(h Handle) {
	if t.store == nil {
		return
	}
	if object := t.Get(h); object != nil {
		t.exchange(h, object, object)
	}
}

// exchange puts object, in its present state, in the place of old, which h must still mean.
func (t *Table[T]) exchange(h Handle, old, object *T) bool {
	t.keeping.Lock()
	defer t.keeping.Unlock()
	var b *inherit.Block
	if _, e := t.lookup(h); e != nil && t.record(h.slot()) != nil {
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

// swap does so in the tables. It returns the block that h had.
func (t *Table[T]) swap(h Handle, old, object *T, b *inherit.Block) (before *inherit.Block, done bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s, e := t.lookup(h)
	if e == nil || e.object != old {
		return nil, false
	}
	s.entry.Store(&entry[T]{h, object})
	switch r := t.record(h.slot()); {
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
