// SPDX-License-Identifier: BSD-2-Clause

package krb5mech

import (
	"libgssapi/internal/gss"
	"libgssapi/internal/krb5"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// Keys in credential stores.
const (
	storeCCache       = "ccache"
	storeKeytab       = "keytab"
	storeClientKeytab = "client_keytab"
	storeReplayCache  = "rcache"
	storePassword     = gss.StorePassword
	storeVerify       = "verify"
	// What programs for Heimdal say of whom they store tickets for. Heimdal chooses the cache by it if there is no
	// ccache; here each client has its own cache wherever caches can be told apart.
	storeUserName = "username"
	storeAppName  = "appname"
	// The type of a new cache, of Heimdal, too. A ccache takes precedence.
	storeUniqueCCache = "unique_ccache_type"
)

var storeKeys = []gss.StoreKey{
	{Name: storeCCache}, {Name: storeKeytab}, {Name: storeClientKeytab}, {Name: storeReplayCache},
	{Name: storePassword, Empty: true, Secret: true}, {Name: storeVerify, Empty: true},
	{Name: storeUserName}, {Name: storeAppName}, {Name: storeUniqueCCache},
}

// checkNames refuses invalid names, even if they are not needed for the requested usage, as MIT krb5 does. Whether a
// file exists shows when it is used.
func checkNames(env *krb5.Env, w gss.Wanted) error {
	if name := w.Store.Value(storeCCache); name != "" {
		if err := env.Library.CheckCCacheName(env, name); err != nil {
			return err
		}
	}
	for _, key := range []string{storeKeytab, storeClientKeytab} {
		if name := w.Store.Value(key); name != "" {
			if err := krb5.CheckKeytabName(name); err != nil {
				return err
			}
		}
	}
	name := w.Store.Value(storeReplayCache)
	if name == "" || w.Usage == gss.Initiate {
		return nil
	}
	cfg, err := env.Library.Config(env)
	if err == nil {
		_, err = krb5.OpenNamedReplayCache(env, cfg, name)
	}
	return err
}

// Store writes the tickets of c to a cache. In a collection, it is the client's own cache, whoever owns the primary
// one.
func (c *Element) Store(env *krb5.Env, store gss.CredStore, overwrite, toDefault bool) (gss.Stored, error) {
	from, err := c.Initiator()
	if err != nil {
		return gss.Stored{}, err
	}
	tickets := from.Copies(nil)
	defer func() {
		for _, t := range tickets {
			t.Wipe()
		}
	}()
	if _, ok := from.Expiry(); !ok {
		return gss.Stored{}, status.Errorf(status.NoCred, status.KG_EMPTY_CCACHE, "the credential of %s has no ticket", from.Principal)
	}
	if remaining(env, from) == 0 {
		return gss.Stored{}, status.Errorf(status.CredentialsExpired, status.KRB5KRB_AP_ERR_TKT_EXPIRED, "the tickets of %s have expired",
			from.Principal)
	}
	collection := store.Value(storeCCache)
	var name string
	if kind := store.Value(storeUniqueCCache); kind != "" && collection == "" {
		name, collection, err = env.Library.UniqueCCacheName(env, kind)
	} else {
		name, err = env.Library.CCacheNameFor(env, collection, from.Principal)
	}
	if err != nil {
		return gss.Stored{}, status.WithMajor(err, status.Failure)
	}
	if !overwrite {
		switch old, err := env.Library.OpenCCache(env, name); {
		case err == nil:
			defer old.Close()
			return gss.Stored{}, status.Errorf(status.DuplicateElement, status.Generic, "%s already exists, with tickets of %s",
				old.Name(), old.Principal)
		case !krb5.IsMissing(err):
			return gss.Stored{}, notWritten(err)
		}
	}
	entries := append(tickets, from.Configuration()...)
	written, err := krb5.CreateCCacheOffset(env, name, from.Principal, from.Offset(), entries...)
	if err != nil {
		return gss.Stored{}, notWritten(err)
	}
	defer written.Close()
	if toDefault {
		if err := env.Library.MakePrimary(env, collection, written); err != nil {
			return gss.Stored{}, err
		}
	}
	return gss.Stored{
		Mechs:       []token.OID{token.MechKRB5},
		Environment: []gss.Variable{{Name: "KRB5CCNAME", Value: written.Name()}},
	}, nil
}

// notWritten returns err as a failure where it says that there is no credential: it is the cache to write that lacks
// something, and not the credential to store.
func notWritten(err error) error {
	if status.Of(err).Major == status.NoCred {
		return status.WithMajor(err, status.Failure)
	}
	return err
}
