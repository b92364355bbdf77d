// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"libgssapi/internal/crypto"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// maxRequests bounds the number of messages that one call may send, whatever KDCs and [capaths] say.
const maxRequests = 32

// KRB-ERROR codes that change what we do next (RFC 4120, Section 7.5.9).
const (
	codeUnknownServer   = 7
	codePolicy          = 12
	codeBadOption       = 13
	codeUnknownPAData   = 16
	codePreauthRequired = 25
	codeSkew            = 37
)

// requester makes the KDC exchanges of one call.
type requester struct {
	env    *Env
	cfg    *Config
	etypes []crypto.EType // of session keys, best first
	offset time.Duration  // how far the KDCs' clocks are ahead of ours
	sent   int

	lifetime time.Duration // wanted for service tickets; 0: the longest possible
	end      time.Time     // until when cached tickets must be valid; zero: now

	noArmor     bool // no FAST in the AS exchange: it is the one that gets the armor ticket
	noTimestamp bool // no encrypted timestamp in the AS exchange

	own    []*Credential // with their own copies of keys
	caches []*CCache     // for this call only
}

// wipe wipes all credentials that the requester has obtained.
func (q *requester) wipe() {
	for _, cred := range q.own {
		cred.Wipe()
	}
	for _, cc := range q.caches {
		cc.Close()
	}
	q.own, q.caches = nil, nil
}

// temporaryCache returns a cache for tickets of client that are of use during this call only.
func (q *requester) temporaryCache(client token.Principal) *CCache {
	cc := NewMemoryCCache(client)
	q.caches = append(q.caches, cc)
	return cc
}

func (q *requester) now() time.Time { return q.env.Now().Add(q.offset) }

// refusal is a KRB-ERROR in reply to a request. It is not authenticated: it may end an attempt, but must not make us
// trust more than before.
type refusal struct {
	err     *status.Error
	message *token.KRBError
	at      time.Time // when it came, by our clock

	referral bool // the realm that it names, if any, may be asked: the request had the canonicalize option
}

func (r *refusal) Error() string { return r.err.Text }
func (r *refusal) Unwrap() error { return r.err }

// refused reports whether err is a KDC's refusal with one of these codes, or with any code if none is given.
func refused(err error, codes ...int32) bool {
	var r *refusal
	return errors.As(err, &r) && (len(codes) == 0 || slices.Contains(codes, r.message.Code))
}

// refuse makes an error of a KRB-ERROR. The ticket was to be for server and issued to client.
func refuse(m *token.KRBError, at time.Time, realm string, server, client token.Principal) *refusal {
	minor := status.OfKRBError(m.Code)
	why := status.TextOfKRBError(m.Code)
	switch minor { // the two that name a principal, as with MIT krb5
	case status.KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN:
		why = fmt.Sprintf("Server %s not found in Kerberos database", server)
	case status.KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN:
		why = fmt.Sprintf("Client '%s' not found in Kerberos database", client)
	}
	said := m.Message()
	if said != "" {
		said = " (" + said + ")"
	}
	return &refusal{err: status.Errorf(status.Failure, minor, "%s: KDC of realm %s refused %s a ticket for %s%s",
		why, realm, client, server, said), message: m, at: at}
}

// ask sends a request and lets verify judge the replies.
func (q *requester) ask(ctx context.Context, n *network, r *kdcRequest, client token.Principal, request []byte,
	verify func(reply []byte) (*Credential, error)) (*Credential, error) {
	var cred *Credential
	var no *refusal
	_, err := n.send(ctx, q.cfg, r.server.Realm, request, func(reply []byte) error {
		if m, err := token.ParseKRBError(reply); err == nil {
			no = refuse(m, q.env.Now(), r.server.Realm, r.server, client)
			if no.err.Minor == status.KRB5KDC_ERR_ETYPE_NOSUPP {
				no.err.Text += "; we offered " + etypeNames(r.etypes) // others may only need to be allowed in krb5.conf
			}
			n.trace.Error(r.server.Realm, m.Code, m.Message())
			return nil
		}
		var err error
		cred, err = verify(reply)
		return err
	})
	if err == nil && no != nil {
		return nil, no
	}
	if err == nil && n.trace != nil {
		var enc token.EncryptedData
		if t, err := token.ParseTicket(cred.Ticket); err == nil {
			enc = t.Enc
		}
		n.trace.Received(cred.Server, enc.EType, cred.Key.EType, cred.EndTime)
	}
	return cred, err
}

// maxOffset bounds the clock offset that an unauthenticated message can talk us into: an authenticator dated far in the
// future could be kept until then and used.
const maxOffset = 24 * time.Hour

// adjust takes over the KDC's time from its KRB_AP_ERR_SKEW, unless kdc_timesync is off. An attacker who sends a wrong
// time gains nothing: replies that do not fit the time are refused.
func (q *requester) adjust(err error) bool {
	var r *refusal
	if !errors.As(err, &r) || r.message.Code != codeSkew || !q.cfg.KDCTimesync() {
		return false
	}
	// Relative to when the refusal came: the call may be repeated, and must then ask the same questions.
	offset := r.message.STime.Sub(r.at)
	if offset.Abs() > maxOffset {
		return false
	}
	if (offset - q.offset).Abs() < time.Second {
		return false // that was our time already
	}
	q.offset = offset
	return true
}

// tgs uses tgt to ask the KDC of server.Realm for a ticket for server.
func (q *requester) tgs(tgt *Credential, server token.Principal, options uint32) (*Credential, error) {
	return q.tgsFor(tgt, server, options, nil)
}

// tgsFor is tgs for a user on whose behalf tgt's client acts; nil: tgt's client acts for itself.
func (q *requester) tgsFor(tgt *Credential, server token.Principal, options uint32, user *actedFor,
) (*Credential, error) {
	cred, err := q.tgsOnce(tgt, server, options, user)
	if q.adjust(err) {
		cred, err = q.tgsOnce(tgt, server, options, user)
	}
	return cred, err
}

func (q *requester) tgsOnce(tgt *Credential, server token.Principal, options uint32, user *actedFor,
) (*Credential, error) {
	key := fmt.Sprintf("TGS %s %x %v %d %d %x %s", server, options, q.etypes, q.offset, q.lifetime, tgt.Ticket, user.key())
	tgt = tgt.copy() // the question may outlast the requester
	n := q.env.network()
	cred, err := q.await(key, func(ctx context.Context) (*Credential, error) {
		defer tgt.Wipe()
		x, request, err := q.newTGS(tgt, server, options, user)
		if err != nil {
			return nil, err
		}
		defer x.wipe()
		if user != nil {
			n.trace.ActsFor(x.client, user.user, user.evidence != nil)
		}
		n.trace.Request(server, tgt.Server, q.etypes)
		return q.ask(ctx, n, &x.kdcRequest, x.whose(), request, func(reply []byte) (*Credential, error) {
			return x.verify(reply, q.now(), q.cfg.ClockSkew())
		})
	})
	if !errors.Is(err, Pending) {
		tgt.Wipe()
	}
	return cred, err
}

// await counts the request and has it made. The credential is the requester's own copy, which the requester wipes.
func (q *requester) await(key string, ask func(context.Context) (*Credential, error)) (*Credential, error) {
	if q.sent++; q.sent > maxRequests {
		return nil, status.Errorf(status.Failure, status.KRB5_KDC_UNREACH,
			"no ticket after %d requests to KDCs: they do not agree on the path", maxRequests)
	}
	cred, err := await(q.env, q.cfg, key, ask)
	if cred != nil {
		q.own = append(q.own, cred)
	}
	return cred, err
}

// tgsExchange is one TGS-REQ, with what it takes to verify the TGS-REP (RFC 4120, Section 3.3).
type tgsExchange struct {
	kdcRequest
	session *crypto.Key // of the TGT
	subkey  *crypto.Key // of the authenticator, ours
	client  token.Principal
	user    *actedFor // nil: the ticket is for the client itself
}

// newTGS builds a TGS-REQ.
func (q *requester) newTGS(tgt *Credential, server token.Principal, options uint32, user *actedFor,
) (*tgsExchange, []byte, error) {
	session, subkey, err := requestKeys(q.env, tgt)
	if err != nil {
		return nil, nil, err
	}
	x := &tgsExchange{
		kdcRequest: kdcRequest{
			msgType: token.TypeTGSReq,
			options: options,
			server:  server,
			till:    q.till(tgt, server),
			etypes:  q.etypes,
			tickets: user.tickets(),
		},
		session: session,
		subkey:  subkey,
		client:  tgt.Client,
		user:    user,
	}
	request, err := x.request(q, tgt)
	if err != nil {
		x.wipe()
		return nil, nil, err
	}
	return x, request, nil
}

// request encodes the TGS-REQ. Its authenticator names the client's own realm, which is not that of the TGT after the
// first hop.
func (x *tgsExchange) request(q *requester, tgt *Credential) (request []byte, err error) {
	if x.nonce, err = newNonce(q.env.Rand); err != nil {
		return nil, err
	}
	auth := token.Authenticator{
		Client: tgt.Client,
		Checksum: &token.Checksum{
			Type: x.session.EType().ChecksumType(),
			Sum:  x.session.Checksum(usageTGSReqSum, x.message().MarshalBody()),
		},
		Subkey: &token.EncryptionKey{EType: int32(x.subkey.EType()), Value: x.subkey.Bytes()},
	}
	auth.CTime, auth.CUSec = splitTime(q.now())
	ap, err := newAPReq(q.env, tgt, x.session, usageTGSAuthenticator, &auth)
	if err != nil {
		return nil, err
	}
	padata := []token.PAData{{Type: token.PATGSReq, Value: ap.Marshal()}}
	return x.marshal(append(padata, x.userData()...)...), nil
}

// wipe overwrites the keys of the exchange.
func (x *tgsExchange) wipe() {
	x.session.Wipe()
	x.subkey.Wipe()
}

// till returns the end time to ask for in a ticket for server.
func (q *requester) till(tgt *Credential, server token.Principal) time.Time {
	end := q.now().Add(q.lifetime)
	if q.lifetime == 0 || server.IsTGS() || end.After(tgt.EndTime) {
		return tgt.EndTime
	}
	return end
}

// verify makes a credential from a TGS-REP that answers x and comes from the KDC.
func (x *tgsExchange) verify(reply []byte, now time.Time, skew time.Duration) (*Credential, error) {
	rep, err := token.ParseKDCRep(reply, token.TypeTGSRep)
	if err != nil {
		return nil, status.Errorf(status.Failure, status.KRB5KRB_AP_ERR_MSG_TYPE, "its reply is not a TGS-REP: %v", err)
	}
	// Most KDCs use the subkey. Some ignore it; MIT's library accepts that.
	part, err := decryptReply(rep,
		replyKey{x.subkey, usageTGSRepSubkey},
		replyKey{x.session, usageTGSRepSession})
	if err != nil {
		return nil, status.Errorf(status.Failure, status.KRB5KRB_AP_ERR_BAD_INTEGRITY, "%v", err)
	}
	return x.accept(rep, part, now, skew)
}

// accept compares a decrypted reply with the request. It wipes the key in a reply that it refuses.
func (x *tgsExchange) accept(rep *token.KDCRep, part *token.EncKDCRepPart, now time.Time, skew time.Duration,
) (cred *Credential, err error) {
	defer func() {
		if err != nil {
			clear(part.Key.Value)
		}
	}()
	of, err := x.repliedClient(rep, part)
	if err != nil {
		return nil, err
	}
	if cred, err = x.kdcRequest.verify(rep, part, of.client, now, skew); err != nil {
		return nil, err
	}
	cred.unvouched, cred.user = !of.vouched, of.user
	return cred, nil
}

// verify compares a decrypted reply with the request (RFC 4120, Sections 3.1.5 and 3.3.4). The service's name is the
// one in enc-part: the one in the ticket can be changed on the way (CVE-2017-11103), so it must be the same but decides
// nothing.
func (r *kdcRequest) verify(rep *token.KDCRep, part *token.EncKDCRepPart, client token.Principal, now time.Time,
	skew time.Duration) (*Credential, error) {
	cred := replyCredential(rep, part)
	switch {
	case part.Nonce != uint32(r.nonce):
		return nil, modified("answers another request")
	case !rep.Client.Equal(client):
		return nil, modified("is for %s, not for %s", rep.Client, client)
	case !rep.Ticket.SName.Equal(cred.Server):
		return nil, modified("has a ticket for %s, but vouches for %s", rep.Ticket.SName, cred.Server)
	case !r.allows(cred.Server):
		return nil, modified("is a ticket for %s, not for %s", cred.Server, r.server)
	case !slices.Contains(r.etypes, crypto.EType(cred.Key.EType)):
		return nil, status.Errorf(status.Failure, status.KRB5_BAD_ENCTYPE,
			"its reply has a session key of enctype %d, which we did not ask for", cred.Key.EType)
	case len(cred.Key.Value) != crypto.EType(cred.Key.EType).KeySize():
		return nil, status.Errorf(status.Failure, status.KRB5_BAD_KEYSIZE, "its reply has a session key of %d octets for %s",
			len(cred.Key.Value), crypto.EType(cred.Key.EType))
	}
	if !cred.EndTime.After(cred.start()) {
		return nil, modified("is a ticket that ends before it begins")
	}
	if !cred.StartTime.IsZero() && cred.StartTime.Sub(now).Abs() > skew || !cred.EndTime.After(now.Add(-skew)) {
		return nil, status.Errorf(status.Failure, status.KRB5_KDCREP_SKEW,
			"its reply is a ticket from %s to %s: our clock, at %s, is more than %s off",
			utc(cred.start()), utc(cred.EndTime), utc(now), skew)
	}
	cred.Client.Type = client.Type
	// Whatever a KDC calls its realm, its tickets are filed under the realm that was asked. Otherwise a foreign KDC
	// could put a ticket-granting ticket of the user's own realm into the cache.
	cred.Server.Realm = r.server.Realm
	return cred, nil
}

// allows reports whether a ticket for got may answer the request. A KDC may name another ticket-granting service of its
// own, to which it refers us (RFC 4120, Section 3.3.1; RFC 6806, Section 8). With canonicalize it may also name the
// service, and its own realm, by the names that it prefers (RFC 6806, Sections 6 and 8): realms of Active Directory
// have a short name as well.
func (r *kdcRequest) allows(got token.Principal) bool {
	if got.Equal(r.server) {
		return true
	}
	if len(got.Components) == 0 || got.Realm == "" || got.IsTGS() && got.Components[1] == "" {
		return false
	}
	return r.options&optCanonicalize != 0 || got.Realm == r.server.Realm && r.server.IsTGS() && got.IsTGS()
}

func utc(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05Z") }
