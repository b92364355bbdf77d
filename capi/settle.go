// SPDX-License-Identifier: BSD-2-Clause

package main

// #include "glue.h"
import "C"

import (
	"runtime"
	"runtime/debug"
)

const (
	// maxProcs bounds the threads that run Go code of the engine's own, garbage collection above all: a guest does not
	// take all processors of a large host. As many calls at a time are inside the engine.
	maxProcs = 8

	// gcPercent lets the heap grow by less before it is collected: it is small, and what it wastes is the host's.
	gcPercent = 50
)

// settle makes the runtime a guest.
func settle() {
	C.engine_settle()
	if runtime.GOMAXPROCS(0) > maxProcs {
		runtime.GOMAXPROCS(maxProcs)
	}
	debug.SetGCPercent(gcPercent)
}
