// SPDX-License-Identifier: BSD-2-Clause

package handle

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"unsafe"
)

// addresses is a memory that maps nothing and knows what it would have mapped.
type addresses struct {
	mapped map[uint64]bool
	taken  func(number uint64) bool // by somebody else
	most   int                      // pages at once; 0: any number
	calls  int
}

var errNoMemory = errors.New("no memory")

func (a *addresses) memory(t testing.TB) memory {
	a.mapped = map[uint64]bool{}
	return memory{
		mapPage: func(number uint64) error {
			a.calls++
			switch {
			case a.taken != nil && a.taken(number), a.mapped[number]:
				return errTaken
			case a.most > 0 && len(a.mapped) == a.most:
				return errNoMemory
			}
			a.mapped[number] = true
			return nil
		},
		unmap: func(number uint64) {
			if !a.mapped[number] {
				t.Errorf("page %#x is unmapped, and was not mapped", number)
			}
			delete(a.mapped, number)
		},
	}
}

// runs is the number of mappings that a kernel makes of the pages.
func (a *addresses) runs() (n int) {
	for number := range a.mapped {
		if !a.mapped[number-1] {
			n++
		}
	}
	return n
}

// count is how often a test does something; less where time is short, under the race detector for instance.
func count(n int) int {
	if testing.Short() {
		return n / 10
	}
	return n
}

func content(h Handle) []byte {
	return bytes.Clone(unsafe.Slice((*byte)(pointer(uint64(h))), octets))
}

func TestOctetsOfAHandleAreItsOwn(t *testing.T) {
	tab := New[int](Context)
	var handles []Handle
	seen := map[string]bool{string(make([]byte, octets)): true}
	for range 3 * pageHandles {
		h := tab.Put(new(int))
		if h == 0 || h%octets != 0 {
			t.Fatalf("handle %#x", h)
		}
		handles = append(handles, h)
		if c := content(h); seen[string(c)] {
			t.Fatalf("octets % x twice", c)
		} else {
			seen[string(c)] = true
		}
	}
	for i, h := range handles {
		if i%100 != 7 {
			tab.Take(h)
		}
	}
	for i := 7; i < len(handles); i += 100 {
		if !seen[string(content(handles[i]))] {
			t.Error("the octets of a live handle have changed")
		}
		tab.Take(handles[i])
	}
}

func TestNoHandleComesTwice(t *testing.T) {
	tab := New[int](Context)
	seen := map[Handle]bool{}
	for range count(100_000) {
		h := tab.Put(new(int))
		if h == 0 || seen[h] {
			t.Fatalf("%#x given out twice", h)
		}
		seen[h] = true
		tab.Take(h)
	}
}

func TestPagesOfDeadHandlesAreUnmapped(t *testing.T) {
	var a addresses
	tab := New[int](Context)
	tab.memory = a.memory(t)
	for range count(1_000_000) {
		tab.Take(tab.Put(new(int)))
	}
	if len(a.mapped) > 1 {
		t.Errorf("%d pages are left of handles that came and went", len(a.mapped))
	}
	var handles []Handle
	for range count(1 << 20) {
		handles = append(handles, tab.Put(new(int)))
	}
	if a.runs() > 2 {
		t.Errorf("%d mappings for %d live handles", a.runs(), len(handles))
	}
	for _, h := range handles {
		if tab.Take(h) == nil {
			t.Fatalf("%#x of many is dead", h)
		}
	}
	if len(a.mapped) > 1 {
		t.Errorf("%d pages are left of many handles", len(a.mapped))
	}
}

// Ten thousand that stay, with many between each two that come and go.
func TestLongLivedHandlesLieScattered(t *testing.T) {
	var a addresses
	tab := New[int](Context)
	tab.memory = a.memory(t)
	stay := map[Handle]*int{}
	number := count(10_000)
	for len(stay) < number {
		o := new(int)
		stay[tab.Put(o)] = o
		for range count(1000) {
			h := tab.Put(o)
			if h == 0 {
				t.Fatalf("no handle beside %d", len(stay))
			}
			tab.Take(h)
		}
	}
	if most := min(number, number*(1+count(1000))/pageHandles) + 1; len(a.mapped) > most {
		t.Errorf("%d pages for %d handles", len(a.mapped), len(stay))
	}
	for h, o := range stay {
		if tab.Take(h) != o {
			t.Fatalf("%#x is not what it was", h)
		}
	}
}

// keepOne has a table give out a page of which one handle stays.
func keepOne(t *testing.T, tab *Table[int], o *int) Handle {
	t.Helper()
	h := tab.Put(o)
	if h == 0 {
		t.Fatalf("no handle beside %d", tab.Len())
	}
	tab.current.used = pageHandles
	return h
}

func TestFullTableGivesNoHandle(t *testing.T) {
	var a addresses
	tab := New[int](Context)
	tab.memory = a.memory(t)
	o := new(int)
	var handles []Handle
	for range chains * chainPages {
		handles = append(handles, keepOne(t, tab, o))
	}
	before := a.calls
	if got := tab.Put(o); got != 0 || a.calls != before {
		t.Fatalf("%#x beyond the limit, after %d attempts", got, a.calls-before)
	}
	const some = 12345
	tab.Take(handles[some])
	h := tab.Put(o)
	if h == 0 || h.page() == handles[some].page() || h.page()%chains != handles[some].page()%chains {
		t.Fatalf("%#x for the page that had %#x", h, handles[some])
	}
	for i, h := range handles {
		if i != some && tab.Take(h) != o {
			t.Fatalf("%#x is dead", h)
		}
	}
	if tab.Take(h) != o || tab.Len() != 0 || len(a.mapped) > 1 || tab.runs > 1 {
		t.Errorf("%d handles, %d pages, %d runs are left", tab.Len(), len(a.mapped), tab.runs)
	}
}

// What lies between handles stays mapped when there would be too many mappings, and goes with them.
func TestMappingsAreBounded(t *testing.T) {
	var a addresses
	tab := New[int](Context)
	tab.memory = a.memory(t)
	o := new(int)
	var stay []Handle
	for range mostRuns + 5000 {
		stay = append(stay, keepOne(t, tab, o))
		for range 2 {
			tab.Take(keepOne(t, tab, o))
		}
	}
	if got := a.runs(); got != tab.runs || got > mostRuns {
		t.Errorf("%d mappings, %d counted", got, tab.runs)
	}
	for i, h := range stay {
		if tab.Take(h) != o {
			t.Fatalf("%#x is dead", h)
		}
		if i%8192 == 0 && (a.runs() != tab.runs || tab.runs > mostRuns) {
			t.Errorf("%d mappings, %d counted", a.runs(), tab.runs)
		}
	}
	if len(a.mapped) > 1 {
		t.Errorf("%d pages are left", len(a.mapped))
	}
}

func TestWithoutMemoryThereIsNoHandle(t *testing.T) {
	a := addresses{most: 2}
	tab := New[int](Context)
	tab.memory = a.memory(t)
	var handles []Handle
	for range 2 * pageHandles {
		handles = append(handles, tab.Put(new(int)))
	}
	if h := tab.Put(new(int)); h != 0 {
		t.Fatalf("%#x without memory", h)
	}
	for _, h := range handles[:pageHandles] {
		tab.Take(h)
	}
	if h := tab.Put(new(int)); h == 0 || tab.Len() != pageHandles+1 {
		t.Error("no handle when there is memory again")
	}
}

func TestTakenAddressesAreSteppedOver(t *testing.T) {
	for k := Context; k <= Name; k++ {
		w := k.window(0)
		for name, taken := range map[string]func(uint64) bool{
			"every other page": func(n uint64) bool { return n%2 == 0 },
			"a quarter":        func(n uint64) bool { return w.next(n, 0)-w.first < w.pages/4 },
			"the window":       func(n uint64) bool { return n >= w.first && n < w.first+w.pages },
		} {
			a := addresses{taken: taken}
			tab := New[int](k)
			tab.memory = a.memory(t)
			tab.cursors[0] = w.first + 1000
			var last Handle
			for range 10 * pageHandles {
				h := tab.Put(new(int))
				if h == 0 || taken(h.page()) || h <= last && name != "the window" {
					t.Fatalf("%s: %#x after %#x", name, h, last)
				}
				last = h
			}
			if a.calls > 1000 {
				t.Errorf("%s: %d attempts for 10 pages", name, a.calls)
			}
		}
	}
}

func TestSmallAddressSpaceHasAWindow(t *testing.T) {
	for k := Context; k <= Name; k++ {
		var a addresses
		tab := New[int](k)
		tab.memory = a.memory(t)
		mapPage := tab.memory.mapPage
		tab.memory.mapPage = func(number uint64) error {
			if number >= 1<<39/pageOctets {
				return errNoMemory
			}
			return mapPage(number)
		}
		var last Handle
		for range 3 * pageHandles {
			h := tab.Put(new(int))
			if h <= last || tab.Get(h) == nil {
				t.Fatalf("kind %d: %#x after %#x", k, h, last)
			}
			last = h
		}
	}
}

func TestSystemKeepsWhatIsThere(t *testing.T) {
	n := Name.window(1).first
	if err := mapPage(n); err != nil {
		t.Skipf("page %#x: %v", n, err)
	}
	before := content(Handle(n * pageOctets))
	if err := mapPage(n); err != errTaken {
		t.Errorf("mapped twice: %v", err)
	}
	if !bytes.Equal(content(Handle(n*pageOctets)), before) {
		t.Error("the page is another one")
	}
	unmapPage(n)
	if err := mapPage(n); err != nil {
		t.Errorf("an unmapped page is in use: %v", err)
	}
	unmapPage(n)
}

// A table, through any sequence of operations, does what a map does.
func FuzzOperations(f *testing.F) {
	f.Add(uint64(1), []byte("put, take, put, get"))
	f.Fuzz(func(t *testing.T, seed uint64, script []byte) {
		var a addresses
		tab := New[int](Name)
		tab.memory = a.memory(t)
		model, dead := map[Handle]*int{}, map[Handle]bool{}
		var order []Handle
		random := rand.New(rand.NewPCG(seed, 0))
		for _, op := range script {
			for range 1 + int(op>>2) {
				if op&3 == 0 || len(order) == 0 {
					o := new(int)
					h := tab.Put(o)
					if h == 0 || model[h] != nil || dead[h] {
						t.Fatalf("handle %#x", h)
					}
					model[h] = o
					order = append(order, h)
					continue
				}
				h := order[random.IntN(len(order))]
				switch op & 3 {
				case 1:
					if tab.Take(h) != model[h] {
						t.Fatalf("%#x is taken for another", h)
					}
					delete(model, h)
					dead[h] = true
				case 2:
					o := new(int)
					if done := tab.Replace(h, model[h], o); done != (model[h] != nil) {
						t.Fatalf("%#x replaced: %v", h, done)
					} else if done {
						model[h] = o
					}
				case 3:
					if tab.Get(h) != model[h] {
						t.Fatalf("%#x means another", h)
					}
				}
			}
		}
		pages := map[uint64]bool{}
		for h, o := range model {
			pages[h.page()] = true
			if tab.Get(h) != o {
				t.Fatalf("%#x means another", h)
			}
		}
		if tab.runs != a.runs() {
			t.Fatalf("%d runs, not %d", tab.runs, a.runs())
		}
		if tab.Len() != len(model) || len(a.mapped) > len(pages)+1 {
			t.Fatalf("%d live handles, not %d; %d pages, not %d", tab.Len(), len(model), len(a.mapped), len(pages))
		}
	})
}

func TestPagesAreMappedAndUnmappedWhileOthersRead(t *testing.T) {
	tab := New[Handle](Context)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			var mine []Handle
			for range count(5000) {
				o := new(Handle)
				h := tab.Put(o)
				*o = h
				mine = append(mine, h)
				if len(mine) > 300 {
					i := rand.IntN(len(mine))
					if got := tab.Take(mine[i]); got == nil || *got != mine[i] {
						t.Errorf("%#x means another", mine[i])
					}
					mine[i] = mine[len(mine)-1]
					mine = mine[:len(mine)-1]
				}
				if h := mine[rand.IntN(len(mine))]; len(content(h)) != octets || *tab.Get(h) != h {
					t.Errorf("%#x means another", h)
				}
			}
			for _, h := range mine {
				tab.Take(h)
			}
		})
	}
	wg.Wait()
	if tab.Len() != 0 {
		t.Errorf("%d live handles", tab.Len())
	}
}
