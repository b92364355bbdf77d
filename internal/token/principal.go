// SPDX-License-Identifier: BSD-2-Clause

// Package token converts between the octets of GSS-API and Kerberos tokens and Go structs. It knows no keys and does
// no I/O; nothing that it returns is authenticated.
package token

import (
	"errors"
	"slices"
	"strings"
)

// Principal name types (RFC 4120, Section 6.2).
const (
	NTUnknown    int32 = 0
	NTPrincipal  int32 = 1
	NTSrvInst    int32 = 2
	NTSrvHst     int32 = 3
	NTEnterprise int32 = 10
	NTWellknown  int32 = 11
)

// Principal is a Kerberos name with its realm (RFC 4120, Sections 5.2.2 and 6). The name type is only a hint and is
// ignored in comparisons.
type Principal struct {
	Type       int32
	Components []string
	Realm      string
}

// Equal reports whether the components and the realm are the same.
func (p Principal) Equal(q Principal) bool {
	return p.Realm == q.Realm && slices.Equal(p.Components, q.Components)
}

// IsHostBased reports whether p is a service on a host, as created from a host-based name.
func (p Principal) IsHostBased() bool {
	return p.Type == NTSrvHst && len(p.Components) == 2 && p.Components[1] != ""
}

// IsTGS reports whether p is a ticket-granting service, krbtgt/REALM.
func (p Principal) IsTGS() bool { return len(p.Components) == 2 && p.Components[0] == "krbtgt" }

// WithoutRealm returns the name without its realm, with / @ \ and control characters escaped by a backslash.
func (p Principal) WithoutRealm() string {
	return string(p.appendName(make([]byte, 0, textSize)))
}

// textSize is enough for the text of most principals, in octets.
const textSize = 64

func (p Principal) appendName(b []byte) []byte {
	for i, c := range p.Components {
		if i > 0 {
			b = append(b, '/')
		}
		b = appendQuoted(b, c)
	}
	return b
}

// String returns the text form name@REALM (RFC 1964, Section 2.1.3). As in MIT krb5, a / in the realm is escaped as
// well.
func (p Principal) String() string {
	return string(p.AppendText(make([]byte, 0, textSize)))
}

// AppendText appends the text form to b.
func (p Principal) AppendText(b []byte) []byte {
	b = append(p.appendName(b), '@')
	return appendQuoted(b, p.Realm)
}

func appendQuoted(b []byte, s string) []byte {
	for i := range len(s) {
		switch c := s[i]; c {
		case 0:
			b = append(b, `\0`...)
		case '\n':
			b = append(b, `\n`...)
		case '\t':
			b = append(b, `\t`...)
		case '\b':
			b = append(b, `\b`...)
		case '/', '@', '\\':
			b = append(b, '\\', c)
		default:
			b = append(b, c)
		}
	}
	return b
}

// ParsePrincipal parses the text form. If there is no @REALM, hasRealm is false and the realm is empty; the caller
// chooses one.
func ParsePrincipal(s string) (p Principal, hasRealm bool, err error) {
	return parsePrincipal(s, NTPrincipal)
}

// ParseEnterprise parses the text form of an enterprise name (RFC 6806, Section 5), user@domain or user@domain@REALM.
// It has one component, which includes the first @.
func ParseEnterprise(s string) (p Principal, hasRealm bool, err error) {
	return parsePrincipal(s, NTEnterprise)
}

// errSlashInRealm is for alice@REALM/admin, where alice/admin@REALM is meant. RFC 1964, Section 2.1.3, has a / of a realm
// quoted, and so do MIT krb5's programs.
var errSlashInRealm = errors.New(`principal name has a / behind the @, which must be \/ if it is part of the realm`)

func parsePrincipal(s string, kind int32) (p Principal, hasRealm bool, err error) {
	p.Type = kind
	enterprise, domain := kind == NTEnterprise, false
	var cur strings.Builder
	if strings.IndexByte(s, 0) >= 0 {
		return Principal{}, false, errors.New("principal name has a NUL octet")
	}
	if !enterprise && strings.IndexByte(s, '\\') < 0 && strings.Count(s, "@") < 2 {
		name, realm, hasRealm := strings.Cut(s, "@")
		if strings.IndexByte(realm, '/') >= 0 {
			return Principal{}, false, errSlashInRealm
		}
		p.Components, p.Realm = strings.Split(name, "/"), realm
		return p, hasRealm, nil
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '\\':
			i++
			if i == len(s) {
				return Principal{}, false, errors.New("principal name ends with a backslash")
			}
			if j := strings.IndexByte("0ntb", s[i]); j >= 0 {
				cur.WriteByte("\x00\n\t\b"[j])
			} else {
				cur.WriteByte(s[i])
			}
		case c == '/' && hasRealm && !enterprise:
			return Principal{}, false, errSlashInRealm
		case c == '/' && !enterprise:
			p.Components = append(p.Components, cur.String())
			cur.Reset()
		case c == '@' && enterprise && !domain:
			domain = true
			cur.WriteByte(c)
		case c == '@':
			if hasRealm {
				return Principal{}, false, errors.New("principal name has two realms")
			}
			p.Components = append(p.Components, cur.String())
			cur.Reset()
			hasRealm = true
		default:
			cur.WriteByte(c)
		}
	}
	if hasRealm {
		p.Realm = cur.String()
	} else {
		p.Components = append(p.Components, cur.String())
	}
	return p, hasRealm, nil
}
