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

// Token identifiers of exported names, without and with attributes (RFC 6680, Section 8).
const (
	exportedNameID  = 0x0401
	compositeNameID = 0x0402
)

// AppendCompositeName is AppendExportedName with attributes, in the encoding of MIT krb5: after the name there are the length
// of the attributes (32 bits) and the attributes.
func AppendCompositeName(b []byte, mech OID, name func(b []byte) []byte, attributes []byte) []byte {
	begin := len(b)
	b = AppendExportedName(b, mech, name)
	binary.BigEndian.PutUint16(b[begin:], compositeNameID)
	return addCounted(b, attributes)
}

// IsCompositeName reports whether an exported name has attributes.
func IsCompositeName(b []byte) bool {
	return len(b) >= 2 && binary.BigEndian.Uint16(b) == compositeNameID
}

// ParseExportedName is the inverse of AppendExportedName. name aliases b.
func ParseExportedName(b []byte) (mech OID, name []byte, err error) {
	s := cryptobyte.String(b)
	var id uint16
	if !s.ReadUint16(&id) || id != exportedNameID {
		return "", nil, badName("the octets are not an exported name: 04 01 is missing")
	}
	mech, n, err := readExportedName(&s)
	if err == nil && uint64(n) < uint64(len(s)) {
		return "", nil, badName("the exported name has octets after its end")
	}
	return mech, s, err
}

// ParseCompositeName is the inverse of AppendCompositeName. name and attributes alias b.
func ParseCompositeName(b []byte) (mech OID, name, attributes []byte, err error) {
	s := cryptobyte.String(b)
	var id uint16
	if !s.ReadUint16(&id) || id != compositeNameID {
		return "", nil, nil, badName("the octets are not a composite name: 04 02 is missing")
	}
	mech, n, err := readExportedName(&s)
	if err != nil {
		return "", nil, nil, err
	}
	name, s = s[:n], s[n:]
	if !s.ReadUint32(&n) || uint64(n) != uint64(len(s)) {
		return "", nil, nil, badName("the attributes of the composite name are longer or shorter than it says")
	}
	return mech, name, s, nil
}

// readExportedName reads what precedes the octets of the name, which are the next n ones.
func readExportedName(s *cryptobyte.String) (mech OID, n uint32, err error) {
	var oidDER cryptobyte.String
	if !s.ReadUint16LengthPrefixed(&oidDER) {
		return "", 0, badName("the exported name ends within its mechanism OID")
	}
	in := elements(oidDER)
	oid, ok := in.read(asn1.OBJECT_IDENTIFIER)
	// Access control lists compare exported names octet by octet, so each name has exactly one encoding.
	if !ok || len(in) > 0 || len(oid) == 0 || len(oidDER) != len(oid)+2 {
		return "", 0, badName("the exported name has a malformed mechanism OID")
	}
	if !s.ReadUint32(&n) {
		return "", 0, badName("the exported name ends before the length of the name")
	}
	if uint64(n) > uint64(len(*s)) {
		return "", 0, badName("the exported name is shorter than it says")
	}
	if string(oid) == string(MechKRB5) { // as it is nearly always: no memory for it
		return MechKRB5, n, nil
	}
	return OID(oid), n, nil
}

func badName(text string) error {
	return status.Errorf(status.BadName, status.KRB5_PARSE_MALFORMED, "%s", text)
}
