// SPDX-License-Identifier: BSD-2-Clause

package token

import (
	"golang.org/x/crypto/cryptobyte/asn1"

	"libgssapi/internal/status"
)

// The messages of SPNEGO (RFC 4178, Section 4.2). The first one, a NegTokenInit, has the framing of RFC 2743, Section
// 3.1; later ones have none.
const (
	tagNegTokenInit = 0
	tagNegTokenResp = 1
)

// NegTokenInit offers mechanisms (RFC 4178, Section 4.2.1). An acceptor that speaks first also sends one, with hints
// (NegTokenInit2 of MS-SPNG, Section 2.2.1). The request flags are ignored: nobody sends them, and nobody could rely
// on them, because nothing protects them. Slices alias the input of the parser and are nil if they were absent.
type NegTokenInit struct {
	MechTypes   []OID
	List        []byte // the MechTypeList as it was sent, tag and length included: the MIC is over these octets
	MechToken   []byte // of the first of MechTypes
	Hints       bool   // sent by an acceptor, with the hint that all acceptors send
	MechListMIC []byte
}

// NegState is the state of the negotiation as the sender of a NegTokenResp sees it.
type NegState uint8

// The values of RFC 4178, Section 4.2.2.
const (
	AcceptCompleted  NegState = 0
	AcceptIncomplete NegState = 1
	Reject           NegState = 2
	RequestMIC       NegState = 3
	NoNegState       NegState = 0xff // the field is absent
)

func (s NegState) String() string {
	if s > RequestMIC {
		return "none"
	}
	return [...]string{"accept-completed", "accept-incomplete", "reject", "request-mic"}[s]
}

// NegTokenResp continues a negotiation (RFC 4178, Section 4.2.2). Slices alias the input of the parser and are nil if
// they were absent.
type NegTokenResp struct {
	State         NegState
	SupportedMech OID // "": absent
	ResponseToken []byte
	MechListMIC   []byte
}

// hintName is what all acceptors send since RFC 4178, because the name that was sent before is of no use to an
// initiator.
const hintName = "not_defined_in_RFC4178@please_ignore"

// maxMechTypes limits the number of mechanisms that a peer may offer. Windows offers five.
const maxMechTypes = 64

// MarshalMechTypes encodes a MechTypeList.
func MarshalMechTypes(mechs []OID) []byte {
	b := newBuilder(64)
	b.AddASN1(asn1.SEQUENCE, func(b *builder) {
		for _, m := range mechs {
			addOID(b, m)
		}
	})
	return b.Bytes()
}

// Marshal encodes the message without its framing.
func (m *NegTokenInit) Marshal() []byte {
	list := m.List
	if list == nil {
		list = MarshalMechTypes(m.MechTypes)
	}
	b := newBuilder(len(m.MechToken) + len(list) + len(m.MechListMIC) + 64)
	b.AddASN1(explicit(tagNegTokenInit), func(b *builder) {
		b.AddASN1(asn1.SEQUENCE, func(b *builder) {
			b.AddASN1(explicit(0), func(b *builder) { b.AddBytes(list) })
			addOptional(b, 2, m.MechToken)
			if !m.Hints {
				addOptional(b, 3, m.MechListMIC)
				return
			}
			b.AddASN1(explicit(3), func(b *builder) {
				b.AddASN1(asn1.SEQUENCE, func(b *builder) {
					b.AddASN1(explicit(0), func(b *builder) {
						b.AddASN1(generalString, func(b *builder) { b.AddString(hintName) })
					})
				})
			})
			addOptional(b, 4, m.MechListMIC)
		})
	})
	return b.Bytes()
}

// Marshal encodes the message.
func (m *NegTokenResp) Marshal() []byte {
	b := newBuilder(len(m.ResponseToken) + len(m.MechListMIC) + 64)
	b.AddASN1(explicit(tagNegTokenResp), func(b *builder) {
		b.AddASN1(asn1.SEQUENCE, func(b *builder) {
			if m.State != NoNegState {
				b.AddASN1(explicit(0), func(b *builder) { b.AddASN1Enum(int64(m.State)) })
			}
			if m.SupportedMech != "" {
				b.AddASN1(explicit(1), func(b *builder) { addOID(b, m.SupportedMech) })
			}
			addOptional(b, 2, m.ResponseToken)
			addOptional(b, 3, m.MechListMIC)
		})
	})
	return b.Bytes()
}

// addOptional adds [n] OCTET STRING, unless it is nil.
func addOptional(b *builder, n uint8, octets []byte) {
	if octets != nil {
		addOctets(b, n, octets)
	}
}

// ParseNegTokenInit parses a NegTokenInit of either form, without its framing.
func ParseNegTokenInit(b []byte) (*NegTokenInit, error) {
	f := open(b, explicit(tagNegTokenInit), "NegTokenInit")
	m := new(NegTokenInit)
	m.List, m.MechTypes = f.mechTypes(0, "mechTypes")
	if f.has(1) {
		f.next(1, asn1.BIT_STRING, "reqFlags")
	}
	m.MechToken = f.optionalOctets(2, "mechToken")
	// [3] is the MIC of RFC 4178 or the hints of MS-SPNG, whose MIC is [4].
	if f.has(3) {
		e := f.member(3, "mechListMIC")
		if m.Hints = e.tag == asn1.SEQUENCE; m.Hints {
			m.MechListMIC = f.optionalOctets(4, "mechListMIC")
		} else {
			m.MechListMIC = f.of(e, asn1.OCTET_STRING, "mechListMIC")
		}
	}
	if err := f.closeNegotiation(); err != nil {
		return nil, err
	}
	return m, nil
}

// ParseNegTokenResp parses the NegTokenResp at the beginning of b. As in MIT krb5, octets after it are ignored. They
// are harmless: the only thing that protects a NegTokenResp is the MIC in it, which covers the offer and not the
// response, so anyone who can add octets can also change the response, and gains nothing by adding.
func ParseNegTokenResp(b []byte) (*NegTokenResp, error) {
	f := open(b, explicit(tagNegTokenResp), "NegTokenResp")
	m := &NegTokenResp{State: NoNegState}
	if f.has(0) {
		m.State = NegState(f.integerOf(f.member(0, "negState"), asn1.ENUM, "negState", 0, int64(RequestMIC)))
	}
	if f.has(1) {
		if m.SupportedMech = OID(f.next(1, asn1.OBJECT_IDENTIFIER, "supportedMech")); m.SupportedMech == "" {
			f.fail(status.ASN1_BAD_LENGTH, "supportedMech", "is empty")
		}
	}
	m.ResponseToken = f.optionalOctets(2, "responseToken")
	m.MechListMIC = f.optionalOctets(3, "mechListMIC")
	if err := f.closeNegotiation(); err != nil {
		return nil, err
	}
	return m, nil
}

// closeNegotiation returns the first error. Fields that later versions add after ours (the extension markers of RFC
// 4178, Appendix A) are ignored, but must be well-formed.
func (f *fields) closeNegotiation() error {
	for f.more() && f.s[0] >= byte(explicit(4)) && f.s[0] <= byte(explicit(30)) {
		if _, ok := f.s.next(); !ok {
			f.fail(status.ASN1_OVERRUN, "field of a later version", "is truncated, or of no definite length")
		}
	}
	err := f.close()
	if err == nil {
		return nil
	}
	e := *status.Of(err)
	e.Minor = status.ERR_SPNEGO_BAD_INPUT_TOKEN
	return &e
}

// optionalOctets returns nil if and only if the field is absent.
func (f *fields) optionalOctets(n uint8, field string) []byte {
	if !f.has(n) {
		return nil
	}
	return f.octets(n, field)
}

// mechTypes reads a MechTypeList. It may be empty, in which case none of its mechanisms is supported.
func (f *fields) mechTypes(n uint8, field string) (list []byte, mechs []OID) {
	e := f.member(n, field)
	s := f.of(e, asn1.SEQUENCE, field)
	sub := fields{s: s, name: field, err: f.err}
	for sub.moreOf(len(mechs), maxMechTypes) {
		oid := OID(sub.listed(asn1.OBJECT_IDENTIFIER, "element", "is not an OID"))
		if oid == "" {
			sub.fail(status.ASN1_BAD_LENGTH, "element", "is empty")
		}
		mechs = append(mechs, oid)
	}
	f.leave(&sub)
	return e.whole, mechs
}
