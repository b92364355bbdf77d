// SPDX-License-Identifier: BSD-2-Clause

package token

import (
	"bytes"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"libgssapi/internal/status"
)

// Values of TOK_ID, the first two octets of a krb5 token inside its framing (RFC 4121, Section 4.1). MIC and Wrap
// tokens have no framing.
const (
	TokAPReq uint16 = 0x0100
	TokAPRep uint16 = 0x0200
	TokError uint16 = 0x0300
	TokMIC   uint16 = 0x0404
	TokWrap  uint16 = 0x0504
)

const frameTag = asn1.Tag(0x60) // [APPLICATION 0] IMPLICIT SEQUENCE

// Frame creates an initial context token of mech: 60, length, OID, TOK_ID, inner (RFC 2743, Section 3.1).
func Frame(mech OID, tokID uint16, inner []byte) []byte {
	b := newBuilder(len(inner) + len(mech) + 16)
	b.AddASN1(frameTag, func(b *builder) {
		addOID(b, mech)
		b.AddUint16(tokID)
		b.AddBytes(inner)
	})
	return b.Bytes()
}

// FrameMessage is Frame for a mechanism without TOK_ID.
func FrameMessage(mech OID, inner []byte) []byte {
	b := newBuilder(len(inner) + len(mech) + 16)
	b.AddASN1(frameTag, func(b *builder) {
		addOID(b, mech)
		b.AddBytes(inner)
	})
	return b.Bytes()
}

// Unframe is the inverse of Frame. inner begins with the TOK_ID, if the mechanism has one, and aliases b. The framing
// must cover the whole token: if the transport gives another length than the framing, it is out of step.
func Unframe(b []byte) (mech OID, inner []byte, err error) {
	in := elements(b)
	if !in.at(frameTag) {
		return "", nil, defective(status.G_BAD_TOK_HEADER, "the token has no GSS-API frame")
	}
	frame, ok := in.next()
	if !ok {
		return "", nil, defective(status.G_BAD_TOK_HEADER, "the token's frame is truncated, or of no definite length")
	}
	if len(in) > 0 {
		return "", nil, defective(status.G_BAD_TOK_HEADER, "the token has octets after its frame")
	}
	body := elements(frame.value)
	oid, ok := body.read(asn1.OBJECT_IDENTIFIER)
	if !ok || len(oid) == 0 {
		return "", nil, defective(status.G_BAD_TOK_HEADER, "the token's frame has no mechanism OID")
	}
	return OID(oid), body, nil
}

// TokenID splits the TOK_ID from a krb5 token. The body aliases inner.
func TokenID(inner []byte) (id uint16, body []byte, err error) {
	s := cryptobyte.String(inner)
	if !s.ReadUint16(&id) {
		return 0, nil, defective(status.G_TOK_TRUNC, "the token ends before its TOK_ID")
	}
	return id, s, nil
}

// IsNTLM reports whether a token is an NTLM message, which never has a framing (MS-NLMP, Section 2.2.1).
func IsNTLM(b []byte) bool { return bytes.HasPrefix(b, []byte("NTLMSSP\x00")) }

func addOID(b *builder, oid OID) {
	b.AddASN1(asn1.OBJECT_IDENTIFIER, func(b *builder) { b.AddString(string(oid)) })
}

func defective(minor status.Minor, format string, args ...any) error {
	return status.Errorf(status.DefectiveToken, minor, format, args...)
}
