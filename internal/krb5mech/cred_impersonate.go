// SPDX-License-Identifier: BSD-2-Clause

package krb5mech

import (
	"libgssapi/internal/gss"
	"libgssapi/internal/krb5"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// oidImpersonator asks for the service that acts for a credential's client (MIT's GSS_KRB5_GET_CRED_IMPERSONATOR).
const oidImpersonator token.OID = mitInquiry + "\x0e"

// AcquireImpersonating implements gss.Impersonating. It asks the KDC for the user's ticket for the service (S4U2Self).
func (m Mechanism) AcquireImpersonating(env *krb5.Env, by *gss.Cred, w gss.Wanted) (gss.Element, error) {
	c, err := In(by, m.oid())
	if err != nil {
		return nil, err
	}
	if _, err := c.Initiator(); err != nil {
		return nil, err
	}
	cache := c.primary()
	if cache == nil {
		return nil, noCache(env, gss.CredStore{}, nil, nil)
	}
	if service, ok := cache.Impersonator(); ok {
		return nil, status.Errorf(status.Failure, status.G_BAD_USAGE,
			"%s cannot act for users: %s already acts for it", cache.Principal, service)
	}
	user, err := Principal(env, w.Name)
	if err != nil {
		return nil, err
	}
	if user.Realm == "" || w.Name.IsAnonymous() {
		return nil, status.Errorf(status.BadName, status.KRB5_PARSE_MALFORMED, "%s is not a user in a known realm", user)
	}
	cfg, err := env.Library.Config(env)
	if err != nil {
		return nil, err
	}
	ticket, err := krb5.TicketToSelf(env, cfg, cache, user,
		krb5.TGSOptions{EncTypes: c.EncTypes(cfg.TGSEnctypes()), Lifetime: kerberosLifetime(w.Lifetime)},
		func() (*krb5.Keytab, error) { return c.keytab(env) })
	if err != nil {
		return nil, err
	}
	defer ticket.Wipe()
	return actingFor(cache, ticket)
}

// primary returns the cache of an initiator if no target is needed to select one, else nil.
func (c *Element) primary() *krb5.CCache {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.initiator == nil || c.initiator.absent {
		return nil
	}
	return c.initiator.cache
}

// keytab returns the acceptor's keytab, else the default one.
func (c *Element) keytab(env *krb5.Env) (*krb5.Keytab, error) {
	if c.acceptor != nil {
		return openKeytab(env, c.acceptor.keytabName, false)
	}
	return openKeytab(env, "", false)
}

// actingFor returns an element with which the service that owns cache acts for the client of evidence.
func actingFor(cache *krb5.CCache, evidence *krb5.Credential) (*Element, error) {
	proxy, err := krb5.NewProxyCCache(cache, evidence)
	if err != nil {
		return nil, err
	}
	return &Element{usage: gss.Initiate, initiator: &initiator{cache: proxy}}, nil
}

// actForClient gives an acceptor whose credential also initiates a credential with which to act for a client that has
// delegated nothing (S4U2Proxy). As in MIT krb5, there is one for every client, and the KDC decides what it is good
// for. Other acceptors, and those without a ticket-granting ticket at the time, get none.
func (x *acceptance) actForClient() {
	if x.delegated != nil || !x.args.Delegation || x.own.usage != gss.Both || x.flags&gss.FlagDCE != 0 {
		return
	}
	cache := x.own.primary()
	if cache == nil || remaining(x.env, cache) == 0 || !cache.HasTGT() {
		return
	}
	evidence := x.verified.Evidence()
	defer evidence.Wipe()
	if e, err := actingFor(cache, evidence); err == nil {
		x.delegated = gss.NewCred(token.MechKRB5, e)
		x.flags |= gss.FlagDeleg
	}
}
