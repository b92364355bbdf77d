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

// trace returns the call's trace, or nil if KRB5_TRACE, of which name is a copy, is not set.
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
		c.writeLines(o)
	}
	return trace.New(c.traced.write, c.tell, os.Getpid(), time.Now, c.told)
}

// writeLines writes what questions have traced since the last call.
func (c *call) writeLines(o *operation) {
	if c.traced == "" {
		return
	}
	for _, line := range o.takeLines() {
		c.traced.write(line)
	}
}

// traceFile is the file of a trace. The calling thread writes all lines, with its rights; the engine's own threads open no
// files for it.
type traceFile string

// traceFileOf takes a name allocated by malloc(3), and frees it.
func traceFileOf(name *C.char) traceFile {
	defer C.free(unsafe.Pointer(name))
	return traceFile(C.GoString(name))
}

func (f traceFile) write(line []byte) {
	C.engine_trace(cString(string(f)), (*C.char)(unsafe.Pointer(unsafe.SliceData(line))), C.size_t(len(line)))
}

// maxLines bounds what an operation keeps for a thread that does not collect it.
const maxLines = 1000

// tell traces an event of a question, on the question's thread. It wakes the caller, which repeats the call, writes the
// line, and goes on waiting.
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

// takeLines removes and returns the lines that questions have traced.
func (o *operation) takeLines() [][]byte {
	o.mu.Lock()
	defer o.mu.Unlock()
	lines := o.lines
	o.lines = nil
	return lines
}

// traceFailure traces how the running export fails.
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
			called = "gss_" + name // the outermost: an export may call another one
		}
		if !more {
			return called
		}
	}
}
