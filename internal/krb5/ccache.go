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

// CCache is a credential cache. It is safe for concurrent use. When the cache has changed where it is kept, it is read
// again.
type CCache struct {
	// Principal is the client, as of when the cache was opened.
	Principal token.Principal

	mu       sync.Mutex
	backend  ccacheBackend
	contents ccacheContents // whose keys are used only while the lock is held
	unread   bool           // contents have never been read
	openedBy uint64         // the call (Seen.call)
	holds    int            // calls that look for changes only once
	looked   bool           // they have looked
	fault    error          // what they have seen instead of a cache
	more     int            // users in addition to the first
	closed   bool
}

// ccacheBackend keeps a credential cache: in a file, in the memory of this process, in the kernel's keyrings, or in a
// daemon. Its methods are called with the cache's lock held.
type ccacheBackend interface {
	// name returns the name that opens the cache again, such as "FILE:/tmp/krb5cc_0", or "" for a cache that only one
	// credential uses.
	name() string

	// unchanged reports whether load would return the same as last time.
	unchanged() bool

	// load reads the whole cache. The caller wipes the keys.
	load() (*ccacheContents, error)

	// add adds a credential to the cache, provided that the cache still belongs to owner.
	add(owner token.Principal, cred *Credential) error

	// replace creates the cache, or replaces its contents. The caller still owns contents.
	replace(env *Env, contents *ccacheContents) error
}

// OpenCCache opens a credential cache by name (see ccacheTypeOf); "" is the default one (see DefaultCCacheName). If the
// name is that of a collection, its primary cache is opened.
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

// CreateCCache creates a credential cache that only the effective user can read, replacing any earlier one. The name is
// as for OpenCCache.
func CreateCCache(env *Env, name string, client token.Principal, creds ...*Credential) (*CCache, error) {
	return CreateCCacheOffset(env, name, client, 0, creds...)
}

// CreateCCacheOffset is CreateCCache for a KDC whose clock is ahead of ours by offset.
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

// NewMemoryCCache returns a cache in memory that has no name. It takes over the credentials.
func NewMemoryCCache(client token.Principal, creds ...*Credential) *CCache {
	return newMemoryCCache(client, 0, creds...)
}

// newMemoryCCache is NewMemoryCCache for a KDC whose clock is ahead of ours by offset.
func newMemoryCCache(client token.Principal, offset time.Duration, creds ...*Credential) *CCache {
	return memoryCCacheOf(&ccacheContents{principal: client, offset: offset, creds: slices.Clone(creds)})
}

// memoryCCacheOf returns a cache in memory that has no name. It takes over the contents.
func memoryCCacheOf(contents *ccacheContents) *CCache {
	return &CCache{Principal: contents.principal, backend: &memoryCCache{cache: &sharedCache{contents: contents}}, unread: true}
}

// Name returns the cache's name, such as "FILE:/tmp/krb5cc_0", or "" if it has none.
func (c *CCache) Name() string { return c.backend.name() }

// InMemory reports whether the cache is in this library's memory, where no other library finds it.
func (c *CCache) InMemory() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	m, ok := c.backend.(*memoryCCache)
	return ok && m.cache != nil
}

// Credentials returns the credentials of the cache's client, without the entries that hold configuration. They are
// shared: the caller must not change them, nor use their keys, except for the lengths (see Copies). If the cache can no
// longer be read, the list is empty.
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

// best returns a copy of the credential that counts among those that match accepts, or nil. The caller wipes it.
func (c *CCache) best(match func(*Credential) bool) *Credential {
	c.mu.Lock()
	defer c.mu.Unlock()
	if cred := best(c.present(), match); cred != nil {
		return cred.copy()
	}
	return nil
}

// present is Credentials, with the lock held.
func (c *CCache) present() []*Credential {
	if !c.readable() {
		return nil
	}
	return c.contents.creds
}

// readable reads the cache again if it has changed, and reports whether it still belongs to the client. The caller
// holds the lock.
func (c *CCache) readable() bool {
	return c.refresh() == nil && c.contents.principal.Equal(c.Principal)
}

// Fault returns why the cache can no longer be read, or nil.
func (c *CCache) Fault() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.refresh()
}

// Configuration returns the entries that hold configuration, in the form of credentials. A copy of the cache needs them
// as well.
func (c *CCache) Configuration() []*Credential {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.configuration())
}

// configuration is Configuration, with the lock held.
func (c *CCache) configuration() []*Credential {
	if !c.readable() {
		return nil
	}
	return c.contents.config
}

// Withhold keeps a cache that is in the memory of this process from children after fork(2).
func (c *CCache) Withhold() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if m, ok := c.backend.(*memoryCCache); ok && m.cache != nil {
		m.withhold()
	}
}

// Share registers another user of the cache, who will also call Close.
func (c *CCache) Share() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.more++
}

// Close ends one use of the cache. The last use wipes the keys. A closed cache is empty.
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

// Offset returns how far the KDC's clock was ahead of ours when the cache was created.
func (c *CCache) Offset() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.refresh() != nil {
		return 0
	}
	return c.contents.offset
}

// Config returns a configuration entry that concerns the whole cache ("fast_avail", "refresh_time",
// "proxy_impersonator").
func (c *CCache) Config(key string) (value []byte, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.readable() {
		return nil, false
	}
	value, ok = c.contents.configValue(key)
	return slices.Clone(value), ok
}

// SetConfig stores a configuration entry that concerns the whole cache, where other programs find it.
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
	if c.holds > 0 && c.looked && c.fault != nil {
		return c.fault
	}
	err := c.backend.add(c.Principal, cred)
	c.looked = c.looked && err != nil
	return err
}

// Hold freezes the cache for one call: the call sees it as it is now until it calls end. Some caches cannot tell
// whether they have changed, and reading one may take several exchanges with a daemon. One that cannot be read is not
// tried again either: the daemon may hang.
func (c *CCache) Hold(env *Env) (end func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.holds++
	c.fault = nil
	c.looked = !c.unread && c.openedBy != 0 && c.openedBy == env.Seen.call()
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.holds--
	}
}

// refresh reads the cache again if it has changed. The caller holds the lock.
func (c *CCache) refresh() error {
	if c.closed {
		return nil
	}
	if c.holds > 0 && c.looked {
		return c.fault
	}
	c.fault = nil
	if c.unread || !c.backend.unchanged() {
		c.fault = c.read()
	}
	c.looked = true
	return c.fault
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

// notOwned is the error for a cache that has been recreated for another client.
func notOwned(name string, now, owner token.Principal) error {
	return status.Errorf(status.Failure, status.KG_CCACHE_NOMATCH, "credential cache %s now belongs to %s, not to %s",
		name, now, owner)
}

// noCCache is the error for a cache that does not exist.
func noCCache(name string) error {
	return status.Errorf(status.NoCred, status.KRB5_FCC_NOFILE, "No credentials cache found: %s", name)
}

// Realms and names of entries that are not credentials.
const (
	configRealm   = "X-CACHECONF:"
	removedConfig = "X-RMED-CONF:"
	configName    = "krb5_ccache_conf_data"
)

// isConfig reports whether a credential is a configuration entry, removed or not.
func isConfig(c *Credential) bool {
	return strings.HasPrefix(c.Server.Realm, configRealm) || strings.HasPrefix(c.Server.Realm, removedConfig)
}

// loginEntries returns the configuration entries that accompany a new TGT. MIT krb5's kinit -T protects requests with a
// ticket from a cache if it has the entry fast_avail for the realm.
func loginEntries(tgt *Credential) []*Credential {
	if !tgt.fast {
		return nil
	}
	entry := configEntry(tgt.Client, "fast_avail", []byte("yes"))
	entry.Server.Components = append(entry.Server.Components, tgt.Server.String())
	return []*Credential{entry}
}

// configEntry returns a configuration entry that concerns the whole cache, in the form of a credential.
func configEntry(client token.Principal, key string, value []byte) *Credential {
	return &Credential{
		Client: client,
		Server: token.Principal{Realm: configRealm, Components: []string{configName, key}},
		Ticket: value,
	}
}
