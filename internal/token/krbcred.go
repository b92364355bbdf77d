// SPDX-License-Identifier: BSD-2-Clause

package token

import (
	"time"

	"golang.org/x/crypto/cryptobyte/asn1"
)

// KRBCred is a KRB-CRED (RFC 4120, Section 5.8.1), which carries tickets and, encrypted, their keys. If Enc.EType is
// 0, the keys are in the clear: RFC 4121, Section 4.1.1, sends the message inside the encrypted Authenticator.
type KRBCred struct {
	Tickets []Ticket
	Enc     EncryptedData
}

// ParseKRBCred parses a KRB-CRED. The result aliases b. It may contain no ticket: a caller that needs one must check.
func ParseKRBCred(b []byte) (*KRBCred, error) {
	f := openMessage(b, tagKRBCred, "KRB-CRED")
	m := new(KRBCred)
	f.header(tagKRBCred)
	m.Tickets = f.tickets(2, "tickets")
	m.Enc = f.encrypted(3, "enc-part")
	if err := f.close(); err != nil {
		return nil, err
	}
	return m, nil
}

// Marshal returns the DER encoding, with each ticket's Raw unchanged.
func (m *KRBCred) Marshal() []byte {
	size := 64 + len(m.Enc.Cipher)
	for i := range m.Tickets {
		size += len(m.Tickets[i].Raw)
	}
	return message(tagKRBCred, size, func(b *builder) {
		addHeader(b, tagKRBCred)
		addTickets(b, 2, m.Tickets)
		addEncrypted(b, 3, &m.Enc)
	})
}

// KRBCredInfo contains what a ticket's raw octets do not reveal: its key, client, server and times. Everything except
// Key is optional; principals are nil and times are zero if they were not sent. Flags are always written.
type KRBCredInfo struct {
	Key       EncryptionKey
	Client    *Principal
	Flags     uint32
	AuthTime  time.Time
	StartTime time.Time
	EndTime   time.Time
	RenewTill time.Time
	Server    *Principal
	Addresses []HostAddress
}

// EncKRBCredPart is the decrypted part of a KRB-CRED (RFC 4120, Section 5.8.1). Info[i] belongs to Tickets[i]; the
// caller must compare their numbers. Nonce is valid only if HasNonce is set, USec only with a Timestamp. Slices alias
// the input of the parser.
type EncKRBCredPart struct {
	Info      []KRBCredInfo
	Nonce     uint32
	HasNonce  bool
	Timestamp time.Time
	USec      uint32
	SAddress  *HostAddress
	RAddress  *HostAddress
}

// ParseEncKRBCredPart parses a decrypted enc-part of a KRB-CRED.
func ParseEncKRBCredPart(b []byte) (*EncKRBCredPart, error) {
	f := openMessage(b, tagEncKRBCredPart, "EncKrbCredPart")
	m := new(EncKRBCredPart)
	list := f.sequence(0, "ticket-info")
	for list.moreOf(len(m.Info), maxTickets) {
		m.Info = append(m.Info, list.credInfo())
	}
	f.leave(&list)
	if f.has(1) {
		m.Nonce, m.HasNonce = f.uint32(1, "nonce"), true
	}
	m.Timestamp = f.optionalTime(2, "timestamp")
	if f.has(3) {
		m.USec = f.microseconds(3, "usec")
	}
	if f.has(4) {
		m.SAddress = f.address(4, "s-address")
	}
	if f.has(5) {
		m.RAddress = f.address(5, "r-address")
	}
	if err := f.close(); err != nil {
		return nil, err
	}
	if m.Timestamp.IsZero() {
		m.USec = 0
	}
	return m, nil
}

func (f *fields) credInfo() (i KRBCredInfo) {
	e := f.element("KrbCredInfo")
	i.Key = e.key(0, "key")
	i.Client = e.optionalPrincipal(1, "prealm", "pname")
	if e.has(3) {
		i.Flags = e.flags(3, "flags")
	}
	i.AuthTime = e.optionalTime(4, "authtime")
	i.StartTime = e.optionalTime(5, "starttime")
	i.EndTime = e.optionalTime(6, "endtime")
	i.RenewTill = e.optionalTime(7, "renew-till")
	i.Server = e.optionalPrincipal(8, "srealm", "sname")
	if e.has(10) {
		i.Addresses = e.addresses(10, "caddr")
	}
	f.leave(&e)
	return i
}

func addCredInfo(b *builder, i *KRBCredInfo) {
	b.AddASN1(asn1.SEQUENCE, func(b *builder) {
		addTyped(b, 0, i.Key.EType, i.Key.Value)
		addOptionalPrincipal(b, 1, i.Client)
		addFlags(b, 3, i.Flags)
		addOptionalTime(b, 4, i.AuthTime)
		addOptionalTime(b, 5, i.StartTime)
		addOptionalTime(b, 6, i.EndTime)
		addOptionalTime(b, 7, i.RenewTill)
		addOptionalPrincipal(b, 8, i.Server)
		addAddresses(b, 10, i.Addresses)
	})
}

// Marshal returns the DER encoding.
func (m *EncKRBCredPart) Marshal() []byte {
	size := 256 // all of it: a builder that grows leaves copies of the keys behind
	for i := range m.Info {
		size += 512 + 64*len(m.Info[i].Addresses)
		for _, p := range []*Principal{m.Info[i].Client, m.Info[i].Server} {
			if p != nil {
				size += principalSize(p)
			}
		}
	}
	return message(tagEncKRBCredPart, size, func(b *builder) {
		addSequence(b, 0, func(b *builder) {
			for i := range m.Info {
				addCredInfo(b, &m.Info[i])
			}
		})
		if m.HasNonce {
			addInt(b, 1, int64(m.Nonce))
		}
		if !m.Timestamp.IsZero() {
			addTime(b, 2, m.Timestamp)
			addInt(b, 3, int64(m.USec))
		}
		if m.SAddress != nil {
			addTyped(b, 4, m.SAddress.Type, m.SAddress.Address)
		}
		if m.RAddress != nil {
			addTyped(b, 5, m.RAddress.Type, m.RAddress.Address)
		}
	})
}
