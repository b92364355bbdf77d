// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"bytes"
	"slices"
	"strings"

	"libgssapi/internal/crypto"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// Services act for users (MS-SFU): S4U2Self gives a service a ticket of a user's for itself, S4U2Proxy gives it, for such a
// ticket, the evidence, one of the user's for another service.

// optCNameInAdditionalTicket asks for a ticket of the client of the additional one (MS-SFU, Section 2.2.3).
const optCNameInAdditionalTicket uint32 = 1 << (31 - 14)

// Key usages of PA-FOR-USER and PA-S4U-X509-USER (MS-SFU, Sections 2.2.1 and 2.2.2).
const (
	usageForUser      = 17
	usageS4UX509User  = 26
	usageS4UX509Reply = 27
)

// actedFor is a user whom the client of a TGS-REQ acts for.
type actedFor struct {
	user     token.Principal
	evidence []byte // S4U2Proxy: the ticket; nil: S4U2Self
}

// key tells questions to KDCs from each other.
func (u *actedFor) key() string {
	if u == nil {
		return ""
	}
	return "for " + u.user.String() + " " + string(u.evidence)
}

// tickets are the request's additional ones.
func (u *actedFor) tickets() [][]byte {
	if u == nil || u.evidence == nil {
		return nil
	}
	return [][]byte{u.evidence}
}

// whose is whose ticket is wanted.
func (x *tgsExchange) whose() token.Principal {
	if x.user != nil {
		return x.user.user
	}
	return x.client
}

// userData is the padata that names the user. Nothing but its checksums protects it: someone on the way could remove all of
// it, and would have the service take a ticket of its own for one of the user's. So the reply must name the user, too.
func (x *tgsExchange) userData() []token.PAData {
	switch {
	case x.user == nil:
		return nil
	case x.user.evidence != nil:
		// Who may act is for the entry of the target to say, too, where it is in another realm.
		return []token.PAData{{Type: token.PAPacOptions, Value: token.MarshalPacOptions(token.PacResourceBased)}}
	}
	id := token.S4UUserID{Nonce: uint32(x.nonce), User: x.user.user, Options: token.S4UReplyKeyUsage}
	x509 := token.S4UX509User{ID: id}
	x509.Checksum = token.Checksum{
		Type: x.subkey.EType().ChecksumType(),
		Sum:  x.subkey.Checksum(usageS4UX509User, x509.ID.Marshal()),
	}
	// KDCs that do not know the newer form read this one.
	user := token.ForUser{User: x.user.user}
	user.Checksum = token.Checksum{Type: crypto.ChecksumTypeMD5, Sum: x.session.ChecksumMD5(usageForUser, user.Signed())}
	return []token.PAData{{Type: token.PAS4UX509User, Value: x509.Marshal()}, {Type: token.PAForUser, Value: user.Marshal()}}
}

// replied is whom a reply must be for.
type replied struct {
	client  token.Principal
	vouched bool             // by the KDC
	user    *token.Principal // whom a referral of S4U2Self is for
}

// repliedClient says whom a reply must be for. What it has outside of enc-part may have been changed on the way.
func (x *tgsExchange) repliedClient(rep *token.KDCRep, part *token.EncKDCRepPart) (replied, error) {
	switch {
	case x.user == nil:
		return replied{client: x.client, vouched: true}, nil
	case x.user.evidence != nil:
		client, err := x.proxyClient(rep, part)
		return replied{client: client, vouched: true}, err
	}
	referral := part.Server.IsTGS()
	vouches := token.FindPAData(rep.PAData, token.PAS4UX509User)
	switch {
	case vouches != nil:
		user, err := x.vouchedUser(vouches.Value)
		if err == nil && referral {
			return replied{client: x.client, vouched: true, user: &user}, nil
		}
		return replied{client: user, vouched: true}, err
	case rep.Client.Equal(x.client):
		// A KDC that ignores the padata gives the service what it gives it anyway.
		return replied{}, x.ignorant("S4U2Self")
	case referral || !names(x.user.user, rep.Client):
		return replied{}, modified("is for %s and does not vouch for "+
			"%s (PA-S4U-X509-USER is missing): it was changed on the way, or the KDC knows only the older half of S4U2Self",
			rep.Client, x.user.user)
	}
	return replied{client: rep.Client}, nil
}

// sameUser reports whether a KDC that vouches for got may give a ticket of got's for one of wanted's: what an enterprise name
// stands for it alone knows (RFC 6806, Section 5).
func sameUser(got, wanted token.Principal) bool {
	return wanted.Type == token.NTEnterprise && got.Realm == wanted.Realm && len(got.Components) > 0 || names(wanted, got)
}

// names reports whether wanted names got without a KDC's help: Active Directory does not tell upper from lower case. Where no
// KDC vouches, an enterprise name can be no other than that of the user in the realm: PA-FOR-USER has no nonce, and one that
// the service has sent for somebody else would serve whoever is on the way.
func names(wanted, got token.Principal) bool {
	if got.Realm != wanted.Realm || len(got.Components) == 0 {
		return false
	}
	if wanted.Type == token.NTEnterprise && len(got.Components) == 1 && len(wanted.Components) == 1 &&
		strings.EqualFold(wanted.Components[0], got.Components[0]+"@"+got.Realm) {
		return true
	}
	return slices.EqualFunc(got.Components, wanted.Components, strings.EqualFold)
}

// ignorant is about a KDC that answers as if it had not been asked for a user's ticket.
func (x *tgsExchange) ignorant(what string) error {
	return status.Errorf(status.Failure, status.KRB5KDC_ERR_PADATA_TYPE_NOSUPP,
		"KDC of realm %s does not know %s: it gave %s a ticket of its own, not one of %s", x.server.Realm, what, x.client,
		x.user.user)
}

// vouchedUser is the user as the KDC spells the name in its PA-S4U-X509-USER.
func (x *tgsExchange) vouchedUser(value []byte) (user token.Principal, err error) {
	said, err := token.ParseS4UX509User(value)
	if err != nil {
		return user, modified("has a %v", err)
	}
	usage := uint32(usageS4UX509User)
	if said.ID.Options&token.S4UReplyKeyUsage != 0 {
		usage = usageS4UX509Reply
	}
	switch {
	case said.Checksum.Type != x.subkey.EType().ChecksumType() ||
		!x.subkey.VerifyChecksum(usage, said.ID.Raw, said.Checksum.Sum):
		return user, modified("has a wrong checksum over the user's name")
	case said.ID.Nonce != uint32(x.nonce):
		return user, modified("names the user of another request")
	case !sameUser(said.ID.User, x.user.user):
		return user, modified("is for %s, not for %s", said.ID.User, x.user.user)
	}
	return said.ID.User, nil
}

// proxyClient is repliedClient for S4U2Proxy. The evidence is in the part of the request that nobody on the way can change.
func (x *tgsExchange) proxyClient(rep *token.KDCRep, part *token.EncKDCRepPart) (token.Principal, error) {
	switch {
	case part.Server.IsTGS():
		// Without the word of the KDC this may be the way for the service itself.
		if !resourceBased(part.PAData) {
			return token.Principal{}, status.Errorf(status.Failure, status.KRB5KDC_ERR_PADATA_TYPE_NOSUPP,
				"KDC of realm %s does not know resource-based delegation, without which %s in another realm cannot be reached for %s",
				x.server.Realm, x.server.WithoutRealm(), x.user.user)
		}
		return rep.Client, nil
	case rep.Client.Equal(x.client) && !x.user.user.Equal(x.client):
		return token.Principal{}, x.ignorant("S4U2Proxy")
	}
	return x.user.user, nil
}

// resourceBased reports whether a KDC knows resource-based delegation.
func resourceBased(padata []token.PAData) bool {
	pa := token.FindPAData(padata, token.PAPacOptions)
	if pa == nil {
		return false
	}
	flags, err := token.ParsePacOptions(pa.Value)
	return err == nil && flags&token.PacResourceBased != 0
}

// impersonatorKey is the configuration entry of a cache whose client is acted for: by whom, as MIT krb5 writes it.
const impersonatorKey = "proxy_impersonator"

// Impersonator returns the service that acts for the cache's client. ok is false where the client acts itself.
func (c *CCache) Impersonator() (service token.Principal, ok bool) {
	value, ok := c.Config(impersonatorKey)
	if !ok {
		return service, false
	}
	service, hasRealm, err := token.ParsePrincipal(string(value))
	return service, err == nil && hasRealm
}

// ImpersonatorEntry is that entry of a cache of client's.
func ImpersonatorEntry(client, service token.Principal) *Credential {
	return configEntry(client, impersonatorKey, []byte(service.String()))
}

// NewProxyCCache returns a cache in memory with which the client of cc, a service, acts for the client of evidence, a ticket
// for the service. It has the ticket-granting tickets of cc, without which the KDC gives nothing for the evidence.
func NewProxyCCache(cc *CCache, evidence *Credential) (*CCache, error) {
	if by, ok := cc.Impersonator(); ok {
		return nil, status.Errorf(status.Failure, status.G_BAD_USAGE,
			"%s cannot act for %s: %s acts for it already", cc.Principal, evidence.Client, by)
	}
	tickets := cc.Copies(func(cred *Credential) bool { return cc.owns(cred) && cred.Server.IsTGS() })
	return memoryCCacheOf(&ccacheContents{
		principal: evidence.Client,
		offset:    cc.Offset(),
		creds:     append(tickets, evidence.copy()),
		config:    []*Credential{configEntry(evidence.Client, impersonatorKey, []byte(cc.Principal.String()))},
	}), nil
}

// Evidence is the client's ticket in the form in which a service acts for the client with it.
func (a *Acceptance) Evidence() *Credential {
	t := a.Ticket
	return &Credential{
		Client: t.Client, Server: a.Server,
		Key:      token.EncryptionKey{EType: t.Key.EType, Value: bytes.Clone(a.Session.Bytes())},
		AuthTime: t.AuthTime, StartTime: t.StartTime, EndTime: t.EndTime, RenewTill: t.RenewTill, Flags: t.Flags,
		Ticket: bytes.Clone(a.Request.Ticket.Raw),
	}
}
