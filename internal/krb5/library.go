// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"sync"
	"sync/atomic"

	"libgssapi/internal/ledger"
	"libgssapi/internal/rights"
)

// maxCached bounds how many parsed files of one kind a Library keeps.
const maxCached = 16

// Library keeps parsed configuration files, and the positions of keys in keytabs. Each use checks with stat(2) whether
// the files have changed, so that a change takes effect with the next call. The zero value is ready. A Library is safe
// for concurrent use.
type Library struct {
	mu      sync.Mutex
	configs map[cacheKey]*Config
	keytabs map[cacheKey]*Keytab

	resolvers  map[cacheKey]*cachedResolver
	resolvConf string // "": the system's; tests set this and the port
	resolvPort uint16

	locks fileLocks
	kcm   hanging[kcmClient]

	memory sharedCaches

	// MemoryChanged, if not nil, is called when the cache MEMORY:residual has changed, because children after fork(2)
	// must get it (MemoryCacheForm).
	MemoryChanged func(residual string)

	// Foreign gives access to the libkrb5 that the program uses alongside this library. Nil: none.
	Foreign Foreign

	policy atomic.Pointer[cachedPolicy]

	// Ledgers are the activation ledgers in use.
	Ledgers ledger.Ledgers

	// Options are the program's own choices.
	Options Options
}

// ActivationStore returns the store that holds the keys of sealed tokens.
func (l *Library) ActivationStore() ledger.Store { return &l.Ledgers }

// cacheKey includes the rights of the process: after a change of rights, it must not see what it may no longer read.
type cacheKey struct {
	rights rights.Rights
	name   string
}

func (env *Env) cacheKey(name string) cacheKey { return cacheKey{env.rights(), name} }

// keep adds v to a cache of bounded size. It does not matter which entry makes room.
func keep[V any](m *map[cacheKey]V, key cacheKey, v V) {
	if *m == nil {
		*m = make(map[cacheKey]V)
	}
	if len(*m) >= maxCached {
		for k := range *m {
			delete(*m, k)
			break
		}
	}
	(*m)[key] = v
}
