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

// Services act for users (MS-SFU). S4U2Self gives a service a user's ticket for itself. With that ticket as evidence,
// S4U2Proxy gives the service a user's ticket for another service.

// optCNameInAdditionalTicket asks for a ticket for the client of the additional ticket (MS-SFU, Section 2.2.3).
const optCNameInAdditionalTicket uint32 = 1 << (31 - 14)

// actedFor is a user on whose behalf the client of a TGS-REQ acts.
type actedFor struct {
	user     token.Principal
	evidence []byte // S4U2Proxy: the ticket; nil: S4U2Self
}

// key distinguishes questions to KDCs.
func (u *actedFor) key() string {
	if u == nil {
		return ""
	}
	return "for " + u.user.String() + " " + string(u.evidence)
}

// tickets returns the additional tickets for the request.
func (u *actedFor) tickets() [][]byte {
	if u == nil || u.evidence == nil {
		return nil
	}
	return [][]byte{u.evidence}
}

// whose returns the client that the ticket is to be for.
func (x *tgsExchange) whose() token.Principal {
	if x.user != nil {
		return x.user.user
	}
	return x.client
}

// userData returns the padata that names the user. Only its own checksums protect it: an attacker could remove all of
// it and make the service take a ticket of its own for a user's. So the reply must name the user, too.
func (x *tgsExchange) userData() []token.PAData {
	switch {
	case x.user == nil:
		return nil
	case x.user.evidence != nil:
		// If the target is in another realm, its entry must also allow the service to act.
		return []token.PAData{{Type: token.PAPacOptions, Value: token.MarshalPacOptions(token.PacResourceBased)}}
	}
	id := token.S4UUserID{Nonce: uint32(x.nonce), User: x.user.user, Options: token.S4UReplyKeyUsage}
	x509 := token.S4UX509User{ID: id}
	x509.Checksum = token.Checksum{
		Type: x.subkey.EType().ChecksumType(),
		Sum:  x.subkey.Checksum(usageS4UX509User, x509.ID.Marshal()),
	}
	// This form is for KDCs that do not support the newer one.
	user := token.ForUser{User: x.user.user}
	user.Checksum = token.Checksum{Type: crypto.ChecksumTypeMD5, Sum: x.session.ChecksumMD5(usageForUser, user.Signed())}
	return []token.PAData{{Type: token.PAS4UX509User, Value: x509.Marshal()}, {Type: token.PAForUser, Value: user.Marshal()}}
}

// replied says whom a reply must be for.
type replied struct {
	client  token.Principal
	vouched bool             // the KDC vouches for the client
	user    *token.Principal // the user, in a referral of S4U2Self
}

// repliedClient returns whom a reply must be for. Anything outside enc-part may have been changed on the way.
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
		// A KDC that ignores the padata returns the service's own ticket.
		return replied{}, x.ignorant("S4U2Self")
	case referral || !names(x.user.user, rep.Client):
		return replied{}, modified("is for %s and does not vouch for "+
			"%s (PA-S4U-X509-USER is missing): it was changed on the way, or the KDC supports only the older half of S4U2Self",
			rep.Client, x.user.user)
	}
	return replied{client: rep.Client}, nil
}

// sameUser reports whether a KDC that vouches for got may return a ticket for got when asked for one for wanted: only
// the KDC knows what an enterprise name stands for (RFC 6806, Section 5).
func sameUser(got, wanted token.Principal) bool {
	return wanted.Type == token.NTEnterprise && got.Realm == wanted.Realm && len(got.Components) > 0 || names(wanted, got)
}

// names reports whether wanted names got, without a KDC's help. Active Directory ignores case. If no KDC vouches, an
// enterprise name must be the user's name at its realm: PA-FOR-USER has no nonce, so an attacker on the network could
// reuse one that the service sent for somebody else.
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

// ignorant is the error for a KDC that answers as if it had not been asked for a user's ticket.
func (x *tgsExchange) ignorant(what string) error {
	return status.Errorf(status.Failure, status.KRB5KDC_ERR_PADATA_TYPE_NOSUPP,
		"KDC of realm %s does not support %s: it gave %s a ticket of its own, not one of %s", x.server.Realm, what, x.client,
		x.user.user)
}

// vouchedUser returns the user as named in the KDC's PA-S4U-X509-USER.
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

// proxyClient is repliedClient for S4U2Proxy. The evidence is in the part of the request that an attacker cannot
// change.
func (x *tgsExchange) proxyClient(rep *token.KDCRep, part *token.EncKDCRepPart) (token.Principal, error) {
	switch {
	case part.Server.IsTGS():
		// Without the KDC's word, this may be a referral for the service itself.
		if !resourceBased(part.PAData) {
			return token.Principal{}, status.Errorf(status.Failure, status.KRB5KDC_ERR_PADATA_TYPE_NOSUPP,
				"KDC of realm %s does not support resource-based delegation, which is needed to reach %s in another realm for %s",
				x.server.Realm, x.server.WithoutRealm(), x.user.user)
		}
		return rep.Client, nil
	case rep.Client.Equal(x.client) && !x.user.user.Equal(x.client):
		return token.Principal{}, x.ignorant("S4U2Proxy")
	}
	return x.user.user, nil
}

// resourceBased reports whether the KDC supports resource-based delegation.
func resourceBased(padata []token.PAData) bool {
	pa := token.FindPAData(padata, token.PAPacOptions)
	if pa == nil {
		return false
	}
	flags, err := token.ParsePacOptions(pa.Value)
	return err == nil && flags&token.PacResourceBased != 0
}

// impersonatorKey is the configuration entry that names the service acting for a cache's client, as in MIT krb5.
const impersonatorKey = "proxy_impersonator"

// Impersonator returns the service that acts for the cache's client. ok is false if none does.
func (c *CCache) Impersonator() (service token.Principal, ok bool) {
	value, ok := c.Config(impersonatorKey)
	if !ok {
		return service, false
	}
	service, hasRealm, err := token.ParsePrincipal(string(value))
	return service, err == nil && hasRealm
}

// NewProxyCCache returns a cache in memory with which the client of cc, a service, acts for the client of evidence, a
// ticket for the service. It also holds the ticket-granting tickets of cc, without which the KDC gives nothing for the
// evidence.
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

// Evidence returns the client's ticket in the form in which a service uses it to act for the client.
func (a *Acceptance) Evidence() *Credential {
	t := a.Ticket
	return &Credential{
		Client: t.Client, Server: a.Server,
		Key:      token.EncryptionKey{EType: t.Key.EType, Value: bytes.Clone(a.Session.Bytes())},
		AuthTime: t.AuthTime, StartTime: t.StartTime, EndTime: t.EndTime, RenewTill: t.RenewTill, Flags: t.Flags,
		Ticket: bytes.Clone(a.Request.Ticket.Raw),
	}
}
