// SPDX-License-Identifier: BSD-2-Clause

package inherit

import (
	"sync"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Cell is one bit that a process, its children and their children share: whichever process sets it, all of them see
// that what they have inherited is used up. The bits are in memory that fork(2) shares. A bit is never reused, because
// a process cannot know which of its children still look at it. Cells that are created after a fork are never in
// memory that the child has: a child can end what it has inherited, but nothing that belongs to its parent alone.
type Cell struct {
	word *atomic.Uint32
	bit  uint32      // its number in the word
	page *sharedPage // of the process that made the cell; nil in others
}

// sharedPage is memory for cells.
type sharedPage struct {
	memory []byte
	forks  uint32 // when it was made
	used   int    // cells made
	live   int    // of these, not released
}

// sharedSize is the size of a page in octets, one bit for each cell. The system provides memory only for the parts
// that are touched.
const sharedSize = 64 << 10

var shared struct {
	sync.Mutex
	page  *sharedPage // of the next cell
	spare [][]byte    // of pages that were given back
}

// Forks counts the forks of the process, before and after each one. It is nil if the process does not fork.
var Forks *atomic.Uint32

func forks() uint32 {
	if Forks == nil {
		return 0
	}
	return Forks.Load()
}

// NewCell returns a cell that is not set, or nil if there is no memory.
func NewCell() *Cell {
	shared.Lock()
	defer shared.Unlock()
	p := shared.page
	if n := forks(); p == nil || p.used == 8*sharedSize || p.forks != n {
		fresh := newPage(n)
		if fresh == nil {
			return nil
		}
		shared.page = fresh
		if p != nil && p.live == 0 {
			p.giveBack()
		}
		p = fresh
	}
	n := p.used
	p.used++
	p.live++
	return &Cell{(*atomic.Uint32)(unsafe.Pointer(&p.memory[n/32*4])), uint32(n % 32), p}
}

// newPage returns memory that no other process has. The caller holds the lock of shared.
func newPage(forks uint32) *sharedPage {
	const access = unix.PROT_READ | unix.PROT_WRITE
	if last := len(shared.spare) - 1; last >= 0 {
		memory := shared.spare[last]
		if _, err := unix.MmapPtr(-1, 0, unsafe.Pointer(&memory[0]), sharedSize, access,
			unix.MAP_SHARED|unix.MAP_ANON|unix.MAP_FIXED); err != nil {
			return nil
		}
		shared.spare = shared.spare[:last]
		return &sharedPage{memory: memory, forks: forks}
	}
	memory, err := unix.Mmap(-1, 0, sharedSize, access, unix.MAP_SHARED|unix.MAP_ANON)
	if err != nil {
		return nil
	}
	return &sharedPage{memory: memory, forks: forks}
}

// giveBack returns the memory to the system and keeps the addresses, because another thread may be about to read them.
// The caller holds the lock of shared.
func (p *sharedPage) giveBack() {
	if _, err := unix.MmapPtr(-1, 0, unsafe.Pointer(&p.memory[0]), sharedSize, unix.PROT_READ|unix.PROT_WRITE,
		unix.MAP_PRIVATE|unix.MAP_ANON|unix.MAP_FIXED); err == nil {
		shared.spare = append(shared.spare, p.memory)
	}
}

// Address returns the value to pass to CellAt in a child.
func (c *Cell) Address() uint64 {
	return uint64(uintptr(unsafe.Pointer(c.word)))<<5 | uint64(c.bit)
}

// CellAt returns the cell that this process, or the process that it was forked from, has at address. It returns nil
// for 0 and for addresses that are not mapped.
func CellAt(address uint64) *Cell {
	word := uintptr(address >> 5)
	page := word &^ (uintptr(unix.Getpagesize()) - 1)
	if page == 0 || word%4 != 0 {
		return nil
	}
	memory := unsafe.Slice(*(**byte)(unsafe.Pointer(&page)), unix.Getpagesize())
	if err := unix.Msync(memory, unix.MS_ASYNC); err != nil { // which does nothing else here
		return nil
	}
	return &Cell{word: *(**atomic.Uint32)(unsafe.Pointer(&word)), bit: uint32(address & 31)}
}

// IsSet reports whether any process has set the cell.
func (c *Cell) IsSet() bool { return c.word.Load()&(1<<c.bit) != 0 }

// Set sets the cell. If several processes or threads try, one of them succeeds.
func (c *Cell) Set() bool { return c.word.Or(1<<c.bit)&(1<<c.bit) == 0 }

// Release declares that this process no longer looks at the cell.
func (c *Cell) Release() {
	shared.Lock()
	defer shared.Unlock()
	if p := c.page; p != nil {
		c.page = nil
		if p.live--; p.live == 0 && p != shared.page {
			p.giveBack()
		}
	}
}
