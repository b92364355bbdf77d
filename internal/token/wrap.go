// SPDX-License-Identifier: BSD-2-Clause

package token

import (
	"encoding/binary"

	"golang.org/x/crypto/cryptobyte"

	"libgssapi/internal/status"
)

// WrapHeader is the header of a Wrap token (RFC 4121, Section 4.2.6.2):
//
//	TOK_ID(2) | Flags(1) | Filler(1) FF | EC(2) | RRC(2) | SND_SEQ(8) | Data
type WrapHeader struct {
	Flags  byte
	EC     uint16 // "extra count": octets of filler if sealed, of checksum if not
	RRC    uint16 // "right rotation count" of Data
	SndSeq uint64
}

// Sealed reports whether the message is encrypted.
func (h WrapHeader) Sealed() bool { return h.Flags&FlagSealed != 0 }

// Put writes the header to b, which has MessageHeaderSize octets.
func (h WrapHeader) Put(b []byte) {
	_ = b[MessageHeaderSize-1]
	binary.BigEndian.PutUint16(b, TokWrap)
	b[2] = h.Flags
	b[3] = 0xff
	binary.BigEndian.PutUint16(b[4:], h.EC)
	binary.BigEndian.PutUint16(b[6:], h.RRC)
	binary.BigEndian.PutUint64(b[8:], h.SndSeq)
}

// ParseWrap splits a Wrap token into header and body. The body aliases b. It checks only the framing: no field is
// authenticated until the caller has verified or decrypted the body.
func ParseWrap(b []byte) (h WrapHeader, body []byte, err error) {
	var (
		s      = cryptobyte.String(b)
		id     uint16
		filler uint8
	)
	if !s.ReadUint16(&id) {
		return WrapHeader{}, nil, truncated("Wrap", b)
	}
	if id != TokWrap {
		return WrapHeader{}, nil, wrongID("Wrap", id)
	}
	if !s.ReadUint8(&h.Flags) || !s.ReadUint8(&filler) || !s.ReadUint16(&h.EC) || !s.ReadUint16(&h.RRC) ||
		!s.ReadUint64(&h.SndSeq) {
		return WrapHeader{}, nil, truncated("Wrap", b)
	}
	if filler != 0xff {
		return WrapHeader{}, nil, defective(status.G_BAD_TOK_HEADER,
			"Wrap token has a filler other than FF")
	}
	return h, s, nil
}

// Unrotate undoes the sender's right rotation of a body by RRC octets (RFC 4121, Section 4.2.5) without moving any
// octets: the original body is a followed by b, which both alias body. SSPI and Heimdal peers rotate by a checksum or
// more, and RRC may exceed the length of the body, so it is reduced first.
func (h WrapHeader) Unrotate(body []byte) (a, b []byte) {
	if len(body) == 0 {
		return body, nil
	}
	n := int(h.RRC) % len(body)
	return body[n:], body[:n]
}

// SameMessage reports whether the copy of a header that was encrypted with the message (RFC 4121, Section 4.2.4)
// matches the header in the clear. RRC is not compared: in the copy it is zero, or with some peers not, and it does
// not affect the message. inner may be any octets from the peer.
func (h WrapHeader) SameMessage(inner []byte) bool {
	in, rest, err := ParseWrap(inner)
	if err != nil || len(rest) != 0 {
		return false
	}
	in.RRC = h.RRC
	return in == h
}
