// SPDX-License-Identifier: BSD-2-Clause

// Package main is the engine, libgssapi-engine.so: the functions of gssapi.h that need one, as C calls them. Each has
// five steps: clear the outputs, check the pointers, borrow the inputs, call one method, give the outputs. Nothing is
// decided here; decisions belong to ctx and gss.
//
// Three things hold whatever the caller passes. No panic leaves an export: it becomes GSS_S_FAILURE. Memory that is given
// comes from malloc(3). And a pointer that the caller left uninitialized is never stored in a Go pointer, because the
// garbage collector ends the process when it finds one.
package main

/*
#cgo CFLAGS: -I${SRCDIR}/../include -I${SRCDIR}/front -std=gnu99 -Wall -DGSSAPI_ANY_LIBRARY
#include "glue.h"
*/
import "C"

import (
	"errors"
	"unsafe"

	"libgssapi/internal/ctx"
	"libgssapi/internal/gss"
	"libgssapi/internal/handle"
	"libgssapi/internal/krb5"
	_ "libgssapi/internal/mechs"
	"libgssapi/internal/message"
	"libgssapi/internal/status"
)

func main() {}

//export gssapi_engine_start
func gssapi_engine_start(front C.engine_front) C.int {
	if C.engine_start(front) != 0 {
		return -1
	}
	inheritHandles(front.handles)
	return 0
}

// The objects that C programs hold.
var (
	contexts    = handle.New[ctx.Context](handle.Context).RefuseWhile(lacksThreads)
	credentials = handle.New[gss.Cred](handle.Credential).RefuseWhile(lacksThreads)
	names       = handle.New[gss.Name](handle.Name).RefuseWhile(lacksThreads)
)

// lacksThreads reports whether objects must not become more, because their garbage is not collected.
func lacksThreads() bool { return C.engine_lacks_threads() != 0 }

// major is a GSS major status as C sees it.
type major = C.OM_uint32

// Major statuses that originate at this boundary. For null handles they are those that C libraries return.
const (
	complete          = major(status.Complete)
	inaccessibleRead  = major(status.CallInaccessibleRead)
	inaccessibleWrite = major(status.CallInaccessibleWrite)
	badName           = major(status.BadName)
	badNameType       = major(status.BadNameType)
	noCred            = major(status.NoCred)
	noContext         = major(status.NoContext)
	badToken          = major(status.DefectiveToken)
	failure           = major(status.Failure)
	continueNeeded    = major(status.ContinueNeeded)
	pending           = major(C.GSSAPI_ENGINE_PENDING)
)

// Errors that originate at this boundary.
var (
	errContext = &status.Error{Major: status.NoContext, Minor: status.G_VALIDATE_FAILED,
		Text: "the context was deleted or exported, or belongs to another process"}
	errCredential = &status.Error{Major: status.NoCred, Minor: status.G_VALIDATE_FAILED,
		Text: "the credential was released, or belongs to another process"}
	errName = &status.Error{Major: status.BadName, Minor: status.G_VALIDATE_FAILED,
		Text: "the name was released, or belongs to another process"}
	errHandles = &status.Error{Major: status.Failure, Minor: status.G_BUFFER_ALLOC,
		Text: "there is no room for another handle: memory or address space is exhausted, too many handles are live, or " +
			"threads that would collect garbage cannot be created"}
	errMemory = &status.Error{Major: status.Failure, Minor: status.G_BUFFER_ALLOC, Text: "out of memory"}
)

// fail sets the minor code of err, records its text for gss_display_status on this thread, and returns its major status.
func fail(minor *C.OM_uint32, err error) major {
	if errors.Is(err, krb5.Pending) {
		return pending
	}
	e := status.Of(err)
	*minor = C.OM_uint32(e.Minor)
	if e.Text != "" {
		C.engine_record_status(minor, major(e.Major), (*C.char)(unsafe.Pointer(unsafe.StringData(e.Text))), C.size_t(len(e.Text)))
	}
	traceFailure(e)
	return major(e.Major)
}

// recovered is deferred by every export. It turns a panic into GSS_S_FAILURE.
func recovered(minor *C.OM_uint32, result *major) {
	if p := recover(); p != nil {
		*result = failOnPanic(minor, p)
	}
}

func failOnPanic(minor *C.OM_uint32, p any) major {
	if minor == nil {
		return failure
	}
	return fail(minor, status.Errorf(status.Failure, status.Generic, "internal error: %v", p))
}

// clearNumber sets an output to 0 without reading it, because it may be uninitialized. p may be nil.
func clearNumber[T output](p *T) {
	if p != nil {
		*p = 0
	}
}

type output interface{ C.OM_uint32 | C.int }

// pointer is a type of pointer in the caller's memory.
type pointer interface {
	unsafe.Pointer | C.engine_text | C.gss_OID | C.gss_OID_set | *C.gss_buffer_desc | C.gss_buffer_set_t | object
}

// object is a handle.
type object interface {
	C.gss_ctx_id_t | C.gss_cred_id_t | C.gss_name_t
}

// clearPointer is clearNumber for pointers.
func clearPointer[P pointer](p *P) {
	if p != nil {
		setPointer(p, 0)
	}
}

// setPointer stores a pointer in the caller's memory as a number, because Go's write barrier would read the old value.
func setPointer[P pointer](p *P, v uintptr) { *(*uintptr)(unsafe.Pointer(p)) = v }

func clearBuffer(b C.gss_buffer_t) {
	if b != nil {
		b.length = 0
		clearPointer(&b.value)
	}
}

// handleAt reads a handle in the caller's memory.
func handleAt[H object](p *H) handle.Handle { return handle.Handle(*(*uintptr)(unsafe.Pointer(p))) }

// handleOf reads a handle that was passed by value.
func handleOf[H object](h H) handle.Handle { return handle.Handle(uintptr(unsafe.Pointer(h))) }

func contextOf(h C.gss_ctx_id_t) *ctx.Context { return contexts.Get(handleOf(h)) }

// messagesOf returns the message protection of a context, or an error if the context is not established.
func messagesOf(h C.gss_ctx_id_t) (message.Protection, error) {
	c := contextOf(h)
	if c == nil {
		return nil, errContext
	}
	return c.Messages()
}

// credentialOf returns nil for GSS_C_NO_CREDENTIAL, the default; ok is false for a dead handle.
func credentialOf(h C.gss_cred_id_t) (c *gss.Cred, ok bool) {
	if h == nil {
		return nil, true
	}
	c = credentials.Get(handleOf(h))
	return c, c != nil
}

func nameOf(h C.gss_name_t) *gss.Name { return names.Get(handleOf(h)) }

// optionalNameOf returns nil for GSS_C_NO_NAME; ok is false for a dead handle.
func optionalNameOf(h C.gss_name_t) (n *gss.Name, ok bool) {
	if h == nil {
		return nil, true
	}
	n = nameOf(h)
	return n, n != nil
}
