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

// Element is what a credential has for krb5. What it names was resolved when it was acquired; the files are read again
// when it is used.
type Element struct {
	usage     gss.Usage
	initiator *initiator
	acceptor  *acceptor

	mu       sync.Mutex
	enctypes []crypto.EType // gss_krb5_set_allowable_enctypes; nil: as configured
	noCI     bool           // confidentiality and integrity are not offered unless asked for
}

type initiator struct {
	cache *krb5.CCache

	// Where the program wants nobody in particular the first target chooses a cache of the collection (collection.go).
	selects bool
	absent  bool         // there is no primary cache: nothing else than such a choice will do
	earlier *krb5.CCache // the cache until then, which other threads may be using

	clientKeytab string // of the program's choice, for who is chosen; "" for the default one
}

type acceptor struct {
	keytabName string
	owner      owner
	replay     string // name of the replay cache; "" for the default one
}

// Acquire resolves the files that the environment names now and checks that they hold what is asked for. A nil name takes
// the cache's principal and any key of the keytab. The lifetime is what a KDC is asked for where a client keytab, or a
// password, gets a ticket.
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
			c.initiator, err = newInitiator(env, w.Store, w.Name, Wish(w.Lifetime))
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

// In returns a credential's element for krb5; nil is the default credential, and stays nil.
func In(c *gss.Cred) (*Element, error) {
	if c == nil {
		return nil, nil
	}
	e, err := c.For(token.MechKRB5)
	if err != nil {
		return nil, err
	}
	return e.(*Element), nil
}

// Wish is a lifetime in seconds that a program asks for, as Kerberos has it: 0 for the default. GSS_C_INDEFINITE is what most
// programs give that have no wish.
func Wish(seconds uint32) time.Duration {
	if seconds == gss.Indefinite {
		return 0
	}
	return time.Duration(seconds) * time.Second
}

// Delegated returns the credential that a client forwarded to us.
func Delegated(forwarded *krb5.Credential) *gss.Cred {
	cache := krb5.NewMemoryCCache(forwarded.Client, forwarded)
	return gss.NewCred(token.MechKRB5, &Element{usage: gss.Initiate, initiator: &initiator{cache: cache}})
}

// Duplicate returns an element with the same files and options of its own.
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

// Release ends the use of c and wipes the keys of its tickets.
func (c *Element) Release() {
	if i := c.initiator; i != nil {
		i.cache.Close()
		if i.earlier != nil {
			i.earlier.Close()
		}
	}
}

// InMemory reports whether c holds its tickets itself, as delegated credentials do.
func (c *Element) InMemory() bool {
	cache, err := c.Initiator()
	return err == nil && cache.InMemory()
}

// cache is Initiator's, nil if c is for acceptors only.
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

// Acceptor returns what judges AP-REQs for c.
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

// EncTypes returns the enctypes that c may use out of those configured, the program's most preferred one first; an empty
// list if that is none of them.
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

// NoCI reports whether confidentiality and integrity are offered only when asked for.
func (c *Element) NoCI() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.noCI
}

func newInitiator(env *krb5.Env, store gss.Store, desired *gss.Name, lifetime time.Duration) (i *initiator, failure error) {
	for wanted, err := range ownersOf(env, desired) {
		if err != nil {
			return nil, err
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

func initiatorFor(env *krb5.Env, store gss.Store, wanted owner, lifetime time.Duration) (*initiator, error) {
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
				"Principal in credential cache does not match desired name: %s is of %s, wanted is %s",
				cache.Name(), cache.Principal, wanted)
		}
		return nil, status.Errorf(status.NoCred, status.KRB5_CC_NOTFOUND,
			"Can't find client principal %s in cache collection: %s is of %s", wanted, cache.Name(), cache.Principal)
	}
	defer cache.Hold(env)()
	if _, ok := cache.Expiry(); !ok {
		cache.Close()
		return nil, status.Errorf(status.NoCred, status.KG_EMPTY_CCACHE, "%s holds no ticket of %s", cache.Name(), cache.Principal)
	}
	return &initiator{cache: cache, selects: selects, clientKeytab: store.Value(storeClientKeytab)}, nil
}

// openCache opens the cache. Where there is none and there is a client keytab, that gives one, of the keytab's first
// principal if the caller wants nobody in particular, and of a service on this host if the caller names no host. A cache
// that is there is refreshed for its own principal and never given to another one, whoever is wanted; one that a client
// keytab has made is at half of its ticket's life, and goes on if that fails.
func openCache(env *krb5.Env, store gss.Store, wanted owner, lifetime time.Duration) (*krb5.CCache, error) {
	cache, name, err := openWanted(env, store, wanted)
	if cache != nil {
		defer cache.Hold(env)()
	}
	client := wanted.principal
	switch {
	case err != nil && !krb5.IsMissing(err) && !isNoDefault(env, store, wanted, err):
		return nil, withMajor(status.NoCred, err)
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
		return nil, withMajor(status.NoCred, ferr)
	case err != nil:
		return nil, withMajor(status.NoCred, noCache(env, store, client, err))
	}
	if ferr != nil && remaining(env, cache) > 0 {
		cache.PutOffRefresh(env)
	}
	return cache, nil
}

// namesCache reports whether the program has chosen the cache itself.
func namesCache(env *krb5.Env, store gss.Store) bool {
	return store.Value(storeCCache) != "" || env.CCacheName != ""
}

// noCache says that a cache is missing. As with MIT krb5, programs learn of a default one that nothing was found there,
// and why, and of one that they chose that there is no such cache.
func noCache(env *krb5.Env, store gss.Store, client *token.Principal, err error) error {
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

func newAcceptor(env *krb5.Env, store gss.Store, desired *gss.Name) (*acceptor, error) {
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

// openKeytab tells an acceptor that takes any key that there is none, and one of a certain name that there is no such
// file, as MIT krb5 does.
func openKeytab(env *krb5.Env, name string, anyKey bool) (*krb5.Keytab, error) {
	kt, err := env.Library.OpenKeytab(env, name)
	if krb5.IsMissing(err) && anyKey {
		return nil, status.Errorf(status.NoCred, status.KRB5_KT_NOTFOUND, "Keytab is nonexistent or empty: %v", err)
	}
	if err != nil {
		return nil, withMajor(status.NoCred, err)
	}
	return kt, nil
}

// remaining returns the seconds until the tickets of a cache end, 0 if they have.
func remaining(env *krb5.Env, cache *krb5.CCache) uint32 {
	end, ok := cache.Expiry()
	if !ok {
		return 0
	}
	d := end.Unix() - env.Now().Unix()
	return uint32(max(0, min(d, gss.Indefinite-1)))
}

// withMajor gives err another routine error where it has none but Failure. A krb5.conf that cannot be read stays a
// failure, as with MIT krb5: other credentials would not help.
func withMajor(major status.Major, err error) error {
	e := status.Of(err)
	config := e.Minor == status.KRB5_CONFIG_CANTOPEN || e.Minor == status.KRB5_CONFIG_BADFORMAT
	if e.Major == status.Failure && !config {
		return status.WithMajor(e, major)
	}
	return e
}
