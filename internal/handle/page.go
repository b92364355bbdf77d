// SPDX-License-Identifier: BSD-2-Clause

package handle

import (
	"crypto/rand"
	"encoding/binary"
	"sync/atomic"

	"libgssapi/internal/inherit"
)

const (
	pageOctets  = 4096
	pageHandles = pageOctets / octets

	// A table finds its pages in chains, by number. Chains are short: when a chain has chainPages, its place is skipped. A
	// table therefore has at most 65,536 pages, which are 256 MiB.
	chains     = 1 << 13
	chainPages = 8
	headChains = 1 << 7

	// mostRuns is the maximum number of runs of pages in a table. Each run may be a separate mapping, and the three tables
	// together stay below the 65,530 mappings that Linux allows.
	mostRuns = 1 << 14
)

// The records that a child inherits are allocated in pieces that each serve one page; a page has one piece or none.
var _ = [1]struct{}{}[pageHandles-inherit.Slots]

// heads are the first pages of chains with consecutive numbers. Most tables have one or two chains.
type heads[T any] [headChains]atomic.Pointer[page[T]]

// page holds the entries of the handles in one page of addresses.
type page[T any] struct {
	first   Handle                  // in it
	next    atomic.Pointer[page[T]] // in the chain; a page taken out keeps it for readers that are there
	slots   [pageHandles]atomic.Pointer[entry[T]]
	records *inherit.Chunk // of the same slots, or nil

	// Guarded by Table.mu.
	used int // handles that were issued or must not be issued any more
	live int // of these, not taken back
}

// slots are the bits that distinguish the handles of one page.
const slots = pageOctets - octets

// page returns the number of the page that h is in: its address in pages.
func (h Handle) page() uint64 { return uint64(h) / pageOctets }

// slot returns the position of h in its page.
func (h Handle) slot() int { return int(h & slots / octets) }

func (p *page[T]) handle(slot int) Handle { return p.first + Handle(slot)*octets }

func (p *page[T]) slot(h Handle) *atomic.Pointer[entry[T]] { return &p.slots[h.slot()] }

// record returns the inheritable record of h, or nil if there is none.
func (p *page[T]) record(h Handle) *inherit.Record {
	if p.records == nil {
		return nil
	}
	return p.records.Record(h.slot())
}

// done reports whether p will never have a live handle again.
func (p *page[T]) done() bool { return p.live == 0 && p.used == pageHandles }

// head returns the first page of the chain that the page with a number is in, or nil.
func (t *Table[T]) head(number uint64) *page[T] {
	b := t.heads[number%chains/headChains].Load()
	if b == nil {
		return nil
	}
	return b[number%headChains].Load()
}

// chain returns the chain that the page with a number belongs in. The caller holds t.mu.
func (t *Table[T]) chain(number uint64) *atomic.Pointer[page[T]] {
	at := &t.heads[number%chains/headChains]
	if at.Load() == nil {
		at.Store(new(heads[T]))
	}
	return &at.Load()[number%headChains]
}

// find returns the page with a number, or nil.
func (t *Table[T]) find(number uint64) *page[T] {
	for p := t.head(number); p != nil; p = p.next.Load() {
		if p.first.page() == number {
			return p
		}
	}
	return nil
}

// neighbours returns the existing pages before and after number. The caller holds t.mu.
func (t *Table[T]) neighbours(number uint64) (neighbours []*page[T]) {
	for _, n := range [...]uint64{number - 1, number + 1} {
		if p := t.find(n); p != nil {
			neighbours = append(neighbours, p)
		}
	}
	return neighbours
}

// link puts p in its chain. The caller holds t.mu.
func (t *Table[T]) link(p *page[T]) {
	number := p.first.page()
	t.runs += 1 - len(t.neighbours(number))
	head := t.chain(number)
	p.next.Store(head.Load())
	head.Store(p)
}

// unlink takes p out of its chain. The caller holds t.mu.
func (t *Table[T]) unlink(p *page[T]) {
	number := p.first.page()
	at := t.chain(number)
	for at.Load() != p {
		at = &at.Load().next
	}
	at.Store(p.next.Load())
	t.runs += len(t.neighbours(number)) - 1
}

// newPage maps a page that has not been used, or returns nil. The caller holds t.mu.
func (t *Table[T]) newPage() *page[T] {
	number := t.claim()
	if number == 0 {
		return nil
	}
	p := &page[T]{first: Handle(number * pageOctets), records: t.takeRecords()}
	if p.records != nil {
		p.records.SetPage(number)
	}
	t.link(p)
	return p
}

// retire removes a page that is done. If there are already too many runs, the page stays until it joins its
// neighbours, or until it can join the next page to the ones before. The caller holds t.mu.
func (t *Table[T]) retire(p *page[T]) {
	number := p.first.page()
	neighbours := t.neighbours(number)
	if t.runs >= mostRuns && (len(neighbours) == 2 || p == t.current) {
		return
	}
	t.unlink(p)
	if t.current == p {
		t.current = nil
	}
	if p.records != nil {
		t.giveRecords(p.records)
	}
	t.memory.unmap(number)
	for _, n := range neighbours {
		if n.done() {
			t.retire(n)
		}
	}
}

// window is a range of pages.
type window struct{ first, pages uint64 }

// next returns the page that is n pages after page; the last page is followed by the first.
func (w window) next(page, n uint64) uint64 { return w.first + (page-w.first+n)%w.pages }

// windows are the address ranges for the pages of contexts, in order of preference; those of the other kinds follow.
// Systems leave these ranges alone: Linux puts programs and libraries above 0x5500_0000_0000 or below 0x1000_0000;
// FreeBSD puts libraries from 0x8_0000_0000 up; Go puts its heap from 0xc0_0000_0000 up; and AddressSanitizer puts its
// shadow below 0x1000_8000_0000 on Linux and above 0x4000_0000_0000 on FreeBSD. Anything that is mapped there
// nevertheless is skipped.
var windows = [...]window{
	{0x1800_0000_0000 / pageOctets, 1 << 31},
	{0x20_0000_0000 / pageOctets, 1 << 24}, // for systems with addresses of 39 bits
}

// window returns the n-th range of a kind.
func (k Kind) window(n int) window {
	w := windows[n]
	w.first += uint64(k-Context) * w.pages
	return w
}

// claim maps the next page and returns its number, or 0 if there is none. The pages of a window are used in order,
// starting at a random one, so that the handles of another process, such as a child, are most likely different, and so
// that nobody can guess them. The caller holds t.mu.
func (t *Table[T]) claim() uint64 {
	if t.refuses != nil && t.refuses() {
		return 0
	}
	for i := range windows {
		w, c := t.kind.window(i), t.cursors[i]
		if c == 0 {
			c = w.next(w.first, random())
		}
		// Each step is twice the one before, so that a mapping of any size is passed.
		for step := uint64(1); step < w.pages/2; step *= 2 {
			number := t.vacant(w, c)
			if number == 0 {
				return 0
			}
			err := t.memory.mapPage(number)
			if err == nil {
				t.cursors[i] = w.next(number, 1)
				return number
			}
			if err != errTaken {
				break
			}
			c = w.next(number, step)
		}
	}
	return 0
}

// vacant returns the first page at or after page for which there is room, or 0 if there is none. The caller holds
// t.mu.
func (t *Table[T]) vacant(w window, page uint64) uint64 {
	for range chains {
		if page%granularity == 0 && t.hasRoom(page) {
			return page
		}
		page = w.next(page, 1)
	}
	return 0
}

func (t *Table[T]) hasRoom(number uint64) bool {
	n := 0
	for p := t.head(number); p != nil; p = p.next.Load() {
		n++
	}
	return n < chainPages && (t.runs < mostRuns || len(t.neighbours(number)) > 0)
}

func random() uint64 {
	var b [8]byte
	rand.Read(b[:]) // never fails (crypto/rand)
	return binary.NativeEndian.Uint64(b[:])
}
