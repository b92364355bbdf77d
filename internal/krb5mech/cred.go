// SPDX-License-Identifier: BSD-2-Clause

package krb5mech

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"libgssapi/internal/crypto"
	"libgssapi/internal/gss"
	"libgssapi/internal/krb5"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// Element is the part of a credential that belongs to krb5. Names of files were resolved when it was acquired; the
// files are read again when it is used.
type Element struct {
	usage     gss.Usage
	initiator *initiator
	acceptor  *acceptor

	mu       sync.Mutex
	enctypes []crypto.EType // gss_krb5_set_allowable_enctypes; nil: as configured
	noCI     bool           // offer confidentiality and integrity only if requested
}

type initiator struct {
	cache *krb5.CCache

	// If the program wants no particular client, the first target selects a cache in the collection (collection.go).
	selects bool
	absent  bool         // there is no primary cache, so one must be selected
	earlier *krb5.CCache // the previous cache, which other threads may be using

	clientKeytab string // the program's choice, for the selected client; "": the default one
}

type acceptor struct {
	keytabName string
	owner      owner
	replay     string // name of the replay cache; "": the default one
}

// Acquire resolves the names of files in the current environment and checks that the files hold what is asked for. A
// nil name accepts the cache's principal and any key in the keytab. The lifetime is requested from a KDC if a client
// keytab or a password gets a ticket.
func (Mechanism) Acquire(env *krb5.Env, w gss.Wanted) (gss.Element, error) {
	c := &Element{usage: w.Usage}
	verify, err := passwordUse(env, w)
	if err != nil {
		return nil, err
	}
	if err := checkNames(env, w); err != nil {
		return nil, err
	}
	if w.Usage != gss.Initiate {
		if c.acceptor, err = newAcceptor(env, w.Store, w.Name); err != nil {
			return nil, err
		}
	}
	if w.Usage != gss.Accept {
		if w.Store.Has(storePassword) {
			c.initiator, err = fromPassword(env, w, verify)
		} else {
			c.initiator, err = newInitiator(env, w.Store, w.Name, kerberosLifetime(w.Lifetime))
		}
		if err != nil {
			return nil, err
		}
	}
	return c, nil
}

// Default returns the element that GSS_C_NO_CREDENTIAL stands for.
func Default(env *krb5.Env, usage gss.Usage) (*Element, error) {
	e, err := Mechanism{}.Acquire(env, gss.Wanted{Lifetime: gss.Indefinite, Usage: usage})
	if err != nil {
		return nil, err
	}
	return e.(*Element), nil
}

// In returns the element of a credential for krb5, or for one of its other OIDs.
func In(c *gss.Cred, mech token.OID) (*Element, error) {
	e, err := c.For(mech)
	if err != nil {
		return nil, err
	}
	return e.(*Element), nil
}

// inOrDefault is In, but nil stands for the default credential. As in MIT krb5, an acceptor accepts the other OIDs only with
// a credential that was acquired for them.
func inOrDefault(env *krb5.Env, c *gss.Cred, mech token.OID, usage gss.Usage) (*Element, error) {
	switch {
	case c != nil:
		return In(c, mech)
	case usage == gss.Accept && mech != token.MechKRB5:
		return nil, status.Errorf(status.NoCred, status.KG_CRED,
			"the token is for mechanism %s, which needs a credential that was acquired for it", mech)
	}
	return Default(env, usage)
}

// kerberosLifetime converts the lifetime that a program asks for, in seconds, to Kerberos's convention: 0 for the
// default. GSS_C_INDEFINITE is what most programs pass that have no preference.
func kerberosLifetime(seconds uint32) time.Duration {
	if seconds == gss.Indefinite {
		return 0
	}
	return time.Duration(seconds) * time.Second
}

// Delegated returns the credential that a client has forwarded to us.
func Delegated(forwarded *krb5.Credential) *gss.Cred {
	cache := krb5.NewMemoryCCache(forwarded.Client, forwarded)
	return gss.NewCred(token.MechKRB5, &Element{usage: gss.Initiate, initiator: &initiator{cache: cache}})
}

// Duplicate returns an element that uses the same files, with its own options.
func (c *Element) Duplicate(*gss.Cred) gss.Element {
	c.mu.Lock()
	defer c.mu.Unlock()
	own := c.initiator
	if own != nil {
		own.cache.Share()
		own = &initiator{cache: own.cache, selects: own.selects, absent: own.absent, clientKeytab: own.clientKeytab}
	}
	return &Element{usage: c.usage, initiator: own, acceptor: c.acceptor, enctypes: slices.Clone(c.enctypes), noCI: c.noCI}
}

// Release releases c. The last user of its tickets wipes their keys.
func (c *Element) Release() {
	if i := c.initiator; i != nil {
		i.cache.Close()
		if i.earlier != nil {
			i.earlier.Close()
		}
	}
}

// InMemory reports whether c itself holds its tickets, as delegated credentials do.
func (c *Element) InMemory() bool {
	cache, err := c.Initiator()
	return err == nil && cache.InMemory()
}

// cache returns the cache that c initiates from, or nil if c is for acceptors only.
func (c *Element) cache() *krb5.CCache {
	if c.initiator == nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.initiator.cache
}

// Initiator returns the cache that c initiates from, or an error if c is for acceptors only.
func (c *Element) Initiator() (*krb5.CCache, error) {
	if c.initiator == nil {
		return nil, status.Errorf(status.NoCred, status.KG_CRED, "the credential is for accepting only")
	}
	return c.cache(), nil
}

// Acceptor returns what it takes to verify AP-REQs with c.
func (c *Element) Acceptor(env *krb5.Env, cfg *krb5.Config) (*krb5.Acceptor, error) {
	if c.acceptor == nil {
		return nil, status.Errorf(status.NoCred, status.KG_CRED, "the credential is for initiating only")
	}
	kt, err := openKeytab(env, c.acceptor.keytabName, c.acceptor.owner.desired == nil)
	if err != nil {
		return nil, err
	}
	var replay krb5.ReplayCache
	if c.acceptor.replay != "" {
		replay, err = krb5.OpenNamedReplayCache(env, cfg, c.acceptor.replay)
	} else {
		replay, err = krb5.OpenReplayCache(env, cfg)
	}
	if err != nil {
		return nil, err
	}
	a := &krb5.Acceptor{
		Keytab: kt, Replay: replay, Config: cfg, Wanted: c.acceptor.owner.String(),
		EncTypes: env.ContextEnctypes(c.EncTypes(cfg.PermittedEnctypes())),
	}
	if a.Wanted != "" {
		ignoreHost := cfg.IgnoreAcceptorHostname()
		a.Match = func(p token.Principal) bool { return c.acceptor.owner.matches(p, ignoreHost) }
	}
	return a, nil
}

// EncTypes returns the configured enctypes that c may use, in the program's order of preference. The list is empty if
// none are left.
func (c *Element) EncTypes(configured []crypto.EType) []crypto.EType {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.enctypes == nil {
		return configured
	}
	both := []crypto.EType{}
	for _, e := range c.enctypes {
		if slices.Contains(configured, e) && !slices.Contains(both, e) {
			both = append(both, e)
		}
	}
	return both
}

// NoCI reports whether to offer confidentiality and integrity only if requested.
func (c *Element) NoCI() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.noCI
}

func newInitiator(env *krb5.Env, store gss.CredStore, desired *gss.Name, lifetime time.Duration) (i *initiator, failure error) {
	for wanted, err := range ownersOf(env, desired) {
		if err != nil {
			return nil, err
		}
		if wanted.isNobody() {
			return nil, status.Errorf(status.NoCred, status.KRB5_CC_NOTFOUND,
				"Can't find client principal %s in cache collection: only a service may have an empty realm", wanted)
		}
		i, failure = initiatorFor(env, store, wanted, lifetime)
		if failure == nil {
			break
		}
		switch status.Of(failure).Minor {
		case status.KG_CCACHE_NOMATCH, status.KRB5_CC_NOTFOUND, status.KRB5_KT_NOTFOUND:
			continue
		}
		break
	}
	return i, failure
}

func initiatorFor(env *krb5.Env, store gss.CredStore, wanted owner, lifetime time.Duration) (*initiator, error) {
	selects := wanted.principal == nil && !namesCache(env, store)
	cache, err := openCache(env, store, wanted, lifetime)
	if err != nil && selects && status.Of(err).Minor == status.KRB5_CC_NOTFOUND {
		if other, _ := env.Library.FindCCache(env, "", anybody); other != nil {
			return &initiator{cache: other, selects: true, absent: true, clientKeytab: store.Value(storeClientKeytab)}, nil
		}
	}
	if err != nil {
		return nil, err
	}
	if !wanted.matches(cache.Principal, false) {
		cache.Close()
		if namesCache(env, store) {
			return nil, status.Errorf(status.NoCred, status.KG_CCACHE_NOMATCH,
				"Principal in credential cache does not match desired name: %s belongs to %s, not to %s",
				cache.Name(), cache.Principal, wanted)
		}
		return nil, status.Errorf(status.NoCred, status.KRB5_CC_NOTFOUND,
			"Can't find client principal %s in cache collection: %s belongs to %s", wanted, cache.Name(), cache.Principal)
	}
	defer cache.Hold(env)()
	if _, ok := cache.Expiry(); !ok {
		cache.Close()
		return nil, status.Errorf(status.NoCred, status.KG_EMPTY_CCACHE, "%s holds no ticket of %s", cache.Name(), cache.Principal)
	}
	return &initiator{cache: cache, selects: selects, clientKeytab: store.Value(storeClientKeytab)}, nil
}

// openCache opens the cache. If it does not exist but a client keytab does, the cache is filled with the keytab: for
// its first principal if no particular client is wanted, or for a service on this host if the caller names no host. An
// existing cache is refreshed only for its own principal and never given to another, whoever is wanted. A cache that
// was filled with a client keytab is refreshed halfway through its ticket's lifetime, and remains in use if that fails.
func openCache(env *krb5.Env, store gss.CredStore, wanted owner, lifetime time.Duration) (*krb5.CCache, error) {
	cache, name, err := openWanted(env, store, wanted)
	if cache != nil {
		defer cache.Hold(env)()
	}
	client := wanted.principal
	if client == nil && krb5.IsMissing(err) && !namesCache(env, store) {
		if first := krb5.ClientKeytabPrincipal(env, store.Value(storeClientKeytab)); first != nil {
			return openCache(env, store, owner{desired: first, principal: first}, lifetime)
		}
	}
	switch {
	case err != nil && !krb5.IsMissing(err) && !isNoDefault(env, store, wanted, err):
		return nil, noCred(unusable(env, store, wanted, err))
	case err != nil:
	case remaining(env, cache) > 0 && !cache.RefreshDue(env), !wanted.matches(cache.Principal, false):
		return cache, nil
	default:
		client = &cache.Principal
	}
	fresh, ferr := krb5.FromClientKeytab(env, client, store.Value(storeClientKeytab), name, lifetime)
	if cache != nil && (fresh != nil || errors.Is(ferr, krb5.Pending)) {
		cache.Close()
	}
	switch {
	case errors.Is(ferr, krb5.Pending):
		return nil, ferr
	case fresh != nil:
		return fresh, nil
	case err != nil && ferr != nil:
		return nil, noCred(ferr)
	case err != nil:
		return nil, noCred(noCache(env, store, client, err))
	}
	if ferr != nil && remaining(env, cache) > 0 {
		cache.PutOffRefresh(env)
	}
	return cache, nil
}

// namesCache reports whether the program itself has chosen the cache.
func namesCache(env *krb5.Env, store gss.CredStore) bool {
	return store.Value(storeCCache) != "" || env.CCacheName != ""
}

// unusable is the error for a cache that exists but cannot be read. As in MIT krb5, an unreadable default cache means
// that there are no default credentials; if the program chose the cache, the error says what is wrong with it.
func unusable(env *krb5.Env, store gss.CredStore, wanted owner, err error) error {
	e := status.Of(err)
	switch e.Minor {
	case status.KRB5_CONFIG_CANTOPEN, status.KRB5_CONFIG_BADFORMAT, status.KRB5_KCM_NO_SERVER, status.KRB5_KCC_INVALID_ANCHOR,
		status.KRB5_KCC_INVALID_UID:
		return err
	}
	switch {
	case namesCache(env, store):
		return err
	case wanted.principal != nil:
		return status.Errorf(e.Major, status.KRB5_CC_NOTFOUND, "Can't find client principal %s in cache collection: %s", wanted, e.Text)
	}
	return status.Errorf(e.Major, status.KRB5_CC_NOTFOUND, "No Kerberos credentials available: %s", e.Text)
}

// noCache is the error for a missing cache. As in MIT krb5, if it is the default cache, the error says that nothing was
// found there, and why; if the program chose it, that there is no such cache.
func noCache(env *krb5.Env, store gss.CredStore, client *token.Principal, err error) error {
	if err != nil && namesCache(env, store) {
		return err
	}
	cfg, cerr := env.Library.Config(env)
	if cerr != nil {
		return cerr
	}
	name, cerr := cfg.DefaultCCacheName(env)
	if cerr != nil {
		return cerr
	}
	if err != nil && !krb5.IsMissing(err) {
		name += ": " + status.Of(err).Text
	}
	if client != nil {
		return status.Errorf(status.NoCred, status.KRB5_CC_NOTFOUND,
			"Can't find client principal %s in cache collection (default cache: %s)", client, name)
	}
	return status.Errorf(status.NoCred, status.KRB5_CC_NOTFOUND,
		"No Kerberos credentials available (default cache: %s)", name)
}

func newAcceptor(env *krb5.Env, store gss.CredStore, desired *gss.Name) (*acceptor, error) {
	kt, err := openKeytab(env, store.Value(storeKeytab), desired == nil)
	if err != nil {
		return nil, err
	}
	cfg, err := env.Library.Config(env)
	if err != nil {
		return nil, err
	}
	var tried []string
	for wanted, err := range ownersOf(env, desired) {
		if err != nil {
			return nil, err
		}
		if kt.Unlisted || slices.ContainsFunc(kt.Entries, func(e krb5.KeytabEntry) bool {
			return wanted.matches(e.Principal, cfg.IgnoreAcceptorHostname())
		}) {
			return &acceptor{keytabName: kt.Name, owner: wanted, replay: store.Value(storeReplayCache)}, nil
		}
		tried = append(tried, wanted.String())
	}
	if len(kt.Entries) == 0 {
		return nil, status.Errorf(status.NoCred, status.KRB5_KT_NOTFOUND, "Keytab is nonexistent or empty: %s holds no key", kt)
	}
	return nil, status.Errorf(status.NoCred, status.KG_KEYTAB_NOMATCH, "No key table entry found matching %s in %s",
		strings.Join(tried, " or "), kt)
}

// openKeytab opens a keytab. As in MIT krb5, if it is missing, the error for an acceptor that takes any key is that
// there is no key, and for one with a certain name that there is no such file.
func openKeytab(env *krb5.Env, name string, anyKey bool) (*krb5.Keytab, error) {
	kt, err := env.Library.OpenKeytab(env, name)
	if krb5.IsMissing(err) && anyKey {
		return nil, status.Errorf(status.NoCred, status.KRB5_KT_NOTFOUND, "Keytab is nonexistent or empty: %v", err)
	}
	if err != nil {
		return nil, noCred(err)
	}
	return kt, nil
}

// remaining returns the seconds until the tickets in a cache end, or 0 if they have.
func remaining(env *krb5.Env, cache *krb5.CCache) uint32 {
	end, ok := cache.Expiry()
	if !ok {
		return 0
	}
	d := end.Unix() - env.Now().Unix()
	return uint32(max(0, min(d, gss.Indefinite-1)))
}

// noCred replaces the major code Failure of err with NO_CRED. As in MIT krb5, a krb5.conf that cannot be read remains a
// failure, because other credentials would not help.
func noCred(err error) error {
	e := status.Of(err)
	config := e.Minor == status.KRB5_CONFIG_CANTOPEN || e.Minor == status.KRB5_CONFIG_BADFORMAT
	if e.Major == status.Failure && !config {
		return status.WithMajor(e, status.NoCred)
	}
	return e
}
