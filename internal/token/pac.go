// SPDX-License-Identifier: BSD-2-Clause

package token

import (
	"encoding/binary"
	"unicode/utf16"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"libgssapi/internal/status"
)

// Types of PACBuffer (MS-PAC, Section 2.4).
const (
	PACLogonInfo       uint32 = 1
	PACCredentialsInfo uint32 = 2
	PACServerChecksum  uint32 = 6
	PACPrivSvrChecksum uint32 = 7
	PACClientInfo      uint32 = 10
	PACDelegationInfo  uint32 = 11
	PACUPNDNSInfo      uint32 = 12
)

// PAC is a privilege attribute certificate (MS-PAC, Section 2.3). Raw is the input of the parser, which the buffers alias.
type PAC struct {
	Raw     []byte
	Buffers []PACBuffer
}

// PACBuffer is a PAC_INFO_BUFFER and what it refers to. Offset is where Data begins in the PAC.
type PACBuffer struct {
	Type   uint32
	Offset int
	Data   []byte
}

// The sizes of PACTYPE without buffers, of PAC_INFO_BUFFER, of the type before a signature, and of PAC_CLIENT_INFO without
// the name, in octets. Buffers begin at multiples of pacAlignment.
const (
	pacHeader     = 8
	pacInfo       = 16
	pacSignature  = 4
	pacClientInfo = 10
	pacAlignment  = 8
)

// ParsePAC parses the framing of a PAC. It authenticates nothing.
func ParsePAC(b []byte) (*PAC, error) {
	if len(b) < pacHeader {
		return nil, badPAC("ends within the header")
	}
	count, version := binary.LittleEndian.Uint32(b), binary.LittleEndian.Uint32(b[4:])
	if version != 0 {
		return nil, badPAC("has another version than 0")
	}
	if uint64(count) > uint64(len(b)-pacHeader)/pacInfo {
		return nil, badPAC("has fewer buffers than it says")
	}
	end := pacHeader + int(count)*pacInfo
	p := &PAC{Raw: b, Buffers: make([]PACBuffer, count)}
	for i := range p.Buffers {
		info := b[pacHeader+i*pacInfo:]
		size, offset := uint64(binary.LittleEndian.Uint32(info[4:])), binary.LittleEndian.Uint64(info[8:])
		switch {
		case offset%pacAlignment != 0:
			return nil, badPAC("has a buffer that is not aligned")
		case offset < uint64(end), offset > uint64(len(b)), size > uint64(len(b))-offset:
			return nil, badPAC("has a buffer outside of itself")
		}
		data := b[offset : offset+size]
		p.Buffers[i] = PACBuffer{binary.LittleEndian.Uint32(info), int(offset), data[:size:size]}
	}
	return p, nil
}

func badPAC(fault string) error {
	return status.Errorf(status.Failure, status.KRB5KRB_AP_ERR_MODIFIED, "the PAC in the ticket %s", fault)
}

// Buffer returns the only buffer of a type. One of two is as good as none, because the KDC cannot have meant both.
func (p *PAC) Buffer(t uint32) (found PACBuffer, ok bool) {
	for _, b := range p.Buffers {
		if b.Type != t {
			continue
		}
		if ok {
			return PACBuffer{}, false
		}
		found, ok = b, true
	}
	return found, ok
}

// ServerSignature returns the checksum by which the KDC proves to the service that the PAC is its own (MS-PAC, Section 2.8),
// and the octets that it covers: the PAC with zeros for both signatures. ok is false if the PAC lacks one of them.
func (p *PAC) ServerSignature() (sum Checksum, signed []byte, ok bool) {
	server, ok := p.Buffer(PACServerChecksum)
	kdc, also := p.Buffer(PACPrivSvrChecksum)
	if !ok || !also || len(server.Data) < pacSignature || len(kdc.Data) < pacSignature {
		return Checksum{}, nil, false
	}
	signed = append([]byte(nil), p.Raw...)
	for _, b := range []PACBuffer{server, kdc} {
		clear(signed[b.Offset+pacSignature : b.Offset+len(b.Data)])
	}
	return Checksum{int32(binary.LittleEndian.Uint32(server.Data)), server.Data[pacSignature:]}, signed, true
}

// ClientInfo returns the time and the name of the client (MS-PAC, Section 2.7): the time of the first ticket in units of 100
// nanoseconds since 1601. The name has no realm.
func (p *PAC) ClientInfo() (authTime uint64, name string, ok bool) {
	b, ok := p.Buffer(PACClientInfo)
	if !ok || len(b.Data) < pacClientInfo {
		return 0, "", false
	}
	size := int(binary.LittleEndian.Uint16(b.Data[8:]))
	text := b.Data[pacClientInfo:]
	if size%2 != 0 || size > len(text) {
		return 0, "", false
	}
	units := make([]uint16, size/2)
	for i := range units {
		units[i] = binary.LittleEndian.Uint16(text[2*i:])
	}
	return binary.LittleEndian.Uint64(b.Data), string(utf16.Decode(units)), true
}

// CAMMAC is the content of AD-CAMMAC (RFC 7751, Section 4): authorization data with proof that the KDC made it. Elements is
// the encoding of AuthorizationData, as it came. Service is the proof for the service, if there is one.
type CAMMAC struct {
	Elements []byte
	Service  *Checksum
}

// ParseCAMMAC parses an AD-CAMMAC. The result aliases b. Only the proof for the service is parsed: the others are for KDCs.
func ParseCAMMAC(b []byte) (*CAMMAC, error) {
	f := openWhole(b, "AD-CAMMAC")
	c := &CAMMAC{}
	elements := f.member(0, "elements")
	f.of(elements, asn1.SEQUENCE, "elements")
	c.Elements = elements.whole
	if f.has(1) {
		f.member(1, "kdc-verifier")
	}
	if f.has(2) {
		verifier := f.sequence(2, "svc-verifier")
		if verifier.has(0) {
			verifier.member(0, "identifier")
		}
		if verifier.has(1) {
			verifier.uint32(1, "kvno")
		}
		if verifier.has(2) {
			verifier.int32(2, "enctype")
		}
		sum := verifier.checksum(3, "mac")
		f.leave(&verifier)
		c.Service = &sum
	}
	if f.has(3) {
		f.member(3, "other-verifiers")
	}
	if err := f.close(); err != nil {
		return nil, err
	}
	return c, nil
}

// Marshal returns the DER encoding.
func (c *CAMMAC) Marshal() []byte {
	var b builder
	b.AddASN1(asn1.SEQUENCE, func(b *builder) {
		b.AddASN1(explicit(0), func(b *builder) { b.AddBytes(c.Elements) })
		if c.Service != nil {
			addSequence(b, 2, func(b *builder) { addTyped(b, 3, c.Service.Type, c.Service.Sum) })
		}
	})
	return b.Bytes()
}

// maxIndicators bounds the indicators of one element. A KDC's policy names a handful.
const maxIndicators = 128

// ParseAuthIndicators parses the content of AD-AUTHENTICATION-INDICATOR (RFC 8129, Section 3). The result aliases b.
func ParseAuthIndicators(b []byte) (list [][]byte, err error) {
	f := openWhole(b, "AD-AUTHENTICATION-INDICATOR")
	for f.moreOf(len(list), maxIndicators) {
		list = append(list, f.listed(asn1.UTF8String, "indicator", "is not a UTF8String"))
	}
	if err := f.close(); err != nil {
		return nil, err
	}
	return list, nil
}

// MarshalAuthIndicators is the inverse of ParseAuthIndicators.
func MarshalAuthIndicators(list [][]byte) []byte {
	var b builder
	b.AddASN1(asn1.SEQUENCE, func(b *builder) {
		for _, v := range list {
			b.AddASN1(asn1.UTF8String, func(b *builder) { b.AddBytes(v) })
		}
	})
	return b.Bytes()
}

// NameAttributes are the attributes of a client's name (RFC 6680). Only a PAC that is Verified was made by the KDC; the
// indicators (RFC 8129) all were.
type NameAttributes struct {
	PAC        []byte // nil: none
	Verified   bool
	Indicators [][]byte
}

// Empty reports whether there are none.
func (a *NameAttributes) Empty() bool { return a == nil || a.PAC == nil && len(a.Indicators) == 0 }

// MIT krb5 names the modules that know attributes. Debian's packages of SSSD add one, which keeps a copy of the PAC.
const (
	modulePAC        = "mspac"
	moduleSSSD       = "sssd_sssdpac"
	moduleIndicators = "authentication-indicators"
)

// AppendNameAttributes appends attributes in MIT krb5's encoding: the number of modules, and for each its name and what it
// knows.
func AppendNameAttributes(b []byte, a *NameAttributes) []byte {
	b = addCounted(addUint32(b, 2), []byte(modulePAC))
	b = addBool(addCounted(b, a.PAC), a.Verified)
	b = addCounted(b, []byte(moduleIndicators))
	b = addUint32(b, uint32(len(a.Indicators)))
	for _, v := range a.Indicators {
		b = addCounted(b, v)
	}
	return b
}

// nameAttributesSize returns how much AppendNameAttributes appends, in octets.
func nameAttributesSize(a *NameAttributes) int {
	n := 4 + 4 + len(modulePAC) + 8 + len(a.PAC) + 4 + len(moduleIndicators) + 4
	for _, v := range a.Indicators {
		n += 4 + len(v)
	}
	return n
}

// ParseNameAttributes is the inverse of AppendNameAttributes. It ends at a module that it does not know, because nothing says
// where the next one begins. The result aliases b, and is only as trustworthy as the channel that b came through.
func ParseNameAttributes(b []byte) (*NameAttributes, error) {
	a, err := ParseNameAttributeProof(b)
	if err != nil {
		return nil, err
	}
	if len(a.PAC) == 0 {
		a.PAC, a.Verified = nil, false
	} else if _, err := ParsePAC(a.PAC); err != nil {
		return nil, badName("the list of name attributes has a malformed PAC")
	}
	return a, nil
}

// ParseNameAttributeProof is ParseNameAttributes for attributes whose PAC is elsewhere, and which say whether it is verified.
func ParseNameAttributeProof(b []byte) (*NameAttributes, error) {
	r := packed{s: cryptobyte.String(b)}
	a := &NameAttributes{}
	a.modules(&r)
	if r.fault != "" {
		return nil, badName("the list of name attributes " + r.fault)
	}
	return a, nil
}

func (a *NameAttributes) modules(r *packed) {
	for n := r.uint32("number of modules"); n > 0 && r.fault == ""; n-- {
		switch string(r.counted("name of a module")) {
		case modulePAC:
			a.PAC = r.counted("PAC")
			a.Verified = r.uint32("state of the PAC") == 1
		case moduleSSSD:
			r.counted("copy of the PAC")
			r.uint32("state of the copy")
		case moduleIndicators:
			a.Indicators = r.indicators()
		default:
			return
		}
	}
}

func (r *packed) indicators() (list [][]byte) {
	const field = "indicators"
	n := r.uint32(field)
	if n > maxIndicators {
		r.fault = "has too many indicators"
		return nil
	}
	for ; n > 0 && r.fault == ""; n-- {
		list = append(list, r.counted(field))
	}
	return list
}
