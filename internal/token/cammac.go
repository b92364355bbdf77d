// SPDX-License-Identifier: BSD-2-Clause

package token

import "golang.org/x/crypto/cryptobyte/asn1"

// CAMMAC is the content of AD-CAMMAC (RFC 7751, Section 4): authorization data with proof that the KDC made it. Elements is
// the encoding of AuthorizationData, as it came. Service is the proof for the service, if there is one.
type CAMMAC struct {
	Elements []byte
	Service  *Checksum
}

// ParseCAMMAC parses an AD-CAMMAC. The result aliases b. Only the proof for the service is parsed: the others are for KDCs.
func ParseCAMMAC(b []byte) (*CAMMAC, error) {
	f := openWhole(b, "AD-CAMMAC")
	c := &CAMMAC{}
	elements := f.member(0, "elements")
	f.of(elements, asn1.SEQUENCE, "elements")
	c.Elements = elements.whole
	if f.has(1) {
		f.member(1, "kdc-verifier")
	}
	if f.has(2) {
		verifier := f.sequence(2, "svc-verifier")
		if verifier.has(0) {
			verifier.member(0, "identifier")
		}
		if verifier.has(1) {
			verifier.uint32(1, "kvno")
		}
		if verifier.has(2) {
			verifier.int32(2, "enctype")
		}
		sum := verifier.checksum(3, "mac")
		f.leave(&verifier)
		c.Service = &sum
	}
	if f.has(3) {
		f.member(3, "other-verifiers")
	}
	if err := f.close(); err != nil {
		return nil, err
	}
	return c, nil
}

// Marshal returns the DER encoding.
func (c *CAMMAC) Marshal() []byte {
	var b builder
	b.AddASN1(asn1.SEQUENCE, func(b *builder) {
		b.AddASN1(explicit(0), func(b *builder) { b.AddBytes(c.Elements) })
		if c.Service != nil {
			addSequence(b, 2, func(b *builder) { addTyped(b, 3, c.Service.Type, c.Service.Sum) })
		}
	})
	return b.Bytes()
}

// MaxIndicators bounds the indicators of a client. A KDC's policy names a handful.
const MaxIndicators = 128

// ParseAuthIndicators parses the content of AD-AUTHENTICATION-INDICATOR (RFC 8129, Section 3). The result aliases b.
func ParseAuthIndicators(b []byte) (list [][]byte, err error) {
	f := openWhole(b, "AD-AUTHENTICATION-INDICATOR")
	for f.moreOf(len(list), MaxIndicators) {
		list = append(list, f.listed(asn1.UTF8String, "indicator", "is not a UTF8String"))
	}
	if err := f.close(); err != nil {
		return nil, err
	}
	return list, nil
}

// MarshalAuthIndicators is the inverse of ParseAuthIndicators.
func MarshalAuthIndicators(list [][]byte) []byte {
	var b builder
	b.AddASN1(asn1.SEQUENCE, func(b *builder) {
		for _, v := range list {
			b.AddASN1(asn1.UTF8String, func(b *builder) { b.AddBytes(v) })
		}
	})
	return b.Bytes()
}
