// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"sync"

	"libgssapi/internal/token"
)

// OptionWithhold keeps a context, a credential, or all of the process's, from children after fork(2). It is 2.25, a
// UUID, and a number of ours. It has no value.
const OptionWithhold token.OID = "\x69\x81\xde\x9c\xae\xc3\xd0\xbb\xba\xb0\xd5\x9a\xaa\x8b\xaf\xbe\xb6\x83\xe7\x11"

// Options are what a program has set for the whole process (gsskrb5_register_acceptor_identity(3) and related
// functions). They take precedence over the environment and the configuration; an empty option leaves the choice to
// these.
type Options struct {
	mu           sync.Mutex
	keytab       string
	ccache       string
	realm        string
	canonicalize *bool
	withheld     bool
}

// SetKeytab chooses the acceptor's keytab.
func (o *Options) SetKeytab(name string) { o.set(func() { o.keytab = name }) }

// SetCCache chooses the initiator's credential cache.
func (o *Options) SetCCache(name string) { o.set(func() { o.ccache = name }) }

// SetRealm chooses the default realm.
func (o *Options) SetRealm(realm string) { o.set(func() { o.realm = realm }) }

// SetCanonicalize chooses whether to canonicalize host names with DNS.
func (o *Options) SetCanonicalize(on bool) { o.set(func() { o.canonicalize = &on }) }

// Withhold keeps contexts and credentials from children after fork(2). It cannot be undone.
func (o *Options) Withhold() { o.set(func() { o.withheld = true }) }

// Withheld reports whether Withhold was called, here or in an ancestor.
func (o *Options) Withheld() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.withheld
}

func (o *Options) set(change func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	change()
}

func (o *Options) get(field *string) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return *field
}

// canonicalization returns whether to canonicalize host names with DNS.
func (env *Env) canonicalization(cfg *Config) Canonicalize {
	o := &env.Library.Options
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.canonicalize == nil:
		return cfg.DNSCanonicalizeHostname()
	case *o.canonicalize:
		return CanonicalizeTrue
	}
	return CanonicalizeFalse
}
