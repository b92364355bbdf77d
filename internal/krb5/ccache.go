// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// CCache is a credential cache: a file, or memory only. It is safe for concurrent use; a file that has changed is read
// again.
type CCache struct {
	// Principal is the client, as it was when the cache was opened.
	Principal token.Principal

	path  string // "" in memory
	locks *fileLocks

	mu       sync.Mutex
	contents ccacheContents // of which the keys do not leave the lock
	stamp    stamp
	reread   bool // stamp would not tell of a change
	more     int  // who use it beside the first
	closed   bool
}

// OpenCCache reads a credential cache, "FILE:/path" or "/path"; "" is the default one (see DefaultCCacheName).
func (l *Library) OpenCCache(env *Env, name string) (*CCache, error) {
	path, err := l.ccachePath(env, name)
	if err != nil {
		return nil, err
	}
	c := &CCache{path: path, locks: &l.locks}
	if err := c.read(); err != nil {
		env.Trace.CacheUnusable(path, err)
		return nil, err
	}
	c.Principal = c.contents.principal
	env.Trace.Cache(path, c.Principal, len(c.contents.creds))
	return c, nil
}

func (l *Library) ccachePath(env *Env, name string) (string, error) {
	if name == "" {
		cfg, err := l.Config(env)
		if err != nil {
			return "", err
		}
		if name, err = cfg.DefaultCCacheName(env); err != nil {
			return "", err
		}
	}
	kind, path := splitType(name)
	if kind != "FILE" {
		return "", status.Errorf(status.NoCred, status.KRB5_CC_UNKNOWN_TYPE,
			"credential cache %s: type %s is not supported, FILE is", name, kind)
	}
	if path == "" {
		return "", status.Errorf(status.NoCred, status.KRB5_CC_BADNAME, "credential cache %s: no path", name)
	}
	return path, nil
}

// NewMemoryCCache returns a cache without a file. It takes over the credentials.
func NewMemoryCCache(client token.Principal, creds ...*Credential) *CCache {
	return &CCache{Principal: client, contents: ccacheContents{principal: client, creds: slices.Clone(creds)}}
}

// Name returns the cache's name, "FILE:/tmp/krb5cc_0", or "" for one in memory.
func (c *CCache) Name() string {
	if c.path == "" {
		return ""
	}
	return "FILE:" + c.path
}

// Credentials returns the credentials of the cache's client; entries that hold configuration are left out. They are
// shared: the caller does not change them, and uses of their keys no more than the lengths: see Copies. A file that can no
// longer be read has none.
func (c *CCache) Credentials() []*Credential {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.present())
}

// Copies returns those credentials that match wants, with keys of their own. The caller wipes them.
func (c *CCache) Copies(match func(*Credential) bool) (list []*Credential) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, cred := range c.present() {
		if match(cred) {
			list = append(list, cred.copy())
		}
	}
	return list
}

// present is Credentials; the caller holds the lock.
func (c *CCache) present() []*Credential {
	if c.refresh() != nil || !c.contents.principal.Equal(c.Principal) {
		return nil
	}
	return c.contents.creds
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

// Config returns a configuration entry of the cache as a whole ("fast_avail", "pa_type", "proxy_impersonator").
func (c *CCache) Config(key string) (value []byte, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.refresh() != nil {
		return nil, false
	}
	value, ok = c.contents.config[key]
	return slices.Clone(value), ok
}

// refresh reads a file that has changed. The caller holds the lock.
func (c *CCache) refresh() error {
	if c.closed || c.path == "" {
		return nil
	}
	if same, hidden := c.stamp.look(); same && !c.reread || hidden {
		return nil
	}
	return c.read()
}

// read opens the file, waits for its writers and reads all of it.
func (c *CCache) read() error {
	fd, err := openRetry(c.path, readFlags, 0)
	if err != nil {
		return c.errno(err)
	}
	return c.locks.locked(fd, false, func(lockErr error) error {
		// A file system without locks does not keep anyone from reading.
		if lockErr == unix.EAGAIN {
			return c.lockError(lockErr)
		}
		return c.load(fd)
	})
}

// load reads the open and locked file.
func (c *CCache) load(fd int) error {
	b, s, err := readFD(fd, c.path, maxCCacheSize)
	defer clear(b[:cap(b)])
	if err != nil {
		return c.errno(err)
	}
	if len(b) == 0 {
		return status.Errorf(status.NoCred, status.KRB5_FCC_NOFILE, "No credentials cache found: %s is empty", c.Name())
	}
	contents, perr := parseCCache(b)
	if perr != nil {
		return status.Errorf(perr.Major, perr.Minor, "credential cache %s: %s", c.Name(), perr.Text)
	}
	c.contents.wipe()
	c.contents, c.stamp, c.reread = *contents, s, s.fresh(time.Now())
	return nil
}

func (c *CCache) lockError(err error) error {
	return status.Errorf(status.NoCred, status.KRB5_CC_IO, "credential cache %s: %s", c.Name(), lockReason(err))
}

// errno gives an error of the system the code that MIT krb5 has for it.
func (c *CCache) errno(err error) error {
	minor := status.KRB5_CC_IO
	switch err {
	case unix.ENOENT:
		return status.Errorf(status.NoCred, status.KRB5_FCC_NOFILE, "No credentials cache found: %s", c.Name())
	case unix.EPERM, unix.EACCES, unix.EISDIR, unix.ENOTDIR, unix.ELOOP, unix.ETXTBSY, unix.EBUSY, unix.EROFS:
		minor = status.KRB5_FCC_PERM
	case unix.EFBIG, unix.EINVAL:
		minor = status.KRB5_CC_FORMAT
	case unix.ENOSPC, unix.EDQUOT:
		minor = status.KRB5_CC_WRITE
	}
	return status.Errorf(status.NoCred, minor, "credential cache %s: %s", c.Name(), reason(err, maxCCacheSize))
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
