// SPDX-License-Identifier: BSD-2-Clause

package handle

import (
	"sync"
	"sync/atomic"
	"testing"
)

func TestGetFindsWhatPutStored(t *testing.T) {
	tab := New[int](Context)
	a, b := new(int), new(int)
	ha, hb := tab.Put(a), tab.Put(b)
	if ha == 0 || ha == hb || tab.Get(ha) != a || tab.Get(hb) != b {
		t.Fatalf("handles %#x, %#x do not find their objects", ha, hb)
	}
}

func TestTakenHandleIsDead(t *testing.T) {
	tab := New[int](Context)
	a := new(int)
	h := tab.Put(a)
	if tab.Take(h) != a {
		t.Fatal("Take did not return the object")
	}
	if tab.Get(h) != nil || tab.Take(h) != nil {
		t.Fatal("a taken handle still finds an object")
	}
	if tab.Len() != 0 {
		t.Fatalf("%d live handles", tab.Len())
	}
}

func TestReplaceKeepsTheNumber(t *testing.T) {
	tab := New[int](Credential)
	a, b := new(int), new(int)
	h := tab.Put(a)
	if !tab.Replace(h, a, b) || tab.Get(h) != b || tab.Len() != 1 {
		t.Fatal("Replace did not put the new object in place")
	}
	if tab.Replace(h, a, a) || tab.Get(h) != b {
		t.Fatal("Replace took an object that was not there")
	}
	tab.Take(h)
	if tab.Replace(h, b, a) || tab.Get(h) != nil {
		t.Fatal("Replace revived a dead handle")
	}
}

func TestReusedSlotHasNewNumber(t *testing.T) {
	tab := New[int](Context)
	seen := map[Handle]bool{}
	for range 10000 {
		h := tab.Put(new(int))
		if seen[h] {
			t.Fatalf("%#x given out twice", h)
		}
		seen[h] = true
		tab.Take(h)
	}
	if tab.used != 1 {
		t.Fatalf("%d slots used for one live handle", tab.used)
	}
}

func TestUnknownNumbersFindNothing(t *testing.T) {
	tab := New[int](Context)
	h := tab.Put(new(int))
	for _, bad := range []Handle{0, 1, 0x1000, ^Handle(0), h + 1, h - 1, h &^ mark, h | 1<<62, h ^ 1<<slotBits,
		h ^ 3<<(serialBits+slotBits), h.withKind(Name), h.withKind(Credential), h.withKind(0)} {
		if tab.Get(bad) != nil || tab.Take(bad) != nil {
			t.Errorf("%#x finds an object", bad)
		}
	}
	if tab.Get(h) == nil {
		t.Error("the live handle is gone")
	}
}

func (h Handle) withKind(k Kind) Handle {
	return h&^(3<<(serialBits+slotBits)) | Handle(k)<<(serialBits+slotBits)
}

func TestHandleIsNoAddress(t *testing.T) {
	tab := New[int](Name)
	for range 1000 {
		// Canonical addresses of 48 and 57 bits have the bits from 63 down to 57 all equal.
		if top := tab.Put(new(int)) >> 62; top != 2 {
			t.Fatalf("top bits %b", top)
		}
	}
}

func TestOtherInstanceKnowsNothing(t *testing.T) {
	one, two := New[int](Context), New[int](Context)
	var handles []Handle
	for range 5000 {
		handles = append(handles, one.Put(new(int)))
		two.Put(new(int))
	}
	for _, h := range handles {
		if two.Get(h) != nil {
			t.Fatalf("%#x of another instance finds an object", h)
		}
	}
}

func TestSlotWithoutSerialsLeftIsGivenUp(t *testing.T) {
	tab := New[int](Context)
	first := tab.Put(new(int))
	s, _ := tab.lookup(first)
	s.taken = 1<<serialBits - 1
	tab.Take(first)

	last := tab.Put(new(int)) // the slot's last serial
	if last.slot() != first.slot() || last == first {
		t.Fatalf("handle %#x after %#x", last, first)
	}
	tab.Take(last)
	if next := tab.Put(new(int)); next.slot() == first.slot() {
		t.Fatalf("slot %d goes on with %#x", first.slot(), next)
	}
}

func TestFullTableGivesNoHandle(t *testing.T) {
	tab := New[int](Context)
	o := new(int)
	var h Handle
	for range 1 << slotBits {
		if h = tab.Put(o); h == 0 {
			t.Fatalf("full with %d handles", tab.Len())
		}
	}
	if got := tab.Put(o); got != 0 {
		t.Fatalf("%#x beyond the limit", got)
	}
	tab.Take(h)
	if tab.Put(o) == 0 {
		t.Fatal("a freed slot is not used again")
	}
}

func TestOneOfRacingTakersGetsTheObject(t *testing.T) {
	tab := New[int](Context)
	for range 200 {
		h := tab.Put(new(int))
		var got atomic.Int32
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				if tab.Take(h) != nil {
					got.Add(1)
				}
			})
		}
		wg.Wait()
		if got.Load() != 1 {
			t.Fatalf("%d takers got the object", got.Load())
		}
	}
}

func TestReadersNeverSeeAnotherObject(t *testing.T) {
	type published struct {
		handle Handle
		id     int
	}
	tab := New[int](Context)
	var latest [4]atomic.Pointer[published]
	var writers, readers sync.WaitGroup
	var stop atomic.Bool
	for i := range latest {
		latest[i].Store(new(published))
		writers.Go(func() {
			for n := range 3000 {
				id := i*10000 + n
				h := tab.Put(&id)
				latest[i].Store(&published{h, id})
				if tab.Take(h) != &id {
					t.Error("Take returned another object")
				}
			}
		})
		readers.Go(func() {
			for !stop.Load() {
				p := latest[i].Load()
				if o := tab.Get(p.handle); o != nil && *o != p.id {
					t.Errorf("%#x is %d's, Get returned %d", p.handle, p.id, *o)
				}
			}
		})
	}
	writers.Wait()
	stop.Store(true)
	readers.Wait()
	if tab.Len() != 0 {
		t.Errorf("%d live handles", tab.Len())
	}
}

func TestGetDoesNotAllocate(t *testing.T) {
	tab := New[int](Context)
	h := tab.Put(new(int))
	if n := testing.AllocsPerRun(100, func() { tab.Get(h) }); n != 0 {
		t.Fatalf("%v allocations", n)
	}
}

func BenchmarkGet(b *testing.B) {
	tab := New[int](Context)
	h := tab.Put(new(int))
	for b.Loop() {
		tab.Get(h)
	}
}

func BenchmarkPutTake(b *testing.B) {
	tab := New[int](Context)
	o := new(int)
	for b.Loop() {
		tab.Take(tab.Put(o))
	}
}
