// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"libgssapi/internal/wire"
)

// Snapshot writes a form from which RestoreCCache recreates the cache in a child after fork(2): the name, if the child
// can open the cache itself, or the contents of a cache in memory that has no name, in the format of a file. Children
// get named caches in memory from the Library, unless they are withheld.
func (c *CCache) Snapshot(w *wire.Writer) {
	w.Text(c.Name())
	w.Principal(c.Principal)
	switch s := c.backend.(type) {
	case *kcmCCache:
		w.Text(s.socket)
	case *memoryCCache:
		if c.Name() != "" {
			return
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		var b []byte
		if s.cache != nil && c.refresh() == nil && !c.closed {
			b = c.contents.marshal()
		}
		w.Octets(b)
		clear(b)
	}
}

// RestoreCCache recreates a cache. A cache outside of the process is opened when it is used.
func (l *Library) RestoreCCache(r *wire.Reader) *CCache {
	name := r.Text()
	c := &CCache{Principal: r.Principal(), unread: true}
	kind, residual := splitType(name)
	switch {
	case name == "":
		c.backend = restoreMemory(r)
	case kind == "KCM":
		c.backend = &kcmCCache{l, residual, r.Text()}
	default:
		t := ccacheTypes[kind]
		if t == nil {
			r.Fail()
			break
		}
		var err error
		if c.backend, err = t.open(l, nil, residual); err != nil {
			r.Fail()
		}
	}
	if c.backend == nil {
		c.backend = &fileCCache{kind: "FILE", locks: &l.locks}
	}
	return c
}

// restoreMemory recreates a cache in memory that has no name.
func restoreMemory(r *wire.Reader) *memoryCCache {
	b := r.Octets()
	defer clear(b)
	backend := &memoryCCache{cache: new(sharedCache)}
	if len(b) == 0 {
		return backend
	}
	contents, perr := parseCCache(b)
	if perr != nil {
		r.Fail()
		return backend
	}
	backend.cache.put(contents)
	return backend
}

// MemoryCacheForm returns a form from which RestoreMemoryCache recreates the cache MEMORY:residual in a child after
// fork(2), or nil if children do not get it. The caller wipes it.
func (l *Library) MemoryCacheForm(residual string) []byte {
	m := l.memory.find(residual)
	if m == nil {
		return nil
	}
	b := m.form()
	if b == nil {
		return nil
	}
	defer clear(b)
	w := wire.NewWriter(len(b) + len(residual) + 16)
	w.Text(residual)
	w.Octets(b)
	return w.Form()
}

// form returns the contents in the format of a file, or nil for a cache that children do not get.
func (m *sharedCache) form() []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.contents == nil || m.withheld {
		return nil
	}
	return m.contents.marshal()
}

// RestoreMemoryCache recreates a named cache. ok is false if the form is defective.
func (l *Library) RestoreMemoryCache(form []byte) (residual string, ok bool) {
	r := wire.NewReader(form)
	residual, b := r.Text(), r.Octets()
	defer clear(b)
	if !r.Done() {
		return "", false
	}
	contents, perr := parseCCache(b)
	if perr != nil {
		return "", false
	}
	_, err := l.memory.put(residual, contents)
	return residual, err == nil
}

// Snapshot writes the options for Restore in a child after fork(2).
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

// Restore sets the options, unless the form has a fault.
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
