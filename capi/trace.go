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
	operations.Lock()
	if o := operations.m[uint64(C.engine_resumed())]; o != nil {
		c.told = o.told
	}
	operations.Unlock()
	if c.told == nil {
		c.told = trace.Told{}
	}
	return newLog(name, c.told)
}

// newLog frees name.
func newLog(name *C.char, told trace.Told) *trace.Log {
	defer C.free(unsafe.Pointer(name))
	file := C.GoString(name)
	return trace.New(func(line []byte) {
		C.engine_trace(cString(file), (*C.char)(unsafe.Pointer(unsafe.SliceData(line))), C.size_t(len(line)))
	}, os.Getpid(), time.Now, told)
}

// traceFailure tells how the export that is being run fails.
func traceFailure(e *status.Error) {
	if name := C.engine_caller().trace; name != nil {
		newLog(name, nil).Failure(export(), e)
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
