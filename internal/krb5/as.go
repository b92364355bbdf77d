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

// optRenewableOK takes a renewable ticket where the lifetime asked for is only to be had so (RFC 4120, Section 5.4.1).
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

// keySource returns a client's long-term key of an enctype, nil if there is none. Whoever calls it wipes the key.
type keySource func(crypto.EType) (*crypto.Key, error)

// initialWithKeys is initial for a client with long-term keys. It tells the KDC only of enctypes for which there is a key,
// so that the KDC chooses one of them; salts and string-to-key parameters in its reply do not matter.
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

// PasswordCredential gets a TGT for client with its password, of which no copy is left when it returns: the caller has
// the only one. A client's name of the type NT-ENTERPRISE is one that a KDC knows another name for (RFC 6806, Section 5).
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

// CCacheFromPassword puts a TGT that the password gives into a cache that nobody else finds.
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
	return newMemoryCCache(tgt.Client, ClockOffset(env, cfg, tgt), tgt), nil
}

func newInitialRequester(env *Env, cfg *Config, lifetime time.Duration) *requester {
	if lifetime == 0 {
		lifetime = cfg.TicketLifetime()
	}
	return &requester{env: env, cfg: cfg, lifetime: lifetime}
}

// initial asks the client's realm, and those that it refers to. Where one of them is to get no encrypted timestamp, those
// that follow get none either: without FAST anybody can have named them.
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

// referredTo returns the realm that a KDC says the client is of (RFC 6806, Section 7), "" if it says nothing like that.
func referredTo(err error) string {
	var r *refusal
	if !errors.As(err, &r) || !r.referral || r.message.Code != codeWrongRealm || r.message.Client == nil {
		return ""
	}
	return r.message.Client.Realm
}

// as makes the exchange with one realm: a question to the network, of all messages of which it takes to know the client.
func (q *requester) as(client token.Principal, s *secret, armor *Credential) (*Credential, error) {
	// The ticket that is the armor may be of the same client: what its keys give does not answer for a password.
	key := fmt.Sprintf("AS %s %v %d keys=%t armor=%t", client, q.etypes, q.lifetime, s.keys != nil, armor != nil)
	x, err := q.newASExchange(client, s, armor)
	if err != nil {
		return nil, err
	}
	cred, err := q.await(key, func(ctx context.Context) (*Credential, error) {
		defer x.wipe()
		return x.run(ctx)
	})
	if !errors.Is(err, Pending) {
		x.wipe()
	}
	return cred, err
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
