// SPDX-License-Identifier: BSD-2-Clause

package token

import (
	"time"

	"golang.org/x/crypto/cryptobyte/asn1"
)

// FastArmorAPRequest is the armor type of an AP-REQ (RFC 6113, Section 5.4.1.1).
const FastArmorAPRequest = 1

// FastArmoredReq is KrbFastArmoredReq (RFC 6113, Section 5.4.2), with an AP-REQ as armor.
type FastArmoredReq struct {
	Armor    []byte
	Checksum Checksum
	Enc      EncryptedData // a KrbFastReq
}

// Marshal returns the DER encoding of the PA-FX-FAST-REQUEST.
func (m *FastArmoredReq) Marshal() []byte {
	b := newBuilder(128 + len(m.Armor) + len(m.Checksum.Sum) + len(m.Enc.Cipher))
	addSequence(b, 0, func(b *builder) {
		addTyped(b, 0, FastArmorAPRequest, m.Armor)
		addTyped(b, 1, m.Checksum.Type, m.Checksum.Sum)
		addEncrypted(b, 2, &m.Enc)
	})
	return b.Bytes()
}

// MarshalFastReq returns the DER encoding of a KrbFastReq without options: padata, and the actual KDC-REQ-BODY.
func MarshalFastReq(padata []PAData, body []byte) []byte {
	b := newBuilder(128 + padataSize(padata) + len(body))
	b.AddASN1(asn1.SEQUENCE, func(b *builder) {
		addFlags(b, 0, 0)
		addSequence(b, 1, func(b *builder) { addPAData(b, padata) })
		b.AddASN1(explicit(2), func(b *builder) { b.AddBytes(body) })
	})
	return b.Bytes()
}

// ParseFastReply parses a PA-FX-FAST-REPLY, which is an encrypted KrbFastResponse.
func ParseFastReply(b []byte) (*EncryptedData, error) {
	_, f := choice(b, "PA-FX-FAST-REPLY", 1)
	e := f.encrypted(0, "enc-fast-rep")
	if err := f.close(); err != nil {
		return nil, err
	}
	return &e, nil
}

// FastResponse is KrbFastResponse (RFC 6113, Section 5.4.3). StrengthenKey and Finished are nil if they were not sent.
// Slices alias the input of the parser.
type FastResponse struct {
	PAData        []PAData
	StrengthenKey *EncryptionKey
	Finished      *FastFinished
	Nonce         uint32
}

// FastFinished is KrbFastFinished, which authenticates the client and ticket of an AS-REP.
type FastFinished struct {
	Time           time.Time
	Client         Principal
	TicketChecksum Checksum
}

// ParseFastResponse parses a decrypted KrbFastResponse.
func ParseFastResponse(b []byte) (*FastResponse, error) {
	f, _ := openSequence(b, "KrbFastResponse")
	m := new(FastResponse)
	m.PAData = f.padata(0, "padata")
	m.StrengthenKey = f.optionalKey(1, "strengthen-key")
	if f.has(2) {
		sub := f.sequence(2, "finished")
		m.Finished = new(FastFinished)
		m.Finished.Time = sub.time(0, "timestamp")
		m.Finished.Time = m.Finished.Time.Add(time.Duration(sub.microseconds(1, "usec")) * time.Microsecond)
		realm := sub.realm(2, "crealm")
		m.Finished.Client = sub.principal(3, "cname")
		m.Finished.Client.Realm = realm
		m.Finished.TicketChecksum = sub.checksum(4, "ticket-checksum")
		f.leave(&sub)
	}
	m.Nonce = f.uint32(3, "nonce")
	if err := f.close(); err != nil {
		return nil, err
	}
	return m, nil
}
