// SPDX-License-Identifier: BSD-2-Clause

package token

import (
	"time"

	"golang.org/x/crypto/cryptobyte/asn1"
)

// Message types of a KDC's requests, which are also their application tags.
const (
	TypeASReq  = 10
	TypeTGSReq = 12
)

// PAData is one element of padata (RFC 4120, Section 5.2.7). Value aliases the input of the parser.
// KDCReq is an AS-REQ or a TGS-REQ (KDC-REQ, RFC 4120, Section 5.4.1) as a client sends it.
type KDCReq struct {
	Options uint32
	Client  *Principal // AS-REQ only; its realm is not sent
	Server  Principal  // its realm is that of the KDC
	Till    time.Time
	RTime   time.Time // zero: none
	Nonce   uint32
	ETypes  []int32
	Tickets [][]byte // additional-tickets
}

// MarshalBody returns the DER encoding of the KDC-REQ-BODY, which the checksum of a TGS-REQ covers.
func (m *KDCReq) MarshalBody() []byte {
	b := newBuilder(m.bodySize())
	m.addBody(b)
	return b.Bytes()
}

// Marshal returns the DER encoding of the message.
func (m *KDCReq) Marshal(msgType uint8, padata []PAData) []byte {
	return message(msgType, m.bodySize()+padataSize(padata), func(b *builder) {
		addInt(b, 1, 5)
		addInt(b, 2, int64(msgType))
		if len(padata) > 0 {
			addSequence(b, 3, func(b *builder) { addPAData(b, padata) })
		}
		b.AddASN1(explicit(4), m.addBody)
	})
}

// bodySize is about the size of the body.
func (m *KDCReq) bodySize() int {
	size := 256
	for _, t := range m.Tickets {
		size += len(t)
	}
	return size
}

func (m *KDCReq) addBody(b *builder) {
	b.AddASN1(asn1.SEQUENCE, func(b *builder) {
		addFlags(b, 0, m.Options)
		if m.Client != nil {
			addPrincipal(b, 1, m.Client)
		}
		addText(b, 2, m.Server.Realm)
		addPrincipal(b, 3, &m.Server)
		addTime(b, 5, m.Till)
		addOptionalTime(b, 6, m.RTime)
		addInt(b, 7, int64(m.Nonce))
		addSequence(b, 8, func(b *builder) {
			for _, e := range m.ETypes {
				b.AddASN1Int64(int64(e))
			}
		})
		if len(m.Tickets) > 0 {
			addSequence(b, 11, func(b *builder) {
				for _, t := range m.Tickets {
					b.AddBytes(t)
				}
			})
		}
	})
}

// EncKDCRepPart is the part of a KDC's reply that only its client can decrypt (RFC 4120, Section 5.4.2), without
// members that nothing here uses. Key, addresses and padata alias the input of the parser.
type EncKDCRepPart struct {
	Key       EncryptionKey
	Nonce     uint32
	Flags     uint32
	AuthTime  time.Time
	StartTime time.Time // zero: AuthTime
	EndTime   time.Time
	RenewTill time.Time // zero: none
	Server    Principal
	Addresses []HostAddress
	PAData    []PAData // encrypted-pa-data (RFC 6806, Section 11)
}

// Application tags. Some KDCs send that of a TGS-REP in an AS-REP.
const (
	tagEncASRepPart  = 25
	tagEncTGSRepPart = 26
)

// ParseEncKDCRepPart parses the decrypted part of a KDC's reply.
func ParseEncKDCRepPart(b []byte) (*EncKDCRepPart, error) {
	tag := uint8(tagEncASRepPart)
	if len(b) > 0 && b[0] == byte(application(tagEncTGSRepPart)) {
		tag = tagEncTGSRepPart
	}
	f := openMessage(b, tag, "EncKDCRepPart")
	m := new(EncKDCRepPart)
	m.Key = f.key(0, "key")
	f.next(1, asn1.SEQUENCE, "last-req")
	m.Nonce = f.uint32(2, "nonce")
	f.optionalTime(3, "key-expiration")
	m.Flags = f.flags(4, "flags")
	m.AuthTime = f.time(5, "authtime")
	m.StartTime = f.optionalTime(6, "starttime")
	m.EndTime = f.time(7, "endtime")
	m.RenewTill = f.optionalTime(8, "renew-till")
	realm := f.realm(9, "srealm")
	m.Server = f.principal(10, "sname")
	m.Server.Realm = realm
	if f.has(11) {
		m.Addresses = f.addresses(11, "caddr")
	}
	if f.has(12) {
		m.PAData = f.padata(12, "encrypted-pa-data")
	}
	if err := f.close(); err != nil {
		return nil, err
	}
	return m, nil
}
