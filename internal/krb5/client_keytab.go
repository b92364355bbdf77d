// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"strconv"
	"time"

	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// FromClientKeytab obtains a ticket-granting ticket with a key of a client keytab and stores it in a cache, where other
// programs find it as well. keytab "" is the default one (KRB5_CLIENT_KTNAME, else default_client_keytab_name), and
// ccache "" the default cache. A nil client is the keytab's first principal; one without a realm is in the default
// realm. lifetime is what to ask the KDC for, 0 being the default of krb5.conf. If there is no client keytab, the cache
// and the error are nil.
func FromClientKeytab(env *Env, client *token.Principal, keytab, ccache string, lifetime time.Duration,
) (*CCache, error) {
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
	if err != nil {
		env.Trace.ClientKeytabUnusable(keytab, err)
	}
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
	if len(kt.Newest(*client)) == 0 {
		return nil, status.Errorf(status.NoCred, status.KRB5_KT_NOTFOUND, "Key table entry not found: no key for %s in %s", client, kt)
	}
	env.Trace.ClientKeytab(kt.Name, *client)
	tgt, err := InitialCredential(env, cfg, *client, lifetime, kt.newestKeys(*client))
	if err != nil {
		return nil, err
	}
	defer tgt.Wipe()
	half := tgt.start().Add(tgt.EndTime.Sub(tgt.start()) / 2)
	entries := append(loginEntries(tgt), tgt, refreshEntry(*client, half))
	return CreateCCacheOffset(env, ccache, *client, ClockOffset(env, cfg, tgt), entries...)
}

// ClientKeytabPrincipal returns the first principal of a client keytab, "" being the default one, or nil if there is
// none.
func ClientKeytabPrincipal(env *Env, keytab string) *token.Principal {
	if keytab == "" {
		cfg, err := env.Library.Config(env)
		if err != nil {
			return nil
		}
		if keytab, err = cfg.ClientKeytabName(env); err != nil {
			return nil
		}
	}
	kt, err := env.Library.OpenKeytab(env, keytab)
	if err != nil {
		return nil
	}
	return kt.First()
}

// A cache that was filled with a client keytab says when to refresh its ticket, in seconds since 1970, as in MIT krb5:
// halfway through its lifetime, which leaves time if no KDC can be reached.
const refreshKey = "refresh_time"

// refreshPause is how long to wait after a failed refresh.
const refreshPause = 30 * time.Second

func refreshEntry(client token.Principal, t time.Time) *Credential {
	return configEntry(client, refreshKey, strconv.AppendInt(nil, t.Unix(), 10))
}

// RefreshDue reports whether to refresh the cache's ticket with a client keytab, even if it is still valid.
func (c *CCache) RefreshDue(env *Env) bool {
	value, ok := c.Config(refreshKey)
	t, err := strconv.ParseInt(string(value), 10, 64)
	return ok && err == nil && t != 0 && env.Now().Unix() >= t
}

// PutOffRefresh keeps other users of the cache from trying again at once. It does not matter if it fails.
func (c *CCache) PutOffRefresh(env *Env) {
	_ = c.SetConfig(refreshKey, strconv.AppendInt(nil, env.Now().Add(refreshPause).Unix(), 10))
}
