// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"slices"
	"strings"
	"sync"
	"time"

	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// CCache is a credential cache. It is safe for concurrent use; what has changed where the cache is kept is read again.
type CCache struct {
	// Principal is the client, as it was when the cache was opened.
	Principal token.Principal

	mu       sync.Mutex
	backend  ccacheBackend
	contents ccacheContents // of which the keys do not leave the lock
	unread   bool           // contents were never read
	openedBy uint64         // the call (Seen.call)
	holds    int            // calls that look once
	looked   bool           // which was done
	more     int            // who use it beside the first
	closed   bool
}

// ccacheBackend is where a credential cache is kept: a file, the memory of this process, the kernel's keyrings, a daemon.
// It is used with the lock of its cache in hand.
type ccacheBackend interface {
	// name is what opens the cache again, "FILE:/tmp/krb5cc_0"; "" for a cache that is of one credential alone.
	name() string

	// unchanged reports whether load would return what it returned the last time.
	unchanged() bool

	// load reads everything. Whoever calls it wipes the keys.
	load() (*ccacheContents, error)

	// add puts one more credential into the cache, if that is still its owner's.
	add(owner token.Principal, cred *Credential) error

	// replace makes the cache, with new contents. Those are of the caller still.
	replace(env *Env, contents *ccacheContents) error
}

// OpenCCache reads a credential cache by its name, see ccacheBackendOf; "" is the default one (see DefaultCCacheName). Of a
// collection it is the primary one.
func (l *Library) OpenCCache(env *Env, name string) (*CCache, error) {
	backend, err := l.ccacheBackendOf(env, name)
	if err != nil {
		env.Trace.CacheUnusable(name, err)
		return nil, err
	}
	c := &CCache{backend: backend, openedBy: env.Seen.call()}
	if err := c.read(); err != nil {
		env.Trace.CacheUnusable(c.Name(), err)
		return nil, err
	}
	c.Principal = c.contents.principal
	env.Trace.Cache(c.Name(), c.Principal, len(c.contents.creds))
	return c, nil
}

// CreateCCache makes a credential cache for the effective user alone and puts it in the place of any earlier one. The name
// is as for OpenCCache.
func CreateCCache(env *Env, name string, client token.Principal, creds ...*Credential) (*CCache, error) {
	return CreateCCacheOffset(env, name, client, 0, creds...)
}

// CreateCCacheOffset is CreateCCache with how far the KDC's clock is ahead of ours.
func CreateCCacheOffset(env *Env, name string, client token.Principal, offset time.Duration,
	creds ...*Credential) (*CCache, error) {
	backend, err := env.Library.ccacheBackendOf(env, name)
	if err != nil {
		return nil, err
	}
	contents := &ccacheContents{principal: client, offset: offset}
	for _, cred := range creds {
		contents.add(cred)
	}
	if err := backend.replace(env, contents); err != nil {
		return nil, err
	}
	c := &CCache{Principal: client, backend: backend, openedBy: env.Seen.call()}
	return c, c.read()
}

// NewMemoryCCache returns a cache that nobody else finds. It takes over the credentials.
func NewMemoryCCache(client token.Principal, creds ...*Credential) *CCache {
	return newMemoryCCache(client, 0, creds...)
}

// newMemoryCCache is NewMemoryCCache with how far the KDC's clock is ahead of ours.
func newMemoryCCache(client token.Principal, offset time.Duration, creds ...*Credential) *CCache {
	return memoryCCacheOf(&ccacheContents{principal: client, offset: offset, creds: slices.Clone(creds)})
}

// memoryCCacheOf takes over the contents.
func memoryCCacheOf(contents *ccacheContents) *CCache {
	return &CCache{Principal: contents.principal, backend: &memoryCCache{cache: &sharedCache{contents: contents}}, unread: true}
}

// Name returns the cache's name, "FILE:/tmp/krb5cc_0", or "" for one that nobody else finds.
func (c *CCache) Name() string { return c.backend.name() }

// InMemory reports whether the cache is in the memory of this library, where no other finds it.
func (c *CCache) InMemory() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	m, ok := c.backend.(*memoryCCache)
	return ok && m.cache != nil
}

// Credentials returns the credentials of the cache's client; entries that hold configuration are left out. They are
// shared: the caller does not change them, and uses of their keys no more than the lengths: see Copies. A cache that can no
// longer be read has none.
func (c *CCache) Credentials() []*Credential {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.present())
}

// Copies returns the credentials that match accepts, with keys of their own; nil accepts all. The caller wipes them.
func (c *CCache) Copies(match func(*Credential) bool) (list []*Credential) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, cred := range c.present() {
		if match == nil || match(cred) {
			list = append(list, cred.copy())
		}
	}
	return list
}

// present is Credentials; the caller holds the lock.
func (c *CCache) present() []*Credential {
	if !c.readable() {
		return nil
	}
	return c.contents.creds
}

// readable reads what has changed, and reports whether the contents are still the client's. The caller holds the lock.
func (c *CCache) readable() bool {
	return c.refresh() == nil && c.contents.principal.Equal(c.Principal)
}

// Configuration returns the entries of the cache that hold configuration, in the form of credentials: a copy of the cache
// has them, too.
func (c *CCache) Configuration() []*Credential {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.configuration())
}

// configuration is Configuration; the caller holds the lock.
func (c *CCache) configuration() []*Credential {
	if !c.readable() {
		return nil
	}
	return c.contents.config
}

// Withhold says that children after fork(2) do not get the cache, if it is in the memory of this process.
func (c *CCache) Withhold() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if m, ok := c.backend.(*memoryCCache); ok && m.cache != nil {
		m.withhold()
	}
}

// Share says that one more object uses the cache, and will call Close.
func (c *CCache) Share() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.more++
}

// Close ends a use of the cache, and with the last one wipes the keys. A closed cache is empty.
func (c *CCache) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.more > 0 {
		c.more--
		return
	}
	c.closed = true
	c.contents.wipe()
	c.contents = ccacheContents{principal: c.Principal, offset: c.contents.offset}
	if m, ok := c.backend.(*memoryCCache); ok {
		m.close()
	}
}

// Offset is how far the KDC's clock was ahead of ours when the cache was made.
func (c *CCache) Offset() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.refresh() != nil {
		return 0
	}
	return c.contents.offset
}

// Config returns a configuration entry of the cache as a whole ("fast_avail", "refresh_time", "proxy_impersonator").
func (c *CCache) Config(key string) (value []byte, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.readable() {
		return nil, false
	}
	value, ok = c.contents.configValue(key)
	return slices.Clone(value), ok
}

// SetConfig stores a configuration entry of the cache as a whole, for other programs, too.
func (c *CCache) SetConfig(key string, value []byte) error {
	return c.Store(configEntry(c.Principal, key, slices.Clone(value)))
}

// Store adds a copy of a credential.
func (c *CCache) Store(cred *Credential) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil
	}
	c.looked = false
	return c.backend.add(c.Principal, cred)
}

// Hold says that a call sees the cache as it is now, until it calls the function that is returned: some caches cannot tell
// whether they have changed, and reading one may need several exchanges with a daemon.
func (c *CCache) Hold(env *Env) (end func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.holds++
	c.looked = !c.unread && c.openedBy != 0 && c.openedBy == env.Seen.call()
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.holds--
	}
}

// refresh reads what has changed. The caller holds the lock.
func (c *CCache) refresh() error {
	if c.closed || c.holds > 0 && c.looked {
		return nil
	}
	if c.unread || !c.backend.unchanged() {
		if err := c.read(); err != nil {
			return err
		}
	}
	c.looked = true
	return nil
}

func (c *CCache) read() error {
	contents, err := c.backend.load()
	if err != nil {
		return err
	}
	c.contents.wipe()
	c.contents, c.unread = *contents, false
	return nil
}

// notOwned says that a cache was made anew for somebody else.
func notOwned(name string, now, owner token.Principal) error {
	return status.Errorf(status.Failure, status.KG_CCACHE_NOMATCH, "credential cache %s now belongs to %s, not to %s",
		name, now, owner)
}

// noCCache says that there is no such cache.
func noCCache(name string) error {
	return status.Errorf(status.NoCred, status.KRB5_FCC_NOFILE, "No credentials cache found: %s", name)
}

// Realms and names of entries that are no credentials.
const (
	configRealm   = "X-CACHECONF:"
	removedConfig = "X-RMED-CONF:"
	configName    = "krb5_ccache_conf_data"
)

// isConfig reports whether a credential is a configuration entry, removed or not.
func isConfig(c *Credential) bool {
	return strings.HasPrefix(c.Server.Realm, configRealm) || strings.HasPrefix(c.Server.Realm, removedConfig)
}

// configEntry is a configuration entry of a cache in the form of a credential.
func configEntry(client token.Principal, key string, value []byte) *Credential {
	return &Credential{
		Client: client,
		Server: token.Principal{Realm: configRealm, Components: []string{configName, key}},
		Ticket: value,
	}
}
