// SPDX-License-Identifier: BSD-2-Clause

package token

import (
	"encoding/binary"
	"unicode/utf16"

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
