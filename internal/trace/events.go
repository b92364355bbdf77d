// SPDX-License-Identifier: BSD-2-Clause

package trace

import (
	"net/netip"
	"strings"
	"time"

	"libgssapi/internal/crypto"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// What is configured, and where credentials come from.

// Configuration records the files that the configuration consists of, and those that do not exist.
func (l *Log) Configuration(read, missing []string) {
	if l != nil {
		l.event("Configuration: %s; missing: %s", list(read), list(missing))
	}
}

// Cache records the contents of a credential cache file.
func (l *Log) Cache(name string, client token.Principal, tickets int) {
	if l != nil {
		l.event("Credential cache %s: of %s, %d tickets", cache(name), client, tickets)
	}
}

// CacheUnusable records why a credential cache is not used.
func (l *Log) CacheUnusable(name string, err error) {
	if l != nil {
		l.event("Credential cache %s: %s", cache(name), reason(err))
	}
}

// ClientKeytab records that an initial ticket is requested with a client keytab.
func (l *Log) ClientKeytab(name string, client token.Principal) {
	if l != nil {
		l.event("Client keytab %s: a first ticket for %s is wanted", name, client)
	}
}

// ClientKeytabUnusable records why a client keytab is not used.
func (l *Log) ClientKeytabUnusable(name string, err error) {
	if l != nil {
		l.event("Client keytab %s: %s", name, reason(err))
	}
}

// Host names.

// HostName records the canonical name of a host.
func (l *Log) HostName(given, canonical string) {
	if l != nil {
		l.event("Host %s: its canonical name is %s", given, canonical)
	}
}

// HostRealm records the realm of a host, or "" if only a KDC knows it.
func (l *Log) HostRealm(host, realm string) {
	if l == nil {
		return
	}
	if realm == "" {
		l.event("Host %s: no realm in [domain_realm], the KDC is asked", host)
		return
	}
	l.event("Host %s: realm %s by [domain_realm]", host, realm)
}

// DNSRealm records the realm that DNS returns for a host, or why it returns none.
func (l *Log) DNSRealm(of, realm, why string) {
	if l == nil {
		return
	}
	if realm == "" {
		l.event("Realm %s: %s", of, why)
		return
	}
	l.event("Realm %s: %s by DNS", of, realm)
}

// Tickets.

// Wanted records that a service ticket is needed.
func (l *Log) Wanted(client, server token.Principal) {
	if l != nil {
		l.event("Ticket wanted: %s for %s", client, server)
	}
}

// Found records that a ticket is in the cache.
func (l *Log) Found(server token.Principal, name string, end time.Time) {
	if l != nil {
		l.event("Ticket found: %s in %s, valid until %s", server, cache(name), utc(end))
	}
}

// InitialRequest records that a KDC is asked for an initial ticket.
func (l *Log) InitialRequest(client token.Principal, etypes []crypto.EType, how string) {
	if l != nil {
		l.event("Request to realm %s: first ticket for %s, %s, enctypes %s", client.Realm, client, how, enctypes(etypes))
	}
}

// Request records that a KDC is asked for a service ticket.
func (l *Log) Request(server, tgt token.Principal, etypes []crypto.EType) {
	if l != nil {
		l.event("Request to realm %s: ticket for %s, with %s, enctypes %s", server.Realm, server, tgt, enctypes(etypes))
	}
}

// ActsFor records that the next request is a service's for a user: for a ticket for itself, or by one that it has.
func (l *Log) ActsFor(service, user token.Principal, byTicket bool) {
	if l == nil {
		return
	}
	how := "S4U2Self"
	if byTicket {
		how = "S4U2Proxy"
	}
	l.event("%s acts for %s: %s", service, user, how)
}

// Received records the ticket that a KDC issued.
func (l *Log) Received(server token.Principal, ticket, session int32, end time.Time) {
	if l != nil {
		l.event("Ticket received: %s, enctype %s, session key %s, valid until %s", server, crypto.EType(ticket),
			crypto.EType(session), utc(end))
	}
}

// Stored records whether a ticket was stored in the cache.
func (l *Log) Stored(server token.Principal, name string, err error) {
	if l == nil {
		return
	}
	if err != nil {
		l.event("Ticket not stored: %s in %s: %s", server, cache(name), reason(err))
		return
	}
	l.event("Ticket stored: %s in %s", server, cache(name))
}

// Forwarded records whether credentials are delegated.
func (l *Log) Forwarded(client token.Principal, err error) {
	if l == nil {
		return
	}
	if err != nil {
		l.event("Delegation left out: %s", reason(err))
		return
	}
	l.event("Delegation: a forwarded ticket of %s goes to the service", client)
}

// Exchanges with KDCs.

// Locating records where the KDCs of a realm are looked up.
func (l *Log) Locating(realm, where string) {
	if l != nil {
		l.event("Realm %s: KDCs by %s", realm, where)
	}
}

// PrimaryKDC records that the primary KDCs of a realm are asked because another KDC has refused a client.
func (l *Log) PrimaryKDC(realm string, err error) {
	if l != nil {
		l.event("Realm %s: once more with its primary KDCs: %s", realm, reason(err))
	}
}

// Resolved records the addresses of a KDC, or why there are none.
func (l *Log) Resolved(host string, addresses []netip.AddrPort, err error) {
	if l == nil {
		return
	}
	if err != nil {
		l.event("KDC %s: %v", host, err)
		return
	}
	texts := make([]string, len(addresses))
	for i, a := range addresses {
		texts[i] = a.String()
	}
	l.event("KDC %s: %s", host, list(texts))
}

// Sending records that a request is sent to an address of a KDC.
func (l *Log) Sending(octets int, to netip.AddrPort, proto string, again bool) {
	if l == nil {
		return
	}
	repeated := ""
	if again {
		repeated = " again"
	}
	l.event("Sending %d octets to %s/%s%s", octets, to, proto, repeated)
}

// Answer records that a reply was received.
func (l *Log) Answer(octets int, from netip.AddrPort, proto string) {
	if l != nil {
		l.event("Answer of %d octets from %s/%s", octets, from, proto)
	}
}

// NoAnswer records why there is no reply from an address of a KDC.
func (l *Log) NoAnswer(from netip.AddrPort, proto string, err error) {
	if l != nil {
		l.event("No answer from %s/%s: %v", from, proto, err)
	}
}

// Error records a KRB-ERROR, which anyone may have sent.
func (l *Log) Error(realm string, code int32, said string) {
	if l == nil {
		return
	}
	if said != "" {
		said = " (" + said + ")"
	}
	l.event("Answer of realm %s: error %d, %s%s", realm, code, status.OfKRBError(code).Text(), said)
}

// Ignored records why a reply was rejected.
func (l *Log) Ignored(from netip.AddrPort, proto string, err error) {
	if l != nil {
		l.event("Answer from %s/%s ignored: %s", from, proto, reason(err))
	}
}

// Acceptors.

// TicketTaken records which ticket was received, and where its key is searched for. The unencrypted part of a ticket
// is only what the client claims.
func (l *Log) TicketTaken(server token.Principal, kvno uint32, etype int32, keytab string) {
	if l != nil {
		l.event("Ticket taken: for %s, kvno %d, enctype %s; keys of %s", server, kvno, crypto.EType(etype), keytab)
	}
}

// KeyTried records whether a key from the keytab decrypts the ticket.
func (l *Log) KeyTried(principal token.Principal, kvno uint32, etype int32, decrypts bool) {
	if l == nil {
		return
	}
	verb := "does not decrypt"
	if decrypts {
		verb = "decrypts"
	}
	l.event("Key of %s, kvno %d, enctype %s: %s the ticket", principal, kvno, crypto.EType(etype), verb)
}

// KeyUnfit records why a key from the keytab is not tried.
func (l *Log) KeyUnfit(principal token.Principal, kvno uint32, etype int32, why string) {
	if l != nil {
		l.event("Key of %s, kvno %d, enctype %s: not tried, %s", principal, kvno, crypto.EType(etype), why)
	}
}

// Authenticated records the client that an authenticator names, and when the authenticator was created according to
// the client's clock.
func (l *Log) Authenticated(client token.Principal, made time.Time) {
	if l == nil {
		return
	}
	d, side := l.now().Sub(made).Round(time.Second), "behind"
	if d < 0 {
		d, side = -d, "ahead of"
	}
	l.event("Client %s: its clock, with the time on the way, is %s %s ours", client, d, side)
}

// AttributesLeftOut records why a part of the authorization data does not count; fault is "" if it does.
func (l *Log) AttributesLeftOut(client token.Principal, what, fault string) {
	if l == nil || fault == "" {
		return
	}
	l.event("Client %s: the attributes in its %s do not count: %s", client, what, fault)
}

// ReplayCache records the replay cache that stores a request, or "" if there is none.
func (l *Log) ReplayCache(path string) {
	if l == nil {
		return
	}
	if path == "" {
		l.event("Replay cache: none")
		return
	}
	l.event("Replay cache %s: the request is new", path)
}

// Contexts.

// Offered records the mechanisms that an initiator offers.
func (l *Log) Offered(mechs []token.OID) {
	if l == nil {
		return
	}
	texts := make([]string, len(mechs))
	for i, m := range mechs {
		texts[i] = m.String()
	}
	l.event("SPNEGO: %s offered", list(texts))
}

// Chosen records the mechanism that was selected.
func (l *Log) Chosen(mech token.OID) {
	if l != nil {
		l.event("SPNEGO: %s chosen", mech)
	}
}

// Established records that a context is established.
func (l *Log) Established(initiator, acceptor token.Principal, etype int32, flags uint32, end time.Time) {
	if l != nil {
		l.event("Context established: %s with %s, keys of %s, flags %#x, until %s", initiator, acceptor, crypto.EType(etype),
			flags, utc(end))
	}
}

// Failure records why a call fails.
func (l *Log) Failure(call string, err *status.Error) {
	if l != nil {
		l.event("%s fails: %s, minor %#x: %s", call, err.Major.Name(), uint32(err.Minor), err.Text)
	}
}

// cache names a credential cache; one that nobody else finds has no name.
func cache(name string) string {
	if name == "" {
		return "memory"
	}
	return name
}

func list(texts []string) string {
	if len(texts) == 0 {
		return "none"
	}
	return strings.Join(texts, " ")
}

func enctypes(etypes []crypto.EType) string {
	texts := make([]string, len(etypes))
	for i, e := range etypes {
		texts[i] = e.String()
	}
	return list(texts)
}

func reason(err error) string { return status.Of(err).Text }

func utc(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }
