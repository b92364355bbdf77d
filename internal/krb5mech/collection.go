// SPDX-License-Identifier: BSD-2-Clause

package krb5mech

import (
	"libgssapi/internal/gss"
	"libgssapi/internal/krb5"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// The default credential cache may be one of a collection. As in MIT krb5, a wanted client is looked for in the whole
// collection. If no particular client is wanted, the target selects the cache: by .k5identity, its realm, or its
// domain.

func anybody(token.Principal) bool { return true }

// openWanted opens the cache that holds what is wanted, and returns the name of the one that should hold it, "" being
// the default one. If the program itself has chosen a cache, the collection is not searched.
func openWanted(env *krb5.Env, store gss.CredStore, wanted owner) (cache *krb5.CCache, name string, err error) {
	if wanted.principal == nil || namesCache(env, store) {
		name = store.Value(storeCCache)
		cache, err = env.Library.OpenCCache(env, name)
		return cache, name, err
	}
	cache, err = env.Library.FindCCache(env, "", func(p token.Principal) bool { return wanted.matches(p, false) })
	if cache != nil {
		return cache, cache.Name(), nil
	}
	if err != nil {
		return nil, "", err
	}
	// The primary cache may be somebody else's, and is left alone. If there is none, its place is left to whoever logs
	// in, as by MIT krb5.
	cache, missing := env.Library.OpenCCache(env, "")
	if missing != nil && !krb5.IsMissing(missing) {
		return nil, "", missing
	}
	name, err = env.Library.NewCCacheName(env, "")
	if err != nil && status.Of(err).Minor == status.KRB5_DCC_CANNOT_CREATE {
		return cache, "", missing
	}
	if cache != nil {
		cache.Close()
	}
	switch {
	case err != nil:
	case missing != nil:
		err = missing
	default:
		err = status.Errorf(status.NoCred, status.KRB5_FCC_NOFILE, "No credentials cache found: %s", name)
	}
	return nil, name, err
}

// isNoDefault reports whether an error says that the default cache cannot exist, given its name. Then there are no
// default credentials, for MIT krb5's programs and thus for ours. If a particular client is wanted, a missing server or
// keyring is reported with its own code.
func isNoDefault(env *krb5.Env, store gss.CredStore, wanted owner, err error) bool {
	if namesCache(env, store) {
		return false
	}
	switch status.Of(err).Minor {
	case status.KRB5_CC_UNKNOWN_TYPE, status.KRB5_CC_BADNAME:
		return true
	case status.KRB5_KCM_NO_SERVER, status.KRB5_KCC_INVALID_ANCHOR, status.KRB5_KCC_INVALID_UID:
		return wanted.principal == nil
	}
	return false
}

// Settle implements gss.Settler: the first target selects nothing any more.
func (c *Element) Settle() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if i := c.initiator; i != nil {
		i.selects, i.absent = false, false
	}
}

// InitiatorFor is Initiator for contexts with target. The first target selects the cache, unless the program has.
func (c *Element) InitiatorFor(env *krb5.Env, target token.Principal) (*krb5.CCache, error) {
	if _, err := c.Initiator(); err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	i := c.initiator
	if !i.selects {
		return i.cache, nil
	}
	selected, client, err := env.Library.SelectCCache(env, "", target)
	if selected != nil {
		client = &selected.Principal
		selected.Close()
	}
	switch {
	case err != nil && (client == nil || status.Of(err).Minor != status.KRB5_CC_NOTFOUND):
		return nil, noCred(err)
	case client == nil && i.absent:
		return nil, noCache(env, gss.CredStore{}, nil, nil)
	case client != nil && (i.absent || !client.Equal(i.cache.Principal)):
		var store gss.CredStore
		if i.clientKeytab != "" {
			_ = store.Set(storeClientKeytab, []byte(i.clientKeytab)) // cannot fail: the store is empty
		}
		chosen, err := initiatorFor(env, store, owner{desired: client, principal: client}, 0)
		if err != nil {
			return nil, err
		}
		i.earlier, i.cache = i.cache, chosen.cache
	}
	i.selects, i.absent = false, false
	return i.cache, nil
}
