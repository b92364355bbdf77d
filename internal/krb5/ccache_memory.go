// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"sync"

	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// maxMemoryCCaches bounds the number of named caches of type MEMORY, which only the program can destroy.
const maxMemoryCCaches = 4096

// sharedCaches holds the named caches of type MEMORY of this process, by residual name. The zero value is ready.
type sharedCaches struct {
	mu sync.Mutex
	m  map[string]*sharedCache
}

// sharedCache is what all users of a cache of type MEMORY share.
type sharedCache struct {
	mu       sync.Mutex
	contents *ccacheContents // nil: the cache does not exist (yet)
	serial   uint64          // incremented by each change
	withheld bool            // not passed to children after fork(2)
}

// put replaces the contents, which it takes over.
func (m *sharedCache) put(contents *ccacheContents) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.contents != nil {
		m.contents.wipe()
	}
	m.contents = contents
	m.serial++
}

// add adds a credential, which it takes over.
func (m *sharedCache) add(name string, owner token.Principal, cred *Credential) error {
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

// memoryCCache is one user's view of a cache of type MEMORY.
type memoryCCache struct {
	residual string
	cache    *sharedCache // nil: it is named, and nobody has put anything there
	caches   *sharedCaches
	changed  func(residual string) // tells that a named one has changed; may be nil
	foreign  Foreign
	seen     uint64
}

// openMemory returns a view of a named cache.
func (l *Library) openMemory(residual string) *memoryCCache {
	return &memoryCCache{
		residual: residual, caches: &l.memory, cache: l.memory.find(residual), changed: l.MemoryChanged, foreign: l.Foreign,
	}
}

func (c *sharedCaches) find(residual string) *sharedCache {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.m[residual]
}

// put creates or replaces a cache. It takes over the contents.
func (c *sharedCaches) put(residual string, contents *ccacheContents) (*sharedCache, error) {
	c.mu.Lock()
	m := c.m[residual]
	if m == nil && len(c.m) >= maxMemoryCCaches {
		c.mu.Unlock()
		contents.wipe()
		return nil, status.Errorf(status.Failure, status.KRB5_CC_NOMEM,
			"credential cache MEMORY:%s cannot be created: the process already has %d of this type", residual, maxMemoryCCaches)
	}
	if m == nil {
		if c.m == nil {
			c.m = make(map[string]*sharedCache)
		}
		m = new(sharedCache)
		c.m[residual] = m
	}
	c.mu.Unlock()
	m.put(contents)
	return m, nil
}

func (s *memoryCCache) name() string {
	if s.caches == nil {
		return ""
	}
	return "MEMORY:" + s.residual
}

func (s *memoryCCache) unchanged() bool {
	if s.cache == nil {
		return false // it may be created at any time, here or in libkrb5
	}
	s.cache.mu.Lock()
	defer s.cache.mu.Unlock()
	return s.cache.serial == s.seen
}

func (s *memoryCCache) load() (*ccacheContents, error) {
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

// loadForeign reads the cache from the libkrb5 that the program uses.
func (s *memoryCCache) loadForeign() (*ccacheContents, error) {
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

// add refuses a cache of libkrb5, which the program may be using in another thread.
func (s *memoryCCache) add(owner token.Principal, cred *Credential) error {
	if s.cache == nil {
		return status.Errorf(status.Failure, status.KRB5_CC_READONLY, "credential cache %s belongs to the program's libkrb5", s.name())
	}
	if err := s.cache.add(s.name(), owner, cred.copy()); err != nil {
		return err
	}
	s.tell()
	return nil
}

func (s *memoryCCache) replace(_ *Env, contents *ccacheContents) (err error) {
	s.cache, err = s.caches.put(s.residual, contents.copy())
	if err == nil {
		s.tell()
	}
	return err
}

// tell is called when a named cache has changed.
func (s *memoryCCache) tell() {
	if s.changed != nil {
		s.changed(s.residual)
	}
}

func (s *memoryCCache) withhold() {
	s.cache.mu.Lock()
	s.cache.withheld = true
	s.cache.mu.Unlock()
	s.tell()
}

// close destroys a cache that has no name.
func (s *memoryCCache) close() {
	if s.caches == nil {
		s.cache.put(nil)
	}
}
