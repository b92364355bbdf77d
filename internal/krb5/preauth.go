// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strconv"
	"strings"

	"libgssapi/internal/crypto"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// secret is what a client shares with its KDC: the keys in a keytab, or a password.
type secret struct {
	keys     []*crypto.Key
	password []byte // used if there are no keys
}

// copy returns a secret with its own copies of everything.
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

// doubt returns another possible reason why a reply does not decrypt.
func (s *secret) doubt() string {
	if s.keys == nil {
		return "the password is wrong"
	}
	return "the key is out of date"
}

// minIterations and maxIterations bound what a KDC may ask for (s2kparams, RFC 3962, Section 4). It is not yet
// authenticated. With few iterations, what we encrypt would give the password away to an attacker who tries many; many
// iterations would keep us busy. The lower bound is the default of RFC 3962, and all KDCs ask for at least that.
const (
	minIterations = 4096
	maxIterations = 1 << 24
)

// maxAllIterations bounds the iterations in one exchange: enough for the key that authenticates the client, and for one
// more key. Each reply over UDP may have its own parameters, and none can be known to be false before the key is
// derived.
const maxAllIterations = 2 * maxIterations

// recipe says how to derive a key from a password.
type recipe struct {
	etype      crypto.EType
	salt       string
	iterations uint32
}

// recipeOf returns the recipe that info describes.
func recipeOf(info token.ETypeInfo, client token.Principal) (r recipe, err error) {
	r.etype, r.salt = crypto.EType(info.EType), info.Salt
	if !info.HasSalt {
		r.salt = client.Realm + strings.Join(client.Components, "") // RFC 4120, Section 4
	}
	r.iterations, err = iterationsOf(r.etype, info.S2KParams)
	return r, err
}

// key returns the client's key, derived by the recipe unless it exists. The caller wipes it.
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

// iterationsOf reads s2kparams, which the legacy enctypes do not have.
func iterationsOf(e crypto.EType, params []byte) (uint32, error) {
	if len(params) == 0 || e.Legacy() {
		return e.DefaultIterations(), nil
	}
	if len(params) != 4 {
		return 0, status.Errorf(status.Failure, status.KRB5_ERR_BAD_S2K_PARAMS,
			"the KDC sent s2kparams of %d octets for %s, which must have 4", len(params), e)
	}
	n := binary.BigEndian.Uint32(params)
	if n < minIterations || n > maxIterations {
		return 0, status.Errorf(status.Failure, status.KRB5_ERR_BAD_S2K_PARAMS,
			"the KDC, or someone who pretends to be it, wants %d iterations to derive a key from the password; %d to %d are allowed", n,
			minIterations, maxIterations)
	}
	return n, nil
}

// etypeInfo returns what padata says about the client's keys: an ETYPE-INFO2, or from old KDCs an ETYPE-INFO or only
// the salt. As in MIT krb5, a malformed element is skipped, because another one may be better.
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

// preferred returns the first of the KDC's hints that has one of our enctypes. Without hints, it returns our most
// preferred enctype, with the default salt.
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
		"KDC has no support for encryption type: it has no key of %s with one of our enctypes (%s)", x.request.client, etypeNames(x.etypes))
}

func etypeNames(list []crypto.EType) string {
	var names []string
	for _, e := range list {
		names = append(names, e.String())
	}
	return strings.Join(names, " ")
}

// clientKey returns the client's long-term key for preauthentication, which belongs to the exchange.
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

// makeKey is secret.key, within the bound on iterations.
func (x *asExchange) makeKey(r recipe, client token.Principal) (*crypto.Key, error) {
	if x.iterations += int64(r.iterations); x.iterations > maxAllIterations {
		return nil, status.Errorf(status.Failure, status.KRB5_ERR_BAD_S2K_PARAMS,
			"the KDC, or someone who pretends to be it, wants more than %d iterations to derive keys from the password in one exchange", maxAllIterations)
	}
	return x.secret.key(r, client)
}

// recipeOf is the function recipeOf if there is a password. Keys need no recipe, and what the KDC says about it does
// not matter.
func (x *asExchange) recipeOf(info token.ETypeInfo, client token.Principal) (recipe, error) {
	if x.secret.keys != nil {
		return recipe{etype: crypto.EType(info.EType)}, nil
	}
	return recipeOf(info, client)
}

// longTermKey returns the client's long-term key with which an AS-REP is encrypted; the reply itself may describe it.
// The caller wipes it. If FAST has strengthened the key, the reply has the enctype of the strengthen-key instead.
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

// preauthModules names the modules by which krb5.conf can disable mechanisms.
var preauthModules = map[int32]string{
	token.PASPAKE: "spake", token.PAEncryptedChallenge: "encrypted_challenge", token.PAEncTimestamp: "encrypted_timestamp",
}

// choose starts the first mechanism in the KDC's list that we support and may use, trying those that krb5.conf prefers
// first.
func (x *asExchange) choose(methods []token.PAData) error {
	if len(methods) == 0 {
		return status.Errorf(status.Failure, status.KRB5KDC_ERR_PREAUTH_REQUIRED,
			"Additional pre-authentication required: KDC of realm %s requires it for %s, and offers none", x.request.server.Realm, x.request.client)
	}
	x.hints = slices.Clone(etypeInfo(methods, x.etypes))
	rank := x.cfg.preferredPreauth(x.request.client.Realm)
	offered := slices.Clone(methods)
	slices.SortStableFunc(offered, func(a, b token.PAData) int { return rank(a.Type) - rank(b.Type) })
	disabled := false
	for _, pa := range offered {
		switch {
		case slices.Contains(x.failed, pa.Type), !x.cfg.hasModule(pluginsPreauth, preauthModules[pa.Type]):
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
			"Pre-authentication failed: Encrypted timestamp is disabled, and KDC of realm %s offers %s nothing else that we support",
			x.request.server.Realm, x.request.client)
	}
	var types []string
	for _, pa := range methods[:min(len(methods), 16)] {
		types = append(types, strconv.Itoa(int(pa.Type)))
	}
	return status.Errorf(status.Failure, status.KRB5KDC_ERR_PREAUTH_REQUIRED,
		"Additional pre-authentication required: KDC of realm %s offers %s no mechanism that we support, only padata types %s",
		x.request.server.Realm, x.request.client, strings.Join(types, " "))
}

// encryptedTimestamp is PA-ENC-TIMESTAMP (RFC 4120, Section 5.2.7.2). An eavesdropper can try passwords on it.
type encryptedTimestamp struct{}

func (encryptedTimestamp) name() string { return "encrypted timestamp" }

func (encryptedTimestamp) prove(x *asExchange, _ []byte) ([]token.PAData, error) {
	key, err := x.clientKey()
	if err != nil {
		return nil, err
	}
	stamp, err := x.encryptedTime(key, usageEncTimestamp)
	return []token.PAData{{Type: token.PAEncTimestamp, Value: stamp}}, err
}

func (m encryptedTimestamp) more(x *asExchange, _ []token.PAData) error { return unexpectedMore(x, m) }

func (encryptedTimestamp) confirmed(*asExchange, []token.PAData) (*crypto.Key, error) {
	return nil, nil
}

func (encryptedTimestamp) wipe() {}

func unexpectedMore(x *asExchange, m mechanism) error {
	return status.Errorf(status.Failure, status.KRB5KDC_ERR_PREAUTH_FAILED,
		"KDC of realm %s asks for more than %s, which has only one message", x.request.server.Realm, m.name())
}

// encryptedChallenge is PA-ENCRYPTED-CHALLENGE (RFC 6113, Section 5.4.6): a timestamp of the client's that the armor
// protects, and one of the KDC's.
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

func (m encryptedChallenge) more(x *asExchange, _ []token.PAData) error { return unexpectedMore(x, m) }

// confirmed verifies the KDC's challenge, which proves that the KDC has the client's key. The time in it does not
// matter: the reply's nonce shows that it is fresh.
func (encryptedChallenge) confirmed(x *asExchange, padata []token.PAData) (*crypto.Key, error) {
	unproven := modified("has no valid encrypted challenge: its sender does not have the client's key")
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
