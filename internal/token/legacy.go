// SPDX-License-Identifier: BSD-2-Clause

package token

import (
	"encoding/binary"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"libgssapi/internal/status"
)

// Message tokens of RFC 1964, Section 1.2, in the framing of RFC 2743, Section 3.1.
const (
	TokLegacyMIC  uint16 = 0x0101
	TokLegacyWrap uint16 = 0x0201
)

// NoSeal is the SEAL_ALG of a token that is not encrypted.
const NoSeal uint16 = 0xffff

// LegacyHeader is the header of both kinds of tokens:
//
//	TOK_ID(2) | SGN_ALG(2) | SEAL_ALG(2) | Filler(2) FF | SND_SEQ(8) | SGN_CKSUM
type LegacyHeader struct {
	ID               uint16
	SignAlg, SealAlg uint16 // least significant octet first
	SndSeq           [8]byte
}

// Lengths of the header in octets: up to SND_SEQ, which the checksum covers, and up to SGN_CKSUM.
const (
	LegacyCovered    = 8
	LegacyHeaderSize = 16
)

// Put writes the header to b, which has LegacyHeaderSize octets.
func (h LegacyHeader) Put(b []byte) {
	_ = b[LegacyHeaderSize-1]
	binary.BigEndian.PutUint16(b, h.ID)
	binary.LittleEndian.PutUint16(b[2:], h.SignAlg)
	binary.LittleEndian.PutUint16(b[4:], h.SealAlg)
	b[6], b[7] = 0xff, 0xff
	copy(b[8:], h.SndSeq[:])
}

// AppendLegacyFrame appends the framing, with a mechanism's OID, that precedes size octets of a token.
func AppendLegacyFrame(dst []byte, oid OID, size int) []byte {
	n := uint64(2+len(oid)) + uint64(size)
	dst = append(dst, 0x60)
	if n < 0x80 {
		dst = append(dst, byte(n))
	} else {
		var b [8]byte
		binary.BigEndian.PutUint64(b[:], n)
		skip := 0
		for b[skip] == 0 {
			skip++
		}
		dst = append(append(dst, 0x80|byte(8-skip)), b[skip:]...)
	}
	return append(append(dst, 6, byte(len(oid))), oid...)
}

// ParseLegacy splits the beginning of a token of a mechanism into framing, header and the rest, which aliases b. beyond is the number
// of octets of the token that are stored elsewhere and that the length in the framing includes; if it is -1, the
// length is not checked. Nothing is authenticated until the caller has verified the checksum.
func ParseLegacy(b []byte, mech OID, beyond int) (h LegacyHeader, rest []byte, err error) {
	_, n, inner, ok := header(b)
	switch {
	case len(b) < 2:
		return h, nil, truncated("RFC 1964", b)
	case b[0] != byte(frameTag):
		return h, nil, defective(status.G_BAD_TOK_HEADER, "token begins with %#02x instead of a frame (0x60)", b[0])
	case !ok:
		return h, nil, defective(status.G_BAD_TOK_HEADER, "the token's frame is truncated, or of no definite length")
	}
	if there := uint64(len(inner)) + uint64(beyond); beyond >= 0 && n != there {
		return h, nil, defective(status.G_BAD_TOK_HEADER, "the frame announces %d octets, but there are %d", n, there)
	}
	in := elements(inner)
	if oid, ok := in.read(asn1.OBJECT_IDENTIFIER); !ok || OID(oid) != mech {
		return h, nil, defective(status.G_WRONG_MECH, "message token of another mechanism")
	}
	s := cryptobyte.String(in)
	var filler uint16
	var algs []byte
	if !s.ReadUint16(&h.ID) || !s.ReadBytes(&algs, 4) || !s.ReadUint16(&filler) || !s.CopyBytes(h.SndSeq[:]) {
		return h, nil, truncated("RFC 1964", b)
	}
	h.SignAlg, h.SealAlg = binary.LittleEndian.Uint16(algs), binary.LittleEndian.Uint16(algs[2:])
	if filler != 0xffff || h.ID == TokLegacyMIC && h.SealAlg != NoSeal {
		return h, nil, defective(status.G_BAD_TOK_HEADER, "RFC 1964 token has a filler other than FF")
	}
	return h, s, nil
}
