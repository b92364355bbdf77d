// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// ForwardedTGT gets a TGT for the client of cc that a server may use on the client's behalf (RFC 4120, Section 2.6). It
// has no addresses, so that it works on any host, and is not stored in cc. The caller wipes it.
func ForwardedTGT(env *Env, cfg *Config, cc *CCache) (*Credential, error) {
	q := newRequester(env, cfg, cc, nil)
	defer q.wipe()
	server := tgsPrincipal(cc.Principal.Realm, cc.Principal.Realm)
	tgt, err := q.startTGT(cc, server)
	if err != nil {
		return nil, err
	}
	if tgt.Flags&token.TicketForwardable == 0 {
		return nil, status.Errorf(status.Failure, status.KRB5_TKT_NOT_FORWARDABLE,
			"the ticket-granting ticket of %s in %s is not forwardable", cc.Principal, cc.Name())
	}
	server.Components = tgt.Server.Components
	server.Realm = tgtRealm(tgt)
	cred, err := q.tgs(tgt, server, inherited(tgt)|token.TicketForwardable|token.TicketForwarded)
	if err != nil {
		return nil, plain(err)
	}
	if !cred.Server.Equal(server) || cred.Flags&token.TicketForwarded == 0 {
		return nil, status.Errorf(status.Failure, status.KRB5_KDCREP_MODIFIED,
			"KDC of realm %s gave a ticket for %s instead of the forwarded one that was asked for", server.Realm, cred.Server)
	}
	return cred.copy(), nil
}
