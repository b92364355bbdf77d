// SPDX-License-Identifier: BSD-2-Clause

package realm

import (
	"fmt"
	"net"
	"time"

	"github.com/jcmturner/gokrb5/v8/iana/asnAppTag"
	"github.com/jcmturner/gokrb5/v8/iana/keyusage"
	"github.com/jcmturner/gokrb5/v8/messages"
	"github.com/jcmturner/gokrb5/v8/types"
)

// Ticket says what a ticket is to hold. Anything goes: tests need wrong ones.
type Ticket struct {
	Client      string // alice@DEMO.TEST
	Server      string // demo/localhost@DEMO.TEST
	Key         types.EncryptionKey
	KVNO        int
	Session     types.EncryptionKey
	Flags       uint32
	AuthTime    time.Time
	StartTime   time.Time // zero: absent
	EndTime     time.Time
	RenewTill   time.Time // zero: absent
	Addresses   []types.HostAddress
	AuthData    types.AuthorizationData
	Transited   string // domain-X500-compress
	Damage      bool   // flip one octet of the ciphertext
	ClientRealm string // instead of Client's
}

// Marshal encrypts and encodes the ticket.
func (t *Ticket) Marshal() ([]byte, error) {
	cname, crealm := splitPrincipal(t.Client)
	sname, srealm := splitPrincipal(t.Server)
	if t.ClientRealm != "" {
		crealm = t.ClientRealm
	}
	part := messages.EncTicketPart{
		Flags: flagsOf(t.Flags), Key: t.Session, CRealm: crealm, CName: cname,
		Transited: messages.TransitedEncoding{TRType: 1, Contents: []byte(t.Transited)},
		AuthTime:  seconds(t.AuthTime), EndTime: seconds(t.EndTime),
		CAddr: t.Addresses, AuthorizationData: t.AuthData,
	}
	if !t.StartTime.IsZero() {
		part.StartTime = seconds(t.StartTime)
	}
	if !t.RenewTill.IsZero() {
		part.RenewTill = seconds(t.RenewTill)
	}
	return sealTicket(part, srealm, sname, t.Key, t.KVNO, t.Damage)
}

func sealTicket(part messages.EncTicketPart, realm string, sname types.PrincipalName, key types.EncryptionKey, kvno int,
	damage bool) ([]byte, error) {
	b, err := marshalApp(part, asnAppTag.EncTicketPart)
	if err != nil {
		return nil, err
	}
	ed, err := seal(b, key, keyusage.KDC_REP_TICKET, kvno)
	if err != nil {
		return nil, err
	}
	if damage {
		ed.Cipher[len(ed.Cipher)/2] ^= 0x10
	}
	return marshalTicket(realm, sname, ed)
}

// ParseAddress makes a Kerberos address of an IP address.
func ParseAddress(s string) (types.HostAddress, error) {
	ip := net.ParseIP(s)
	if ip == nil {
		return types.HostAddress{}, fmt.Errorf("not an IP address: %s", s)
	}
	if v4 := ip.To4(); v4 != nil {
		return types.HostAddress{AddrType: 2, Address: v4}, nil
	}
	return types.HostAddress{AddrType: 24, Address: ip.To16()}, nil
}

// bend changes a ticket as the service's entry asks for, after the reply to the client was made. key is the ticket's.
func (p *Principal) bend(part *messages.EncTicketPart, now time.Time, key types.EncryptionKey) error {
	if p.TicketStart != 0 {
		part.StartTime = seconds(now.Add(time.Duration(p.TicketStart)))
		if part.StartTime.Before(part.AuthTime) {
			part.AuthTime = part.StartTime
		}
	}
	if p.TicketEnd != 0 {
		part.EndTime = seconds(now.Add(time.Duration(p.TicketEnd)))
	}
	if p.TicketRealm != "" {
		part.CRealm = p.TicketRealm
	}
	if p.TicketInvalid {
		types.SetFlag(&part.Flags, 7)
	}
	if p.TicketAddress != "" {
		a, err := ParseAddress(p.TicketAddress)
		if err != nil {
			return err
		}
		part.CAddr = types.HostAddresses{a}
	}
	if p.TicketPadding > 0 {
		// AD-IF-RELEVANT with a type nobody knows, so that acceptors pass over it.
		inner, err := marshalAuthData(types.AuthorizationData{{ADType: 999, ADData: make([]byte, p.TicketPadding)}})
		if err != nil {
			return err
		}
		part.AuthorizationData = append(part.AuthorizationData, types.AuthorizationDataEntry{ADType: 1, ADData: inner})
	}
	if p.AttestsFalse {
		key = NewKey(key.KeyType)
	}
	if p.Attests || p.AttestsFalse {
		return attest(part, key)
	}
	return nil
}
