// SPDX-License-Identifier: BSD-2-Clause

package realm

import (
	"slices"
	"strings"

	"github.com/jcmturner/gofork/encoding/asn1"
	"github.com/jcmturner/gokrb5/v8/crypto"
	"github.com/jcmturner/gokrb5/v8/crypto/rfc4757"
	"github.com/jcmturner/gokrb5/v8/iana/errorcode"
	"github.com/jcmturner/gokrb5/v8/iana/flags"
	"github.com/jcmturner/gokrb5/v8/iana/keyusage"
	"github.com/jcmturner/gokrb5/v8/messages"
	"github.com/jcmturner/gokrb5/v8/types"
)

// Services act for users as MS-SFU, Section 3.2.5 has it, but for the PAC: who a user of another realm is says the padata, and
// no ticket.

const (
	paForUser      = 129
	paS4UX509User  = 130
	paPacOptions   = 167
	optCNameInAddl = 14
	optResource    = 3 // of PA-PAC-OPTIONS

	enterprise = 10
)

// forUser is PA-FOR-USER.
type forUser struct {
	UserName    types.PrincipalName `asn1:"explicit,tag:0"`
	UserRealm   string              `asn1:"generalstring,explicit,tag:1"`
	Cksum       types.Checksum      `asn1:"explicit,tag:2"`
	AuthPackage string              `asn1:"generalstring,explicit,tag:3"`
}

// s4uUserID and s4uX509User are PA-S4U-X509-USER; its checksum covers the octets.
type s4uUserID struct {
	Nonce   int                 `asn1:"explicit,tag:0"`
	CName   types.PrincipalName `asn1:"optional,explicit,tag:1"`
	CRealm  string              `asn1:"generalstring,explicit,tag:2"`
	Cert    []byte              `asn1:"optional,explicit,tag:3"`
	Options asn1.BitString      `asn1:"optional,explicit,tag:4"`
}

type s4uX509User struct {
	UserID asn1.RawValue  `asn1:"explicit,tag:0"`
	Cksum  types.Checksum `asn1:"explicit,tag:1"`
}

type pacOptions struct {
	Flags asn1.BitString `asn1:"explicit,tag:0"`
}

// acting is what a TGS-REP says differently, because the client acts for a user.
type acting struct {
	name        types.PrincipalName
	realm       string
	forwardable bool
	pa, encPA   types.PADataSequence
}

// acts reads who a service acts for; nil: for itself.
func (r *Realm) acts(q *request, ap *messages.APReq, tgt *messages.EncTicketPart, server *Principal) (*acting, error) {
	_, self := q.pa(paS4UX509User)
	_, older := q.pa(paForUser)
	switch {
	case r.NoS4U:
		return nil, nil
	case q.option(optCNameInAddl):
		return r.s4u2proxy(q, tgt, server)
	case self || older:
		return r.s4u2self(q, ap, tgt, server)
	}
	return nil, nil
}

func (r *Realm) s4u2self(q *request, ap *messages.APReq, tgt *messages.EncTicketPart, server *Principal) (*acting, error) {
	a := new(acting)
	if b, ok := q.pa(paForUser); ok {
		var p forUser
		if _, err := asn1.Unmarshal(b, &p); err != nil {
			return nil, err
		}
		n := uint32(p.UserName.NameType)
		signed := string([]byte{byte(n), byte(n >> 8), byte(n >> 16), byte(n >> 24)}) + strings.Join(p.UserName.NameString, "") +
			p.UserRealm + p.AuthPackage
		sum, err := rfc4757.Checksum(tgt.Key.KeyValue, keyusage.KERB_NON_KERB_CKSUM_SALT, []byte(signed))
		if err != nil || p.Cksum.CksumType != -138 || string(sum) != string(p.Cksum.Checksum) {
			return nil, refuse(errorcode.KRB_AP_ERR_MODIFIED, "INVALID_S4U2SELF_CHECKSUM")
		}
		a.name, a.realm = p.UserName, p.UserRealm
	}
	if b, ok := q.pa(paS4UX509User); ok {
		if err := a.x509User(q, b, ap.Authenticator.SubKey); err != nil {
			return nil, err
		}
	}
	if a.realm == r.Name {
		user := r.Principal(a.name.PrincipalNameString())
		if user == nil {
			return nil, refuse(errorcode.KDC_ERR_C_PRINCIPAL_UNKNOWN, "UNKNOWN_S4U2SELF_USER")
		}
		a.forwardable = !user.NotDelegated
	} else {
		a.forwardable = true
	}
	if strings.HasPrefix(server.Name, "krbtgt/") {
		// The referral is of the service's.
		a.name, a.realm = tgt.CName, tgt.CRealm
		return a, nil
	}
	if server.Name != tgt.CName.PrincipalNameString() || r.Name != tgt.CRealm {
		return nil, refuse(errorcode.KDC_ERR_BADOPTION, "S4U2SELF_SERVER_MISMATCH")
	}
	a.forwardable = a.forwardable && server.TrustedToAct
	return a, nil
}

// x509User reads PA-S4U-X509-USER and answers it.
func (a *acting) x509User(q *request, b []byte, subkey types.EncryptionKey) error {
	var p s4uX509User
	var id s4uUserID
	if _, err := asn1.Unmarshal(b, &p); err != nil {
		return err
	}
	if _, err := asn1.Unmarshal(p.UserID.Bytes, &id); err != nil {
		return err
	}
	const usage = 26
	if id.Nonce != q.body.Nonce || !checksumOK(subkey, p.UserID.Bytes, p.Cksum, usage) {
		return refuse(errorcode.KRB_AP_ERR_MODIFIED, "INVALID_S4U2SELF_CHECKSUM")
	}
	a.name, a.realm = id.CName, id.CRealm
	et, err := crypto.GetEtype(subkey.KeyType)
	if err != nil {
		return err
	}
	if p.Cksum.Checksum, err = et.GetChecksumHash(subkey.KeyValue, p.UserID.Bytes, usage+1); err != nil {
		return err
	}
	value, err := asn1.Marshal(p)
	a.pa = types.PADataSequence{{PADataType: paS4UX509User, PADataValue: value}}
	return err
}

func (r *Realm) s4u2proxy(q *request, tgt *messages.EncTicketPart, server *Principal) (*acting, error) {
	service := tgt.CName.PrincipalNameString()
	if len(q.body.AdditionalTickets) != 1 {
		return nil, refuse(errorcode.KDC_ERR_BADOPTION, "NO_2ND_TKT")
	}
	t := q.body.AdditionalTickets[0]
	holder := r.Principal(t.SName.PrincipalNameString())
	if t.Realm != r.Name {
		holder = r.tgsPrincipal(t.Realm)
	}
	if holder == nil || t.Realm == r.Name && holder.Name != service {
		return nil, refuse(errorcode.KDC_ERR_BADOPTION, "EVIDENCE_TICKET_MISMATCH")
	}
	key, err := holder.Key(r.Name, t.EncPart.EType)
	if err != nil {
		return nil, err
	}
	b, err := open(t.EncPart, key, keyusage.KDC_REP_TICKET)
	if err != nil {
		return nil, refuse(errorcode.KRB_AP_ERR_BAD_INTEGRITY, "the evidence does not decrypt")
	}
	var part messages.EncTicketPart
	if err := part.Unmarshal(b); err != nil {
		return nil, err
	}
	a := &acting{name: part.CName, realm: part.CRealm, forwardable: true}
	var options pacOptions
	resource := false
	if b, ok := q.pa(paPacOptions); ok {
		if _, err := asn1.Unmarshal(b, &options); err != nil {
			return nil, err
		}
		resource = types.IsFlagSet(&options.Flags, optResource)
		value, err := asn1.Marshal(pacOptions{flagsOf(1 << (31 - optResource))})
		if err != nil {
			return nil, err
		}
		a.encPA = types.PADataSequence{{PADataType: paPacOptions, PADataValue: value}}
	}
	switch {
	case strings.HasPrefix(server.Name, "krbtgt/"):
		return a, nil
	case resource && slices.Contains(server.ActedOnBy, service+"@"+tgt.CRealm):
		return a, nil
	case !types.IsFlagSet(&part.Flags, flags.Forwardable):
		return nil, refuse(errorcode.KDC_ERR_BADOPTION, "EVIDENCE_TICKET_NOT_FORWARDABLE")
	case t.Realm != r.Name || !slices.Contains(holder.ActsOn, server.Name):
		return nil, refuse(errorcode.KDC_ERR_BADOPTION, "NOT_ALLOWED_TO_DELEGATE")
	}
	return a, nil
}

// enterpriseServer is whom an enterprise name stands for: a service of the realm that the name says, or the way there.
func (r *Realm) enterpriseServer(sname types.PrincipalName) (*Principal, types.PrincipalName, error) {
	name, realm := splitPrincipal(sname.NameString[0])
	if realm != r.Name {
		name = principalName("krbtgt/" + realm)
		for r.Principal(name.PrincipalNameString()) == nil && r.Via[realm] != "" {
			realm = r.Via[realm]
			name = principalName("krbtgt/" + realm)
		}
	}
	if p := r.Principal(name.PrincipalNameString()); p != nil {
		return p, name, nil
	}
	return nil, sname, refuse(errorcode.KDC_ERR_S_PRINCIPAL_UNKNOWN, "LOOKING_UP_SERVER")
}
