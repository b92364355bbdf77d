// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"context"

	"libgssapi/internal/crypto"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// FromClientKeytab obtains a ticket-granting ticket with a key of a client keytab, "" being the default one
// (KRB5_CLIENT_KTNAME, else default_client_keytab_name), and puts it into the cache ccache, "" being the default one, where
// other programs find it, too. client is nil for the keytab's first principal; without a realm it is of the default one.
// The cache is nil, without an error, where there is no client keytab.
func FromClientKeytab(cx context.Context, env *Env, client *token.Principal, keytab, ccache string) (*CCache, error) {
	cfg, err := env.Library.Config(env)
	if err != nil {
		return nil, err
	}
	if keytab == "" {
		if keytab, err = cfg.ClientKeytabName(env); err != nil {
			return nil, err
		}
	}
	kt, err := env.Library.OpenKeytab(env, keytab)
	if IsMissing(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if client == nil {
		if client = kt.First(); client == nil {
			return nil, status.Errorf(status.NoCred, status.KRB5_KT_NOTFOUND, "%s holds no key", kt)
		}
	}
	if client.Realm == "" {
		own := *client
		if own.Realm, err = env.DefaultRealm(); err != nil {
			return nil, err
		}
		client = &own
	}
	newest := kt.Newest(*client)
	if len(newest) == 0 {
		return nil, status.Errorf(status.NoCred, status.KRB5_KT_NOTFOUND, "Key table entry not found: no key for %s in %s", client, kt)
	}
	keys := make(map[crypto.EType]*crypto.Key)
	defer func() {
		for _, key := range keys {
			key.Wipe()
		}
	}()
	for etype, e := range newest {
		if keys[etype], err = kt.Key(e); err != nil {
			delete(keys, etype)
			return nil, err
		}
	}
	tgt, err := InitialCredential(cx, env, cfg, *client, func(etype crypto.EType) *crypto.Key { return keys[etype] })
	if err != nil {
		return nil, err
	}
	defer tgt.Wipe()
	return CreateCCacheOffset(env, ccache, *client, ClockOffset(env, cfg, tgt), tgt)
}
