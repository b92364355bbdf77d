// SPDX-License-Identifier: BSD-2-Clause

package crypto

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"hash"
	"io"
	"strings"

	"filippo.io/nistec"

	"libgssapi/internal/status"
	"libgssapi/internal/wipe"
)

// SPAKEGroup is a group for SPAKE preauthentication (RFC 9588, Section 12.2).
type SPAKEGroup int32

// Supported groups.
const (
	Edwards25519 SPAKEGroup = 1
	P256         SPAKEGroup = 2
	P384         SPAKEGroup = 3
	P521         SPAKEGroup = 4
)

// spakeGroups are the supported groups, by number. Each has a hash that is at least as long as the longest seed of a key.
var spakeGroups = [...]struct {
	name       string
	multiplier int // the length of w and of secret multipliers in octets
	hash       func() hash.Hash
}{
	Edwards25519: {"edwards25519", 32, sha256.New},
	P256:         {"P-256", 32, sha256.New},
	P384:         {"P-384", 48, sha512.New384},
	P521:         {"P-521", 66, sha512.New},
}

func (g SPAKEGroup) supported() bool { return g >= Edwards25519 && g <= P521 }

// ParseSPAKEGroup returns the group with a name in krb5.conf, regardless of case.
func ParseSPAKEGroup(name string) (g SPAKEGroup, ok bool) {
	for g := Edwards25519; g.supported(); g++ {
		if strings.EqualFold(name, spakeGroups[g].name) {
			return g, true
		}
	}
	return 0, false
}

func (g SPAKEGroup) String() string {
	if g.supported() {
		return spakeGroups[g].name
	}
	return "unknown group"
}

// SPAKE is the client's side of one exchange (RFC 9588, Section 4), and derives its keys.
type SPAKE struct {
	// Public is the client's element of the group, S.
	Public []byte

	group      SPAKEGroup
	key        *Key // the initial reply key
	w          []byte
	result     []byte
	transcript []byte
}

// NewSPAKE answers a challenge with the KDC's element t. support and challenge are the messages as they were sent; support
// is empty if none was. They belong to the transcript, which must be the same on both sides. It copies key.
func NewSPAKE(group SPAKEGroup, key *Key, support, challenge, t []byte, rand io.Reader) (*SPAKE, error) {
	if !group.supported() {
		return nil, status.Errorf(status.Failure, status.KRB5KDC_ERR_PREAUTH_FAILED, "SPAKE group %d is not supported", group)
	}
	s := &SPAKE{group: group, key: key.Copy(), w: group.multiplier(key), transcript: make([]byte, spakeGroups[group].hash().Size())}
	var err error
	switch group {
	case Edwards25519:
		s.Public, s.result, err = edwards25519Exchange(s.w, t, rand)
	case P256:
		s.Public, s.result, err = nistExchange(group, nistec.NewP256Point, p256MinusM, p256N, s.w, t, rand)
	case P384:
		s.Public, s.result, err = nistExchange(group, nistec.NewP384Point, p384MinusM, p384N, s.w, t, rand)
	case P521:
		s.Public, s.result, err = nistExchange(group, nistec.NewP521Point, p521MinusM, p521N, s.w, t, rand)
	}
	if err != nil {
		s.Wipe()
		return nil, err
	}
	s.update(support, challenge)
	s.update(s.Public)
	return s, nil
}

// multiplier returns w as octets, before its reduction (Section 4.2).
func (g SPAKEGroup) multiplier(key *Key) []byte {
	return key.prfPlus(spakeGroups[g].multiplier, binary.BigEndian.AppendUint32([]byte("SPAKEsecret"), uint32(g)))
}

// update adds messages to the transcript hash (Section 6).
func (s *SPAKE) update(messages ...[]byte) {
	h := spakeGroups[s.group].hash()
	h.Write(s.transcript)
	for _, m := range messages {
		h.Write(m)
	}
	h.Sum(s.transcript[:0])
}

// Key returns K'[n] for a request with the KDC-REQ-BODY body (Section 7).
func (s *SPAKE) Key(n uint32, body []byte) (*Key, error) {
	in := []byte("SPAKEkey")
	in = binary.BigEndian.AppendUint32(in, uint32(s.group))
	in = binary.BigEndian.AppendUint32(in, uint32(s.key.etype))
	h := spakeGroups[s.group].hash()
	for _, part := range [][]byte{in, s.w, s.result, s.transcript, body, binary.BigEndian.AppendUint32(nil, n), {1}} {
		h.Write(part)
	}
	seed := h.Sum(make([]byte, 0, h.Size()))
	wipe.Object(h)
	derived := randomToKey(s.key.etype, seed[:s.key.etype.seedSize():s.key.etype.seedSize()])
	clear(seed[s.key.etype.seedSize():])
	defer derived.Wipe()
	return CF2(s.key, derived, "SPAKE", "keyderiv")
}

// Wipe overwrites the secrets of the exchange. Keys that Key has returned stay valid.
func (s *SPAKE) Wipe() {
	s.key.Wipe()
	clear(s.w)
	clear(s.result)
}
