// SPDX-License-Identifier: BSD-2-Clause

package token

import (
	"strings"
	"time"
	"unicode"
)

// KRBError is a KRB-ERROR (RFC 4120, Section 5.9.1). It is never authenticated: anyone on the path can send one. CTime
// is zero, Client nil, Text empty and Data nil if they were not sent; CUSec belongs to CTime. Client may have only a
// realm or only a name. SName.Realm is the realm of the message. Data aliases the input of the parser.
type KRBError struct {
	CTime  time.Time
	CUSec  uint32
	STime  time.Time
	SUSec  uint32
	Code   int32
	Client *Principal
	SName  Principal
	Text   string // as sent; see Message for a printable form
	Data   []byte
}

// ParseKRBError parses a KRB-ERROR, without the token framing and TOK_ID.
func ParseKRBError(b []byte) (*KRBError, error) {
	f := openMessage(b, tagKRBError, "KRB-ERROR")
	m := new(KRBError)
	f.header(tagKRBError)
	m.CTime = f.optionalTime(2, "ctime")
	if f.has(3) { // MIT omits a cusec of zero, so it does not come and go with ctime
		m.CUSec = f.microseconds(3, "cusec")
	}
	m.STime = f.time(4, "stime")
	m.SUSec = f.microseconds(5, "susec")
	m.Code = f.int32(6, "error-code")
	m.Client = f.optionalPrincipal(7, "crealm", "cname")
	realm := f.realm(9, "realm")
	m.SName = f.principal(10, "sname")
	m.SName.Realm = realm
	if f.has(11) {
		m.Text = f.text(11, "e-text")
	}
	if f.has(12) {
		m.Data = f.octets(12, "e-data")
	}
	if err := f.close(); err != nil {
		return nil, err
	}
	if m.CTime.IsZero() {
		m.CUSec = 0
	}
	return m, nil
}

// Marshal returns the DER encoding.
func (m *KRBError) Marshal() []byte {
	return message(tagKRBError, 256+len(m.Text)+len(m.Data), func(b *builder) {
		addHeader(b, tagKRBError)
		if !m.CTime.IsZero() {
			addTime(b, 2, m.CTime)
			addInt(b, 3, int64(m.CUSec))
		}
		addTime(b, 4, m.STime)
		addInt(b, 5, int64(m.SUSec))
		addInt(b, 6, int64(m.Code))
		addOptionalPrincipal(b, 7, m.Client)
		addText(b, 9, m.SName.Realm)
		addPrincipal(b, 10, &m.SName)
		if m.Text != "" {
			addText(b, 11, m.Text)
		}
		if m.Data != nil {
			addOctets(b, 12, m.Data)
		}
	})
}

// Message returns Text in a form that is safe to log: without the NUL that MIT's library includes, at most 256 octets
// long, and with question marks in place of everything that is not printable UTF-8. The sender is unknown, so the text must not be
// able to control a terminal, nor the direction of what follows it.
func (m *KRBError) Message() string {
	text, _, _ := strings.Cut(m.Text, "\x00")
	if len(text) > 256 {
		text = text[:256]
	}
	return strings.Map(func(r rune) rune {
		if r == '\ufffd' || !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, text)
}
