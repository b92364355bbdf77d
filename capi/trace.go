// SPDX-License-Identifier: BSD-2-Clause

package main

// #include <stdlib.h>
// #include "glue.h"
import "C"

import (
	"os"
	"runtime"
	"strings"
	"time"
	"unsafe"

	"libgssapi/internal/status"
	"libgssapi/internal/trace"
)

// trace returns where the call tells what it does, nil if KRB5_TRACE, of which name is a copy, is not set.
func (c *call) trace(name *C.char) *trace.Log {
	if name == nil {
		return nil
	}
	c.traced = traceFileOf(name)
	serial := uint64(C.engine_resumed())
	operations.Lock()
	o := operations.m[serial]
	operations.Unlock()
	if o == nil {
		c.told = trace.Told{}
	} else {
		c.told = o.told
		c.writeTold(o)
	}
	return trace.New(c.traced.write, c.tell, os.Getpid(), time.Now, c.told)
}

// writeTold writes what questions have told since it was called before.
func (c *call) writeTold(o *operation) {
	if c.traced == "" {
		return
	}
	for _, line := range o.tellings() {
		c.traced.write(line)
	}
}

// traceFile is where a trace goes. The engine's own threads open no files: the calling thread writes all lines, with its
// rights.
type traceFile string

// traceFileOf takes a name of malloc(3), which it frees.
func traceFileOf(name *C.char) traceFile {
	defer C.free(unsafe.Pointer(name))
	return traceFile(C.GoString(name))
}

func (f traceFile) write(line []byte) {
	C.engine_trace(cString(string(f)), (*C.char)(unsafe.Pointer(unsafe.SliceData(line))), C.size_t(len(line)))
}

// maxLines bounds what an operation keeps for a thread that does not come for it.
const maxLines = 1000

// tell is for events of a question, on its thread. It wakes the caller, which makes the call again, writes the line, and
// waits on.
func (c *call) tell(line []byte) {
	o := c.operation
	if o == nil {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.over && len(o.lines) < maxLines {
		o.lines = append(o.lines, line)
		C.engine_wake(o.shared)
	}
}

// tellings takes what questions have told.
func (o *operation) tellings() [][]byte {
	o.mu.Lock()
	defer o.mu.Unlock()
	lines := o.lines
	o.lines = nil
	return lines
}

// traceFailure tells how the export that is being run fails.
func traceFailure(e *status.Error) {
	if name := C.engine_trace_name(); name != nil {
		trace.New(traceFileOf(name).write, nil, os.Getpid(), time.Now, nil).Failure(export(), e)
	}
}

// export returns the name of the function that the program has called.
func export() string {
	var callers [16]uintptr
	frames := runtime.CallersFrames(callers[:runtime.Callers(2, callers[:])])
	called := "the call"
	for {
		frame, more := frames.Next()
		if name, ok := strings.CutPrefix(frame.Function, "main.gss_"); ok {
			called = "gss_" + name // an export may have called another one
		}
		if !more {
			return called
		}
	}
}
