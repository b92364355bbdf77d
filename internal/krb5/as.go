// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jcmturner/gokrb5/v8/iana/keyusage"
	"github.com/jcmturner/gokrb5/v8/iana/patype"

	"libgssapi/internal/crypto"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// optRenewableOK takes a renewable ticket where the lifetime asked for is only to be had so (RFC 4120, Section 5.4.1).
const optRenewableOK uint32 = 1 << (31 - 27)

// InitialCredential gets a TGT for client with a long-term key (the AS exchange, RFC 4120, Section 3.1), with encrypted
// timestamp if the KDC wants preauthentication. keyFor returns the client's key of an enctype, nil if there is none.
// The KDC is told only of enctypes for which there is a key, so that it chooses one of them; salts and string-to-key
// parameters of its answer do not matter to keys.
func InitialCredential(ctx context.Context, env *Env, cfg *Config, client token.Principal, lifetime time.Duration,
	keyFor func(etype crypto.EType) *crypto.Key) (*Credential, error) {
	if lifetime == 0 {
		lifetime = cfg.TicketLifetime()
	}
	q := &requester{env: env, cfg: cfg, lifetime: lifetime}
	defer q.wipe()
	var keys []*crypto.Key
	for _, e := range cfg.TktEnctypes() {
		if key := keyFor(e); key != nil {
			q.etypes = append(q.etypes, e)
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 {
		return nil, status.Errorf(status.NoCred, status.KRB5_KT_NOTFOUND,
			"no key of %s has an enctype of default_tkt_enctypes", client)
	}
	cred, err := q.as(ctx, client, keys)
	if q.adjust(err) {
		cred, err = q.as(ctx, client, keys)
	}
	if err != nil {
		return nil, plain(err)
	}
	return cred.copy(), nil
}

// ClockOffset returns how far the KDC's clock is ahead of ours, for the cache of tgt, which has just been issued.
// It is zero with kdc_timesync off; up to two seconds are rounding and delay.
func ClockOffset(env *Env, cfg *Config, tgt *Credential) time.Duration {
	offset := tgt.AuthTime.Sub(env.Now()).Round(time.Second)
	if !cfg.KDCTimesync() || offset.Abs() <= 2*time.Second {
		return 0
	}
	return offset
}

// as makes one exchange without preauthentication and, if the KDC asks for it, one with it. A refused timestamp is not
// tried again with another key: that would count against the account.
func (q *requester) as(ctx context.Context, client token.Principal, keys []*crypto.Key) (*Credential, error) {
	x, err := q.newAS(client, keys)
	if err != nil {
		return nil, err
	}
	cred, err := q.asOnce(ctx, x)
	if !refused(err, codePreauthRequired) {
		return cred, err
	}
	var r *refusal
	errors.As(err, &r)
	padata, err := q.answer(x, r.message.Data)
	if err != nil {
		return nil, err
	}
	return q.asOnce(ctx, x, padata...)
}

// asExchange is one AS-REQ and what is needed to verify its AS-REP.
type asExchange struct {
	kdcRequest
	keys []*crypto.Key
}

func (q *requester) newAS(client token.Principal, keys []*crypto.Key) (*asExchange, error) {
	nonce, err := newNonce(q.env.Rand)
	if err != nil {
		return nil, err
	}
	now := q.now()
	x := &asExchange{
		kdcRequest: kdcRequest{
			msgType: token.TypeASReq,
			options: optRenewableOK,
			client:  &client,
			server:  token.Principal{Type: token.NTSrvInst, Components: []string{"krbtgt", client.Realm}, Realm: client.Realm},
			till:    now.Add(q.lifetime),
			nonce:   nonce,
			etypes:  q.etypes,
		},
		keys: keys,
	}
	if q.cfg.Forwardable() {
		x.options |= token.TicketForwardable
	}
	if q.cfg.Proxiable() {
		x.options |= token.TicketProxiable
	}
	if d := q.cfg.RenewLifetime(); d > 0 {
		x.options |= token.TicketRenewable
		x.rtime = now.Add(d)
	}
	return x, nil
}

func (q *requester) asOnce(ctx context.Context, x *asExchange, padata ...token.PAData) (*Credential, error) {
	key := fmt.Sprintf("AS %s %v %d %d %d", x.client, q.etypes, q.offset, q.lifetime, len(padata))
	x = x.copy() // the question may go on when our caller has wiped its keys
	n := q.env.network()
	cred, err := q.await(ctx, key, func(ctx context.Context) (*Credential, error) {
		defer x.wipe()
		n.trace.InitialRequest(*x.client, q.etypes, len(padata) > 0)
		return q.ask(ctx, n, &x.kdcRequest, *x.client, x.marshal(padata...), func(reply []byte) (*Credential, error) {
			return x.verify(reply, q.now(), q.cfg.ClockSkew(), q.cfg.KDCTimesync())
		})
	})
	if !errors.Is(err, Pending) {
		x.wipe()
	}
	return cred, err
}

// copy returns x with keys of its own.
func (x *asExchange) copy() *asExchange {
	c := *x
	c.keys = make([]*crypto.Key, len(x.keys))
	for i, key := range x.keys {
		c.keys[i] = key.Copy()
	}
	return &c
}

func (x *asExchange) wipe() {
	for _, key := range x.keys {
		key.Wipe()
	}
}

// verify makes a credential of an AS-REP that answers x, and is from a KDC that has the client's key. With timesync the
// KDC's clock counts and not ours: the nonce shows that the reply is fresh.
func (x *asExchange) verify(reply []byte, now time.Time, skew time.Duration, timesync bool) (*Credential, error) {
	rep, err := token.ParseKDCRep(reply, token.TypeASRep)
	if err != nil {
		return nil, status.Errorf(status.Failure, status.KRB5KRB_AP_ERR_MSG_TYPE, "its reply is no AS-REP: %v", err)
	}
	var candidates []replyKey
	for _, key := range x.keys {
		candidates = append(candidates, replyKey{key, keyusage.AS_REP_ENCPART})
	}
	part, err := decryptReply(rep, candidates...)
	if err != nil {
		return nil, status.Errorf(status.Failure, status.KRB5KRB_AP_ERR_BAD_INTEGRITY, "%v", err)
	}
	if timesync {
		now = part.AuthTime
	}
	return x.kdcRequest.verify(rep, part, *x.client, now, skew)
}

// answer makes the padata for a KDC that wants preauthentication; hints is the METHOD-DATA of its KRB-ERROR, which
// anyone can have written.
func (q *requester) answer(x *asExchange, hints []byte) ([]token.PAData, error) {
	methods, err := token.ParseMethodData(hints)
	if err != nil {
		return nil, status.Errorf(status.Failure, status.KRB5KDC_ERR_PREAUTH_REQUIRED,
			"KDC of realm %s wants preauthentication for %s and does not say which", x.server.Realm, x.client)
	}
	key, offered := x.keys[0], false
	var padata []token.PAData
	for _, method := range methods {
		switch method.Type {
		case patype.PA_ENC_TIMESTAMP:
			offered = true
		case patype.PA_FX_COOKIE:
			padata = append(padata, method)
		case patype.PA_ETYPE_INFO2:
			info, err := token.ParseETypeInfo2(method.Value)
			if err != nil {
				continue
			}
			if k := x.preferred(info); k != nil {
				key = k
			}
		}
	}
	if !offered {
		return nil, status.Errorf(status.Failure, status.KRB5KDC_ERR_PREAUTH_REQUIRED,
			"KDC of realm %s does not offer encrypted timestamp to %s", x.server.Realm, x.client)
	}
	stamp, err := q.encryptedTimestamp(key)
	if err != nil {
		return nil, err
	}
	return append(padata, token.PAData{Type: patype.PA_ENC_TIMESTAMP, Value: stamp}), nil
}

// preferred returns our key of the first enctype in the KDC's list for which we have one.
func (x *asExchange) preferred(info []int32) *crypto.Key {
	for _, etype := range info {
		for _, key := range x.keys {
			if int32(key.EType()) == etype {
				return key
			}
		}
	}
	return nil
}

// encryptedTimestamp makes a PA-ENC-TIMESTAMP (RFC 4120, Section 5.2.7.2).
func (q *requester) encryptedTimestamp(key *crypto.Key) ([]byte, error) {
	cipher, err := key.Encrypt(keyusage.AS_REQ_PA_ENC_TIMESTAMP, token.MarshalTimestamp(q.now()), q.env.Rand)
	if err != nil {
		return nil, err
	}
	stamp := token.EncryptedData{EType: int32(key.EType()), Cipher: cipher}
	return stamp.Marshal(), nil
}
