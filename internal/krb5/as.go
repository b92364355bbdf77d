// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"context"
	"errors"
	"fmt"
	"time"

	"libgssapi/internal/crypto"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// optRenewableOK accepts a renewable ticket if that is the only way to get the lifetime asked for (RFC 4120, Section
// 5.4.1).
const optRenewableOK uint32 = 1 << (31 - 27)

// KRB-ERROR codes of the AS exchange (RFC 4120, Section 7.5.9; RFC 6113, Section 7.2).
const (
	codePreauthFailed   = 24
	codeWrongRealm      = 68
	codePreauthExpired  = 90
	codeMorePreauthData = 91
)

// InitialCredential gets a TGT for client with a long-term key (the AS exchange, RFC 4120, Section 3.1).
func InitialCredential(env *Env, cfg *Config, client token.Principal, lifetime time.Duration, keyFor keySource,
) (*Credential, error) {
	q := newInitialRequester(env, cfg, lifetime)
	defer q.wipe()
	return q.initialWithKeys(client, keyFor)
}

// keySource returns a client's long-term key of an enctype, or nil if there is none. The caller wipes the key.
type keySource func(crypto.EType) (*crypto.Key, error)

// initialWithKeys is initial for a client with long-term keys. It offers the KDC only enctypes for which there is a
// key, so that the KDC chooses one of them. Salts and string-to-key parameters in the reply do not matter.
func (q *requester) initialWithKeys(client token.Principal, keyFor keySource) (*Credential, error) {
	var s secret
	defer s.wipe()
	for _, e := range q.cfg.TktEnctypes() {
		key, err := keyFor(e)
		if err != nil {
			return nil, err
		}
		if key != nil {
			q.etypes = append(q.etypes, e)
			s.keys = append(s.keys, key)
		}
	}
	if len(s.keys) == 0 {
		return nil, status.Errorf(status.NoCred, status.KRB5_KT_NOTFOUND,
			"no key of %s has an enctype of default_tkt_enctypes", client)
	}
	return q.initial(client, &s)
}

// PasswordCredential gets a TGT for client with its password. No copy of the password is left when it returns. If
// client is an enterprise name (NT-ENTERPRISE), the KDC returns a TGT for the principal that it stands for (RFC 6806,
// Section 5).
func PasswordCredential(env *Env, cfg *Config, client token.Principal, lifetime time.Duration,
	password []byte) (*Credential, error) {
	q := newInitialRequester(env, cfg, lifetime)
	defer q.wipe()
	if q.etypes = cfg.TktEnctypes(); len(q.etypes) == 0 {
		return nil, status.Errorf(status.Failure, status.KRB5_CONFIG_ETYPE_NOSUPP,
			"no ticket for %s: no supported enctype is allowed by default_tkt_enctypes or permitted_enctypes in %s", client, cfg.source())
	}
	return q.initial(client, &secret{password: password})
}

// CCacheFromPassword gets a TGT with a password and puts it into a cache in memory that has no name.
func CCacheFromPassword(env *Env, client token.Principal, lifetime time.Duration, password []byte,
	verify *Verify) (*CCache, error) {
	cfg, err := env.Library.Config(env)
	if err != nil {
		return nil, err
	}
	if client.Realm == "" {
		if client.Realm, err = env.DefaultRealm(); err != nil {
			return nil, err
		}
	}
	tgt, err := PasswordCredential(env, cfg, client, lifetime, password)
	if err != nil {
		return nil, err
	}
	if verify != nil {
		if err := verify.initial(env, cfg, tgt); err != nil {
			tgt.Wipe()
			return nil, err
		}
	}
	return memoryCCacheOf(&ccacheContents{
		principal: tgt.Client, offset: ClockOffset(env, cfg, tgt), creds: []*Credential{tgt}, config: loginEntries(tgt),
	}), nil
}

func newInitialRequester(env *Env, cfg *Config, lifetime time.Duration) *requester {
	return &requester{env: env, cfg: cfg, lifetime: lifetime}
}

// initial asks the client's realm and follows its referrals. If one realm must not be sent an encrypted timestamp,
// neither are the realms after it: without FAST, anyone could have named them.
func (q *requester) initial(client token.Principal, s *secret) (*Credential, error) {
	for hops := 0; ; hops++ {
		q.noTimestamp = q.noTimestamp || q.cfg.DisableEncryptedTimestamp(client.Realm)
		armor, err := q.armor(client.Realm)
		if err != nil {
			return nil, err
		}
		cred, err := q.as(client, s, armor)
		realm := referredTo(err)
		switch {
		case err == nil:
			return cred.copy(), nil
		case realm == "" || realm == client.Realm:
			return nil, plain(err)
		case hops == maxHops:
			return nil, status.Errorf(status.Failure, status.KRB5_GET_IN_TKT_LOOP,
				"no ticket for %s: more than %d realms refer to another one", client, maxHops)
		}
		client.Realm = realm
	}
}

// referredTo returns the realm to which a KDC refers the client (RFC 6806, Section 7), or "" if err is not a referral.
func referredTo(err error) string {
	var r *refusal
	if !errors.As(err, &r) || !r.referral || r.message.Code != codeWrongRealm || r.message.Client == nil {
		return ""
	}
	return r.message.Client.Realm
}

// as makes the AS exchange with one realm. The whole exchange is one question to the network, because each message
// depends on the reply to the previous one and on the client's secret.
func (q *requester) as(client token.Principal, s *secret, armor *Credential) (*Credential, error) {
	// The armor ticket may be for the same client: a reply obtained with its keys must not answer for a password.
	key := fmt.Sprintf("AS %s %v %d keys=%t armor=%t", client, q.etypes, q.lifetime, s.keys != nil, armor != nil)
	x, err := q.newASExchange(client, s, armor)
	if err != nil {
		return nil, err
	}
	cred, err := q.await(key, func(ctx context.Context) (*Credential, error) {
		defer x.wipe()
		return x.login(ctx)
	})
	if !errors.Is(err, Pending) {
		x.wipe()
	}
	return cred, err
}

// ClockOffset returns how far the KDC's clock is ahead of ours, judging by tgt, which has just been issued. It is zero
// if kdc_timesync is off. Up to two seconds are put down to rounding and delay.
func ClockOffset(env *Env, cfg *Config, tgt *Credential) time.Duration {
	offset := tgt.AuthTime.Sub(env.Now()).Round(time.Second)
	if !cfg.KDCTimesync() || offset.Abs() <= 2*time.Second {
		return 0
	}
	return offset
}
