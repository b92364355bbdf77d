// SPDX-License-Identifier: BSD-2-Clause

package stack

import (
	"runtime"
	"testing"
	"time"
	"unsafe"
)

func stackInUse() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.StackInuse
}

func TestHeadroomGrowsTheStackBySize(t *testing.T) {
	// A goroutine starts with a few KiB; after Headroom each of these holds at least Size.
	const goroutines = 200
	var ready, release = make(chan struct{}), make(chan struct{})
	before := stackInUse()
	for range goroutines {
		go func() {
			Headroom()
			ready <- struct{}{}
			<-release
		}()
	}
	for range goroutines {
		<-ready
	}
	after := stackInUse()
	close(release)
	// A stack too small has half of that: some that end meanwhile, of an earlier run, do not matter.
	if after < before+goroutines*Size*3/4 {
		t.Errorf("stacks grew by %d octets each, want %d", int64(after-before)/goroutines, Size)
	}
	// If this is done again, the stacks are gone by then.
	for tries := 0; tries < 1000 && stackInUse() > after-goroutines*Size/2; tries++ {
		time.Sleep(time.Millisecond)
	}
}

//go:noinline
func leave(mark *[64]uint64, depth int) uint64 {
	var words [64]uint64
	for i := range words {
		words[i] = mark[i]
	}
	if depth > 0 {
		return leave(&words, depth-1)
	}
	return words[mark[0]%64]
}

// look returns how often the mark is on the stack below its caller, down to depth octets.
//
//go:noinline
func look(mark uint64, depth int) (finds int) {
	var words [8]uint64
	for i := 256; i < depth; i += 8 {
		// Below the frame: what was there before it.
		if *(*uint64)(unsafe.Add(unsafe.Pointer(&words), -i)) == mark {
			finds++
		}
	}
	return finds
}

func TestWipeOverwritesWhatCallsHaveLeft(t *testing.T) {
	Headroom()
	mark := uint64(0x5ec4e75ec4e7)
	var words [64]uint64
	for i := range words {
		words[i] = mark
	}
	for _, test := range []struct {
		name  string
		wipe  func()
		depth int
	}{{"Wipe", Wipe, Wiped}, {"WipeShallow", WipeShallow, Shallow}} {
		found := func(wipe func()) int {
			leave(&words, 60)
			wipe()
			return look(mark, test.depth-1024)
		}
		if found(func() {}) == 0 {
			t.Error("the mark cannot be found")
		}
		if n := found(test.wipe); n != 0 {
			t.Errorf("after %s the mark is there %d times", test.name, n)
		}
	}
}

func BenchmarkWipe(b *testing.B) {
	for b.Loop() {
		Wipe()
	}
}

func BenchmarkWipeShallow(b *testing.B) {
	for b.Loop() {
		WipeShallow()
	}
}

func BenchmarkHeadroom(b *testing.B) {
	for b.Loop() {
		Headroom()
	}
}
