// SPDX-License-Identifier: BSD-2-Clause

package token

import (
	"encoding/binary"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"libgssapi/internal/status"
)

// AppendExportedName appends the mechanism-independent exported name object of RFC 2743, Section 3.2: 04 01, length
// of the OID's DER (16 bits), the OID's DER, length of the name (32 bits), the name, which the function appends.
func AppendExportedName(b []byte, mech OID, name func(b []byte) []byte) []byte {
	b = binary.BigEndian.AppendUint16(b, exportedNameID)
	b = binary.BigEndian.AppendUint16(b, uint16(len(mech)+2))
	b = append(b, byte(asn1.OBJECT_IDENTIFIER), byte(len(mech))) // mechanisms' OIDs have less than 128 octets
	b = append(b, mech...)
	b = append(b, 0, 0, 0, 0)
	begin := len(b)
	b = name(b)
	binary.BigEndian.PutUint32(b[begin-4:], uint32(len(b)-begin))
	return b
}

const exportedNameID = 0x0401

// ParseExportedName is the inverse of AppendExportedName. name aliases b.
func ParseExportedName(b []byte) (mech OID, name []byte, err error) {
	s := cryptobyte.String(b)
	var id uint16
	var oidDER cryptobyte.String
	if !s.ReadUint16(&id) || id != exportedNameID {
		return "", nil, badName("the octets are not an exported name: 04 01 is missing")
	}
	if !s.ReadUint16LengthPrefixed(&oidDER) {
		return "", nil, badName("the exported name ends within its mechanism OID")
	}
	in := elements(oidDER)
	oid, ok := in.read(asn1.OBJECT_IDENTIFIER)
	// Access control lists compare exported names octet by octet, so each name has exactly one encoding.
	if !ok || len(in) > 0 || len(oid) == 0 || len(oidDER) != len(oid)+2 {
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
	if string(oid) == string(MechKRB5) { // as it is nearly always: no memory for it
		return MechKRB5, s, nil
	}
	return OID(oid), s, nil
}

func badName(text string) error {
	return status.Errorf(status.BadName, status.KRB5_PARSE_MALFORMED, "%s", text)
}
