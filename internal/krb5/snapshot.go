// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"libgssapi/internal/token"
	"libgssapi/internal/wire"
)

// Snapshot writes what RestoreCCache makes the cache of again in a child after fork(2): of a file its path, of a cache
// in memory all that is in it, in the format of a file.
func (c *CCache) Snapshot(w *wire.Writer) {
	w.Text(c.path)
	w.Principal(c.Principal)
	if c.path != "" {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	f := newCCacheWriter(4)
	f.header(c.contents.offset)
	f.principal(c.contents.principal)
	for _, cred := range c.contents.creds {
		f.credential(cred)
	}
	for key, value := range c.contents.config {
		f.credential(configEntry(c.Principal, key, value))
	}
	w.Octets(f.b)
	clear(f.b)
}

// RestoreCCache reads a cache. A file is opened when the cache is used.
func (l *Library) RestoreCCache(r *wire.Reader) *CCache {
	c := &CCache{path: r.Text(), locks: &l.locks, Principal: r.Principal(), reread: true}
	if c.path != "" {
		return c
	}
	b := r.Octets()
	defer clear(b)
	contents, err := parseCCache(b)
	if err != nil {
		r.Fail()
		return c
	}
	c.contents = *contents
	return c
}

// Snapshot writes the options as they are, for Restore in a child after fork(2).
func (o *Options) Snapshot(w *wire.Writer) {
	o.mu.Lock()
	defer o.mu.Unlock()
	w.Text(o.keytab)
	w.Text(o.ccache)
	w.Text(o.realm)
	w.Bool(o.canonicalize != nil)
	w.Bool(o.canonicalize != nil && *o.canonicalize)
	w.Bool(o.withheld)
}

// Restore sets the options to what it reads, if nothing is wrong with that.
func (o *Options) Restore(r *wire.Reader) {
	keytab, ccache, realm := r.Text(), r.Text(), r.Text()
	set, canonicalize, withheld := r.Bool(), r.Bool(), r.Bool()
	if !r.Done() {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.keytab, o.ccache, o.realm, o.canonicalize, o.withheld = keytab, ccache, realm, nil, withheld
	if set {
		o.canonicalize = &canonicalize
	}
}

// configEntry is a configuration entry of a cache in the form of a credential.
func configEntry(client token.Principal, key string, value []byte) *Credential {
	return &Credential{
		Client: client,
		Server: token.Principal{Realm: configRealm, Components: []string{configName, key}},
		Ticket: value,
	}
}
