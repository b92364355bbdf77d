// SPDX-License-Identifier: BSD-2-Clause

package token

import (
	"crypto/md5"
	"encoding/binary"
	"hash"

	"golang.org/x/crypto/cryptobyte"

	"libgssapi/internal/status"
)

// GSSChecksumType is the type of the checksum in an Authenticator that is not a checksum but contains a GSSChecksum
// (RFC 4121, Section 4.1.1).
const GSSChecksumType int32 = 0x8003

const flagDeleg = 1 // GSS_C_DELEG_FLAG

// GSSChecksum is the content of an 0x8003 checksum. BindingsHash is all zeros if no channel bindings were supplied.
// Deleg, a KRB-CRED, is present if and only if HasDeleg is set, which is GSS_C_DELEG_FLAG in Flags. Deleg and
// Extensions alias the input of the parser.
type GSSChecksum struct {
	BindingsHash [16]byte
	Flags        uint32
	HasDeleg     bool
	Deleg        []byte
	Extensions   []byte
}

// ParseGSSChecksum parses the octets of an 0x8003 checksum.
func ParseGSSChecksum(b []byte) (*GSSChecksum, error) {
	s := cryptobyte.String(b)
	c := new(GSSChecksum)
	n, ok := littleEndian(&s, 4)
	if !ok || !s.CopyBytes(c.BindingsHash[:]) {
		return nil, defective(status.KRB5KRB_AP_ERR_INAPP_CKSUM, "GSS checksum: ends within the channel bindings")
	}
	if n != 16 {
		return nil, defective(status.KG_BAD_LENGTH, "GSS checksum: length of channel bindings is %d, not 16", n)
	}
	if c.Flags, ok = littleEndian(&s, 4); !ok {
		return nil, defective(status.KRB5KRB_AP_ERR_INAPP_CKSUM, "GSS checksum: ends within the flags")
	}
	if c.HasDeleg = c.Flags&flagDeleg != 0; c.HasDeleg {
		option, ok := littleEndian(&s, 2)
		if !ok {
			return nil, defective(status.KG_BAD_LENGTH, "GSS checksum: delegation is flagged, but there is no DlgOpt")
		}
		if option != 1 {
			return nil, defective(status.KG_BAD_LENGTH, "GSS checksum: DlgOpt is %d, not 1", option)
		}
		n, ok := littleEndian(&s, 2)
		if !ok || !s.ReadBytes(&c.Deleg, int(n)) {
			return nil, defective(status.KG_BAD_LENGTH, "GSS checksum: ends within the delegated credentials")
		}
		if n == 0 {
			return nil, defective(status.KG_BAD_LENGTH, "GSS checksum: the delegated credentials are empty")
		}
	}
	c.Extensions = s
	return c, nil
}

// MaxDeleg is the maximum length of a KRB-CRED in octets, limited by the 16 bits of Dlgth.
const MaxDeleg = 0xffff

// Marshal encodes the octets of an 0x8003 checksum. It sets GSS_C_DELEG_FLAG according to HasDeleg, and omits a Deleg
// that is empty or longer than MaxDeleg.
func (c *GSSChecksum) Marshal() []byte {
	deleg := c.HasDeleg && len(c.Deleg) > 0 && len(c.Deleg) <= MaxDeleg
	flags := c.Flags &^ flagDeleg
	if deleg {
		flags |= flagDeleg
	}
	b := make([]byte, 0, 28+len(c.Deleg)+len(c.Extensions))
	b = binary.LittleEndian.AppendUint32(b, 16)
	b = append(b, c.BindingsHash[:]...)
	b = binary.LittleEndian.AppendUint32(b, flags)
	if deleg {
		b = binary.LittleEndian.AppendUint16(b, 1)
		b = binary.LittleEndian.AppendUint16(b, uint16(len(c.Deleg)))
		b = append(b, c.Deleg...)
	}
	return append(b, c.Extensions...)
}

// littleEndian reads a number of n octets, at most 4.
func littleEndian(s *cryptobyte.String, n int) (v uint32, ok bool) {
	var b []byte
	if !s.ReadBytes(&b, n) {
		return 0, false
	}
	for i, c := range b {
		v |= uint32(c) << (8 * i)
	}
	return v, true
}

// BindingsHash is the MD5 hash of the channel bindings of RFC 2744, Section 3.11, with each number and length in 4
// octets, little-endian (RFC 4121, Section 4.1.1.2). Security does not depend on MD5: the hash travels encrypted.
func BindingsHash(initAddrType uint32, initAddr []byte, accAddrType uint32, accAddr, appData []byte) (sum [16]byte) {
	h := md5.New()
	hashUint32(h, initAddrType)
	hashCounted(h, initAddr)
	hashUint32(h, accAddrType)
	hashCounted(h, accAddr)
	hashCounted(h, appData)
	h.Sum(sum[:0])
	return sum
}

func hashUint32(h hash.Hash, v uint32) {
	var b [4]byte
	binary.LittleEndian.PutUint32(b[:], v)
	h.Write(b[:])
}

func hashCounted(h hash.Hash, b []byte) {
	hashUint32(h, uint32(len(b)))
	h.Write(b)
}
