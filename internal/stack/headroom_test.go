// SPDX-License-Identifier: BSD-2-Clause

package stack

import (
	"runtime"
	"testing"
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
	if after < before+goroutines*Size {
		t.Errorf("stacks grew by %d octets each, want %d", (after-before)/goroutines, Size)
	}
}

func BenchmarkHeadroom(b *testing.B) {
	for b.Loop() {
		Headroom()
	}
}
