// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"slices"
	"strings"
	"testing"

	"github.com/jcmturner/gokrb5/v8/messages"
	"github.com/jcmturner/gokrb5/v8/types"

	"libgssapi/internal/crypto"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// fakeS4U is what a realm knows about services that act for users.
type fakeS4U struct {
	spelled       map[string]string // names as the realm spells them
	notForwarded  []string          // users whose tickets are not forwardable
	mayDelegate   []string          // "service>target" by the service's entry
	resourceBased []string          // "service>target" by the target's entry
	reject        bool              // the padata is refused
}

type fakeActed struct {
	client      token.Principal
	forwardable bool
	padata      []token.PAData
	encrypted   types.PADataSequence
}

func (r *fakeRealm) unwilling() bool { return r.s4u != nil && r.s4u.reject }

// actedFor performs S4U2Self and S4U2Proxy (MS-SFU, Section 3.2.5). For a referral, it changes the server's name.
func (r *fakeRealm) actedFor(req *messages.TGSReq, tgt *token.EncTicketPart, session, subkey *crypto.Key, name *string,
) (*fakeActed, int32) {
	if r.s4u == nil {
		return nil, 0
	}
	if flagsIn(req.ReqBody.KDCOptions)&optCNameInAdditionalTicket != 0 {
		return r.proxied(req, tgt, name)
	}
	if len(req.PAData) == 1 {
		return nil, 0
	}
	if len(req.PAData) != 3 || req.PAData[1].PADataType != token.PAS4UX509User || req.PAData[2].PADataType != token.PAForUser {
		return nil, codeUnknownPAData
	}
	said, err := token.ParseS4UX509User(req.PAData[1].PADataValue)
	user := token.ForUser{User: said.ID.User}
	user.Checksum = token.Checksum{Type: -138, Sum: session.ChecksumMD5(17, user.Signed())}
	if err != nil || !subkey.VerifyChecksum(26, said.ID.Raw, said.Checksum.Sum) || said.ID.Nonce != uint32(req.ReqBody.Nonce) ||
		string(user.Marshal()) != string(req.PAData[2].PADataValue) {
		return nil, 41
	}
	acted := &fakeActed{client: said.ID.User, forwardable: !slices.Contains(r.s4u.notForwarded, said.ID.User.String())}
	if to, ok := r.s4u.spelled[said.ID.User.String()]; ok {
		acted.client, _, _ = token.ParsePrincipal(to)
	}
	acted.padata = []token.PAData{{Type: token.PAS4UX509User, Value: vouch(subkey, said.ID.Nonce, acted.client, token.S4UReplyKeyUsage, 27)}}
	if req.ReqBody.SName.NameType == token.NTEnterprise {
		service, _, _ := token.ParsePrincipal(req.ReqBody.SName.NameString[0])
		if service.Realm == r.name {
			*name = service.WithoutRealm()
			return acted, 0
		}
		// The referral is for the service; the user is named in its authorization data.
		*name = "krbtgt/" + service.Realm
		if via, ok := r.referral["to "+service.Realm]; ok {
			*name = "krbtgt/" + via
		}
		acted.client = tgt.Client
		return acted, 0
	}
	if req.ReqBody.SName.PrincipalNameString() != tgt.Client.WithoutRealm() {
		return nil, codeBadOption
	}
	return acted, 0
}

// vouch makes a PA-S4U-X509-USER.
func vouch(key *crypto.Key, nonce uint32, user token.Principal, options, usage uint32) []byte {
	p := token.S4UX509User{ID: token.S4UUserID{Nonce: nonce, User: user, Options: options}}
	p.Checksum = token.Checksum{Type: key.EType().ChecksumType(), Sum: key.Checksum(usage, p.ID.Marshal())}
	return p.Marshal()
}

func (r *fakeRealm) proxied(req *messages.TGSReq, tgt *token.EncTicketPart, name *string) (*fakeActed, int32) {
	if len(req.ReqBody.AdditionalTickets) != 1 || len(req.PAData) != 2 || req.PAData[1].PADataType != token.PAPacOptions {
		return nil, codeBadOption
	}
	evidence := req.ReqBody.AdditionalTickets[0]
	of := evidence.SName.PrincipalNameString()
	if evidence.Realm != r.name {
		of += "@" + evidence.Realm
	} else if of != tgt.Client.WithoutRealm() {
		return nil, codeBadOption
	}
	plain, err := r.keys[of].Decrypt(usageTicket, evidence.EncPart.Cipher)
	if err != nil {
		return nil, 31
	}
	part, err := token.ParseEncTicketPart(plain)
	if err != nil {
		return nil, 31
	}
	resourceBased := types.PADataSequence{{PADataType: token.PAPacOptions, PADataValue: token.MarshalPacOptions(token.PacResourceBased)}}
	acted := &fakeActed{client: part.Client, forwardable: true, encrypted: resourceBased}
	if strings.HasPrefix(*name, "krbtgt/") {
		return acted, 0 // the target's realm will see
	}
	if r.keys[*name] == nil {
		return nil, codeUnknownServer
	}
	way := tgt.Client.WithoutRealm() + ">" + *name
	if !slices.Contains(r.s4u.resourceBased, way) &&
		(part.Flags&token.TicketForwardable == 0 || !slices.Contains(r.s4u.mayDelegate, way)) {
		return nil, codeBadOption
	}
	return acted, 0
}

// selfRealm starts realm A, with a service "web" that has a cache with a TGT.
func selfRealm(t *testing.T, trusts []string, names ...string) (map[string]*fakeRealm, *Env, *Config, *CCache) {
	t.Helper()
	realms, env, cfg := fakeRealms(t, trusts, "", append([]string{"A"}, names...)...)
	for _, r := range realms {
		r.set(func() { r.s4u = &fakeS4U{} })
	}
	a := realms["A"]
	a.addServices(t, "web", "imap/a", "host/a")
	web := mustPrincipal(t, "web@A")
	return realms, env, cfg, NewMemoryCCache(web, a.issue(t, web, "krbtgt/A", token.TicketForwardable))
}

// noKeytab is for KDCs that vouch for the client.
func noKeytab() (*Keytab, error) {
	return nil, status.Errorf(status.Failure, status.KRB5_KT_NOTFOUND, "no keytab is here")
}
