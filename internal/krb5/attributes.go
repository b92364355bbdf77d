// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"libgssapi/internal/crypto"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
	"libgssapi/internal/trace"
)

// nameAttributes returns the attributes of the client's name that a ticket has, or nil. key is the service's, with which the
// ticket was decrypted. The authorization data must be well-formed.
//
// As with MIT krb5, a malformed PAC or AD-CAMMAC is an error, and one whose checksum is wrong is not: a KDC may copy it from
// the ticket-granting ticket of another realm without making it anew.
func nameAttributes(log *trace.Log, ticket *token.EncTicketPart, key *crypto.Key) (*token.NameAttributes, error) {
	if len(ticket.AuthData) == 0 {
		return nil, nil
	}
	a := &token.NameAttributes{}
	if found := FindAuthData(ticket.AuthData, token.ADWin2kPAC); len(found) > 0 {
		pac, err := token.ParsePAC(found[0])
		if err != nil {
			return nil, err
		}
		fault := faultOfPAC(pac, ticket, key)
		a.PAC, a.Verified = pac.Raw, fault == ""
		log.AttributesLeftOut(ticket.Client, "PAC", fault)
	}
	for _, data := range FindAuthData(ticket.AuthData, token.ADCAMMAC) {
		list, fault, err := indicators(data, key)
		if err != nil {
			return nil, err
		}
		log.AttributesLeftOut(ticket.Client, "AD-CAMMAC", fault)
		if a.Indicators = append(a.Indicators, list...); len(a.Indicators) > token.MaxIndicators {
			return nil, status.Errorf(status.Failure, status.ASN1_PARSE_ERROR,
				"the ticket has more than %d authentication indicators", token.MaxIndicators)
		}
	}
	if a.Empty() {
		return nil, nil
	}
	return a, nil
}

// faultOfPAC returns "" if the KDC made the PAC for this service, and for the client of the ticket (MS-PAC, Sections 2.7 and
// 2.8), or else why that cannot be said. Anybody may compute a checksum that takes no key or another one than the service's.
func faultOfPAC(pac *token.PAC, ticket *token.EncTicketPart, key *crypto.Key) string {
	sum, signed, ok := pac.ServerSignature()
	if !ok {
		return "a signature is missing"
	}
	if sum.Type != key.EType().ChecksumType() || !key.VerifyChecksum(usagePAC, signed, sum.Sum) {
		return foreignProof
	}
	ticks, name, ok := pac.ClientInfo()
	if !ok || !namesClient(name, ticket.Client) {
		return "it is for another client"
	}
	if ticks/ticksPerSecond != uint64(ticket.AuthTime.Unix()+epoch1601) {
		return "it is for another login of the client"
	}
	return ""
}

const foreignProof = "it is not signed with the service's key"

// Times of Windows count 100 nanoseconds since 1601; epoch1601 is how many seconds later 1970 began.
const (
	ticksPerSecond = 10_000_000
	epoch1601      = 11_644_473_600
)

// namesClient reports whether a name without realm is the client's.
func namesClient(name string, client token.Principal) bool {
	parse := token.ParsePrincipal
	if client.Type == token.NTEnterprise {
		parse = token.ParseEnterprise
	}
	p, hasRealm, err := parse(name)
	if err != nil || hasRealm {
		return false
	}
	p.Realm = client.Realm
	return p.Equal(client)
}

// indicators returns the authentication indicators in an AD-CAMMAC, or why nothing proves that the KDC made it for this service.
func indicators(cammac []byte, key *crypto.Key) (list [][]byte, fault string, err error) {
	c, err := token.ParseCAMMAC(cammac)
	if err != nil {
		return nil, "", err
	}
	if c.Service == nil || c.Service.Type != key.EType().ChecksumType() ||
		!key.VerifyChecksum(usageCAMMAC, c.Elements, c.Service.Sum) {
		return nil, foreignProof, nil
	}
	elements, err := token.ParseAuthData(c.Elements)
	if err == nil {
		err = wellFormed(elements, 0)
	}
	if err != nil {
		return nil, "", err
	}
	for _, data := range FindAuthData(elements, token.ADIndicator) {
		found, err := token.ParseAuthIndicators(data)
		if err != nil {
			return nil, "", err
		}
		list = append(list, found...)
	}
	return list, "", nil
}
