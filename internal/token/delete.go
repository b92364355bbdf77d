// SPDX-License-Identifier: BSD-2-Clause

package token

import (
	"encoding/binary"

	"golang.org/x/crypto/cryptobyte"

	"libgssapi/internal/status"
)

// DeleteToken is a context deletion token, which is a MIC token over no message with the TOK_ID 04 05. RFC 4121,
// Section 4.3 has no implementation send one; those of older libraries still arrive in gss_process_context_token(). No
// field is authenticated until the caller has verified Checksum over Header.
type DeleteToken struct {
	Flags    byte
	SndSeq   uint64
	Header   []byte // the first 16 octets; aliases what was parsed
	Checksum []byte // aliases what was parsed
}

const deleteHeaderSize = 16

// ParseDelete reads a deletion token.
func ParseDelete(b []byte) (*DeleteToken, error) {
	s := cryptobyte.String(b)
	t := new(DeleteToken)
	var id uint16
	var filler []byte
	if !s.ReadUint16(&id) || !s.ReadUint8(&t.Flags) || !s.ReadBytes(&filler, 5) || !s.ReadUint64(&t.SndSeq) {
		return nil, defective(status.G_TOK_TRUNC, "deletion token: ends within its header")
	}
	if id != TokDelete {
		return nil, defective(status.G_WRONG_TOKID, "deletion token: TOK_ID is %04x, not %04x", id, TokDelete)
	}
	for _, c := range filler {
		if c != 0xff {
			return nil, defective(status.G_BAD_TOK_HEADER, "deletion token: filler is not ff")
		}
	}
	if s.Empty() {
		return nil, defective(status.G_TOK_TRUNC, "deletion token: there is no checksum")
	}
	t.Header = b[:deleteHeaderSize:deleteHeaderSize] // 16 octets have been read
	t.Checksum = s
	return t, nil
}

// DeleteHeader makes the header that the checksum of a deletion token covers and that goes before it.
func DeleteHeader(flags byte, sndSeq uint64) [16]byte {
	h := [16]byte{0x04, 0x05, flags, 0xff, 0xff, 0xff, 0xff, 0xff}
	binary.BigEndian.PutUint64(h[8:], sndSeq)
	return h
}
