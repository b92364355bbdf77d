// SPDX-License-Identifier: BSD-2-Clause

package token

import (
	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"libgssapi/internal/status"
)

// MarshalExportedName makes the mechanism-independent exported name object of RFC 2743, Section 3.2: 04 01, length of
// the OID's DER (16 bits), the OID's DER, length of the name (32 bits), the name.
func MarshalExportedName(mech OID, name []byte) []byte {
	b := cryptobyte.NewBuilder(make([]byte, 0, len(mech)+len(name)+16))
	b.AddUint16(exportedNameID)
	b.AddUint16LengthPrefixed(func(b *builder) { addOID(b, mech) })
	b.AddUint32LengthPrefixed(func(b *builder) { b.AddBytes(name) })
	return b.BytesOrPanic()
}

const exportedNameID = 0x0401

// ParseExportedName is the inverse of MarshalExportedName; name aliases b.
func ParseExportedName(b []byte) (mech OID, name []byte, err error) {
	s := cryptobyte.String(b)
	var id uint16
	var oidDER, oid cryptobyte.String
	if !s.ReadUint16(&id) || id != exportedNameID {
		return "", nil, badName("the octets are not an exported name: 04 01 is missing")
	}
	if !s.ReadUint16LengthPrefixed(&oidDER) {
		return "", nil, badName("the exported name ends within its mechanism OID")
	}
	if !oidDER.ReadASN1(&oid, asn1.OBJECT_IDENTIFIER) || !oidDER.Empty() || len(oid) == 0 {
		return "", nil, badName("the exported name has a malformed mechanism OID")
	}
	var n uint32
	if !s.ReadUint32(&n) {
		return "", nil, badName("the exported name ends before the length of the name")
	}
	if uint64(n) > uint64(len(s)) {
		return "", nil, badName("the exported name is shorter than it says")
	}
	if uint64(n) < uint64(len(s)) {
		return "", nil, badName("the exported name has octets after its end")
	}
	return OID(oid), s, nil
}

func badName(text string) error {
	return status.Errorf(status.BadName, status.KRB5_PARSE_MALFORMED, "%s", text)
}
