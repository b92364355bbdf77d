// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"crypto/subtle"
	"errors"
	"slices"

	"libgssapi/internal/crypto"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// TicketToSelf gets a ticket for user to the client of cc, a service (S4U2Self, MS-SFU, Section 3.1.5.1.1). It needs
// nothing from the user: the service itself claims to know who the user is. The ticket is not stored in cc. keytab
// returns the service's keys, which are needed if the KDC does not say whose ticket it returns. The caller wipes the
// ticket.
func TicketToSelf(env *Env, cfg *Config, cc *CCache, user token.Principal, opt TGSOptions,
	keytab func() (*Keytab, error)) (*Credential, error) {
	service := cc.Principal
	q := newRequester(env, cfg, cc, opt.EncTypes)
	defer q.wipe()
	if err := q.checkEnctypes(service); err != nil {
		return nil, err
	}
	env.Trace.Wanted(user, service)
	q.lifetime = opt.Lifetime
	tgt, err := q.startTGT(cc, service)
	if err != nil {
		return nil, err
	}
	// The enctype of this key determines the checksums over the user's name, and legacy enctypes have none that is safe
	// (MS-SFU, Section 2.2.2).
	if e := crypto.EType(tgt.Key.EType); e.Legacy() {
		return nil, status.Errorf(status.Failure, status.KRB5_BAD_ENCTYPE,
			"the ticket-granting ticket of %s has a session key of %s, with which the KDC cannot vouch for %s: "+
				"S4U2Self needs an AES key", service, e, user)
	}
	w := &walk{requester: q, cc: cc}
	at, err := w.to(tgt, user.Realm)
	if err != nil {
		return nil, err
	}
	cred, err := w.toSelf(at, service, user)
	if err != nil {
		return nil, selfRefused(err, service, user)
	}
	if cred.unvouched {
		if err := readOwnTicket(env, cfg, cred, keytab); err != nil {
			return nil, err
		}
	}
	return cred.copy(), nil
}

// readOwnTicket makes sure that the ticket a KDC gave a service for itself is for the expected client, and belongs to
// the reply. Heimdal's KDC, and thus Samba's, supports only the older half of S4U2Self (PA-FOR-USER), in which the
// ticket itself is the only evidence that the service can verify.
func readOwnTicket(env *Env, cfg *Config, cred *Credential, keytab func() (*Keytab, error)) error {
	unknown := func(err error) error {
		return status.Errorf(status.Failure, status.KRB5_KDCREP_MODIFIED, "the KDC's reply does not vouch for %s "+
			"(PA-S4U-X509-USER is missing), and the ticket cannot be read: %v", cred.Client, err)
	}
	kt, err := keytab()
	if err != nil {
		return unknown(err)
	}
	ticket, err := token.ParseTicket(cred.Ticket)
	if err != nil {
		return unknown(err)
	}
	_, key, plain, err := (&Acceptor{Keytab: kt, Config: cfg}).decryptTicket(env.Trace, ticket)
	if err != nil {
		return unknown(err)
	}
	key.Wipe()
	defer clear(plain)
	part, err := token.ParseEncTicketPart(plain)
	if err != nil {
		return unknown(err)
	}
	switch {
	case !part.Client.Equal(cred.Client):
		return status.Errorf(status.Failure, status.KRB5_KDCREP_MODIFIED,
			"the KDC's reply says that the ticket is of %s, but it is of %s", cred.Client, part.Client)
	// A ticket that the user once presented, even if it has since expired, is also the user's: an attacker may have
	// kept it.
	case part.Key.EType != cred.Key.EType || subtle.ConstantTimeCompare(part.Key.Value, cred.Key.Value) != 1:
		return status.Errorf(status.Failure, status.KRB5_KDCREP_MODIFIED,
			"the KDC's reply has another ticket of %s in it than the one that it was made for", cred.Client)
	}
	return nil
}

// toSelf starts in the user's realm, the only one that knows the user, and follows its KDCs' referrals back to the
// service's realm. The user's realm decides whom an enterprise name stands for; no other realm can change that.
func (w *walk) toSelf(tgt *Credential, service, user token.Principal) (*Credential, error) {
	var seen []string
	for {
		realm := tgtRealm(tgt)
		if slices.Contains(seen, realm) || len(seen) > maxHops {
			return nil, referralLoop(realm, service)
		}
		seen = append(seen, realm)
		asked := service
		if realm != service.Realm {
			asked = token.Principal{Type: token.NTEnterprise, Components: []string{service.String()}, Realm: realm}
		}
		cred, err := w.tgsFor(tgt, asked, inherited(tgt)|optCanonicalize, &actedFor{user: user})
		switch {
		case err != nil:
			return nil, err
		case cred.Server.Equal(service):
			return cred, nil
		case !cred.Server.IsTGS():
			return nil, status.Errorf(status.Failure, status.KRB5KRB_AP_WRONG_PRINC,
				"KDC of realm %s gave a ticket for %s, not for %s", realm, cred.Server, service)
		}
		if tgt = cred; !cred.user.Equal(user) {
			user = *cred.user
			user.Type = token.NTPrincipal
		}
	}
}

// selfRefused explains a KDC's refusal of S4U2Self.
func selfRefused(err error, service, user token.Principal) error {
	e := status.Of(err)
	if refused(err, codeUnknownPAData) {
		return status.Errorf(e.Major, e.Minor, "%s: the KDC does not support S4U2Self, which %s needs to get a ticket of %s", e.Text,
			service, user)
	}
	if errors.Is(err, Pending) {
		return err
	}
	return e
}

// proxied gets a ticket for the client of cc, on whose behalf service acts, to another service (S4U2Proxy, MS-SFU,
// Section 3.1.5.2.1).
func (q *requester) proxied(cc *CCache, service, server token.Principal) (*Credential, error) {
	user := cc.Principal
	evidence, err := q.evidence(cc, service)
	if err != nil {
		return nil, err
	}
	tgt, err := q.proxyTGT(cc, service)
	if err != nil {
		return nil, err
	}
	// The KDC of the service's realm knows who may act, and refers us to other realms. Its own service of that name is
	// not the target if that is known to be in another realm.
	asked := server
	asked.Realm = service.Realm
	elsewhere := server.Realm != "" && server.Realm != service.Realm
	cred, err := q.proxy(tgt, asked, user, evidence.Ticket)
	if elsewhere && (refused(err, codeUnknownServer, codeBadOption, codePolicy) || err == nil && !cred.Server.IsTGS()) {
		asked = token.Principal{Type: token.NTSrvInst, Components: []string{"krbtgt", server.Realm}, Realm: service.Realm}
		referral, failure := q.proxy(tgt, asked, user, evidence.Ticket)
		if err == nil || !refused(failure, codeUnknownServer) {
			cred, err = referral, failure
		}
	}
	if err == nil && cred.Server.IsTGS() && !server.IsTGS() {
		cred, err = q.proxiedElsewhere(tgt, cred, server)
	}
	if err != nil {
		return nil, proxyRefused(err, evidence, service, server)
	}
	cred.SecondTicket = evidence.Ticket
	return cred, nil
}

func (q *requester) proxy(tgt *Credential, server, user token.Principal, evidence []byte) (*Credential, error) {
	return q.tgsFor(tgt, server, inherited(tgt)|optCanonicalize|optCNameInAdditionalTicket,
		&actedFor{user: user, evidence: evidence})
}

// evidence finds the user's ticket for the service in a cache with which the service acts. A ticket for another name of
// the service's account will do, but only the KDC can tell. Such a ticket differs from those obtained with evidence in
// that the latter have the evidence as their second ticket.
func (q *requester) evidence(cc *CCache, service token.Principal) (*Credential, error) {
	creds := cc.Copies(func(cred *Credential) bool {
		return cc.owns(cred) && !cred.Server.IsTGS() && (cred.Server.Equal(service) || len(cred.SecondTicket) == 0)
	})
	q.own = append(q.own, creds...)
	cred := best(creds, func(cred *Credential) bool { return cred.Server.Equal(service) })
	if cred == nil {
		cred = best(creds, nil)
	}
	return cred, q.checkTicket(cc, cred, cc.Principal, service, service)
}

// proxyTGT finds the service's ticket-granting ticket in such a cache.
func (q *requester) proxyTGT(cc *CCache, service token.Principal) (*Credential, error) {
	tgs := tgsPrincipal(service.Realm, service.Realm)
	creds := cc.Copies(func(cred *Credential) bool {
		return cred.Client.Equal(service) && cred.Server.Equal(tgs) && !cred.IsSKey
	})
	q.own = append(q.own, creds...)
	cred := best(creds, nil)
	err := q.checkTicket(cc, cred, service, tgs, service)
	if err == nil && !q.soundKey(cred) {
		err = q.unusable(cc, cred, service)
	}
	return cred, err
}

// checkTicket returns an error if client's ticket for server is missing or unusable. service needs it to act for the
// client of cc.
func (q *requester) checkTicket(cc *CCache, cred *Credential, client, server, service token.Principal) error {
	switch {
	case cred == nil || cred.Flags&token.TicketInvalid != 0:
		return status.Errorf(status.NoCred, status.KRB5_CC_NOTFOUND,
			"Matching credential not found: %s has no ticket of %s for %s, with which %s could act for %s", cc.Name(), client, server,
			service, cc.Principal)
	case !cred.EndTime.After(q.now()):
		return status.Errorf(status.CredentialsExpired, status.KRB5KRB_AP_ERR_TKT_EXPIRED,
			"Ticket expired: the ticket of %s for %s in %s, with which %s acts for %s, expired at %s", client, server, cc.Name(),
			service, cc.Principal, utc(cred.EndTime))
	}
	return nil
}

// proxiedElsewhere continues in another realm, the target's, with two ticket-granting tickets for that realm: the
// service's own, and the user's, which replaces the evidence for which the KDC gave it (MS-SFU, Section 3.1.5.2.2).
func (q *requester) proxiedElsewhere(tgt, referral *Credential, server token.Principal) (*Credential, error) {
	user := referral.Client
	// The tickets obtained on the way do not belong in the cache, which is the user's.
	own := &walk{requester: q, cc: q.temporaryCache(tgt.Client)}
	realm := server.Realm
	ticket, err := own.refer(tgt, server)
	switch {
	case err != nil && (realm == "" || errors.Is(err, Pending)):
		return nil, err
	case realm == "":
		realm = ticket.Server.Realm
	}
	at, err := own.to(tgt, realm)
	if err != nil {
		return nil, err
	}
	users := &walk{requester: q, cc: q.temporaryCache(user)}
	evidence, err := users.to(referral, realm)
	if err != nil {
		return nil, err
	}
	server.Realm = realm
	cred, err := q.proxy(at, server, user, evidence.Ticket)
	if err == nil && cred.Server.IsTGS() {
		return nil, referralLoop(tgtRealm(cred), server) // it refers to itself, or has changed its mind
	}
	return cred, err
}

// proxyRefused explains a KDC's refusal of S4U2Proxy, for which an administrator must grant rights.
func proxyRefused(err error, evidence *Credential, service, server token.Principal) error {
	e := status.Of(err)
	switch {
	case errors.Is(err, Pending):
		return err
	case !refused(err, codeBadOption, codePolicy):
		return e
	case evidence.Flags&token.TicketForwardable == 0:
		return status.Errorf(e.Major, e.Minor, "%s: the ticket of %s for %s is not forwardable, so that only the entry of %s could "+
			"allow it (resource-based delegation). The user's account may forbid delegation, the service may not be trusted to get "+
			"tickets of users that can be passed on, or its own ticket-granting ticket is not forwardable", e.Text, evidence.Client,
			service, server)
	}
	return status.Errorf(e.Major, e.Minor, "%s: %s is not allowed to act for users at %s, neither by its own entry nor by the "+
		"target's", e.Text, service, server)
}
