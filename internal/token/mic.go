// SPDX-License-Identifier: BSD-2-Clause

package token

import (
	"encoding/binary"

	"golang.org/x/crypto/cryptobyte"

	"libgssapi/internal/status"
)

// Flags of MIC and Wrap tokens (RFC 4121, Section 4.2.2).
const (
	FlagSentByAcceptor byte = 1 << 0
	FlagSealed         byte = 1 << 1
	FlagAcceptorSubkey byte = 1 << 2
)

// MessageHeaderSize is the length in octets of the header of MIC and Wrap tokens.
const MessageHeaderSize = 16

// MICHeader is the header of a MIC token (RFC 4121, Section 4.2.6.1):
//
//	TOK_ID(2) | Flags(1) | Filler(5) FF | SND_SEQ(8) | SGN_CKSUM
type MICHeader struct {
	Flags  byte
	SndSeq uint64
}

// Put writes the header to b, which has MessageHeaderSize octets.
func (h MICHeader) Put(b []byte) {
	_ = b[MessageHeaderSize-1]
	binary.BigEndian.PutUint16(b, TokMIC)
	b[2] = h.Flags
	copy(b[3:8], "\xff\xff\xff\xff\xff")
	binary.BigEndian.PutUint64(b[8:], h.SndSeq)
}

// ParseMIC splits a MIC token into header and checksum. The checksum aliases b. Nothing is authenticated until the
// caller has verified the checksum, whose length ParseMIC does not know.
func ParseMIC(b []byte) (h MICHeader, sum []byte, err error) {
	var (
		s      = cryptobyte.String(b)
		id     uint16
		first  uint8
		filler uint32
	)
	if !s.ReadUint16(&id) {
		return MICHeader{}, nil, truncated("MIC", b)
	}
	if id != TokMIC {
		return MICHeader{}, nil, wrongID("MIC", id)
	}
	if !s.ReadUint8(&h.Flags) || !s.ReadUint8(&first) || !s.ReadUint32(&filler) || !s.ReadUint64(&h.SndSeq) {
		return MICHeader{}, nil, truncated("MIC", b)
	}
	if first != 0xff || filler != 0xffffffff {
		return MICHeader{}, nil, defective(status.G_BAD_TOK_HEADER,
			"MIC token has a filler other than FF")
	}
	return h, s, nil
}

func truncated(kind string, b []byte) error {
	return defective(status.G_TOK_TRUNC, "%s token of %d octets is shorter than its header",
		kind, len(b))
}

func wrongID(kind string, id uint16) error {
	return defective(status.G_WRONG_TOKID, "token begins with %04x, which is not a %s token",
		id, kind)
}
