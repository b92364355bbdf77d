// SPDX-License-Identifier: BSD-2-Clause

package token

import (
	"time"

	"libgssapi/internal/status"
)

// Options of an AP-REQ (RFC 4120, Section 5.5.1).
const (
	APUseSessionKey  uint32 = 0x40000000
	APMutualRequired uint32 = 0x20000000
)

// APReq is an AP-REQ (RFC 4120, Section 5.5.1). Nothing in it is authenticated, including the options.
type APReq struct {
	Options       uint32
	Ticket        Ticket
	Authenticator EncryptedData
}

// ParseAPReq parses an AP-REQ, without the token framing and TOK_ID. The result aliases b.
func ParseAPReq(b []byte) (*APReq, error) {
	f := openMessage(b, tagAPReq, "AP-REQ")
	m := new(APReq)
	f.header(tagAPReq)
	m.Options = f.flags(2, "ap-options")
	m.Ticket = f.ticket(3, "ticket")
	m.Authenticator = f.encrypted(4, "authenticator")
	if err := f.close(); err != nil {
		return nil, err
	}
	return m, nil
}

// Marshal returns the DER encoding, with the ticket's Raw unchanged.
func (m *APReq) Marshal() []byte {
	return message(tagAPReq, 64+len(m.Ticket.Raw)+len(m.Authenticator.Cipher), func(b *builder) {
		addHeader(b, tagAPReq)
		addFlags(b, 2, m.Options)
		b.AddASN1(explicit(3), func(b *builder) { b.AddBytes(m.Ticket.Raw) })
		addEncrypted(b, 4, &m.Authenticator)
	})
}

// Authenticator is the decrypted authenticator of an AP-REQ (RFC 4120, Section 5.5.1). Checksum, Subkey and AuthData
// are nil if they were not sent; SeqNumber is valid only if HasSeq is set. Slices alias the input of the parser.
type Authenticator struct {
	Client    Principal
	Checksum  *Checksum
	CUSec     uint32
	CTime     time.Time
	Subkey    *EncryptionKey
	SeqNumber uint32
	HasSeq    bool
	AuthData  []AuthDataEntry
}

// ParseAuthenticator parses a decrypted Authenticator.
func ParseAuthenticator(b []byte) (*Authenticator, error) {
	f := openMessage(b, tagAuthenticator, "Authenticator")
	m := new(Authenticator)
	f.constant(0, "authenticator-vno", 5, status.KRB5KRB_AP_ERR_BADVERSION)
	realm := f.realm(1, "crealm")
	m.Client = f.principal(2, "cname")
	m.Client.Realm = realm
	if f.has(3) {
		c := f.checksum(3, "cksum")
		m.Checksum = &c
	}
	m.CUSec = f.microseconds(4, "cusec")
	m.CTime = f.time(5, "ctime")
	m.Subkey = f.optionalKey(6, "subkey")
	if f.has(7) {
		m.SeqNumber, m.HasSeq = f.uint32(7, "seq-number"), true
	}
	if f.has(8) {
		m.AuthData = f.authData(8, "authorization-data")
	}
	if err := f.close(); err != nil {
		return nil, err
	}
	return m, nil
}

// Marshal returns the DER encoding.
func (m *Authenticator) Marshal() []byte {
	size := 512 // all of it: a builder that grows leaves copies of the subkey behind
	if m.Checksum != nil {
		size += len(m.Checksum.Sum)
	}
	for _, e := range m.AuthData {
		size += 32 + len(e.Data)
	}
	return message(tagAuthenticator, size+principalSize(&m.Client), func(b *builder) {
		addInt(b, 0, 5)
		addText(b, 1, m.Client.Realm)
		addPrincipal(b, 2, &m.Client)
		if m.Checksum != nil {
			addTyped(b, 3, m.Checksum.Type, m.Checksum.Sum)
		}
		addInt(b, 4, int64(m.CUSec))
		addTime(b, 5, m.CTime)
		addOptionalKey(b, 6, m.Subkey)
		if m.HasSeq {
			addInt(b, 7, int64(m.SeqNumber))
		}
		addAuthData(b, 8, m.AuthData)
	})
}
