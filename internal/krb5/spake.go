// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"bytes"
	"slices"

	"libgssapi/internal/crypto"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// spake is the client's side of PA-SPAKE (RFC 9588). The KDC proves that it knows the client's key no later than the
// client does, and an eavesdropper cannot try passwords. Second factors are not supported.
type spake struct {
	groups    []crypto.SPAKEGroup // allowed ones, the best first
	support   []byte              // SPAKESupport as sent; nil: not sent
	challenge []byte              // SPAKEChallenge as received; nil: not yet
	reply     *crypto.Key         // K'[0] for the last request
}

func (*spake) name() string { return "SPAKE" }

// begin processes the KDC's offer, which is empty or already a challenge in a group that the KDC chose.
func (s *spake) begin(x *asExchange, offer []byte) error {
	if len(offer) == 0 {
		return nil
	}
	challenge, err := token.ParseSPAKEChallenge(offer)
	if err != nil {
		return s.failed(x, err.Error())
	}
	if slices.Contains(s.groups, crypto.SPAKEGroup(challenge.Group)) {
		s.challenge = bytes.Clone(offer)
	}
	return nil
}

// more processes the KDC's challenge.
func (s *spake) more(x *asExchange, methods []token.PAData) error {
	pa := token.FindPAData(methods, token.PASPAKE)
	switch {
	case pa == nil || len(pa.Value) == 0:
		return s.failed(x, "the KDC has not answered with a challenge")
	case s.challenge != nil:
		return s.failed(x, "the KDC requires a second factor")
	}
	s.challenge = bytes.Clone(pa.Value)
	return nil
}

func (s *spake) failed(x *asExchange, why string) error {
	return status.Errorf(status.Failure, status.KRB5KDC_ERR_PREAUTH_FAILED, "Preauthentication failed: SPAKE with the KDC of realm %s: %s",
		x.request.server.Realm, why)
}

func (s *spake) prove(x *asExchange, body []byte) ([]token.PAData, error) {
	if s.challenge == nil {
		var groups []int32
		for _, g := range s.groups {
			groups = append(groups, int32(g))
		}
		s.support = token.MarshalSPAKESupport(groups)
		return []token.PAData{{Type: token.PASPAKE, Value: s.support}}, nil
	}
	challenge, err := token.ParseSPAKEChallenge(s.challenge)
	switch {
	case err != nil:
		return nil, s.failed(x, err.Error())
	case !slices.Contains(s.groups, crypto.SPAKEGroup(challenge.Group)):
		return nil, s.failed(x, "its challenge uses a group that spake_preauth_groups does not allow")
	case !slices.Contains(challenge.Factors, token.SPAKENoFactor):
		return nil, s.failed(x, "it requires a second factor")
	case x.proofs == maxProofs:
		return nil, status.Errorf(status.Failure, status.KRB5_GET_IN_TKT_LOOP,
			"no ticket for %s: the KDC of realm %s wants more than %d proofs of the password", x.request.client, x.request.server.Realm, maxProofs)
	}
	x.proofs++
	key, err := x.clientKey()
	if err != nil {
		return nil, err
	}
	exchange, err := crypto.NewSPAKE(crypto.SPAKEGroup(challenge.Group), key, s.support, s.challenge, challenge.PublicKey, x.env.Rand)
	if err != nil {
		return nil, err
	}
	defer exchange.Wipe()
	s.wipe()
	if s.reply, err = exchange.Key(0, body); err != nil {
		return nil, err
	}
	factorKey, err := exchange.Key(1, body)
	if err != nil {
		return nil, err
	}
	defer factorKey.Wipe()
	cipher, err := factorKey.Encrypt(usageSPAKE, token.MarshalSPAKEFactor(token.SPAKENoFactor), x.env.Rand)
	if err != nil {
		return nil, err
	}
	response := token.MarshalSPAKEResponse(exchange.Public, token.EncryptedData{EType: int32(factorKey.EType()), Cipher: cipher})
	return []token.PAData{{Type: token.PASPAKE, Value: response}}, nil
}

// confirmed returns K'[0], with which only a KDC can encrypt that knew the client's key when it chose its public key.
// If a KDC replies before the client has authenticated, it requires no preauthentication after all and does not know
// K'[0].
func (s *spake) confirmed(*asExchange, []token.PAData) (*crypto.Key, error) {
	if s.reply == nil {
		return nil, nil
	}
	return s.reply.Copy(), nil
}

func (s *spake) wipe() {
	if s.reply != nil {
		s.reply.Wipe()
	}
	s.reply = nil
}
