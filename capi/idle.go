// SPDX-License-Identifier: BSD-2-Clause

package main

import (
	"runtime/debug"
	"sync/atomic"
	"time"
)

// Go's collector runs when the heap grows, or after minutes. A program that has released thousands of contexts and then
// waits for work would keep their memory for all that time, so the engine collects once it has been idle.
const (
	manyReleased = 1000 // contexts and credentials: some 3 MiB
	idleTime     = time.Second
)

var (
	releases atomic.Int64 // since memory was last given back
	watched  atomic.Int64 // the value of releases when idleTime began
	watching atomic.Bool
)

// released is called when the program has released a context or a credential.
func released() {
	if releases.Add(1) >= manyReleased && watching.CompareAndSwap(false, true) {
		time.AfterFunc(idleTime, giveMemoryBack)
	}
}

// giveMemoryBack returns memory to the system, unless something was released in the meantime.
func giveMemoryBack() {
	if n := releases.Load(); watched.Swap(n) != n {
		time.AfterFunc(idleTime, giveMemoryBack)
		return
	}
	releases.Store(0)
	watched.Store(0)
	watching.Store(false)
	debug.FreeOSMemory()
}
