// SPDX-License-Identifier: BSD-2-Clause

// Package name holds the names of GSS-API (RFC 2743, Section 4): as imported, and as names of the krb5 mechanism
// (RFC 1964, Section 2.1).
package name

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
	"strconv"
	"strings"

	"libgssapi/internal/krb5"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// maxLength bounds an imported name in octets. Kerberos has no limit; no realm, service or host comes near it.
const maxLength = 64 << 10

// Name is an immutable name. It is a mechanism name (MN) if principal is set: the name of exactly one krb5 principal.
// Otherwise it is as it was imported and is resolved, with the configuration of that moment, each time it is used.
type Name struct {
	text      []byte
	nameType  token.OID
	principal *token.Principal
}

// anonymous is the principal of the anonymous user (RFC 8062, Section 3).
var anonymous = token.Principal{
	Type:       token.NTWellknown,
	Components: []string{"WELLKNOWN", "ANONYMOUS"},
	Realm:      "WELLKNOWN:ANONYMOUS",
}

// types are the name types of the krb5 mechanism, in the order gss_inquire_names_for_mech lists them.
var types = []token.OID{
	token.NTUserName, token.NTMachineUID, token.NTStringUID, token.NTHostbasedServiceX, token.NTHostbasedService,
	token.NTAnonymous, token.NTExportName, token.NTKRB5Principal,
}

// supported reports whether mech has names of ours. SPNEGO's are those of krb5, which it negotiates; "" is krb5.
func supported(mech token.OID) bool {
	return mech == "" || mech == token.MechKRB5 || mech == token.MechSPNEGO
}

// TypesOf lists the name types of a mechanism (gss_inquire_names_for_mech).
func TypesOf(mech token.OID) ([]token.OID, error) {
	if !supported(mech) {
		return nil, badMech(mech)
	}
	return slices.Clone(types), nil
}

// FromPrincipal returns the mechanism name of p.
func FromPrincipal(p token.Principal) *Name {
	n := &struct { // one piece of memory
		Name
		is token.Principal
	}{is: p}
	n.principal = &n.is
	return &n.Name
}

// Import makes a name of raw, whose syntax nt names; an empty nt is the krb5 principal syntax. Only exported names are
// looked into here; the others are stored as they are (RFC 2744, Section 5.16).
func Import(raw []byte, nt token.OID) (*Name, error) {
	if len(raw) > maxLength {
		return nil, status.Errorf(status.BadName, status.KRB5_PARSE_MALFORMED, "name of %d octets; at most %d are taken",
			len(raw), maxLength)
	}
	switch nt {
	case token.NTHostbasedServiceX:
		nt = token.NTHostbasedService
	case token.NTExportName:
		return importExported(raw)
	case token.NTAnonymous:
		return &Name{text: bytes.Clone(raw), nameType: nt}, nil
	case "":
		nt = token.NTKRB5Principal
	}
	if !slices.Contains(types, nt) {
		return nil, status.Errorf(status.BadNameType, status.Generic, "name type %s is not supported", nt)
	}
	if len(raw) == 0 {
		return nil, status.Errorf(status.BadName, status.KRB5_PARSE_MALFORMED, "the name is empty")
	}
	return &Name{text: bytes.Clone(raw), nameType: nt}, nil
}

// importExported reads the form that Export gives (RFC 2743, Section 3.2): always a mechanism name.
func importExported(raw []byte) (*Name, error) {
	mech, text, err := token.ParseExportedName(raw)
	if err != nil {
		return nil, status.Errorf(status.BadName, status.KRB5_PARSE_MALFORMED, "exported name: %v", err)
	}
	if mech != token.MechKRB5 {
		return nil, badMech(mech)
	}
	p, hasRealm, err := token.ParsePrincipal(string(text))
	if err == nil && !hasRealm {
		return nil, status.Errorf(status.BadName, status.KRB5_PARSE_MALFORMED, "exported name has no realm")
	}
	if err != nil {
		return nil, status.Errorf(status.BadName, status.KRB5_PARSE_MALFORMED, "exported name: %v", err)
	}
	return FromPrincipal(p), nil
}

// IsMN reports whether n is a mechanism name.
func (n *Name) IsMN() bool { return n.principal != nil }

// IsAnonymous reports whether n is the anonymous principal, imported or from a ticket.
func (n *Name) IsAnonymous() bool {
	return n.nameType == token.NTAnonymous || n.principal != nil && n.principal.Equal(anonymous)
}

// Duplicate returns n: names do not change.
func (n *Name) Duplicate() *Name { return n }

// Display returns the text of n and its type: of a mechanism name the principal, else what was imported.
func (n *Name) Display() (text []byte, nt token.OID, err error) {
	switch {
	case n.principal == nil:
		return n.text, n.nameType, nil
	case n.IsAnonymous():
		return []byte(n.principal.String()), token.NTAnonymous, nil
	}
	return []byte(n.principal.String()), token.NTKRB5Principal, nil
}

// Compare tells whether a and b name the same entity. Two imported names are compared as text, unless only resolving
// them can tell. Anonymous names equal nothing (RFC 2743, Section 2.4.3).
func Compare(env *krb5.Env, a, b *Name) (bool, error) {
	if a.IsAnonymous() || b.IsAnonymous() {
		return false, nil
	}
	if !a.IsMN() && !b.IsMN() && a.nameType == b.nameType {
		return bytes.Equal(a.text, b.text), nil
	}
	p, err := a.Principal(env)
	if err != nil {
		return false, err
	}
	q, err := b.Principal(env)
	if err != nil {
		return false, err
	}
	return p.Equal(q), nil
}

// Canonicalize returns the mechanism name of n.
func (n *Name) Canonicalize(env *krb5.Env, mech token.OID) (*Name, error) {
	if !supported(mech) {
		return nil, badMech(mech)
	}
	p, err := n.Principal(env)
	if err != nil {
		return nil, err
	}
	return FromPrincipal(p), nil
}

// Export returns the octets by which access control lists name n (RFC 2743, Section 3.2). n must be a mechanism name.
func (n *Name) Export() ([]byte, error) {
	if n.principal == nil {
		return nil, status.Errorf(status.NameNotMN, status.Generic,
			"only a name of a mechanism can be exported: call gss_canonicalize_name first")
	}
	return token.MarshalExportedName(token.MechKRB5, n.principal.AppendText(make([]byte, 0, 128))), nil
}

// Mechs lists the mechanisms that may be able to use n (gss_inquire_mechs_for_name).
func (n *Name) Mechs() []token.OID { return []token.OID{token.MechKRB5, token.MechSPNEGO} }

// LocalName returns the local account of n (auth_to_local in krb5.conf).
func (n *Name) LocalName(env *krb5.Env, mech token.OID) (string, error) {
	if !supported(mech) {
		return "", badMech(mech)
	}
	p, err := n.Principal(env)
	if err != nil {
		return "", err
	}
	cfg, err := env.Library.Config(env)
	if err != nil {
		return "", err
	}
	realm, err := env.DefaultRealm()
	if errors.Is(err, krb5.Pending) {
		return "", err
	}
	if err != nil {
		return "", status.Errorf(status.Failure, status.KRB5_LNAME_NOTRANS,
			"%s has no local account: there is no default realm", p)
	}
	return cfg.LocalName(p, realm)
}

// Account is LocalName for gss_localname: where there is no account, that is what is not available, as with MIT krb5.
func (n *Name) Account(env *krb5.Env, mech token.OID) (string, error) {
	user, err := n.LocalName(env, mech)
	if err != nil && status.Of(err).Minor == status.KRB5_LNAME_NOTRANS {
		e := *status.Of(err)
		e.Major = status.Unavailable
		return "", &e
	}
	return user, err
}

// Principal returns the krb5 principal that n names. Its realm may be empty, which stands for "ask the KDC" (RFC 6806,
// Section 8).
func (n *Name) Principal(env *krb5.Env) (token.Principal, error) {
	if n.principal != nil {
		return *n.principal, nil
	}
	switch n.nameType {
	case token.NTAnonymous:
		return anonymous, nil
	case token.NTHostbasedService:
		return n.servicePrincipal(env)
	case token.NTMachineUID:
		uid, err := machineUID(n.text)
		if err != nil {
			return token.Principal{}, err
		}
		return userPrincipal(env, uid)
	case token.NTStringUID:
		uid, err := strconv.ParseUint(n.plain(), 10, 32)
		if err != nil {
			return token.Principal{}, status.Errorf(status.BadName, status.G_BAD_STRING_UID,
				"the user id is not a decimal number below 2^32")
		}
		return userPrincipal(env, uint32(uid))
	}
	return parse(env, n.plain())
}

// plain is the text without a NUL at its end. Programs that count the NUL of a C string in its length work with other
// libraries; MIT's gss-server is one.
func (n *Name) plain() string { return strings.TrimSuffix(string(n.text), "\x00") }

// Service splits a host-based service name "service@host"; host is empty where none was given. ok is false for names of
// other types.
func (n *Name) Service() (service, host string, ok bool) {
	if n.nameType != token.NTHostbasedService {
		return "", "", false
	}
	service, host, _ = strings.Cut(n.plain(), "@")
	return service, host, true
}

// servicePrincipal turns service@host into service/host@REALM (RFC 1964, Section 2.1.1), host being this host if absent.
func (n *Name) servicePrincipal(env *krb5.Env) (token.Principal, error) {
	service, host, _ := n.Service()
	if service == "" || strings.ContainsRune(n.plain(), 0) {
		return token.Principal{}, status.Errorf(status.BadName, status.G_BAD_SERVICE_NAME,
			"a host-based name reads service@host, and neither part may be empty or hold a NUL octet")
	}
	if host == "" {
		var err error
		if host, err = env.Hostname(); err != nil || host == "" {
			return token.Principal{}, status.Errorf(status.BadName, status.G_NO_HOSTNAME, "this host has no name: %v", err)
		}
	}
	return krb5.ServicePrincipal(env, service, host)
}

// parse reads a principal. One without a realm is of the default realm; the realm of "service/host@" is empty by its
// author's word.
func parse(env *krb5.Env, text string) (token.Principal, error) {
	p, hasRealm, err := token.ParsePrincipal(text)
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
		return token.Principal{}, status.Errorf(status.BadName, status.G_NOUSER, "no account has the user id %d", uid)
	}
	realm, err := env.DefaultRealm()
	return token.Principal{Type: token.NTPrincipal, Components: []string{user}, Realm: realm}, err
}

// machineUID reads a uid_t as it lies in the caller's memory. Peers pass 32 bits; 64-bit integers come from callers that
// took long for it.
func machineUID(b []byte) (uint32, error) {
	switch len(b) {
	case 4:
		return binary.NativeEndian.Uint32(b), nil
	case 8:
		if v := binary.NativeEndian.Uint64(b); v <= 1<<32-1 {
			return uint32(v), nil
		}
	}
	return 0, status.Errorf(status.BadName, status.G_WRONG_SIZE, "a machine uid is a uid_t of 4 octets")
}

func badMech(mech token.OID) error {
	return status.Errorf(status.BadMech, status.Generic, "mechanism %s is not supported", mech)
}
