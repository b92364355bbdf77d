// SPDX-License-Identifier: BSD-2-Clause

package token

import (
	"encoding/binary"

	"golang.org/x/crypto/cryptobyte/asn1"
)

// Types of PAData with which a service acts for users (MS-SFU, Section 2.2).
const (
	PAForUser     int32 = 129
	PAS4UX509User int32 = 130
	PAPacOptions  int32 = 167
)

// ForUser is PA-FOR-USER (MS-SFU, Section 2.2.1): the user for whom a service wants a ticket to itself.
type ForUser struct {
	User     Principal
	Checksum Checksum // over Signed
}

// authPackage is the only value of auth-package.
const authPackage = "Kerberos"

// Signed returns the octets that the checksum covers.
func (p *ForUser) Signed() []byte {
	b := binary.LittleEndian.AppendUint32(nil, uint32(p.User.Type))
	for _, c := range p.User.Components {
		b = append(b, c...)
	}
	b = append(b, p.User.Realm...)
	return append(b, authPackage...)
}

// Marshal returns the DER encoding.
func (p *ForUser) Marshal() []byte {
	b := newBuilder(128 + principalSize(&p.User))
	b.AddASN1(asn1.SEQUENCE, func(b *builder) {
		addPrincipal(b, 0, &p.User)
		addText(b, 1, p.User.Realm)
		addTyped(b, 2, p.Checksum.Type, p.Checksum.Sum)
		addText(b, 3, authPackage)
	})
	return b.Bytes()
}

// S4UReplyKeyUsage requests that the checksum in the reply have its own key usage. It is a bit in S4UUserID.Options,
// numbered like ticket flags.
const S4UReplyKeyUsage uint32 = 1 << (31 - 2)

// S4UUserID is the content of PA-S4U-X509-USER (MS-SFU, Section 2.2.2). Raw is its encoding, which the checksum covers;
// if it was parsed, Raw is the sender's encoding.
type S4UUserID struct {
	Nonce   uint32
	User    Principal
	Options uint32
	Raw     []byte
}

// S4UX509User is PA-S4U-X509-USER without a certificate.
type S4UX509User struct {
	ID       S4UUserID
	Checksum Checksum
}

// Marshal returns the DER encoding and sets Raw to it.
func (i *S4UUserID) Marshal() []byte {
	b := newBuilder(64 + principalSize(&i.User))
	b.AddASN1(asn1.SEQUENCE, func(b *builder) {
		addInt(b, 0, int64(i.Nonce))
		addPrincipal(b, 1, &i.User)
		addText(b, 2, i.User.Realm)
		addFlags(b, 4, i.Options)
	})
	i.Raw = b.Bytes()
	return i.Raw
}

// Marshal returns the DER encoding, with the ID's Raw unchanged.
func (p *S4UX509User) Marshal() []byte {
	b := newBuilder(64 + len(p.ID.Raw) + len(p.Checksum.Sum))
	b.AddASN1(asn1.SEQUENCE, func(b *builder) {
		b.AddASN1(explicit(0), func(b *builder) { b.AddBytes(p.ID.Raw) })
		addTyped(b, 1, p.Checksum.Type, p.Checksum.Sum)
	})
	return b.Bytes()
}

// ParseS4UX509User parses a KDC's answer and ignores any certificate in it. Nothing is authenticated until the checksum
// has been verified.
func ParseS4UX509User(b []byte) (*S4UX509User, error) {
	f := openWhole(b, "PA-S4U-X509-USER")
	p := new(S4UX509User)
	e := f.member(0, "user-id")
	f.of(e, asn1.SEQUENCE, "user-id")
	if f.err == nil {
		id := openWhole(e.whole, "S4UUserID")
		p.ID.Raw = e.whole
		p.ID.Nonce = id.uint32(0, "nonce")
		if id.has(1) {
			p.ID.User = id.principal(1, "cname")
		}
		p.ID.User.Realm = id.realm(2, "crealm")
		if id.has(3) {
			id.octets(3, "subject-certificate")
		}
		if id.has(4) {
			p.ID.Options = id.flags(4, "options")
		}
		f.parsed(id.close())
	}
	p.Checksum = f.checksum(1, "checksum")
	if err := f.close(); err != nil {
		return nil, err
	}
	return p, nil
}

// PacResourceBased is the bit in PA-PAC-OPTIONS for resource-based delegation, which the target's account allows
// (MS-KILE, Section 2.2.10).
const PacResourceBased uint32 = 1 << (31 - 3)

// MarshalPacOptions returns the DER encoding of a PA-PAC-OPTIONS.
func MarshalPacOptions(flags uint32) []byte {
	b := newBuilder(16)
	b.AddASN1(asn1.SEQUENCE, func(b *builder) { addFlags(b, 0, flags) })
	return b.Bytes()
}

// ParsePacOptions is the inverse of MarshalPacOptions.
func ParsePacOptions(b []byte) (uint32, error) {
	f := openWhole(b, "PA-PAC-OPTIONS")
	flags := f.flags(0, "flags")
	return flags, f.close()
}
