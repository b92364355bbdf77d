// SPDX-License-Identifier: BSD-2-Clause

package krb5mech

import (
	"encoding/binary"
	"errors"
	"strconv"
	"strings"

	"libgssapi/internal/gss"
	"libgssapi/internal/krb5"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
	"libgssapi/internal/wire"
)

// principal is a mechanism name, which stands for exactly one principal (RFC 1964, Section 2.1).
type principal struct {
	token.Principal
	attributes *token.NameAttributes // nil: none
}

// anonymous is the principal of the anonymous user (RFC 8062, Section 3).
var anonymous = token.Principal{
	Type:       token.NTWellknown,
	Components: []string{"WELLKNOWN", "ANONYMOUS"},
	Realm:      "WELLKNOWN:ANONYMOUS",
}

// nameTypes lists the name types in the order in which gss_inquire_names_for_mech returns them.
var nameTypes = []token.OID{
	token.NTUserName, token.NTMachineUID, token.NTStringUID, token.NTHostbasedServiceX, token.NTHostbasedService,
	token.NTAnonymous, token.NTExportName, token.NTCompositeExport, token.NTKRB5Principal, token.NTKRB5Enterprise,
}

// NameOf returns the mechanism name of p.
func NameOf(p token.Principal) *gss.Name { return gss.NewMN(&principal{Principal: p}) }

// CanonicalizeName implements gss.Mechanism.
func (Mechanism) CanonicalizeName(env *krb5.Env, n *gss.Name) (gss.MechName, error) {
	if p, ok := n.MN().(*principal); ok {
		return p, nil
	}
	p, err := Principal(env, n)
	if err != nil {
		return nil, err
	}
	return &principal{Principal: p}, nil
}

// ParseName parses the text of a principal with its realm (RFC 1964, Section 2.1.3).
func (Mechanism) ParseName(octets []byte) (gss.MechName, error) {
	p, hasRealm, err := token.ParsePrincipal(string(octets))
	if err == nil && !hasRealm {
		return nil, status.Errorf(status.BadName, status.KRB5_PARSE_MALFORMED, "exported name: it has no realm")
	}
	if err != nil {
		return nil, status.Errorf(status.BadName, status.KRB5_PARSE_MALFORMED, "exported name: %v", err)
	}
	return &principal{Principal: p}, nil
}

// RestoreName implements gss.Mechanism.
func (Mechanism) RestoreName(r *wire.Reader) gss.MechName {
	return &principal{Principal: r.Principal()}
}

// Mech and the following methods implement gss.MechName.
func (p *principal) Mech() token.OID { return token.MechKRB5 }

func (p *principal) Snapshot(w *wire.Writer) { w.Principal(p.Principal) }

func (p *principal) IsAnonymous() bool { return p.Principal.Equal(anonymous) }

func (p *principal) AppendExport(b []byte) []byte { return p.Principal.AppendText(b) }

func (p *principal) Equal(other gss.MechName) bool {
	q, ok := other.(*principal)
	return ok && p.Principal.Equal(q.Principal)
}

func (p *principal) Display() (text []byte, nameType token.OID) {
	text = p.AppendExport(make([]byte, 0, 64))
	if p.IsAnonymous() {
		return text, token.NTAnonymous
	}
	return text, token.NTKRB5Principal
}

// LocalName maps p to an account by auth_to_local in krb5.conf.
func (p *principal) LocalName(env *krb5.Env) (string, error) {
	cfg, err := env.Library.Config(env)
	if err != nil {
		return "", err
	}
	realm, err := p.localRealm(env)
	if err != nil {
		return "", err
	}
	return cfg.LocalName(p.Principal, realm)
}

// MayUse asks the account's .k5login, or else auth_to_local in krb5.conf.
func (p *principal) MayUse(env *krb5.Env, account string) error {
	realm, err := p.localRealm(env)
	if err != nil {
		return err
	}
	return env.MayUse(p.Principal, account, realm)
}

// localRealm is the default realm, whose names have accounts.
func (p *principal) localRealm(env *krb5.Env) (string, error) {
	realm, err := env.DefaultRealm()
	if err != nil && !errors.Is(err, krb5.Pending) {
		return "", status.Errorf(status.Failure, status.KRB5_LNAME_NOTRANS,
			"%s has no local account: there is no default realm", p.Principal)
	}
	return realm, err
}

// Principal returns the krb5 principal that n names. An empty realm means that the KDC must be asked (RFC 6806, Section
// 8).
func Principal(env *krb5.Env, n *gss.Name) (token.Principal, error) {
	switch mn := n.MN().(type) {
	case nil:
	case *principal:
		return mn.Principal, nil
	default:
		return token.Principal{}, status.Errorf(status.BadName, status.Generic, "the name belongs to mechanism %s", mn.Mech())
	}
	switch n.Type() {
	case token.NTAnonymous:
		return anonymous, nil
	case token.NTHostbasedService:
		return servicePrincipal(env, n)
	case token.NTMachineUID:
		uid, err := machineUID(n.Text())
		if err != nil {
			return token.Principal{}, err
		}
		return userPrincipal(env, uid)
	case token.NTStringUID:
		uid, err := strconv.ParseUint(plain(n), 10, 32)
		if err != nil {
			return token.Principal{}, status.Errorf(status.BadName, status.G_BAD_STRING_UID,
				"the user ID is not a decimal number below 2^32")
		}
		return userPrincipal(env, uint32(uid))
	}
	return parse(env, plain(n), n.Type() == token.NTKRB5Enterprise)
}

// plain returns the text without a trailing NUL. Programs that include the NUL of a C string in its length, such as
// MIT's gss-server, work with other libraries.
func plain(n *gss.Name) string { return strings.TrimSuffix(string(n.Text()), "\x00") }

// serviceOf splits a host-based service name "service@host"; host is empty if there is none. ok is false for names of
// other types.
func serviceOf(n *gss.Name) (service, host string, ok bool) {
	if n.Type() != token.NTHostbasedService {
		return "", "", false
	}
	service, host, _ = strings.Cut(plain(n), "@")
	return service, host, true
}

// servicePrincipal turns service@host into service/host@REALM (RFC 1964, Section 2.1.1). The default host is this host.
func servicePrincipal(env *krb5.Env, n *gss.Name) (token.Principal, error) {
	service, host, _ := serviceOf(n)
	if service == "" || strings.ContainsRune(plain(n), 0) {
		return token.Principal{}, status.Errorf(status.BadName, status.G_BAD_SERVICE_NAME,
			"a host-based name has the form service@host; the service must not be empty, and neither part may contain a NUL octet")
	}
	if host == "" {
		var err error
		if host, err = env.Hostname(); err != nil || host == "" {
			return token.Principal{}, status.Errorf(status.BadName, status.G_NO_HOSTNAME, "this host has no name: %v", err)
		}
	}
	return krb5.ServicePrincipal(env, service, host)
}

// parse parses a principal. If it has no realm, it is in the default realm. In "service/host@", the realm is empty on
// purpose.
func parse(env *krb5.Env, text string, enterprise bool) (token.Principal, error) {
	read := token.ParsePrincipal
	if enterprise {
		read = token.ParseEnterprise
	}
	p, hasRealm, err := read(text)
	if err != nil {
		return p, status.Errorf(status.BadName, status.KRB5_PARSE_MALFORMED, "%v", err)
	}
	if hasRealm {
		return p, nil
	}
	p.Realm, err = env.DefaultRealm()
	return p, err
}

func userPrincipal(env *krb5.Env, uid uint32) (token.Principal, error) {
	user, ok := env.LookupUID(uid)
	if !ok {
		return token.Principal{}, status.Errorf(status.BadName, status.G_NOUSER, "no account has the user ID %d", uid)
	}
	realm, err := env.DefaultRealm()
	return token.Principal{Type: token.NTPrincipal, Components: []string{user}, Realm: realm}, err
}

// machineUID reads a uid_t from the caller's memory. It usually has 32 bits; some callers pass a long.
func machineUID(b []byte) (uint32, error) {
	switch len(b) {
	case 4:
		return binary.NativeEndian.Uint32(b), nil
	case 8:
		if v := binary.NativeEndian.Uint64(b); v <= 1<<32-1 {
			return uint32(v), nil
		}
	}
	return 0, status.Errorf(status.BadName, status.G_WRONG_SIZE, "a machine UID is a uid_t of 4 octets")
}
