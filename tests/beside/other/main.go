// SPDX-License-Identifier: BSD-2-Clause

// Package main is somebody else's library that is written in Go: it has a runtime of its own, allocates, starts
// goroutines and takes signals.
package main

import "C"

import (
	"os"
	"os/signal"
	"runtime"
	"sync"
	"syscall"
	"time"
)

func main() {}

// other_work keeps the collector, the scheduler and the poller at work, and returns n.
//
//export other_work
func other_work(n C.int) C.int {
	var group sync.WaitGroup
	var mu sync.Mutex
	sum := 0
	for range int(n) {
		group.Go(func() {
			garbage := make([][]byte, 50)
			for i := range garbage {
				garbage[i] = make([]byte, 1000)
			}
			time.Sleep(time.Microsecond)
			mu.Lock()
			defer mu.Unlock()
			sum += len(garbage) / 50
		})
	}
	group.Wait()
	if n%16 == 0 {
		runtime.GC()
	}
	return C.int(sum)
}

var caught = make(chan os.Signal, 1)

// other_notify takes SIGUSR2; other_caught waits for it, for a second at most.
//
//export other_notify
func other_notify() { signal.Notify(caught, syscall.SIGUSR2) }

//export other_caught
func other_caught() C.int {
	select {
	case <-caught:
		return 1
	case <-time.After(10 * time.Second):
		return 0
	}
}

// other_fault follows a nil pointer and returns 1 when it has recovered.
//
//export other_fault
func other_fault() (result C.int) {
	defer func() {
		if recover() != nil {
			result = 1
		}
	}()
	var p *int
	return C.int(*p)
}
