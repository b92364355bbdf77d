// SPDX-License-Identifier: BSD-2-Clause

// Package inherit stores the state that a child continues with after fork(2), where the child can find it.
//
// The child has its parent's memory but not its threads, so its parent's Go runtime is dead and the child starts a new
// one. Everything that the new runtime must know is therefore stored at all times in memory outside the Go heap: for
// each live handle, a Store has a record with a Block from which the object can be recreated. A fork takes no
// snapshot; it costs the same with ten thousand objects as with none, and waits for nothing.
//
// A fork may happen at any moment, even while another thread changes something. Every change therefore becomes visible
// through a single store to one word, after everything that the word refers to is complete, and before anything that
// it referred to earlier is dismantled. The child sees the state before or after the change; during the change it
// loses at most a few octets of memory.
package inherit

import (
	"math"
	"sync/atomic"
	"unsafe"
)

// Memory is the C library's allocator, whose memory a child inherits and may free. Alloc may return nil; the memory
// that it returns is aligned for any type and need not be cleared. Free must be passed a slice exactly as Alloc
// returned it.
type Memory struct {
	Alloc func(n int) []byte
	Free  func([]byte)
}

// Kinds is the number of kinds of objects that a Store has room for.
const Kinds = 4

// Slots is the number of records in one piece of memory.
const Slots = 256

// layout is the beginning of a Store's memory: an engine does not adopt anything whose layout or encoding differs from
// its own. The octets after the text are a version, which must be incremented with each change to this package or to a
// form of objects.
const layout = 'g'<<56 | 's'<<48 | 's'<<40 | 'f'<<32 | 'o'<<24 | 'r'<<16 | 'k'<<8 | 6

// root is the beginning of a Store.
type root struct {
	layout   uint64
	chunks   [Kinds]atomic.Pointer[Chunk]
	settings atomic.Pointer[Block]
}

// Store holds the records of one process. It is safe for concurrent use only where its methods say so.
type Store struct {
	memory Memory
	root   *root
	spare  atomic.Pointer[Block] // wiped, for the next form; nil: there is none
}

// New returns an empty store, or nil if there is no memory.
func New(m Memory) *Store {
	r := allocate[root](m)
	if r == nil {
		return nil
	}
	r.layout = layout
	return &Store{memory: m, root: r}
}

// Adopt returns the store that another instance of the engine left at address, in the process that this one was forked
// from. It returns nil if the store has another layout.
func Adopt(m Memory, address unsafe.Pointer) *Store {
	r := (*root)(address)
	if r == nil || r.layout != layout {
		return nil
	}
	return &Store{memory: m, root: r}
}

// Address returns the value to pass to Adopt.
func (s *Store) Address() unsafe.Pointer { return unsafe.Pointer(s.root) }

// Chunk is a group of records.
type Chunk struct {
	next    atomic.Pointer[Chunk]
	page    atomic.Uint64
	records [Slots]Record
}

// First returns the first chunk of a kind, or nil.
func (s *Store) First(kind int) *Chunk { return s.root.chunks[kind].Load() }

// Next returns the chunk after c, or nil.
func (c *Chunk) Next() *Chunk { return c.next.Load() }

// Page returns the number of the page of addresses that the records are for, or 0 if they are unused.
func (c *Chunk) Page() uint64 { return c.page.Load() }

// SetPage sets the value that Page returns. The records must be free.
func (c *Chunk) SetPage(number uint64) { c.page.Store(number) }

// Record returns one of the Slots records of c.
func (c *Chunk) Record(n int) *Record { return &c.records[n] }

// Append adds a chunk after last, which is the last chunk of its kind, or nil if there is none. It returns nil if
// there is no memory.
func (s *Store) Append(kind int, last *Chunk) *Chunk {
	c := allocate[Chunk](s.memory)
	if c == nil {
		return nil
	}
	if last == nil {
		s.root.chunks[kind].Store(c)
	} else {
		last.next.Store(c)
	}
	return c
}

// Record binds a handle to the stored form of its object.
type Record struct {
	handle atomic.Uint64
	block  atomic.Pointer[Block]
}

// Handle returns the record's handle, or 0 if the record is free.
func (r *Record) Handle() uint64 { return r.handle.Load() }

// Block returns the stored form of the handle's object.
func (r *Record) Block() *Block { return r.block.Load() }

// Set binds the record, which must be free, to handle.
func (r *Record) Set(handle uint64, b *Block) {
	r.block.Store(b)
	r.handle.Store(handle)
}

// Exchange replaces the record's block and returns the old one.
func (r *Record) Exchange(b *Block) *Block { return r.block.Swap(b) }

// Clear frees the record and returns its block, which can no longer be found.
func (r *Record) Clear() *Block {
	r.handle.Store(0)
	return r.block.Swap(nil)
}

// Words are the part of a block that changes, each word independently. Any number of threads may use them.
type Words [8]atomic.Uint64

// Block is the stored form of one object, in the encoding of its package.
type Block struct {
	words  Words
	room   uint64
	length uint64
	// The form follows, in the room for it.
}

const header = int(unsafe.Sizeof(Block{}))

// NewBlock returns a block that holds a copy of form, or nil if there is no memory. It is safe for concurrent use.
func (s *Store) NewBlock(form []byte) *Block {
	if len(form) > math.MaxInt32 {
		return nil
	}
	b := s.takeSpare(len(form))
	if b == nil {
		const step = 64 // forms of the same kind differ by less, mostly
		room := (len(form) + step - 1) / step * step
		m := s.memory.Alloc(header + room)
		if m == nil {
			return nil
		}
		clear(m)
		b = (*Block)(unsafe.Pointer(unsafe.SliceData(m)))
		b.room = uint64(room)
	}
	b.length = uint64(len(form))
	copy(b.Form(), form)
	return b
}

// Free wipes b and frees its memory. It does nothing if b is nil. It is safe for concurrent use.
func (s *Store) Free(b *Block) {
	if b == nil {
		return
	}
	room := b.room
	clear(b.memory())
	b.room = room
	s.giveSpare(b)
}

// mostSpare is the size of the largest block that is kept for the next form.
const mostSpare = 1024

// takeSpare returns the spare block if it has room for n octets, or nil.
func (s *Store) takeSpare(n int) *Block {
	b := s.spare.Swap(nil)
	if b != nil && int(b.room) < n {
		s.giveSpare(b)
		return nil
	}
	return b
}

// giveSpare keeps a wiped block for the next form, unless a larger one is already kept, and frees the other.
func (s *Store) giveSpare(b *Block) {
	if b.room <= mostSpare {
		// Whoever swaps a block out has it alone.
		other := s.spare.Swap(nil)
		if other != nil && other.room > b.room {
			b, other = other, b
		}
		s.release(other)
		b = s.spare.Swap(b)
	}
	s.release(b)
}

func (s *Store) release(b *Block) {
	if b != nil {
		m := b.memory()
		b.room = 0
		s.memory.Free(m)
	}
}

// memory returns all of the block.
func (b *Block) memory() []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(b)), header+int(b.room))
}

// Form returns the octets that the block was created from. They belong to the block.
func (b *Block) Form() []byte {
	return unsafe.Slice((*byte)(unsafe.Add(unsafe.Pointer(b), header)), int(b.length))
}

// Words returns the part of the block that changes.
func (b *Block) Words() *Words { return &b.words }

// Settings returns the block with the settings of the process, or nil if there are none.
func (s *Store) Settings() *Block { return s.root.settings.Load() }

// SetSettings replaces the block with the settings of the process and frees the old one.
func (s *Store) SetSettings(b *Block) { s.Free(s.root.settings.Swap(b)) }

// allocate returns a zero T in the store's memory.
func allocate[T any](m Memory) *T {
	var zero T
	b := m.Alloc(int(unsafe.Sizeof(zero)))
	if b == nil {
		return nil
	}
	clear(b)
	return (*T)(unsafe.Pointer(unsafe.SliceData(b)))
}
