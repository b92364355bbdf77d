// SPDX-License-Identifier: BSD-2-Clause

package token

import (
	"time"

	"golang.org/x/crypto/cryptobyte/asn1"
)

// Message types of a KDC's replies, which are also their application tags.
const (
	TypeASRep  = 11
	TypeTGSRep = 13
)

// KDCRep is an AS-REP or a TGS-REP (RFC 4120, Section 5.4.2). Nothing in it is authenticated except, after decryption,
// Enc, and those elements of PAData that have their own checksum. Ticket, Enc and PAData alias the input of the parser.
type KDCRep struct {
	PAData []PAData
	Client Principal
	Ticket Ticket
	Enc    EncryptedData
}

// ParseKDCRep parses a reply of the given message type.
func ParseKDCRep(b []byte, msgType uint8) (*KDCRep, error) {
	name := "TGS-REP"
	if msgType == TypeASRep {
		name = "AS-REP"
	}
	f := openMessage(b, msgType, name)
	m := new(KDCRep)
	f.header(int64(msgType))
	if f.has(2) {
		m.PAData = f.padata(2, "padata")
	}
	realm := f.realm(3, "crealm")
	m.Client = f.principal(4, "cname")
	m.Client.Realm = realm
	m.Ticket = f.ticket(5, "ticket")
	m.Enc = f.encrypted(6, "enc-part")
	if err := f.close(); err != nil {
		return nil, err
	}
	return m, nil
}

// Marshal returns the DER encoding. The ticket is encoded as its Raw.
func (m *KDCRep) Marshal(msgType uint8) []byte {
	return message(msgType, 256+len(m.Ticket.Raw)+len(m.Enc.Cipher), func(b *builder) {
		addHeader(b, int64(msgType))
		if len(m.PAData) > 0 {
			addSequence(b, 2, func(b *builder) { addPAData(b, m.PAData) })
		}
		addText(b, 3, m.Client.Realm)
		addPrincipal(b, 4, &m.Client)
		b.AddASN1(explicit(5), func(b *builder) { b.AddBytes(m.Ticket.Raw) })
		addEncrypted(b, 6, &m.Enc)
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

// Application tags. Some KDCs send the tag of a TGS-REP in an AS-REP.
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
