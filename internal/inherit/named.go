// SPDX-License-Identifier: BSD-2-Clause

package inherit

import "sync"

// namedKind is the kind of records whose objects have names. Kinds of handles begin at 1.
const namedKind = 0

// Named stores objects that the program finds by names of its own choice, each in a record of its own, so that a change
// to one does not affect the others. It is safe for concurrent use.
type Named struct {
	store *Store

	mu       sync.Mutex
	records  map[string]*Record
	free     []*Record
	last     *Chunk
	withheld bool
}

// Named returns the named objects of the store. For each object that the parent left, restore is called with its form and
// returns its name, or false if the form is malformed. Call Named once for a store.
func (s *Store) Named(restore func(form []byte) (name string, ok bool)) *Named {
	n := &Named{store: s, records: map[string]*Record{}}
	for c := s.First(namedKind); c != nil; c = c.Next() {
		n.last = c
		for i := range Slots {
			r := c.Record(i)
			name, ok := "", false
			if b := r.Block(); r.Handle() != 0 && b != nil {
				name, ok = restore(b.Form())
			}
			if ok {
				n.records[name] = r
			} else {
				n.drop(r)
			}
		}
	}
	return n
}

// Keep stores the form that encode returns under a name, in place of an earlier form. If the form is nil, or there is no
// memory for it, children do not inherit the object. Keep wipes the form.
func (n *Named) Keep(name string, encode func() []byte) {
	n.mu.Lock()
	defer n.mu.Unlock()
	r := n.records[name]
	b := n.block(encode)
	switch {
	case b == nil && r != nil:
		delete(n.records, name)
		n.drop(r)
	case b == nil:
	case r != nil:
		n.store.Free(r.Exchange(b))
	default:
		if r = n.take(); r == nil {
			n.store.Free(b)
			return
		}
		n.records[name] = r
		r.Set(1, b)
	}
}

// Withhold drops all objects, and keeps none from now on.
func (n *Named) Withhold() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.withheld = true
	for _, r := range n.records {
		n.drop(r)
	}
	clear(n.records)
}

// block returns a block with the form, or nil.
func (n *Named) block(encode func() []byte) *Block {
	if n.withheld {
		return nil
	}
	form := encode()
	if form == nil {
		return nil
	}
	defer clear(form)
	return n.store.NewBlock(form)
}

// take returns a free record, or nil if there is no memory.
func (n *Named) take() *Record {
	if len(n.free) == 0 {
		c := n.store.Append(namedKind, n.last)
		if c == nil {
			return nil
		}
		n.last = c
		for i := range Slots {
			n.free = append(n.free, c.Record(i))
		}
	}
	r := n.free[len(n.free)-1]
	n.free = n.free[:len(n.free)-1]
	return r
}

// drop frees a record.
func (n *Named) drop(r *Record) {
	n.store.Free(r.Clear())
	n.free = append(n.free, r)
}
