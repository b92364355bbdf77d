// SPDX-License-Identifier: BSD-2-Clause

package token

import (
	"slices"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"libgssapi/internal/status"
)

// The messages of SPNEGO (RFC 4178, Section 4.2). The first one, a NegTokenInit, has the frame of RFC 2743, Section
// 3.1; those after it have none.
const (
	tagNegTokenInit = 0
	tagNegTokenResp = 1
)

// NegTokenInit offers mechanisms (RFC 4178, Section 4.2.1). An acceptor that speaks first sends one, too, with hints
// (NegTokenInit2 of MS-SPNG, Section 2.2.1). The request flags have no use: nobody sends them, and whoever did could
// not rely on them, for nothing protects them. Slices alias what they were parsed from; a nil one was absent.
type NegTokenInit struct {
	MechTypes   []OID
	List        []byte // the MechTypeList as it was sent, tag and length included: the MIC is over these octets
	MechToken   []byte // of the first of MechTypes
	Hints       bool   // an acceptor's, with the one hint that all of them send
	MechListMIC []byte
}

// NegState is where the sender of a NegTokenResp sees the negotiation.
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

// NegTokenResp goes on with a negotiation (RFC 4178, Section 4.2.2). Slices alias what they were parsed from; a nil one
// was absent.
type NegTokenResp struct {
	State         NegState
	SupportedMech OID // "": absent
	ResponseToken []byte
	MechListMIC   []byte
}

// hintName is what all acceptors send since RFC 4178: the name that was there before is no use to an initiator.
const hintName = "not_defined_in_RFC4178@please_ignore"

// maxMechTypes bounds the mechanisms that a peer may offer. Windows offers five.
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

// Marshal encodes the message without its frame.
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

// ParseNegTokenInit reads a NegTokenInit without its frame, of either form.
func ParseNegTokenInit(b []byte) (*NegTokenInit, error) {
	f := openNegotiation(b, tagNegTokenInit, "NegTokenInit")
	m := new(NegTokenInit)
	m.List, m.MechTypes = f.mechTypes()
	f.skip(1, asn1.BIT_STRING, "reqFlags")
	m.MechToken = f.octets(2, "mechToken")
	// [3] is the MIC of RFC 4178 or the hints of MS-SPNG, whose MIC is [4].
	if hints := f.optional(3); hints.present && hints.tag == asn1.SEQUENCE {
		m.Hints = true
		m.MechListMIC = f.octets(4, "mechListMIC")
	} else {
		m.MechListMIC = f.octetsOf(hints, "mechListMIC")
	}
	if err := f.close(); err != nil {
		return nil, err
	}
	return m, nil
}

// ParseNegTokenResp reads a NegTokenResp.
func ParseNegTokenResp(b []byte) (*NegTokenResp, error) {
	f := openNegotiation(b, tagNegTokenResp, "NegTokenResp")
	m := &NegTokenResp{State: NoNegState}
	if state := f.optional(0); state.present {
		if state.tag != asn1.ENUM || len(state.value) != 1 || state.value[0] > byte(RequestMIC) {
			f.fail("negState is none of RFC 4178")
		} else {
			m.State = NegState(state.value[0])
		}
	}
	if mech := f.optional(1); mech.present {
		if mech.tag != asn1.OBJECT_IDENTIFIER || len(mech.value) == 0 {
			f.fail("supportedMech is no OID")
		}
		m.SupportedMech = OID(mech.value)
	}
	m.ResponseToken = f.octets(2, "responseToken")
	m.MechListMIC = f.octets(3, "mechListMIC")
	if err := f.close(); err != nil {
		return nil, err
	}
	return m, nil
}

// negotiationFields reads the members of a message's SEQUENCE in their order. After the first fault every read gives
// nothing; close returns it. Lengths need not be as short as DER has them: NetApp's servers write longer ones. That is
// no danger, for nothing here is compared or signed in another form than it came in.
type negotiationFields struct {
	s    cryptobyte.String
	name string
	err  error
}

// member is the one value inside [n].
type member struct {
	present bool
	tag     asn1.Tag
	value   []byte
}

func openNegotiation(b []byte, n uint8, name string) negotiationFields {
	f := negotiationFields{s: b, name: name}
	choice, ok := f.element()
	if !ok || choice.tag != explicit(n) || !f.s.Empty() {
		f.fail("is not what the token is, or it is truncated")
		return f
	}
	f.s = choice.value
	sequence, ok := f.element()
	if !ok || sequence.tag != asn1.SEQUENCE || !f.s.Empty() {
		f.fail("is not one SEQUENCE")
		return f
	}
	f.s = sequence.value
	return f
}

func (f *negotiationFields) fail(fault string) {
	if f.err == nil {
		f.err = defective(status.ERR_SPNEGO_BAD_INPUT_TOKEN, "%s: %s", f.name, fault)
	}
	f.s = nil
}

// element takes the next tag, length and value.
func (f *negotiationFields) element() (m member, ok bool) {
	var tag, first uint8
	if !f.s.ReadUint8(&tag) || tag&0x1f == 0x1f || !f.s.ReadUint8(&first) {
		return m, false
	}
	n := uint64(first)
	if first&0x80 != 0 {
		var octets []byte
		if count := int(first & 0x7f); count == 0 || count > 4 || !f.s.ReadBytes(&octets, count) {
			return m, false
		}
		n = 0
		for _, o := range octets {
			n = n<<8 | uint64(o)
		}
	}
	if n > uint64(len(f.s)) || !f.s.ReadBytes(&m.value, int(n)) {
		return m, false
	}
	m.present, m.tag = true, asn1.Tag(tag)
	return m, true
}

// optional takes [n], if it is next, and the one value in it.
func (f *negotiationFields) optional(n uint8) member {
	if f.err != nil || !f.s.PeekASN1Tag(explicit(n)) {
		return member{}
	}
	outer, ok := f.element()
	if !ok {
		f.fail("a field is truncated")
		return member{}
	}
	inner := negotiationFields{s: outer.value}
	m, ok := inner.element()
	if !ok || !inner.s.Empty() {
		f.fail("a field does not hold one value")
		return member{}
	}
	return m
}

func (f *negotiationFields) octets(n uint8, field string) []byte {
	return f.octetsOf(f.optional(n), field)
}

func (f *negotiationFields) octetsOf(m member, field string) []byte {
	if !m.present {
		return nil
	}
	if m.tag != asn1.OCTET_STRING {
		f.fail(field + " is no OCTET STRING")
		return nil
	}
	return m.value
}

// skip takes a field that has no use.
func (f *negotiationFields) skip(n uint8, tag asn1.Tag, field string) {
	if m := f.optional(n); m.present && m.tag != tag {
		f.fail(field + " has another type")
	}
}

// mechTypes takes [0], which must be there. The list may be empty: none of its mechanisms is ours then.
func (f *negotiationFields) mechTypes() (list []byte, mechs []OID) {
	start := f.s
	outer, ok := f.element()
	if f.err != nil {
		return nil, nil
	}
	if !ok || outer.tag != explicit(0) {
		f.s = start
		f.fail("mechTypes is missing")
		return nil, nil
	}
	inner := negotiationFields{s: outer.value}
	m, ok := inner.element()
	if !ok || m.tag != asn1.SEQUENCE || !inner.s.Empty() {
		f.fail("mechTypes is no list")
		return nil, nil
	}
	each := negotiationFields{s: m.value}
	for !each.s.Empty() {
		oid, ok := each.element()
		if !ok || oid.tag != asn1.OBJECT_IDENTIFIER || len(oid.value) == 0 {
			f.fail("mechTypes has an element that is no OID")
			return nil, nil
		}
		if len(mechs) == maxMechTypes {
			f.fail("mechTypes has too many elements")
			return nil, nil
		}
		mechs = append(mechs, OID(oid.value))
	}
	return slices.Clip(outer.value), mechs
}

// close returns the first fault. Fields that later versions add behind ours (the extension markers of RFC 4178,
// Appendix A) are of no effect, but they must be whole.
func (f *negotiationFields) close() error {
	for f.err == nil && !f.s.Empty() {
		if m, ok := f.element(); !ok || m.tag < explicit(4) || m.tag > explicit(30) {
			f.fail("fields are malformed or out of order")
		}
	}
	return f.err
}
