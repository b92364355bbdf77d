// SPDX-License-Identifier: BSD-2-Clause

package inherit

import (
	"sync"
	"sync/atomic"
	"testing"
)

func TestCellIsSetOnce(t *testing.T) {
	c := NewCell()
	other := CellAt(c.Address())
	if c.IsSet() || other.IsSet() {
		t.Error("a new cell is set")
	}
	if !other.Set() || c.Set() || other.Set() || !c.IsSet() || !other.IsSet() {
		t.Error("a cell is not set once")
	}
}

func TestCellsAreIndependent(t *testing.T) {
	cells := make([]*Cell, 100)
	for i := range cells {
		cells[i] = NewCell()
	}
	for i, c := range cells {
		if i%3 == 0 {
			c.Set()
		}
	}
	for i, c := range cells {
		if CellAt(c.Address()).IsSet() != (i%3 == 0) {
			t.Errorf("cell %d", i)
		}
	}
}

func TestOneOfManySetsACell(t *testing.T) {
	for range 1000 {
		c := NewCell()
		var won atomic.Int32
		var group sync.WaitGroup
		for range 4 {
			group.Go(func() {
				if c.Set() {
					won.Add(1)
				}
			})
		}
		group.Wait()
		if won.Load() != 1 {
			t.Fatalf("%d have set it", won.Load())
		}
	}
}

// Many more than a page has: each is new, and who still has an old one can look at it.
func TestReleasedCellsAreNotUsedAgain(t *testing.T) {
	var late *Cell
	for i := range 3 * 8 * sharedSize {
		c := NewCell()
		if c == nil || c.IsSet() {
			t.Fatalf("cell %d is not new", i)
		}
		if i == 10 {
			late = c
		}
		c.Set()
		c.Release()
	}
	_ = late.IsSet() // no fault
}

// A child must not be able to set the cells of what its parent does after the fork.
func TestCellsAfterAForkAreInOtherMemory(t *testing.T) {
	var n atomic.Uint32
	Forks = &n
	defer func() { Forks = nil }()
	page := func(c *Cell) uint64 { return c.Address() >> 5 / sharedSize }
	before, again := NewCell(), NewCell()
	if page(before) != page(again) {
		t.Error("no fork, and other memory")
	}
	n.Add(1)
	after := NewCell()
	if page(after) == page(before) {
		t.Error("the same memory after a fork")
	}
	again.Set()
	before.Set()
	if after.IsSet() {
		t.Error("a new cell is set")
	}
	// Memory is used again when it is another's no more.
	seen := map[uint64]bool{}
	for range 1000 {
		n.Add(1)
		c := NewCell()
		if c.IsSet() {
			t.Fatal("a new cell is set")
		}
		seen[page(c)] = true
		c.Set()
		c.Release()
	}
	if len(seen) > 4 {
		t.Errorf("%d pages for one cell at a time", len(seen))
	}
}

func TestNoCellAtAnInvalidAddress(t *testing.T) {
	for _, address := range []uint64{0, 1, 31, 32, 4096 << 5, 1<<64 - 1, 1 << 63} {
		if CellAt(address) != nil {
			t.Errorf("%#x", address)
		}
	}
}
