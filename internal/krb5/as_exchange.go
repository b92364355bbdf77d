// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"context"
	"errors"
	"time"

	"libgssapi/internal/crypto"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// maxMessages bounds the requests of one exchange: one without preauthentication, two of a mechanism, and all of them
// once more because of the clock or an expired cookie.
const maxMessages = 8

// maxProofs bounds the SPAKE proofs in one login, each of which lets an attacker in place of a KDC try one password.
// With honest KDCs, a second proof is needed because of an expired cookie, or by a primary KDC after a replica.
const maxProofs = 2

// asExchange is an AS exchange of several requests and replies (RFC 6113, Section 2). It runs on another thread than
// its caller and may outlast it, so it shares nothing with the caller.
type asExchange struct {
	*requester
	network *network
	request kdcRequest
	secret  secret
	armor   *fastArmor // nil: no FAST

	methods    []token.PAData    // what the KDC offered
	failed     []int32           // methods that failed before the client had proved anything
	hints      []token.ETypeInfo // what the KDC says about the client's keys
	key        *crypto.Key       // the client's long-term key by the KDC's hints; nil: not yet derived
	recipe     recipe            // how that key was derived
	iterations int64             // spent on all keys derived from the password
	proofs     int               // with SPAKE that were made
	mechanism  mechanism         // nil: none
	cookie     []token.PAData    // from the last reply
}

// mechanism is a preauthentication mechanism.
type mechanism interface {
	// name is for traces and error texts.
	name() string

	// prove returns the padata that authenticates the client in a request with the KDC-REQ-BODY body.
	prove(x *asExchange, body []byte) ([]token.PAData, error)

	// more processes a KDC's request for more preauthentication data.
	more(x *asExchange, methods []token.PAData) error

	// confirmed checks the padata of the AS-REP. It returns the key with which the AS-REP is encrypted, or nil if that
	// is the client's long-term key.
	confirmed(x *asExchange, padata []token.PAData) (*crypto.Key, error)

	// wipe overwrites the secrets of the mechanism.
	wipe()
}

func (q *requester) newASExchange(client token.Principal, s *secret, armor *Credential) (*asExchange, error) {
	// The exchange gets its own copy of what the requester changes.
	x := &asExchange{
		requester: &requester{env: q.env, cfg: q.cfg, etypes: q.etypes, lifetime: q.lifetime, offset: q.offset,
			noTimestamp: q.noTimestamp},
		network: q.env.network(),
		secret:  s.copy(),
	}
	if armor != nil {
		var err error
		if x.armor, err = newFastArmor(q.env, armor, q.now()); err != nil {
			x.wipe()
			return nil, err
		}
	}
	realm := client.Realm
	if x.lifetime == 0 {
		x.lifetime = q.cfg.TicketLifetime(realm)
	}
	x.request = kdcRequest{
		msgType: token.TypeASReq,
		options: q.cfg.KDCDefaultOptions(),
		client:  &client,
		server:  tgsPrincipal(realm, realm),
		etypes:  q.etypes,
	}
	if q.cfg.Forwardable(realm) {
		x.request.options |= token.TicketForwardable
	}
	if q.cfg.Proxiable(realm) {
		x.request.options |= token.TicketProxiable
	}
	if q.cfg.RenewLifetime(realm) > 0 {
		x.request.options |= token.TicketRenewable
	}
	if q.cfg.Canonicalize(realm) || client.Type == token.NTEnterprise {
		x.request.options |= optCanonicalize
	}
	return x, nil
}

// wipe overwrites all secrets. The credential that run returned belongs to the caller.
func (x *asExchange) wipe() {
	x.secret.wipe()
	x.restart()
	if x.armor != nil {
		x.armor.key.Wipe()
	}
}

// restart forgets the conversation.
func (x *asExchange) restart() {
	if x.key != nil {
		x.key.Wipe()
	}
	if x.mechanism != nil {
		x.mechanism.wipe()
	}
	x.methods, x.failed, x.hints, x.key, x.mechanism, x.cookie = nil, nil, nil, nil, nil, nil
}

// primaryLimit bounds the time for asking the primary KDCs, because there is already an answer.
const primaryLimit = 10 * time.Second

// login makes the exchange with the KDCs of the realm. A replica may not know a new password or a new client yet. So if
// it refuses the client, the primary KDCs are asked, as in MIT krb5, and if they can be reached, their answer counts.
func (x *asExchange) login(ctx context.Context) (*Credential, error) {
	cred, err := x.run(ctx)
	if !refused(err) && !hasMinor(err, status.KRB5KRB_AP_ERR_BAD_INTEGRITY) || referredTo(err) != "" || x.proofs == maxProofs {
		return cred, err
	}
	ctx, cancel := context.WithTimeout(ctx, primaryLimit)
	defer cancel()
	realm := x.request.client.Realm
	primaries := x.network.primaries(ctx, x.cfg, realm, x.network.from)
	if len(primaries) == 0 {
		return nil, err
	}
	x.network.only = primaries
	x.network.trace.PrimaryKDC(realm, err)
	x.restart()
	cred, failure := x.run(ctx)
	if hasMinor(failure, status.KRB5_KDC_UNREACH) {
		return nil, err
	}
	return cred, failure
}

func hasMinor(err error, minor status.Minor) bool { return err != nil && status.Of(err).Minor == minor }

// run sends requests until there is a ticket or a final error. A proof that was refused is not tried again by any
// means: that would count against the account.
func (x *asExchange) run(ctx context.Context) (*Credential, error) {
	for range maxMessages {
		cred, err := x.exchange(ctx)
		var r *refusal
		if !errors.As(err, &r) {
			return cred, err
		}
		methods, err := x.methodData(&r)
		if err == nil {
			err = x.next(r, methods)
		}
		if err != nil {
			return nil, err
		}
	}
	return nil, status.Errorf(status.Failure, status.KRB5_GET_IN_TKT_LOOP,
		"no ticket for %s: the KDC keeps asking for more preauthentication", x.request.client)
}

// next prepares the request that follows a refusal, or returns the refusal. methods is the METHOD-DATA of the refusal,
// which anyone can have written if there is no armor.
func (x *asExchange) next(r *refusal, methods []token.PAData) error {
	// A KDC knows the client's realm before it asks for a proof. Without FAST, a referral after a proof may be an
	// attacker's, who wants to be given one proof after another in the name of ever new realms.
	r.referral = x.request.options&optCanonicalize != 0 && (x.mechanism == nil || x.armor != nil)
	switch r.message.Code {
	case codePreauthRequired:
		if x.mechanism != nil {
			return r
		}
		x.methods = methods
		x.remember(methods)
		return x.choose(methods)
	case codePreauthFailed:
		// SPAKE without a common group: nothing has been proved yet, so no attempt has failed.
		if s, ok := x.mechanism.(*spake); !ok || s.reply != nil {
			return r
		}
		x.mechanism, x.failed = nil, append(x.failed, token.PASPAKE)
		x.remember(x.methods)
		return x.choose(x.methods)
	case codeMorePreauthData:
		if x.mechanism == nil {
			return r
		}
		x.remember(methods)
		return x.mechanism.more(x, methods)
	case codePreauthExpired:
		x.restart()
		return nil
	case codeSkew:
		if !x.adjust(r) {
			return r
		}
		x.restart()
		return nil
	}
	return r
}

// remember keeps the cookie, which must be in the next request (RFC 6113, Section 5.2).
func (x *asExchange) remember(methods []token.PAData) {
	x.cookie = nil
	if cookie := token.FindPAData(methods, token.PAFXCookie); cookie != nil {
		x.cookie = []token.PAData{*cookie}
	}
}

// exchange sends one request. If the KDC refuses it, the error is a *refusal.
func (x *asExchange) exchange(ctx context.Context) (*Credential, error) {
	var err error
	r := &x.request
	if r.nonce, err = newNonce(x.env.Rand); err != nil {
		return nil, err
	}
	now := x.now()
	r.till = now.Add(x.lifetime)
	if renew := x.cfg.RenewLifetime(r.client.Realm); renew > 0 {
		r.rtime = now.Add(renew)
	}
	body := r.message().MarshalBody()
	padata := x.cookie
	how := "without preauthentication"
	if x.mechanism != nil {
		proof, err := x.mechanism.prove(x, body)
		if err != nil {
			return nil, err
		}
		padata = append(padata, proof...)
		how = "with " + x.mechanism.name()
	}
	padata = append(padata, token.PAData{Type: token.PAReqEncPARep, Value: []byte{}})
	if x.armor != nil {
		armored, err := x.armor.request(x.env, padata, body)
		if err != nil {
			return nil, err
		}
		padata = []token.PAData{armored}
		how += ", in FAST"
	}
	request := r.marshal(padata...)
	x.network.trace.InitialRequest(*r.client, x.etypes, how)
	return x.ask(ctx, x.network, r, *r.client, request, func(reply []byte) (*Credential, error) {
		return x.verify(reply, request)
	})
}

// verify makes a credential from an AS-REP that answers the request and comes from a KDC that has the client's key.
// With kdc_timesync the KDC's clock counts instead of ours: the nonce shows that the reply is fresh.
func (x *asExchange) verify(reply, request []byte) (*Credential, error) {
	rep, err := token.ParseKDCRep(reply, token.TypeASRep)
	if err != nil {
		return nil, status.Errorf(status.Failure, status.KRB5KRB_AP_ERR_MSG_TYPE, "its reply is not an AS-REP: %v", err)
	}
	padata := rep.PAData
	var fast *token.FastResponse
	if x.armor != nil {
		if fast, err = x.armor.finished(rep, uint32(x.request.nonce)); err != nil {
			return nil, err
		}
		defer wipeStrengthenKey(fast)
		padata = fast.PAData
	}
	key, err := x.replyKey(rep, padata, fast)
	if err != nil {
		return nil, err
	}
	defer key.Wipe()
	part, err := decryptReply(rep, replyKey{key, usageASRep})
	if err != nil {
		return nil, status.Errorf(status.Failure, status.KRB5KRB_AP_ERR_BAD_INTEGRITY, "%v; or %s", err, x.secret.doubt())
	}
	if err := requestConfirmed(part, key, request); err != nil {
		clear(part.Key.Value)
		return nil, err
	}
	return x.accept(rep, part)
}

// replyKey returns the key of enc-part. It is the client's long-term key unless the mechanism replaces it, and FAST may
// strengthen it (RFC 6113, Section 5.4.3).
func (x *asExchange) replyKey(rep *token.KDCRep, padata []token.PAData, fast *token.FastResponse) (*crypto.Key, error) {
	var key *crypto.Key
	var err error
	if x.mechanism != nil {
		if key, err = x.mechanism.confirmed(x, padata); err != nil {
			return nil, err
		}
	}
	if key == nil {
		if key, err = x.longTermKey(rep, padata, fast != nil && fast.StrengthenKey != nil); err != nil {
			return nil, err
		}
	}
	if fast == nil || fast.StrengthenKey == nil {
		return key, nil
	}
	defer key.Wipe()
	strengthen, err := crypto.NewKey(crypto.EType(fast.StrengthenKey.EType), fast.StrengthenKey.Value)
	if err != nil {
		return nil, modified("has a bad strengthen-key: %v", err)
	}
	defer strengthen.Wipe()
	return crypto.CF2(strengthen, key, "strengthenkey", "replykey")
}

// requestConfirmed checks that the KDC received the request as it was sent, if the KDC supports that (RFC 6806, Section
// 11).
func requestConfirmed(part *token.EncKDCRepPart, key *crypto.Key, request []byte) error {
	if part.Flags&token.TicketEncPARep == 0 {
		return nil
	}
	unconfirmed := modified("does not confirm the request, which was changed on the way")
	pa := token.FindPAData(part.PAData, token.PAReqEncPARep)
	if pa == nil {
		return unconfirmed
	}
	sum, err := token.ParseChecksum(pa.Value)
	if err != nil || sum.Type != key.EType().ChecksumType() || !key.VerifyChecksum(usageASReq, request, sum.Sum) {
		return unconfirmed
	}
	return nil
}

// accept compares a decrypted reply with the request, and wipes the key in one that it refuses. If it was asked to
// canonicalize, or the client is an enterprise name, the KDC may return another client name and realm. The client's realm
// must be that of the TGT, which is in the encrypted part. The name itself is not encrypted, unless FAST protects it: a
// caller that must be sure of it has the ticket verified.
func (x *asExchange) accept(rep *token.KDCRep, part *token.EncKDCRepPart) (cred *Credential, err error) {
	defer func() {
		if err != nil {
			clear(part.Key.Value)
		}
	}()
	request, client := x.request, *x.request.client
	switch {
	case rep.Client.Equal(client):
	case request.options&optCanonicalize == 0:
		return nil, modified("is for %s, not for %s", rep.Client, client)
	case len(rep.Client.Components) == 0 || rep.Client.Realm == "" || !part.Server.IsTGS() ||
		part.Server.Components[1] != rep.Client.Realm || part.Server.Realm != rep.Client.Realm:
		return nil, modified("is for %s, but has a ticket for %s", rep.Client, part.Server)
	default:
		client, request.server = rep.Client, part.Server
	}
	switch {
	case !part.Server.Equal(request.server):
		return nil, modified("is a ticket for %s, not for %s", part.Server, request.server)
	case part.EndTime.After(request.till):
		return nil, modified("is a ticket until %s, which is later than we asked for", utc(part.EndTime))
	case part.RenewTill.After(request.till) && part.RenewTill.After(request.rtime):
		return nil, modified("can be renewed until %s, which is later than we asked for", utc(part.RenewTill))
	}
	now := x.now()
	if x.cfg.KDCTimesync() {
		now = part.AuthTime
	}
	cred, err = request.verify(rep, part, client, now, x.cfg.ClockSkew())
	if err == nil {
		// The flag is as trustworthy as the KDC's confirmation of the request (requestConfirmed).
		cred.fast = part.Flags&token.TicketEncPARep != 0 && token.FindPAData(part.PAData, token.PAFXFast) != nil
	}
	return cred, err
}

// encryptedTime returns a PA-ENC-TS-ENC (RFC 4120, Section 5.2.7.2) encrypted with a key.
func (x *asExchange) encryptedTime(key *crypto.Key, usage uint32) ([]byte, error) {
	cipher, err := key.Encrypt(usage, token.MarshalTimestamp(x.now()), x.env.Rand)
	if err != nil {
		return nil, err
	}
	stamp := token.EncryptedData{EType: int32(key.EType()), Cipher: cipher}
	return stamp.Marshal(), nil
}
