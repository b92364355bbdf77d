// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"errors"
	"slices"

	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// maxHops bounds the number of realms on the path to a service. MIT's library follows ten referrals.
const maxHops = 10

// obtain gets a ticket for server from the KDCs, starting with tgt.
func (q *requester) obtain(cc *CCache, tgt *Credential, server token.Principal) (*Credential, error) {
	w := &walk{requester: q, cc: cc, delegate: true}
	cred, err := w.find(tgt, server)
	if err != nil {
		return nil, err
	}
	// As in MIT's library, a realm on the path that does not vouch for the next one removes ok-as-delegate from what
	// follows.
	if !w.delegate {
		cred.Flags &^= token.TicketOKAsDelegate
	}
	return cred, nil
}

// walk is the path from the client's realm to that of a service.
type walk struct {
	*requester
	cc       *CCache
	delegate bool // all cross-realm TGTs so far have ok-as-delegate
}

// find walks to the server's realm, if that is known, and asks there.
func (w *walk) find(tgt *Credential, server token.Principal) (*Credential, error) {
	if server.Realm != "" {
		at, err := w.to(tgt, server.Realm)
		if err != nil {
			return nil, err
		}
		return w.refer(at, server)
	}
	cred, err := w.refer(tgt, server)
	if !refused(err, codeUnknownServer) || len(server.Components) != 2 {
		return cred, err
	}
	// A KDC that does not support referrals may still know the realm named like the host's domain.
	host, _ := splitTrailer(server.Components[1])
	guess, failure := w.env.fallbackRealm(w.cfg, host)
	if errors.Is(failure, Pending) {
		return nil, failure
	}
	if guess == "" || guess == tgtRealm(tgt) {
		return nil, err
	}
	at, failure := w.to(tgt, guess)
	if failure == nil {
		cred, failure = w.refer(at, server)
	}
	if failure == nil || errors.Is(failure, Pending) {
		return cred, failure
	}
	return nil, err
}

// tgtRealm returns the realm for whose services a TGT gets tickets.
func tgtRealm(tgt *Credential) string { return tgt.Server.Components[1] }

// tgsPrincipal returns the name of realm's ticket-granting service as the KDC of issuer knows it: krbtgt/realm@issuer.
func tgsPrincipal(realm, issuer string) token.Principal {
	return token.Principal{Type: token.NTSrvInst, Components: []string{"krbtgt", realm}, Realm: issuer}
}

// use notes that a cross-realm TGT was used, and stores it if it is new.
func (w *walk) use(tgt *Credential, fresh bool) {
	if tgt.Flags&token.TicketOKAsDelegate == 0 {
		w.delegate = false
	}
	if fresh {
		w.save(w.cc, tgt)
	}
}

func inherited(tgt *Credential) uint32 { return tgt.Flags & inheritedOptions }

func referralLoop(realm string, server token.Principal) error {
	return status.Errorf(status.Failure, status.KRB5_KDC_UNREACH,
		"no ticket for %s: the KDCs' referrals go in a circle or too far, at realm %s", server, realm)
}

// refer uses tgt to ask for server, and follows referrals (RFC 6806, Section 8).
func (w *walk) refer(tgt *Credential, server token.Principal) (*Credential, error) {
	seen := []string{tgtRealm(tgt)}
	for {
		asked := server
		asked.Realm = tgtRealm(tgt)
		cred, err := w.tgs(tgt, asked, inherited(tgt)|optCanonicalize)
		if refused(err, codeBadOption) {
			// MIT KDCs before 1.7 refuse unknown options.
			cred, err = w.tgs(tgt, asked, inherited(tgt))
		}
		if err != nil || cred.Server.Equal(asked) || !cred.Server.IsTGS() {
			return cred, err
		}
		next := tgtRealm(cred)
		if slices.Contains(seen, next) || len(seen) > maxHops {
			return nil, referralLoop(next, server)
		}
		seen = append(seen, next)
		w.use(cred, true)
		tgt = cred
	}
}

// to gets a TGT for the realm target, by the path in [capaths] or else by the hierarchy of names (RFC 4120, Section
// 1.2). Each realm is asked first for the realm that is farthest along the path, because its KDC may know a shortcut.
func (w *walk) to(tgt *Credential, target string) (*Credential, error) {
	start := tgtRealm(tgt)
	if start == target {
		return tgt, nil
	}
	if cached := w.cachedTGT(w.cc, target, ""); cached != nil {
		w.use(cached, false)
		return cached, nil
	}
	server := tgsPrincipal(target, start)
	ahead := w.path(start, target)
	seen := []string{start}
	for tgtRealm(tgt) != target {
		next, err := w.step(tgt, ahead)
		if errors.Is(err, Pending) {
			return nil, err
		}
		if err != nil {
			return nil, status.Prefix(err, "no path to realm %s", target)
		}
		realm := tgtRealm(next)
		if slices.Contains(seen, realm) || len(seen) > maxHops {
			return nil, referralLoop(realm, server)
		}
		seen = append(seen, realm)
		if i := slices.Index(ahead, realm); i >= 0 {
			ahead = ahead[i+1:]
		} else {
			// The KDC sends us off the path, so only the target is left to ask for.
			ahead = []string{target}
		}
		tgt = next
	}
	return tgt, nil
}

// path returns the realms after start, ending with target.
func (w *walk) path(start, target string) []string {
	var path []string
	for _, realm := range w.cfg.Capath(start, target) {
		if realm != start && realm != target && !slices.Contains(path, realm) && len(path) < maxHops {
			path = append(path, realm)
		}
	}
	return append(path, target)
}

// step gets from the realm of tgt to one of those ahead.
func (w *walk) step(tgt *Credential, ahead []string) (*Credential, error) {
	var err error
	for _, realm := range slices.Backward(ahead) {
		if cached := w.cachedTGT(w.cc, realm, tgtRealm(tgt)); cached != nil {
			w.use(cached, false)
			return cached, nil
		}
		var next *Credential
		next, err = w.tgs(tgt, tgsPrincipal(realm, tgtRealm(tgt)), inherited(tgt))
		if err == nil {
			w.use(next, true)
			return next, nil
		}
		if !refused(err) {
			break
		}
	}
	return nil, err
}
