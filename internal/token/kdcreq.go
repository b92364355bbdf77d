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

// KDCReq is an AS-REQ or a TGS-REQ (KDC-REQ, RFC 4120, Section 5.4.1) as a client sends it.
type KDCReq struct {
	Options uint32
	Client  *Principal // AS-REQ only; its realm is not sent
	Server  Principal  // its realm is the KDC's
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

// bodySize estimates the size of the body.
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
