// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strconv"
	"strings"

	"github.com/jcmturner/gokrb5/v8/iana/keyusage"

	"libgssapi/internal/crypto"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// secret is what a client shares with its KDC: keys of a keytab, or a password.
type secret struct {
	keys     []*crypto.Key
	password []byte // counts if there are no keys
}

// copy returns a secret with octets of its own.
func (s *secret) copy() (own secret) {
	for _, key := range s.keys {
		own.keys = append(own.keys, key.Copy())
	}
	own.password = bytes.Clone(s.password)
	return own
}

func (s *secret) wipe() {
	for _, key := range s.keys {
		key.Wipe()
	}
	clear(s.password)
}

// doubt is another reason why a reply does not decrypt.
func (s *secret) doubt() string {
	if s.keys == nil {
		return "the password is wrong"
	}
	return "the key is out of date"
}

// minIterations and maxIterations bound what a KDC may ask for (s2kparams, RFC 3962, Section 4). Nobody has authenticated
// it yet: with few iterations, what we encrypt would tell the password to whoever tries many, and many would keep us busy.
// All KDCs ask for as many as the lower bound, which is the default of RFC 3962, or more.
const (
	minIterations = 4096
	maxIterations = 1 << 24
)

// maxAllIterations bounds those of one exchange together: of the key that proves the client, and of that key anew. Each reply
// over UDP may have a recipe of its own, and none is known to be false before the key is made.
const maxAllIterations = 2 * maxIterations

// recipe is what makes a key of a password.
type recipe struct {
	etype      crypto.EType
	salt       string
	iterations uint32
}

// recipeOf is the one that info tells of.
func recipeOf(info token.ETypeInfo, client token.Principal) (r recipe, err error) {
	r.etype, r.salt = crypto.EType(info.EType), info.Salt
	if !info.HasSalt {
		r.salt = client.Realm + strings.Join(client.Components, "") // RFC 4120, Section 4
	}
	r.iterations, err = iterationsOf(r.etype, info.S2KParams)
	return r, err
}

// key returns the client's key, made by the recipe if it is not there. The caller wipes it.
func (s *secret) key(r recipe, client token.Principal) (*crypto.Key, error) {
	if s.keys == nil {
		return crypto.StringToKey(r.etype, s.password, r.salt, r.iterations)
	}
	for _, key := range s.keys {
		if key.EType() == r.etype {
			return key.Copy(), nil
		}
	}
	return nil, status.Errorf(status.Failure, status.KRB5_BAD_ENCTYPE, "there is no key of %s with enctype %s", client, r.etype)
}

// iterationsOf reads s2kparams. The legacy enctypes have none.
func iterationsOf(e crypto.EType, params []byte) (uint32, error) {
	if len(params) == 0 || e.Legacy() {
		return e.DefaultIterations(), nil
	}
	if len(params) != 4 {
		return 0, status.Errorf(status.Failure, status.KRB5_ERR_BAD_S2K_PARAMS,
			"the KDC has s2kparams of %d octets for %s, which has 4", len(params), e)
	}
	n := binary.BigEndian.Uint32(params)
	if n < minIterations || n > maxIterations {
		return 0, status.Errorf(status.Failure, status.KRB5_ERR_BAD_S2K_PARAMS,
			"the KDC, or who pretends to be it, wants %d iterations for a key of the password; %d to %d are allowed", n,
			minIterations, maxIterations)
	}
	return n, nil
}

// etypeInfo returns what padata says of the client's keys: ETYPE-INFO2, and of old KDCs ETYPE-INFO or the salt alone. What
// is malformed is passed over, as with MIT krb5: there may be a better one.
func etypeInfo(padata []token.PAData, etypes []crypto.EType) []token.ETypeInfo {
	for _, way := range []struct {
		kind  int32
		parse func([]byte) ([]token.ETypeInfo, error)
	}{{token.PAETypeInfo2, token.ParseETypeInfo2}, {token.PAETypeInfo, token.ParseETypeInfo}} {
		if pa := token.FindPAData(padata, way.kind); pa != nil {
			if list, err := way.parse(pa.Value); err == nil && len(list) > 0 {
				return list
			}
		}
	}
	var list []token.ETypeInfo
	if pa := token.FindPAData(padata, token.PAPWSalt); pa != nil {
		for _, e := range etypes {
			list = append(list, token.ETypeInfo{EType: int32(e), Salt: string(pa.Value), HasSalt: true})
		}
	}
	return list
}

// preferred returns the first of the KDC's hints that has one of our enctypes. Without hints it is our most preferred
// enctype, and the default salt.
func (x *asExchange) preferred() (info token.ETypeInfo, err error) {
	if len(x.hints) == 0 {
		return token.ETypeInfo{EType: int32(x.etypes[0])}, nil
	}
	for _, info := range x.hints {
		if slices.Contains(x.etypes, crypto.EType(info.EType)) {
			return info, nil
		}
	}
	return info, status.Errorf(status.Failure, status.KRB5KDC_ERR_ETYPE_NOSUPP,
		"KDC has no support for encryption type: it has no key of %s with an enctype of ours (%s)", x.request.client, x.etypeNames())
}

func (x *asExchange) etypeNames() string {
	var names []string
	for _, e := range x.etypes {
		names = append(names, e.String())
	}
	return strings.Join(names, " ")
}

// clientKey is the client's long-term key for preauthentication. It stays the exchange's.
func (x *asExchange) clientKey() (*crypto.Key, error) {
	if x.key != nil {
		return x.key, nil
	}
	info, err := x.preferred()
	if err != nil {
		return nil, err
	}
	if x.recipe, err = x.recipeOf(info, *x.request.client); err != nil {
		return nil, err
	}
	x.key, err = x.makeKey(x.recipe, *x.request.client)
	return x.key, err
}

// makeKey is secret.key, as long as the exchange may still make keys.
func (x *asExchange) makeKey(r recipe, client token.Principal) (*crypto.Key, error) {
	if x.iterations += int64(r.iterations); x.iterations > maxAllIterations {
		return nil, status.Errorf(status.Failure, status.KRB5_ERR_BAD_S2K_PARAMS,
			"the KDC, or who pretends to be it, wants more than %d iterations for keys of the password in one exchange", maxAllIterations)
	}
	return x.secret.key(r, client)
}

// recipeOf is the function of that name for passwords; keys need none, and what the KDC says of it does not matter.
func (x *asExchange) recipeOf(info token.ETypeInfo, client token.Principal) (recipe, error) {
	if x.secret.keys != nil {
		return recipe{etype: crypto.EType(info.EType)}, nil
	}
	return recipeOf(info, client)
}

// longTermKey is the client's key that an AS-REP is encrypted with, of which the reply itself may tell. The caller wipes it.
// A key that FAST has strengthened has the enctype of what strengthened it.
func (x *asExchange) longTermKey(rep *token.KDCRep, padata []token.PAData, strengthened bool) (*crypto.Key, error) {
	told := etypeInfo(padata, x.etypes)
	etype := rep.Enc.EType
	if strengthened && x.key != nil {
		etype = int32(x.key.EType())
	}
	if !slices.Contains(x.etypes, crypto.EType(etype)) {
		return nil, status.Errorf(status.Failure, status.KRB5KRB_AP_ERR_BAD_INTEGRITY,
			"its reply is encrypted with enctype %s, for which there is no key", crypto.EType(etype))
	}
	if x.key != nil && int32(x.key.EType()) == etype && len(told) == 0 {
		return x.key.Copy(), nil
	}
	info := token.ETypeInfo{EType: etype}
	for _, i := range append(told, x.hints...) {
		if i.EType == etype {
			info = i
			break
		}
	}
	r, err := x.recipeOf(info, rep.Client)
	if err != nil {
		return nil, err
	}
	if x.key != nil && r == x.recipe {
		return x.key.Copy(), nil
	}
	return x.makeKey(r, rep.Client)
}

// choose begins the first mechanism of the KDC's list that we have and may use, after those that krb5.conf prefers.
func (x *asExchange) choose(methods []token.PAData) error {
	if len(methods) == 0 {
		return status.Errorf(status.Failure, status.KRB5KDC_ERR_PREAUTH_REQUIRED,
			"KDC of realm %s wants preauthentication for %s and does not say which", x.request.server.Realm, x.request.client)
	}
	x.hints = slices.Clone(etypeInfo(methods, x.etypes))
	rank := x.cfg.preferredPreauth()
	offered := slices.Clone(methods)
	slices.SortStableFunc(offered, func(a, b token.PAData) int { return rank(a.Type) - rank(b.Type) })
	disabled := false
	for _, pa := range offered {
		switch {
		case slices.Contains(x.failed, pa.Type):
		case pa.Type == token.PASPAKE:
			if groups := x.cfg.SPAKEGroups(); len(groups) > 0 {
				m := &spake{groups: groups}
				x.mechanism = m
				return m.begin(x, pa.Value)
			}
		case pa.Type == token.PAEncryptedChallenge && x.armor != nil:
			x.mechanism = encryptedChallenge{}
			return nil
		case pa.Type == token.PAEncTimestamp && x.armor == nil:
			if !x.noTimestamp {
				x.mechanism = encryptedTimestamp{}
				return nil
			}
			disabled = true
		}
	}
	if disabled {
		return status.Errorf(status.Failure, status.KRB5_PREAUTH_FAILED,
			"Pre-authentication failed: Encrypted timestamp is disabled, and KDC of realm %s offers %s nothing else that we have",
			x.request.server.Realm, x.request.client)
	}
	var types []string
	for _, pa := range methods[:min(len(methods), 16)] {
		types = append(types, strconv.Itoa(int(pa.Type)))
	}
	return status.Errorf(status.Failure, status.KRB5KDC_ERR_PREAUTH_REQUIRED,
		"Additional pre-authentication required: KDC of realm %s offers no way to %s that we can go, but types %s of padata",
		x.request.server.Realm, x.request.client, strings.Join(types, " "))
}

// encryptedTimestamp is PA-ENC-TIMESTAMP (RFC 4120, Section 5.2.7.2). Whoever sees it can try passwords on it.
type encryptedTimestamp struct{}

func (encryptedTimestamp) name() string { return "encrypted timestamp" }

func (encryptedTimestamp) prove(x *asExchange, _ []byte) ([]token.PAData, error) {
	key, err := x.clientKey()
	if err != nil {
		return nil, err
	}
	stamp, err := x.encryptedTime(key, keyusage.AS_REQ_PA_ENC_TIMESTAMP)
	return []token.PAData{{Type: token.PAEncTimestamp, Value: stamp}}, err
}

func (m encryptedTimestamp) goOn(x *asExchange, _ []token.PAData) error { return unexpectedMore(x, m) }

func (encryptedTimestamp) confirmed(*asExchange, []token.PAData) (*crypto.Key, error) {
	return nil, nil
}

func (encryptedTimestamp) wipe() {}

func unexpectedMore(x *asExchange, m mechanism) error {
	return status.Errorf(status.Failure, status.KRB5KDC_ERR_PREAUTH_FAILED,
		"KDC of realm %s wants more than %s, which has no more", x.request.server.Realm, m.name())
}

// encryptedChallenge is PA-ENCRYPTED-CHALLENGE (RFC 6113, Section 5.4.6): a timestamp that the armor protects, and one of
// the KDC's.
type encryptedChallenge struct{}

func (encryptedChallenge) name() string { return "encrypted challenge" }

func (encryptedChallenge) prove(x *asExchange, _ []byte) ([]token.PAData, error) {
	key, err := x.clientKey()
	if err != nil {
		return nil, err
	}
	if key, err = crypto.CF2(x.armor.key, key, "clientchallengearmor", "challengelongterm"); err != nil {
		return nil, err
	}
	defer key.Wipe()
	stamp, err := x.encryptedTime(key, usageChallengeClient)
	return []token.PAData{{Type: token.PAEncryptedChallenge, Value: stamp}}, err
}

func (m encryptedChallenge) goOn(x *asExchange, _ []token.PAData) error { return unexpectedMore(x, m) }

// confirmed verifies the KDC's challenge, which proves that it has the client's key. The time in it says nothing: the
// reply's nonce shows that it is fresh.
func (encryptedChallenge) confirmed(x *asExchange, padata []token.PAData) (*crypto.Key, error) {
	unproven := modified("has no true encrypted challenge: it does not have the client's key")
	pa := token.FindPAData(padata, token.PAEncryptedChallenge)
	if pa == nil {
		return nil, unproven
	}
	enc, err := token.ParseEncryptedData(pa.Value)
	if err != nil {
		return nil, unproven
	}
	key, err := crypto.CF2(x.armor.key, x.key, "kdcchallengearmor", "challengelongterm")
	if err != nil {
		return nil, err
	}
	defer key.Wipe()
	if enc.EType != int32(key.EType()) {
		return nil, unproven
	}
	plain, err := key.Decrypt(usageChallengeKDC, enc.Cipher)
	if err != nil {
		return nil, unproven
	}
	if _, err := token.ParseTimestamp(plain); err != nil {
		return nil, unproven
	}
	return nil, nil
}

func (encryptedChallenge) wipe() {}
