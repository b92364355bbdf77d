// SPDX-License-Identifier: BSD-2-Clause

package inherit

import (
	"bytes"
	"testing"
	"unsafe"
)

// keeper is a Memory that the collector does not take back, and that knows what was freed.
type keeper struct {
	live  map[*byte][]byte
	fails bool
	wiped bool
}

func (k *keeper) memory() Memory {
	k.live, k.wiped = map[*byte][]byte{}, true
	return Memory{
		Alloc: func(n int) []byte {
			if k.fails {
				return nil
			}
			b := bytes.Repeat([]byte{0xa5}, n+1)[:n]
			k.live[unsafe.SliceData(b)] = b
			return b
		},
		Free: func(b []byte) {
			whole := k.live[unsafe.SliceData(b)]
			k.wiped = k.wiped && whole != nil && bytes.Equal(whole, make([]byte, len(whole)))
			delete(k.live, unsafe.SliceData(b))
		},
	}
}

func TestRecordsAreFoundAgain(t *testing.T) {
	var k keeper
	m := k.memory()
	s := New(m)
	var last *Chunk
	for i := range 3 {
		last = s.Append(1, last)
		b := s.NewBlock([]byte{byte(i), 7})
		b.Words()[3].Store(uint64(i) + 100)
		last.Record(i).Set(uint64(i)+1, b)
	}
	child := Adopt(m, s.Address())
	n := 0
	for c := child.First(1); c != nil; c = c.Next() {
		r := c.Record(n)
		if r.Handle() != uint64(n)+1 || !bytes.Equal(r.Block().Form(), []byte{byte(n), 7}) ||
			r.Block().Words()[3].Load() != uint64(n)+100 {
			t.Errorf("record %d is another one: %#x %x", n, r.Handle(), r.Block().Form())
		}
		n++
	}
	if n != 3 || child.First(0) != nil {
		t.Errorf("%d chunks", n)
	}
}

func TestFreedBlocksAreWiped(t *testing.T) {
	var k keeper
	s := New(k.memory())
	c := s.Append(0, nil)
	live := len(k.live)
	c.Record(0).Set(1, s.NewBlock([]byte("a key")))
	s.Free(c.Record(0).Exchange(s.NewBlock([]byte("another key"))))
	s.Free(c.Record(0).Clear())
	s.SetSettings(s.NewBlock([]byte("a name")))
	s.SetSettings(s.NewBlock(nil))
	s.SetSettings(nil)
	s.Free(nil)
	if spare := s.spare.Load(); spare == nil || !bytes.Equal(spare.memory()[header:], make([]byte, spare.room)) {
		t.Error("the spare block is not wiped")
	}
	s.release(s.spare.Swap(nil))
	if len(k.live) != live || !k.wiped {
		t.Errorf("%d pieces of memory are left, wiped is %v", len(k.live)-live, k.wiped)
	}
	if c.Record(0).Handle() != 0 || c.Record(0).Block() != nil || s.Settings() != nil {
		t.Error("what was cleared is still there")
	}
}

func TestOneFreedBlockIsUsedAgain(t *testing.T) {
	var k keeper
	s := New(k.memory())
	live := len(k.live)
	form := bytes.Repeat([]byte{1}, 500)
	s.Free(s.NewBlock(form))
	s.Free(s.NewBlock(form[:10])) // is put there, too
	s.Free(s.NewBlock(form[:400]))
	if n := len(k.live) - live; n != 1 {
		t.Errorf("%d blocks for one after the other", n)
	}
	a, b := s.NewBlock(form[:64]), s.NewBlock(form)
	if !bytes.Equal(a.Form(), form[:64]) || !bytes.Equal(b.Form(), form) || a.Words()[0].Load() != 0 {
		t.Error("a block that is used again is not what it was made of")
	}
	s.Free(a)
	s.Free(b)
	s.Free(s.NewBlock(make([]byte, mostSpare+1))) // is not kept
	if n := len(k.live) - live; n != 1 || s.spare.Load().room > mostSpare {
		t.Errorf("%d blocks are kept", n)
	}
}

func TestOtherLayoutsAreNotAdopted(t *testing.T) {
	var k keeper
	m := k.memory()
	s := New(m)
	s.root.layout++
	if Adopt(m, s.Address()) != nil || Adopt(m, nil) != nil {
		t.Error("a store of another version is adopted")
	}
}

func TestWithoutMemoryThereIsNothing(t *testing.T) {
	var k keeper
	m := k.memory()
	s := New(m)
	k.fails = true
	if New(m) != nil || s.Append(0, nil) != nil || s.NewBlock([]byte{1}) != nil {
		t.Error("something was made of no memory")
	}
}
