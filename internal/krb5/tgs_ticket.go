// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"errors"
	"slices"
	"strings"
	"time"

	"libgssapi/internal/crypto"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// TGSOptions say what kind of service ticket to get.
type TGSOptions struct {
	// EncTypes lists the enctypes of session keys that the caller can use, best first. Nil: default_tgs_enctypes.
	EncTypes []crypto.EType

	// Lifetime is how long the ticket should be valid from now on; 0 is as long as the ticket-granting ticket. The KDC
	// may grant less, and a cached ticket with a longer lifetime is also used.
	Lifetime time.Duration
}

// ServiceTicket returns a ticket for server, for the client of cc: the one in cc if it is still good, else one from the
// KDCs, which is then stored in cc, as are cross-realm TGTs obtained on the way. If a service acts for the client, the
// service gets the ticket (S4U2Proxy). If server has no realm, the client's KDC finds it (RFC 6806, Section 8). The
// caller wipes the ticket.
func ServiceTicket(env *Env, cfg *Config, cc *CCache, server token.Principal, opt TGSOptions) (*Credential, error) {
	q := newRequester(env, cfg, cc, opt.EncTypes)
	defer q.wipe()
	if err := q.checkEnctypes(server); err != nil {
		return nil, err
	}
	env.Trace.Wanted(cc.Principal, server)
	q.setLifetime(cc, opt.Lifetime)
	cached := q.cachedTicket(cc, server)
	if q.lasts(cached) {
		return cached.copy(), nil
	}
	cred, err := q.firstKnown(cc, server)
	switch {
	case err != nil && cached != nil && !errors.Is(err, Pending):
		return cached.copy(), nil // although it ends earlier than asked for
	case err != nil:
		return nil, err
	}
	// The cache must find it under the name that was asked for.
	cred.Server = server
	q.save(cc, cred)
	return cred.copy(), nil
}

// firstKnown gets a ticket for the first of the principals that server may stand for that has one in the cache or that
// a KDC knows.
func (q *requester) firstKnown(cc *CCache, server token.Principal) (*Credential, error) {
	var failures []string
	var last error
	for candidate, err := range Candidates(q.env, q.cfg, server) {
		var cred *Credential
		if err == nil {
			cred, err = q.cachedOrNew(cc, candidate)
		}
		if err == nil || errors.Is(err, Pending) {
			return cred, err
		}
		e := status.Of(err)
		failures = append(failures, e.Text)
		last = status.Errorf(e.Major, e.Minor, "%s", strings.Join(failures, "; and "))
		if e.Minor != status.KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN && e.Minor != status.KRB5_CC_NOTFOUND {
			break
		}
	}
	return nil, last
}

func (q *requester) cachedOrNew(cc *CCache, server token.Principal) (*Credential, error) {
	if cred := q.cachedTicket(cc, server); q.lasts(cred) {
		return cred, nil
	}
	if service, ok := cc.Impersonator(); ok {
		return q.proxied(cc, service, server)
	}
	tgt, err := q.startTGT(cc, server)
	if err != nil {
		return nil, err
	}
	return q.obtain(cc, tgt, server)
}

func newRequester(env *Env, cfg *Config, cc *CCache, etypes []crypto.EType) *requester {
	if etypes == nil {
		etypes = cfg.TGSEnctypes()
	}
	return &requester{env: env, cfg: cfg, etypes: etypes, offset: cc.Offset()}
}

// setLifetime makes the requester look for tickets with this lifetime, 0 being the default.
func (q *requester) setLifetime(cc *CCache, lifetime time.Duration) {
	if lifetime == 0 {
		return
	}
	q.lifetime = lifetime
	if latest := q.latest(cc); !latest.IsZero() {
		q.end = q.now().Truncate(time.Second).Add(lifetime)
		if q.end.After(latest) {
			q.end = latest
		}
	}
}

// latest returns the latest end of a new ticket: that of the ticket-granting ticket, and of the evidence. It is zero if
// there are only the tickets in the cache.
func (q *requester) latest(cc *CCache) time.Time {
	service, ok := cc.Impersonator()
	if !ok {
		if tgt := q.cachedTGT(cc, cc.startRealm(), cc.startRealm()); tgt != nil {
			return tgt.EndTime
		}
		return time.Time{}
	}
	tgt, err := q.proxyTGT(cc, service)
	if err != nil {
		return time.Time{}
	}
	evidence, err := q.evidence(cc, service)
	if err != nil || evidence.EndTime.After(tgt.EndTime) {
		return tgt.EndTime
	}
	return evidence.EndTime
}

// lasts reports whether cred exists and is valid for long enough.
func (q *requester) lasts(cred *Credential) bool { return cred != nil && !cred.EndTime.Before(q.end) }

// plain reduces an error to its status, dropping what only this package uses.
func plain(err error) error { return status.Of(err) }

// save stores a credential. If the cache cannot be written, that is no reason to fail, because we have the ticket.
func (q *requester) save(cc *CCache, cred *Credential) {
	err := cc.Store(cred)
	q.env.Trace.Stored(cred.Server, cc.Name(), err)
}

// usable reports whether cred is the client's and valid at now. Its start time does not matter: a postdated ticket is
// marked invalid until the KDC has validated it, and a slow clock must not hide a ticket.
func usable(cc *CCache, cred *Credential, now time.Time) bool {
	return cc.owns(cred) && cred.EndTime.After(now) && cred.Flags&token.TicketInvalid == 0
}

// newest returns the usable credential that counts among those that match accepts, or nil if there is none.
func (q *requester) newest(cc *CCache, match func(*Credential) bool) *Credential {
	now := q.now()
	cred := cc.best(func(cred *Credential) bool { return usable(cc, cred, now) && match(cred) })
	if cred != nil {
		q.own = append(q.own, cred)
	}
	return cred
}

// cachedTicket looks for a ticket for server. If server has no realm, it is a ticket that an earlier call got by
// referral, or one of the client's own realm.
func (q *requester) cachedTicket(cc *CCache, server token.Principal) *Credential {
	find := func(server token.Principal) *Credential {
		return q.newest(cc, func(cred *Credential) bool {
			return cred.Server.Equal(server) && slices.Contains(q.etypes, crypto.EType(cred.Key.EType)) && q.soundKey(cred)
		})
	}
	cred := find(server)
	if cred == nil && server.Realm == "" {
		server.Realm = cc.Principal.Realm
		cred = find(server)
	}
	if cred != nil {
		q.env.Trace.Found(cred.Server, cc.Name(), cred.EndTime)
	}
	return cred
}

// cachedTGT looks for a TGT for realm, issued by any realm if issuer is "".
func (q *requester) cachedTGT(cc *CCache, realm, issuer string) *Credential {
	return q.newest(cc, func(cred *Credential) bool {
		return cred.Server.IsTGS() && cred.Server.Components[1] == realm && (issuer == "" || cred.Server.Realm == issuer) &&
			q.soundKey(cred)
	})
}

// soundKey reports whether we can and may use the session key: other programs write the cache, too.
func (q *requester) soundKey(cred *Credential) bool {
	e := crypto.EType(cred.Key.EType)
	return q.allows(e) && len(cred.Key.Value) == e.KeySize()
}

func (q *requester) allows(e crypto.EType) bool {
	return e.Supported() && slices.Contains(q.cfg.TGSEnctypes(), e)
}

// startTGT returns the TGT with which all other tickets are obtained. server is for error texts.
func (q *requester) startTGT(cc *CCache, server token.Principal) (*Credential, error) {
	realm := cc.startRealm()
	if tgt := q.cachedTGT(cc, realm, realm); tgt != nil {
		q.env.Trace.Found(tgt.Server, cc.Name(), tgt.EndTime)
		return tgt, nil
	}
	if err := cc.Fault(); err != nil {
		return nil, err
	}
	creds := cc.Credentials()
	if tgt := cc.startTGT(creds, realm); tgt != nil {
		return nil, q.unusable(cc, tgt, server)
	}
	ticket := best(creds, func(cred *Credential) bool { return cc.owns(cred) && cred.Server.Equal(server) })
	if ticket != nil && !ticket.EndTime.After(q.now()) {
		return nil, status.Errorf(status.CredentialsExpired, status.KRB5KRB_AP_ERR_TKT_EXPIRED,
			"Ticket expired: the ticket for %s in %s expired at %s, and it has no ticket-granting ticket of %s", server, cc.Name(),
			utc(ticket.EndTime), cc.Principal)
	}
	return nil, status.Errorf(status.NoCred, status.KRB5_CC_NOTFOUND,
		"Matching credential not found: %s has neither a ticket for %s nor a ticket-granting ticket of %s", cc.Name(), server, cc.Principal)
}

// unusable says why the TGT that counts cannot be used.
func (q *requester) unusable(cc *CCache, tgt *Credential, server token.Principal) error {
	e := crypto.EType(tgt.Key.EType)
	switch {
	case !tgt.EndTime.After(q.now()):
		return status.Errorf(status.CredentialsExpired, status.KRB5KRB_AP_ERR_TKT_EXPIRED,
			"Ticket expired: %s has no ticket for %s, and the ticket-granting ticket of %s expired at %s", cc.Name(), server,
			cc.Principal, utc(tgt.EndTime))
	case tgt.Flags&token.TicketInvalid != 0:
		return status.Errorf(status.NoCred, status.KRB5KRB_AP_ERR_TKT_INVALID,
			"the ticket-granting ticket of %s in %s is marked invalid: it must be validated first", cc.Principal, cc.Name())
	case !q.allows(e):
		return status.Errorf(status.Failure, status.KRB5_BAD_ENCTYPE,
			"the ticket-granting ticket of %s in %s has a session key of enctype %d (%s), which is not supported, or not allowed by "+
				"default_tgs_enctypes or permitted_enctypes in %s", cc.Principal, cc.Name(), tgt.Key.EType, e, q.cfg.source())
	}
	return status.Errorf(status.DefectiveCredential, status.KRB5_BAD_KEYSIZE,
		"the ticket-granting ticket of %s in %s has a session key of %d octets for %s", cc.Principal, cc.Name(),
		len(tgt.Key.Value), e)
}

// checkEnctypes returns an error if no enctype is left.
func (q *requester) checkEnctypes(server token.Principal) error {
	if len(q.etypes) > 0 {
		return nil
	}
	return status.Errorf(status.Failure, status.KRB5_CONFIG_ETYPE_NOSUPP,
		"no ticket for %s: no supported enctype is allowed by default_tgs_enctypes or permitted_enctypes in %s and by the "+
			"program", server, q.cfg.source())
}
