// SPDX-License-Identifier: BSD-2-Clause

package handle

import (
	"bytes"
	"encoding/binary"
	"errors"
	"sync"
	"testing"
	"unsafe"

	"libgssapi/internal/inherit"
)

// thing is an object with a number that it records, and one that it does not.
type thing struct {
	fixed    uint64
	mu       sync.Mutex
	changing uint64
	words    *inherit.Words
}

func (o *thing) set(n uint64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.changing = n; o.words != nil {
		o.words[0].Store(n)
	}
}

// form keeps things; a thing with the number 13 cannot be encoded, one with 14 not decoded.
var form = Form[thing]{
	Encode: func(o *thing, room []byte) []byte {
		if o.fixed == 13 {
			return nil
		}
		return binary.BigEndian.AppendUint64(nil, o.fixed)
	},
	Decode: func(form []byte, words *inherit.Words) (*thing, error) {
		o := &thing{fixed: binary.BigEndian.Uint64(form), changing: words[0].Load(), words: words}
		if o.fixed == 14 {
			return nil, errors.New("not decoded")
		}
		return o, nil
	},
	Attach: func(o *thing, words *inherit.Words) {
		o.mu.Lock()
		defer o.mu.Unlock()
		if o.words = words; words != nil {
			words[0].Store(o.changing)
		}
	},
}

// heap is memory that stays until the test ends. What is freed is poisoned.
type heap struct {
	mu   sync.Mutex
	live map[*byte]bool
	all  [][]byte
}

func (h *heap) memory() inherit.Memory {
	h.live = map[*byte]bool{}
	return inherit.Memory{
		Alloc: func(n int) []byte {
			h.mu.Lock()
			defer h.mu.Unlock()
			b := make([]byte, n+8)[:n]
			h.all = append(h.all, b)
			h.live[unsafe.SliceData(b)] = true
			return b
		},
		Free: func(b []byte) {
			h.mu.Lock()
			defer h.mu.Unlock()
			if !h.live[unsafe.SliceData(b)] {
				panic("freed twice")
			}
			delete(h.live, unsafe.SliceData(b))
		},
	}
}

// The child of these tests lives in its parent's place, so what it unmaps is unmapped for the parent.

// generation is the table of a process, and child that of one that was forked from it just now: it has the same store.
// The parent's table is not used after that.
func generation(t *testing.T, h *heap) (table *Table[thing], child func() *Table[thing]) {
	t.Helper()
	m := h.memory()
	store := inherit.New(m)
	table = New[thing](Context)
	table.Inherit(store, form)
	return table, func() *Table[thing] {
		c := New[thing](Context)
		c.Inherit(inherit.Adopt(m, store.Address()), form)
		return c
	}
}

func TestChildHasTheParentsHandles(t *testing.T) {
	var h heap
	parent, fork := generation(t, &h)
	handles := map[Handle]uint64{}
	for i := range uint64(1000) {
		o := &thing{fixed: i << 8}
		handles[parent.Put(o)] = i
		o.set(i + 5)
	}
	for n := range 3 {
		child := fork()
		if child.Len() != len(handles) {
			t.Fatalf("generation %d has %d handles, not %d", n, child.Len(), len(handles))
		}
		taken := 0
		for hd, i := range handles {
			if i%7 == uint64(n) { // half of the line uses only some
				o := child.Get(hd)
				if o == nil || o.fixed != i<<8 || o.changing != i+5 || child.Get(hd) != o {
					t.Fatalf("generation %d: handle of %d means %+v", n, i, o)
				}
			}
			if i%11 == uint64(n) {
				if child.Take(hd) == nil || child.Get(hd) != nil {
					t.Fatalf("generation %d: a handle was not taken", n)
				}
				delete(handles, hd)
				taken++
			}
		}
		fresh := child.Put(&thing{fixed: 77})
		if _, known := handles[fresh]; known || child.Get(fresh) == nil {
			t.Fatal("a fresh handle is one of the parent's")
		}
		child.Take(fresh)
	}
}

// What a form was written in has nothing of it when it is kept, or cannot be.
func TestRoomsOfFormsAreWiped(t *testing.T) {
	var seen [][]byte
	fails := false
	forms := Form[thing]{Encode: func(o *thing, room []byte) []byte {
		form := append(room, bytes.Repeat([]byte{1}, int(o.fixed))...)
		seen = append(seen, form, room[:cap(room)])
		if fails {
			return nil
		}
		return form
	}}
	store := inherit.New(new(heap).memory())
	tab := New[thing](Context)
	tab.Inherit(store, forms)
	for _, n := range []uint64{1, 100, formSize, formSize + 1, 5000} {
		for _, fails = range []bool{false, true} {
			if fails && n > formSize {
				continue // whoever outgrows the room wipes what it wrote
			}
			seen = nil
			tab.Keep(tab.Put(&thing{fixed: n}))
			if len(seen) != 4 {
				t.Fatalf("%d octets: written %d times", n, len(seen)/2)
			}
			for _, b := range seen {
				if !bytes.Equal(b, make([]byte, len(b))) {
					t.Errorf("%d octets, fails %t: they are left", n, fails)
				}
			}
		}
	}
}

func TestTakenHandlesAreNotInherited(t *testing.T) {
	var h heap
	parent, fork := generation(t, &h)
	keep, gone := parent.Put(&thing{fixed: 1}), parent.Put(&thing{fixed: 2})
	parent.Take(gone)
	child := fork()
	if child.Get(gone) != nil || child.Get(keep) == nil || child.Len() != 1 {
		t.Error("a dead handle is inherited, or a live one is not")
	}
}

func TestKeepAndReplaceAreInherited(t *testing.T) {
	var h heap
	parent, fork := generation(t, &h)
	changed, old, another := &thing{fixed: 1}, &thing{fixed: 3}, &thing{fixed: 4}
	a, b := parent.Put(changed), parent.Put(old)
	changed.fixed = 2
	changed.set(20)
	parent.Keep(a)
	changed.set(21)
	another.set(40)
	if !parent.Replace(b, old, another) {
		t.Fatal("not replaced")
	}
	old.set(99)
	another.set(41)
	child := fork()
	if o := child.Get(a); o == nil || o.fixed != 2 || o.changing != 21 {
		t.Errorf("kept is %+v", o)
	}
	if o := child.Get(b); o == nil || o.fixed != 4 || o.changing != 41 {
		t.Errorf("replaced by %+v", o)
	}
}

func TestObjectWithoutAFormIsADeadHandleInAChild(t *testing.T) {
	var h heap
	parent, fork := generation(t, &h)
	a, b, c := parent.Put(&thing{fixed: 13}), parent.Put(&thing{fixed: 14}), parent.Put(&thing{fixed: 15})
	child := fork()
	if child.Get(a) != nil || child.Get(b) != nil || child.Take(b) != nil || child.Get(c) == nil {
		t.Error("something was made of nothing")
	}
	if child.Len() != 1 {
		t.Errorf("%d handles are live", child.Len())
	}
}

func TestObjectThatCannotBeEncodedAnyMoreIsDropped(t *testing.T) {
	var h heap
	parent, fork := generation(t, &h)
	parent.Put(&thing{fixed: 1}) // or the child would take back the page
	o := &thing{fixed: 1}
	a := parent.Put(o)
	o.fixed = 13
	parent.Keep(a)
	o.set(5) // must not write to what was freed
	if o.words != nil || fork().Get(a) != nil {
		t.Error("it is still recorded")
	}
	o.fixed = 2
	parent.Keep(a)
	if r := fork().Get(a); r == nil || r.fixed != 2 {
		t.Error("it does not come back")
	}
}

func TestNothingIsLeft(t *testing.T) {
	var h heap
	parent, _ := generation(t, &h)
	first := parent.Put(&thing{})
	parent.Take(first)
	before := len(h.live)
	for i := range uint64(100) {
		o := &thing{fixed: i}
		a := parent.Put(o)
		parent.Keep(a)
		n := &thing{}
		parent.Replace(a, o, n)
		parent.Take(a)
		if o.words != nil || n.words != nil {
			t.Fatal("an object without a handle is recorded")
		}
	}
	if len(h.live) != before {
		t.Errorf("%d blocks are left", len(h.live)-before)
	}
}

func TestRacesForOneHandle(t *testing.T) {
	var h heap
	parent, fork := generation(t, &h)
	for range 200 {
		o := &thing{fixed: 1}
		a := parent.Put(o)
		var wg sync.WaitGroup
		for _, f := range []func(){
			func() { parent.Keep(a) },
			func() { parent.Keep(a) },
			func() { parent.Take(a) },
			func() { o.set(7) },
			func() { parent.Replace(a, o, &thing{fixed: 2}) },
		} {
			wg.Go(f)
		}
		wg.Wait()
		if parent.Get(a) != nil {
			t.Fatal("a taken handle lives")
		}
	}
	// Revival: all get the same object.
	a := parent.Put(&thing{fixed: 3})
	child := fork()
	if n := child.Len(); n != 1 {
		t.Errorf("%d handles are inherited", n)
	}
	var wg sync.WaitGroup
	objects := make([]*thing, 8)
	for i := range objects {
		wg.Go(func() { objects[i] = child.Get(a) })
	}
	wg.Wait()
	for _, o := range objects {
		if o == nil || o != objects[0] {
			t.Fatal("threads got several objects")
		}
	}
}

// A child goes on with the parent's pages and unmaps them when it has no use for them; its own handles are others.
func TestChildTakesOverThePages(t *testing.T) {
	var h heap
	var a addresses
	m, pages := h.memory(), a.memory(t)
	store := inherit.New(m)
	process := func() *Table[thing] {
		table := New[thing](Context)
		table.memory = pages
		table.Inherit(store, form)
		return table
	}
	parent := process()
	known := map[Handle]bool{}
	var live []Handle
	for i := range 10 * pageHandles {
		o := &thing{fixed: uint64(i) << 8}
		hd := parent.Put(o)
		known[hd] = true
		if i%(2*pageHandles) == 5 {
			live = append(live, hd)
		} else {
			parent.Take(hd)
		}
	}
	var burst []Handle // leaves records of no page, and the page that the parent would go on with, without a live handle
	for range 2*pageHandles + 1 {
		burst = append(burst, parent.Put(&thing{fixed: 1}))
	}
	for _, hd := range burst {
		parent.Take(hd)
	}
	if len(a.mapped) != 6 {
		t.Fatalf("the parent has %d pages", len(a.mapped))
	}
	// What the parent would give out in its next page is not known to the child, but most unlikely to come here, too.
	child := process()
	if len(a.mapped) != 5 || child.Len() != 5 {
		t.Fatalf("the child has %d pages, %d handles", len(a.mapped), child.Len())
	}
	chunks := len(child.spare)
	for range 3 * pageHandles {
		hd := child.Put(&thing{fixed: 1})
		if hd == 0 || known[hd] {
			t.Fatalf("%#x was the parent's", hd)
		}
		child.Take(hd)
	}
	if len(child.spare) < chunks-1 {
		t.Errorf("of %d spare records %d are left", chunks, len(child.spare))
	}
	for _, hd := range live {
		if child.Take(hd) == nil {
			t.Errorf("%#x is dead", hd)
		}
	}
	if len(a.mapped) > 1 {
		t.Errorf("%d pages are left", len(a.mapped))
	}
}

// The last handle of a page in the parent is not given out again by a child, and neither are those after it.
func TestChildLeavesThePageToTheParent(t *testing.T) {
	var h heap
	parent, fork := generation(t, &h)
	hd := parent.Put(&thing{fixed: 1})
	child := fork()
	for range 3 * pageHandles {
		if fresh := child.Put(&thing{fixed: 1}); fresh.page() == hd.page() {
			t.Fatalf("%#x is the parent's to give", fresh)
		}
	}
}

func BenchmarkInherit10000(b *testing.B) {
	var h heap
	m := h.memory()
	store := inherit.New(m)
	table := New[thing](Context)
	table.Inherit(store, form)
	for range 10000 {
		table.Put(&thing{})
	}
	for b.Loop() {
		New[thing](Context).Inherit(store, form)
	}
}
