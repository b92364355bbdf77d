// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"sync"

	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// maxMemoryCCaches bounds the caches of type MEMORY that have a name: nobody but the program ends them.
const maxMemoryCCaches = 4096

// memoryCaches are the caches of type MEMORY of this process, by what follows the type in their names. The zero value is
// ready.
type memoryCaches struct {
	mu sync.Mutex
	m  map[string]*memoryCache
}

// memoryCache is what all who opened a cache of type MEMORY share.
type memoryCache struct {
	mu       sync.Mutex
	contents *ccacheContents // nil: there is no such cache (yet)
	serial   uint64          // of the last change
	withheld bool            // children after fork(2) do not get it
}

// put takes over new contents.
func (m *memoryCache) put(contents *ccacheContents) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.contents != nil {
		m.contents.wipe()
	}
	m.contents = contents
	m.serial++
}

// add takes over a credential.
func (m *memoryCache) add(name string, owner token.Principal, cred *Credential) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.contents == nil {
		return noCCache(name)
	}
	if now := m.contents.principal; !now.Equal(owner) {
		return notOwned(name, now, owner)
	}
	m.contents.add(cred)
	m.serial++
	return nil
}

// memoryStore is one use of a memoryCache.
type memoryStore struct {
	residual string
	cache    *memoryCache // nil: it is named, and nobody has put anything there
	caches   *memoryCaches
	changed  func() // tells that a named one has changed
	foreign  Foreign
	seen     uint64
}

// memoryCCache returns a use of the cache with a name.
func (l *Library) memoryCCache(residual string) *memoryStore {
	return &memoryStore{
		residual: residual, caches: &l.memory, cache: l.memory.find(residual), changed: l.MemoryChanged, foreign: l.Foreign,
	}
}

func (c *memoryCaches) find(residual string) *memoryCache {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.m[residual]
}

// put gives a cache contents, which it takes over.
func (c *memoryCaches) put(residual string, contents *ccacheContents) (*memoryCache, error) {
	c.mu.Lock()
	m := c.m[residual]
	if m == nil && len(c.m) >= maxMemoryCCaches {
		c.mu.Unlock()
		contents.wipe()
		return nil, status.Errorf(status.Failure, status.KRB5_CC_NOMEM,
			"credential cache MEMORY:%s cannot be created: the process has %d of that type already", residual, maxMemoryCCaches)
	}
	if m == nil {
		if c.m == nil {
			c.m = make(map[string]*memoryCache)
		}
		m = new(memoryCache)
		c.m[residual] = m
	}
	c.mu.Unlock()
	m.put(contents)
	return m, nil
}

func (s *memoryStore) name() string {
	if s.caches == nil {
		return ""
	}
	return "MEMORY:" + s.residual
}

func (s *memoryStore) unchanged() bool {
	if s.cache == nil {
		return false // it may be made at any time, here or elsewhere
	}
	s.cache.mu.Lock()
	defer s.cache.mu.Unlock()
	return s.cache.serial == s.seen
}

func (s *memoryStore) load() (*ccacheContents, error) {
	if s.cache == nil {
		s.cache = s.caches.find(s.residual)
	}
	if s.cache == nil {
		return s.loadForeign()
	}
	s.cache.mu.Lock()
	defer s.cache.mu.Unlock()
	if s.cache.contents == nil {
		return nil, noCCache(s.name())
	}
	s.seen = s.cache.serial
	return s.cache.contents.copy(), nil
}

// loadForeign reads what the program has put into the libkrb5 that it uses.
func (s *memoryStore) loadForeign() (*ccacheContents, error) {
	if s.foreign == nil {
		return nil, noCCache(s.name())
	}
	client, creds, err := s.foreign.CCache(s.residual)
	defer func() {
		for _, b := range creds {
			clear(b)
		}
	}()
	if err != nil {
		return nil, status.Errorf(status.NoCred, status.KRB5_CC_IO, "credential cache %s: %v", s.name(), err)
	}
	if client == "" {
		return nil, noCCache(s.name())
	}
	contents := new(ccacheContents)
	if contents.principal, _, err = token.ParsePrincipal(client); err != nil {
		return nil, badCCache("credential cache %s: %v", s.name(), err)
	}
	for _, b := range creds {
		cred, ok := unmarshalCredential(b)
		if !ok {
			contents.wipe()
			return nil, badCCache("credential cache %s: a credential is malformed", s.name())
		}
		contents.add(cred)
	}
	return contents, nil
}

// add leaves a cache of libkrb5 alone: the program may be using it in another thread.
func (s *memoryStore) add(owner token.Principal, cred *Credential) error {
	if s.cache == nil {
		return status.Errorf(status.Failure, status.KRB5_CC_READONLY, "credential cache %s is the program's own", s.name())
	}
	if err := s.cache.add(s.name(), owner, cred.copy()); err != nil {
		return err
	}
	if s.changed != nil {
		s.changed()
	}
	return nil
}

func (s *memoryStore) replace(_ *Env, contents *ccacheContents) (err error) {
	s.cache, err = s.caches.put(s.residual, contents.copy())
	if err == nil && s.changed != nil {
		s.changed()
	}
	return err
}

func (s *memoryStore) withhold() {
	s.cache.mu.Lock()
	s.cache.withheld = true
	s.cache.mu.Unlock()
	if s.changed != nil {
		s.changed()
	}
}

// close ends a cache that nobody else finds.
func (s *memoryStore) close() {
	if s.caches == nil {
		s.cache.put(nil)
	}
}
