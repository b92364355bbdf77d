// SPDX-License-Identifier: BSD-2-Clause

package token

// Message types of a KDC's replies, which are also their application tags.
const (
	TypeASRep  = 11
	TypeTGSRep = 13
)

// KDCRep is an AS-REP or a TGS-REP (RFC 4120, Section 5.4.2). Nothing in it is authenticated except, after decryption,
// Enc, and what has a checksum of its own in PAData. Ticket, Enc and PAData alias the input of the parser.
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
