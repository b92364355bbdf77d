// SPDX-License-Identifier: BSD-2-Clause

package token

import (
	"golang.org/x/crypto/cryptobyte/asn1"

	"libgssapi/internal/status"
)

// SPAKENoFactor is SF-NONE (RFC 9588, Section 4.3): no second factor.
const SPAKENoFactor = 1

// maxFactors limits the number of second factors in a challenge.
const maxFactors = 64

// MarshalSPAKESupport returns the PA-SPAKE with which a client names its groups, the best first.
func MarshalSPAKESupport(groups []int32) []byte {
	b := newBuilder(64)
	addSequence(b, 0, func(b *builder) {
		addSequence(b, 0, func(b *builder) {
			for _, g := range groups {
				b.AddASN1Int64(int64(g))
			}
		})
	})
	return b.Bytes()
}

// SPAKEChallenge is a KDC's answer: the group that it chose, its public key, and the types of second factors that it
// accepts. PublicKey aliases the input of the parser.
type SPAKEChallenge struct {
	Group     int32
	PublicKey []byte
	Factors   []int32
}

// ParseSPAKEChallenge parses a PA-SPAKE, which must be a challenge. Anyone can have written it.
func ParseSPAKEChallenge(b []byte) (*SPAKEChallenge, error) {
	n, f := choice(b, "PA-SPAKE", 4)
	if n != 1 && f.err == nil {
		return nil, status.Errorf(status.DefectiveToken, status.ASN1_BAD_ID, "PA-SPAKE: it is not a challenge")
	}
	m := new(SPAKEChallenge)
	m.Group = f.int32(0, "group")
	m.PublicKey = f.octets(1, "pubkey")
	list := f.sequence(2, "factors")
	for list.moreOf(len(m.Factors), maxFactors) {
		factor := list.element("SPAKESecondFactor")
		m.Factors = append(m.Factors, factor.int32(0, "type"))
		if factor.has(1) {
			factor.octets(1, "data")
		}
		list.leave(&factor)
	}
	f.leave(&list)
	if err := f.close(); err != nil {
		return nil, err
	}
	return m, nil
}

// MarshalSPAKEFactor returns a SPAKESecondFactor of a type, without data.
func MarshalSPAKEFactor(kind int32) []byte {
	b := newBuilder(8)
	b.AddASN1(asn1.SEQUENCE, func(b *builder) { addInt(b, 0, int64(kind)) })
	return b.Bytes()
}

// MarshalSPAKEResponse returns the PA-SPAKE with the client's public key and its encrypted second factor.
func MarshalSPAKEResponse(publicKey []byte, factor EncryptedData) []byte {
	b := newBuilder(64 + len(publicKey) + len(factor.Cipher))
	addSequence(b, 2, func(b *builder) {
		addOctets(b, 0, publicKey)
		addEncrypted(b, 1, &factor)
	})
	return b.Bytes()
}
