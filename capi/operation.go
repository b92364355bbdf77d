// SPDX-License-Identifier: BSD-2-Clause

package main

// #include "glue.h"
import "C"

import (
	"context"
	"runtime"
	"sync"
	"time"

	"libgssapi/internal/krb5"
	"libgssapi/internal/rights"
	"libgssapi/internal/sock"
	"libgssapi/internal/stack"
	"libgssapi/internal/status"
	"libgssapi/internal/trace"
)

// operation is a call that waits for the network: the front repeats it until all its questions are answered (engine.h).
type operation struct {
	shared *C.struct_gssapi_operation // the front holds a reference until the call ends
	cx     context.Context
	cancel context.CancelFunc
	expiry *time.Timer

	told trace.Told // what the call has traced, in all its repetitions

	mu      sync.Mutex
	lines   [][]byte // traced by questions, and not yet written by the call
	answers map[string]answer
	asking  bool
	over    bool
}

type answer struct {
	value any
	err   error
}

// operations holds those that the front has not ended, by serial number. If a thread leaves a call and makes no other, the
// front never ends the operation; it goes when its time is over.
var operations struct {
	sync.Mutex
	m map[uint64]*operation
}

// gracePeriod is how long an operation is kept after its time is over.
const gracePeriod = time.Minute

// call is one attempt of the front at a call.
type call struct {
	env       krb5.Env
	operation *operation
	seen      krb5.Seen
	told      trace.Told
	traced    traceFile // "": there is no trace
	config    string    // value of KRB5_CONFIG
	configSet bool      // it is in the environment

	judged rights.Rights // zero: not determined yet
}

// rights returns those of the calling thread. Questions, which run on other threads, find them here.
func (c *call) rights() rights.Rights {
	if c.judged == (rights.Rights{}) {
		c.judged = rights.Now()
	}
	return c.judged
}

// await is krb5.Env.Await.
func (c *call) await(key string, limit time.Duration, ask func(context.Context) (any, error)) (any, error) {
	c.rights()
	if c.operation == nil {
		if err := haveThreads(); err != nil {
			return nil, err
		}
		shared := C.engine_operation()
		if shared == nil {
			return nil, errMemory
		}
		c.operation = operationOf(shared, limit)
		c.operation.told = c.told
	}
	value, err := c.operation.await(key, ask)
	c.writeLines(c.operation) // before what the call tells of the answer
	return value, err
}

func init() { sock.HaveThreads = haveThreads }

// haveThreads returns an error if no other thread can do anything for the caller.
func haveThreads() error {
	if errno := C.engine_threads(); errno != 0 {
		return &status.Error{Major: status.Failure, Minor: status.Minor(errno), Text: C.GSSAPI_ENGINE_NO_THREADS}
	}
	return nil
}

func operationOf(shared *C.struct_gssapi_operation, limit time.Duration) *operation {
	serial := uint64(shared.serial)
	operations.Lock()
	defer operations.Unlock()
	o := operations.m[serial]
	if o == nil {
		o = &operation{shared: shared, answers: map[string]answer{}}
		o.cx, o.cancel = context.WithTimeout(context.Background(), limit)
		// The front has a while to collect the answer that the time limit gave to its question.
		o.expiry = time.AfterFunc(limit+gracePeriod, func() { forget(serial) })
		if operations.m == nil {
			operations.m = map[uint64]*operation{}
		}
		operations.m[serial] = o
	}
	return o
}

// forget removes an operation and returns it. A call that is repeated after that begins anew.
func forget(serial uint64) *operation {
	operations.Lock()
	defer operations.Unlock()
	o := operations.m[serial]
	delete(operations.m, serial)
	if o != nil {
		o.wipe()
	}
	return o
}

// secret is an answer that contains keys: a ticket. Each use gets a copy.
type secret interface {
	Copy() any
	Wipe()
}

// wipe discards the answers, including one that is still to come.
func (o *operation) wipe() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.over, o.lines = true, nil
	for _, a := range o.answers {
		if s, ok := a.value.(secret); ok && a.err == nil {
			s.Wipe()
		}
	}
	o.answers = nil
}

// gssapi_engine_cancel is called when a call has ended, or was left by longjmp(3).
//
//export gssapi_engine_cancel
func gssapi_engine_cancel(serial C.uint64_t) {
	stack.Headroom()
	defer stack.Wipe()
	if o := forget(uint64(serial)); o != nil {
		o.expiry.Stop()
		o.cancel()
	}
}

func (o *operation) await(key string, ask func(context.Context) (any, error)) (any, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if a, ok := o.answers[key]; ok {
		if s, ok := a.value.(secret); ok && a.err == nil {
			return s.Copy(), nil
		}
		return a.value, a.err
	}
	if !o.asking {
		o.asking = true
		C.engine_ask(o.shared)
		allowConcurrency()
		go o.ask(key, ask)
	}
	return nil, krb5.Pending
}

// allowConcurrency lets questions run beside calls. The engine begins with one processor (internal/goruntime/procs.txt), and
// a thread that makes one call after another would keep that to itself.
var allowConcurrency = sync.OnceFunc(func() { go runtime.GOMAXPROCS(min(runtime.NumCPU(), mostProcs)) })

// mostProcs is the runtime's limit (internal/goruntime/procs.txt).
const mostProcs = 8

// ask runs on a thread of the engine. At its end it wakes the front, which may have left: the reference keeps the semaphore.
func (o *operation) ask(key string, ask func(context.Context) (any, error)) {
	defer C.engine_answer(o.shared)
	stack.Headroom()
	defer stack.Wipe()
	var a answer
	defer func() {
		if p := recover(); p != nil {
			a = answer{err: status.Errorf(status.Failure, status.Generic, "internal error: %v", p)}
		}
		o.mu.Lock()
		defer o.mu.Unlock()
		o.asking = false
		if s, ok := a.value.(secret); ok && a.err == nil && o.over {
			s.Wipe()
		}
		if !o.over {
			o.answers[key] = a
		}
	}()
	a.value, a.err = ask(o.cx)
}
