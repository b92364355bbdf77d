// SPDX-License-Identifier: BSD-2-Clause

package token

import (
	"encoding/binary"

	"golang.org/x/crypto/cryptobyte"

	"libgssapi/internal/status"
)

// Message tokens of RFC 1964, Section 1.2, in the frame of RFC 2743, Section 3.1.
const (
	TokLegacyMIC  uint16 = 0x0101
	TokLegacyWrap uint16 = 0x0201
)

// NoSeal is SEAL_ALG of a token that is not encrypted.
const NoSeal uint16 = 0xffff

// LegacyHeader is what both have in front:
//
//	TOK_ID(2) | SGN_ALG(2) | SEAL_ALG(2) | Filler(2) FF | SND_SEQ(8) | SGN_CKSUM
type LegacyHeader struct {
	ID               uint16
	SignAlg, SealAlg uint16 // least significant octet first
	SndSeq           [8]byte
}

// The lengths of the header up to SND_SEQ, which the checksum covers, and up to SGN_CKSUM.
const (
	LegacyCovered    = 8
	LegacyHeaderSize = 16
)

// Put writes the header into b, which has LegacyHeaderSize octets.
func (h LegacyHeader) Put(b []byte) {
	_ = b[LegacyHeaderSize-1]
	binary.BigEndian.PutUint16(b, h.ID)
	binary.LittleEndian.PutUint16(b[2:], h.SignAlg)
	binary.LittleEndian.PutUint16(b[4:], h.SealAlg)
	b[6], b[7] = 0xff, 0xff
	copy(b[8:], h.SndSeq[:])
}

// AppendLegacyFrame appends what stands before size octets of a token.
func AppendLegacyFrame(dst []byte, size int) []byte {
	oid := MechKRB5
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

// ParseLegacy splits the beginning of a token into frame, header and what follows, which aliases b. Of the token, beyond
// octets lie elsewhere, which the frame's length counts; -1: it may say what it likes. Nothing is authenticated until
// the caller has verified the checksum.
func ParseLegacy(b []byte, beyond int) (h LegacyHeader, rest []byte, err error) {
	var (
		s      = cryptobyte.String(b)
		tag    uint8
		length uint8
		n      uint64
		oid    cryptobyte.String
		filler uint16
		algs   []byte
	)
	if !s.ReadUint8(&tag) || !s.ReadUint8(&length) {
		return h, nil, truncated("RFC 1964", b)
	}
	if tag != 0x60 {
		return h, nil, defective(status.G_BAD_TOK_HEADER, "token begins with %#02x, a frame (0x60) was expected", tag)
	}
	if n = uint64(length); length >= 0x80 {
		if length == 0x80 || length > 0x84 {
			return h, nil, defective(status.G_BAD_TOK_HEADER, "frame with a length of %#02x", length)
		}
		n = 0
		for range length & 0x7f {
			var o uint8
			if !s.ReadUint8(&o) {
				return h, nil, truncated("RFC 1964", b)
			}
			n = n<<8 | uint64(o)
		}
	}
	if beyond >= 0 && n != uint64(len(s))+uint64(beyond) {
		return h, nil, defective(status.G_BAD_TOK_HEADER, "frame says %d octets, there are %d", n, uint64(len(s))+uint64(beyond))
	}
	if !s.ReadUint8(&tag) || tag != 6 || !s.ReadUint8LengthPrefixed(&oid) || OID(oid) != MechKRB5 {
		return h, nil, defective(status.G_WRONG_MECH, "message token of another mechanism")
	}
	if !s.ReadUint16(&h.ID) || !s.ReadBytes(&algs, 4) || !s.ReadUint16(&filler) || !s.CopyBytes(h.SndSeq[:]) {
		return h, nil, truncated("RFC 1964", b)
	}
	h.SignAlg, h.SealAlg = binary.LittleEndian.Uint16(algs), binary.LittleEndian.Uint16(algs[2:])
	if filler != 0xffff || h.ID == TokLegacyMIC && h.SealAlg != NoSeal {
		return h, nil, defective(status.G_BAD_TOK_HEADER, "RFC 1964 token has a filler other than FF")
	}
	return h, s, nil
}
