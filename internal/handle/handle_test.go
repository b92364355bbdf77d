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

func TestReservedHandleHasNoObjectUntilItIsFilled(t *testing.T) {
	tab := New[int](Context)
	a := new(int)
	h, other := tab.Reserve(), tab.Reserve()
	if h == 0 || h == other || tab.Get(h) != nil || tab.Take(h) != nil || tab.Len() != 2 {
		t.Fatal("a reserved handle has an object, or is not counted")
	}
	tab.Fill(h, a)
	tab.Cancel(other)
	tab.Cancel(0)
	if tab.Get(h) != a || tab.Get(other) != nil || tab.Len() != 1 {
		t.Fatal("a filled handle does not find its object, or a cancelled one is counted")
	}
	// Cancelled handles keep no page.
	for range 3 * pageHandles {
		tab.Cancel(tab.Reserve())
	}
	if tab.Take(h) != a || tab.Len() != 0 || tab.find(h.page()) != nil {
		t.Fatal("the page of handles that are gone is still there")
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

func TestUnknownHandlesFindNothing(t *testing.T) {
	tab := New[int](Context)
	h := tab.Put(new(int))
	defer tab.Take(h)
	for _, bad := range []Handle{0, 1, 0x1000, ^Handle(0), h + octets, h - octets, h + chains*pageOctets} {
		if tab.Get(bad) != nil || tab.Take(bad) != nil {
			t.Errorf("%#x finds an object", bad)
		}
	}
	for bit := range 64 {
		if bad := h ^ 1<<bit; tab.Get(bad) != nil || tab.Take(bad) != nil {
			t.Errorf("%#x, without or with bit %d, finds an object", bad, bit)
		}
	}
	if tab.Get(h) == nil {
		t.Error("the live handle is gone")
	}
}

func TestKindsHaveTheirOwnAddresses(t *testing.T) {
	for n := range windows {
		for k := Context; k <= Name; k++ {
			w := k.window(n)
			if w.first == 0 || w.pages%chains != 0 || (w.first+w.pages)*pageOctets > 1<<47 {
				t.Errorf("window %d of kind %d: %+v", n, k, w)
			}
			for other := Context; other <= Name; other++ {
				for m := range windows {
					v := other.window(m)
					if (n != m || k != other) && w.first < v.first+v.pages && v.first < w.first+w.pages {
						t.Errorf("window %d of kind %d overlaps window %d of kind %d", n, k, m, other)
					}
				}
			}
		}
		if most := Context.window(n).pages * pageHandles; most < 1<<32 {
			t.Errorf("window %d has %d handles", n, most)
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
