// SPDX-License-Identifier: BSD-2-Clause

package main

// #include "glue.h"
import "C"

import (
	"crypto/rand"
	"errors"
	"sync"
	"sync/atomic"
	"unsafe"

	"libgssapi/internal/ctx"
	"libgssapi/internal/gss"
	"libgssapi/internal/handle"
	"libgssapi/internal/inherit"
	"libgssapi/internal/wire"
)

// children keeps handles, caches of type MEMORY and the options of the process for children after fork(2). store is nil if
// there was no memory for it: then children inherit nothing.
var children struct {
	store   *inherit.Store
	caches  *inherit.Named
	options sync.Mutex // held while they are stored
}

// inheritHandles adopts the store that the parent process left at *place, or creates one there, for children of this process.
func inheritHandles(place *unsafe.Pointer) {
	inherit.Forks = (*atomic.Uint32)(unsafe.Pointer(C.engine_forks()))
	memory := inherit.Memory{Alloc: allocate, Free: free}
	store := inherit.Adopt(memory, *place)
	if store == nil {
		store = inherit.New(memory)
	}
	if store == nil {
		*place = nil
		return
	}
	*place = store.Address()
	children.store = store
	if b := store.Settings(); b != nil {
		library.Options.Restore(wire.NewReader(b.Form()))
	}
	children.caches = store.Named(library.RestoreMemoryCache)
	library.MemoryChanged = func(residual string) {
		children.caches.Keep(residual, func() []byte { return library.MemoryCacheForm(residual) })
	}
	contexts.Inherit(store, handle.Form[ctx.Context]{
		Encode: (*ctx.Context).Snapshot,
		Decode: func(form []byte, words *inherit.Words) (*ctx.Context, error) {
			return ctx.Restore(&library, rand.Reader, form, words)
		},
		Attach: (*ctx.Context).Record,
	})
	credentials.Inherit(store, handle.Form[gss.Cred]{
		Encode: func(c *gss.Cred, room []byte) []byte {
			if c.Withheld() {
				return nil
			}
			return wire.FormOf(c, room)
		},
		Decode: func(form []byte, _ *inherit.Words) (*gss.Cred, error) {
			return restored(gss.RestoreCred(&library, wire.NewReader(form)))
		},
	})
	names.Inherit(store, handle.Form[gss.Name]{
		Encode: func(n *gss.Name, room []byte) []byte { return wire.FormOf(n, room) },
		Decode: func(form []byte, _ *inherit.Words) (*gss.Name, error) {
			r := wire.NewReader(form)
			n := gss.RestoreName(r)
			if !r.Done() {
				n = nil
			}
			return restored(n)
		},
	})
	withholdHandles()
}

// withholdHandles keeps contexts, credentials and caches from children, if the program has asked for that, here or in an
// ancestor.
func withholdHandles() {
	if library.Options.Withheld() {
		contexts.Withhold()
		credentials.Withhold()
		if children.caches != nil {
			children.caches.Withhold()
		}
	}
}

var errForm = errors.New("an object inherited from the parent process is malformed")

func restored[T any](object *T) (*T, error) {
	if object == nil {
		return nil, errForm
	}
	return object, nil
}

// keepOptions stores the options of the process for children.
func keepOptions() {
	children.options.Lock()
	defer children.options.Unlock()
	if children.store != nil {
		children.store.SetSettings(children.store.NewBlock(wire.FormOf(&library.Options, nil)))
	}
}
