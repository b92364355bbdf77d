// SPDX-License-Identifier: BSD-2-Clause

package token

import (
	"time"

	"golang.org/x/crypto/cryptobyte/asn1"

	"libgssapi/internal/status"
)

// Application tags of RFC 4120, Section 5.10. For messages they are also the msg-type.
const (
	tagTicket         = 1
	tagAuthenticator  = 2
	tagEncTicketPart  = 3
	tagAPReq          = 14
	tagAPRep          = 15
	tagKRBCred        = 22
	tagEncAPRepPart   = 27
	tagEncKRBCredPart = 29
	tagKRBError       = 30
)

// Ticket flags (RFC 4120, Section 5.3), as in EncTicketPart.Flags and KRBCredInfo.Flags.
const (
	TicketForwardable  uint32 = 1 << (31 - 1)
	TicketForwarded    uint32 = 1 << (31 - 2)
	TicketProxiable    uint32 = 1 << (31 - 3)
	TicketProxy        uint32 = 1 << (31 - 4)
	TicketInvalid      uint32 = 1 << (31 - 7)
	TicketRenewable    uint32 = 1 << (31 - 8)
	TicketInitial      uint32 = 1 << (31 - 9)
	TicketPreauthent   uint32 = 1 << (31 - 10)
	TicketHWAuthent    uint32 = 1 << (31 - 11)
	TicketTransitedOK  uint32 = 1 << (31 - 12)
	TicketOKAsDelegate uint32 = 1 << (31 - 13)
	TicketEncPARep     uint32 = 1 << (31 - 15) // RFC 6806, Section 11
	TicketAnonymous    uint32 = 1 << (31 - 16)
)

// Ticket is a ticket (RFC 4120, Section 5.3). Only Enc says who the client is; SName is the sender's claim about whose
// key encrypts Enc. SName.Realm is the ticket's realm. Raw is the whole ticket as received, and is what is sent on:
// tickets are never re-encoded, because the issuer's encoding may differ from ours. Raw and Enc.Cipher alias the input
// of the parser.
type Ticket struct {
	SName Principal
	Enc   EncryptedData
	Raw   []byte
}

// ParseTicket parses the Ticket at the beginning of b.
func ParseTicket(b []byte) (*Ticket, error) {
	f := openMessage(b, tagTicket, "Ticket")
	in := elements(b)
	e, _ := in.next()
	var t Ticket
	if err := t.parse(&f, e.whole); err != nil {
		return nil, err
	}
	return &t, nil
}

func (t *Ticket) parse(f *fields, whole []byte) error {
	f.constant(0, "tkt-vno", 5, status.KRB5KRB_AP_ERR_BADVERSION)
	realm := f.realm(1, "realm")
	t.SName = f.principal(2, "sname")
	t.SName.Realm = realm
	t.Enc = f.encrypted(3, "enc-part")
	t.Raw = whole
	return f.close()
}

// ticket reads the Ticket in [n].
func (f *fields) ticket(n uint8, field string) Ticket { return f.ticketOf(f.member(n, field), field) }

func (f *fields) ticketOf(e element, field string) (t Ticket) {
	f.of(e, application(tagTicket), field)
	if f.err == nil {
		sub := openWhole(e.value, "Ticket")
		f.parsed(t.parse(&sub, e.whole))
	}
	return t
}

// parsed records the error of a message inside this one.
func (f *fields) parsed(err error) {
	if f.err == nil && err != nil {
		f.err = status.Prefix(err, "%s", f.name)
	}
}

// Marshal encodes the fields, not Raw: it creates a new ticket and is not for passing one on.
func (t *Ticket) Marshal() []byte {
	return message(tagTicket, 128+len(t.Enc.Cipher), func(b *builder) {
		addInt(b, 0, 5)
		addText(b, 1, t.SName.Realm)
		addPrincipal(b, 2, &t.SName)
		addEncrypted(b, 3, &t.Enc)
	})
}

// Transited is the list of realms that a ticket passed through (RFC 4120, Section 5.3); ParseTransited expands it.
// Contents aliases the input of the parser.
type Transited struct {
	Type     int32
	Contents []byte
}

// EncTicketPart is what the KDC tells the service (RFC 4120, Section 5.3). StartTime and RenewTill are zero if they
// were not sent; without StartTime the ticket is valid from AuthTime on. Slices alias the input of the parser.
type EncTicketPart struct {
	Flags     uint32
	Key       EncryptionKey
	Client    Principal
	Transited Transited
	AuthTime  time.Time
	StartTime time.Time
	EndTime   time.Time
	RenewTill time.Time
	Addresses []HostAddress
	AuthData  []AuthDataEntry
}

// ParseEncTicketPart parses a decrypted enc-part of a Ticket.
func ParseEncTicketPart(b []byte) (*EncTicketPart, error) {
	f := openMessage(b, tagEncTicketPart, "EncTicketPart")
	t := new(EncTicketPart)
	t.Flags = f.flags(0, "flags")
	t.Key = f.key(1, "key")
	realm := f.realm(2, "crealm")
	t.Client = f.principal(3, "cname")
	t.Client.Realm = realm
	transited := f.sequence(4, "transited")
	t.Transited.Type, t.Transited.Contents = transited.typed(0, "tr-type", "contents")
	f.leave(&transited)
	t.AuthTime = f.time(5, "authtime")
	t.StartTime = f.optionalTime(6, "starttime")
	t.EndTime = f.time(7, "endtime")
	t.RenewTill = f.optionalTime(8, "renew-till")
	if f.has(9) {
		t.Addresses = f.addresses(9, "caddr")
	}
	if f.has(10) {
		t.AuthData = f.authData(10, "authorization-data")
	}
	if err := f.close(); err != nil {
		return nil, err
	}
	return t, nil
}

// Marshal returns the DER encoding.
func (t *EncTicketPart) Marshal() []byte {
	return message(tagEncTicketPart, 512, func(b *builder) {
		addFlags(b, 0, t.Flags)
		addTyped(b, 1, t.Key.EType, t.Key.Value)
		addText(b, 2, t.Client.Realm)
		addPrincipal(b, 3, &t.Client)
		addTyped(b, 4, t.Transited.Type, t.Transited.Contents)
		addTime(b, 5, t.AuthTime)
		addOptionalTime(b, 6, t.StartTime)
		addTime(b, 7, t.EndTime)
		addOptionalTime(b, 8, t.RenewTill)
		addAddresses(b, 9, t.Addresses)
		addAuthData(b, 10, t.AuthData)
	})
}

// tickets reads the SEQUENCE OF Ticket in [n].
func (f *fields) tickets(n uint8, field string) (list []Ticket) {
	sub := f.sequence(n, field)
	for sub.moreOf(len(list), maxTickets) {
		e, ok := sub.s.next()
		if !ok {
			sub.fail(status.ASN1_OVERRUN, "element", "is truncated, or of no definite length")
		}
		list = append(list, sub.ticketOf(e, "element"))
	}
	f.leave(&sub)
	return list
}

func addTickets(b *builder, n uint8, list []Ticket) {
	b.AddASN1(explicit(n), func(b *builder) {
		b.AddASN1(asn1.SEQUENCE, func(b *builder) {
			for i := range list {
				b.AddBytes(list[i].Raw)
			}
		})
	})
}
