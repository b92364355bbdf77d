// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"strings"
	"time"

	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// The name of a credential cache may stand for a collection. Collections of the types DIR, KCM and KEYRING hold several
// caches, each for one client, and one of them is the primary cache.

// collectionPatience bounds the time spent on reading the caches of a collection. There may be many, and each may have
// to wait for a lock or for a daemon that hangs.
var collectionPatience = 30 * time.Second

// collection opens the caches of a collection, the primary one first, and skips those that cannot be read. yield takes
// over each cache and closes it.
func (l *Library) collection(env *Env, name string, yield func(*CCache) bool) error {
	t, residual, err := l.ccacheTypeOf(env, name)
	if err != nil {
		return err
	}
	list := func(l *Library, env *Env, residual string) ([]ccacheBackend, error) {
		backend, err := t.open(l, env, residual)
		return []ccacheBackend{backend}, err
	}
	if t.list != nil {
		list = t.list
	}
	backends, err := list(l, env, residual)
	if err != nil {
		return err
	}
	began := time.Now()
	for _, backend := range backends {
		if time.Since(began) > collectionPatience {
			return status.Errorf(status.NoCred, status.KRB5_CC_IO,
				"credential cache %s: reading the caches of its collection takes longer than %s", backend.name(), collectionPatience)
		}
		c := &CCache{backend: backend, openedBy: env.Seen.call()}
		if c.read() != nil {
			continue
		}
		c.Principal = c.contents.principal
		if !yield(c) {
			break
		}
	}
	return nil
}

// FindCCache returns the first cache of a collection whose client is wanted, or nil if there is none. The name is as
// for OpenCCache.
func (l *Library) FindCCache(env *Env, name string, wanted func(client token.Principal) bool) (found *CCache, err error) {
	err = l.collection(env, name, func(c *CCache) bool {
		if wanted(c.Principal) {
			found = c
			return false
		}
		c.Close()
		return true
	})
	if found != nil {
		env.Trace.Cache(found.Name(), found.Principal, len(found.contents.creds))
	}
	return found, err
}

// NewCCacheName returns a name for a new cache in a collection.
func (l *Library) NewCCacheName(env *Env, name string) (string, error) {
	t, residual, err := l.ccacheTypeOf(env, name)
	if err != nil {
		return "", err
	}
	if t.fresh == nil {
		return "", noFresh(name)
	}
	return t.fresh(l, env, residual)
}

// SelectCCache returns the cache of a collection to use for server: that of the client that the user's .k5identity
// names, else one of the server's realm, else one of the realm that is the server's domain (as in MIT krb5), else nil.
// If .k5identity names a client that has no cache, the error is KRB5_CC_NOTFOUND and the client is returned.
func (l *Library) SelectCCache(env *Env, name string, server token.Principal) (*CCache, *token.Principal, error) {
	cfg, err := l.Config(env)
	if err != nil {
		return nil, nil, err
	}
	host := ""
	if server.Type == token.NTSrvHst && len(server.Components) >= 2 {
		host = server.Components[1]
	}
	if server.Realm == "" && host != "" {
		server.Realm = cfg.FallbackRealmOfHost(host)
	}
	var client *token.Principal
	if cfg.hasModule(pluginsCCSelect, "k5identity") {
		client = env.identityFor(server)
	}
	if client != nil {
		c, err := l.FindCCache(env, name, client.Equal)
		if err == nil && c == nil {
			err = status.Errorf(status.NoCred, status.KRB5_CC_NOTFOUND,
				"Can't find client principal %s in cache collection: the file .k5identity chooses it for %s", client, server)
		}
		return c, client, err
	}
	if t, _, err := l.ccacheTypeOf(env, name); err != nil || t.list == nil {
		return nil, nil, err // nothing to select from
	}
	rank := cfg.clientRank(server.Realm, host)
	var best *CCache
	err = l.collection(env, name, func(c *CCache) bool {
		switch {
		case rank(c.Principal) == 0, best != nil && rank(best.Principal) >= rank(c.Principal):
			c.Close()
		case best != nil:
			best.Close()
			best = c
		default:
			best = c
		}
		return true
	})
	if err != nil && best != nil {
		best.Close()
		best = nil
	}
	if best != nil {
		env.Trace.Cache(best.Name(), best.Principal, len(best.contents.creds))
	}
	return best, nil, err
}

// clientRank returns a function that says how well a client suits a server, of which the realm and the host are known; 0: not
// at all. A match by realm beats any match by domain; of domains the longest wins.
func (c *Config) clientRank(realm, host string) func(client token.Principal) int {
	domains := strings.ToUpper(host)
	byRealm, byDomain := c.hasModule(pluginsCCSelect, "realm"), c.hasModule(pluginsCCSelect, "hostname")
	return func(client token.Principal) int {
		switch own := client.Realm; {
		case own == "":
			return 0
		case own == realm && byRealm:
			return len(domains) + 1
		case !byDomain:
			return 0
		case domains == own, strings.HasSuffix(domains, "."+own):
			return len(own)
		}
		return 0
	}
}

// CCacheNameFor returns the name of the cache in which to store new tickets of a client, given the name of a cache or
// collection ("" being the default one). In a collection that is the client's own cache or a new one, so that those of
// other clients are left alone, as in MIT krb5. Any other name is returned unchanged.
func (l *Library) CCacheNameFor(env *Env, name string, client token.Principal) (string, error) {
	t, residual, err := l.ccacheTypeOf(env, name)
	if err != nil || t.fresh == nil {
		return name, err
	}
	fresh, err := t.fresh(l, env, residual)
	if err != nil && status.Of(err).Minor == status.KRB5_DCC_CANNOT_CREATE {
		return name, nil // the name of one cache in a collection
	}
	if err != nil {
		return "", err
	}
	switch found, err := l.FindCCache(env, name, client.Equal); {
	case found != nil:
		found.Close()
		return found.Name(), nil
	case err != nil && !IsMissing(err):
		return "", err
	}
	return fresh, nil
}

// UniqueCCacheName returns a name for a new cache of a type: in the collection that is the default one, if it is of this type,
// else in the place that such caches have by default. collection is what MakePrimary takes for it.
func (l *Library) UniqueCCacheName(env *Env, kind string) (name, collection string, err error) {
	t, residual, _ := l.ccacheTypeOf(env, "") // nil if the default cache is of no known type
	switch unique := ccacheTypes[kind]; {
	case unique != nil && unique == t && t.fresh != nil:
		name, err = t.fresh(l, env, residual)
		return name, "", err
	case unique == nil || unique.unique == nil:
		return "", "", status.Errorf(status.Failure, status.KRB5_CC_UNKNOWN_TYPE,
			"unique_ccache_type = %s: there can be no new cache of this type; FILE, MEMORY and KCM are possible, and the type of "+
				"the default collection", kind)
	default:
		name, err = unique.unique(env)
		return name, name, err
	}
}

// MakePrimary makes a cache the primary one of the collection that name stands for ("" being the default name). It does
// nothing if the name stands for a single cache.
func (l *Library) MakePrimary(env *Env, name string, cache *CCache) error {
	t, residual, err := l.ccacheTypeOf(env, name)
	if err != nil || t.choose == nil {
		return err
	}
	_, chosen, err := l.ccacheTypeOf(env, cache.Name())
	if err != nil || chosen == residual {
		return err
	}
	return t.choose(l, env, chosen)
}
