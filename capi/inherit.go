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

// children is where handles, and what is set for the process, are kept for children after fork(2); nil if there was no
// memory for it: children then find no handle of ours.
var children struct {
	sync.Mutex // for the settings
	store      *inherit.Store
}

// inheritHandles adopts what the parent process left at *place, and keeps there what children of this one are to find.
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
	library.MemoryChanged = keepSettings
	if b := store.Settings(); b != nil {
		library.Restore(wire.NewReader(b.Form()))
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
			return made(gss.RestoreCred(&library, wire.NewReader(form)))
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
			return made(n)
		},
	})
	withholdHandles()
}

// withholdHandles sees to it that children get neither contexts nor credentials, if the program has said so, here or in an
// ancestor.
func withholdHandles() {
	if library.Options.Withheld() {
		contexts.Withhold()
		credentials.Withhold()
	}
}

var errForm = errors.New("what the parent process left cannot be read")

func made[T any](object *T) (*T, error) {
	if object == nil {
		return nil, errForm
	}
	return object, nil
}

// keepSettings keeps what was set for the whole process, and its named caches in memory.
func keepSettings() {
	children.Lock()
	defer children.Unlock()
	if children.store != nil {
		children.store.SetSettings(children.store.NewBlock(wire.FormOf(&library, nil)))
	}
}
