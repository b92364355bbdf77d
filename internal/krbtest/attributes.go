// SPDX-License-Identifier: BSD-2-Clause

package krbtest

import (
	"encoding/binary"
	"time"
	"unicode/utf16"

	"libgssapi/internal/crypto"
	"libgssapi/internal/token"
)

// PAC returns a PAC (MS-PAC) for a client, with logon information that nobody can parse, signed with a key.
func PAC(client string, authTime time.Time, key *crypto.Key) []byte {
	signature := binary.LittleEndian.AppendUint32(nil, uint32(key.EType().ChecksumType()))
	signature = append(signature, make([]byte, len(key.Checksum(17, nil)))...)
	info := binary.LittleEndian.AppendUint64(nil, uint64(authTime.Unix()+11_644_473_600)*10_000_000)
	units := utf16.Encode([]rune(client))
	info = binary.LittleEndian.AppendUint16(info, uint16(2*len(units)))
	for _, u := range units {
		info = binary.LittleEndian.AppendUint16(info, u)
	}
	buffers := []struct {
		kind uint32
		data []byte
	}{{1, []byte("logon information")}, {10, info}, {6, signature}, {7, signature}, {18, []byte("requester")}}
	header := binary.LittleEndian.AppendUint64(nil, uint64(len(buffers)))
	var body []byte
	at := 0
	for _, b := range buffers {
		header = binary.LittleEndian.AppendUint32(header, b.kind)
		header = binary.LittleEndian.AppendUint32(header, uint32(len(b.data)))
		if b.kind == 6 {
			at = 8 + 16*len(buffers) + len(body) + 4
		}
		header = binary.LittleEndian.AppendUint64(header, uint64(8+16*len(buffers)+len(body)))
		body = append(body, b.data...)
		body = append(body, make([]byte, -len(body)&7)...)
	}
	pac := append(header, body...)
	copy(pac[at:], key.Checksum(17, pac))
	return pac
}

// CAMMAC returns an AD-CAMMAC (RFC 7751) with authentication indicators, with a proof made with a key.
func CAMMAC(key *crypto.Key, indicators ...string) []byte {
	var list [][]byte
	for _, v := range indicators {
		list = append(list, []byte(v))
	}
	elements := token.MarshalAuthData([]token.AuthDataEntry{{Type: token.ADIndicator, Data: token.MarshalAuthIndicators(list)}})
	c := token.CAMMAC{Elements: elements,
		Service: &token.Checksum{Type: key.EType().ChecksumType(), Sum: key.Checksum(64, elements)}}
	return c.Marshal()
}

// Relevant wraps an element of authorization data in AD-IF-RELEVANT.
func Relevant(kind int32, data []byte) token.AuthDataEntry {
	return token.AuthDataEntry{Type: token.ADIfRelevant, Data: token.MarshalAuthData([]token.AuthDataEntry{{Type: kind, Data: data}})}
}
