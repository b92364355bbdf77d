// SPDX-License-Identifier: BSD-2-Clause

// Package dns queries name servers for the records that locate realms (RFC 4120, Section 7.2.3): URI, SRV and TXT.
// Addresses and names of hosts are looked up by the C library, which has other sources than DNS as well.
package dns

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
)

// Type is the type of a record (RFC 1035, Section 3.2.2).
type Type uint16

const (
	CNAME Type = 5
	TXT   Type = 16
	SRV   Type = 33  // RFC 2782
	opt   Type = 41  // RFC 6891
	URI   Type = 256 // RFC 7553
)

// Limits of a message. A name has at most 255 octets, so reading its labels and pointers ends after so many steps.
const (
	maxName     = 255
	maxLabel    = 63
	maxPointers = 16
	maxRecords  = 256
	maxAliases  = 8
)

const classIN = 1

// udpSize is the longest message that we accept over UDP: it fits into the packets of every path (RFC 9715).
const udpSize = 1232

// Response codes (RFC 1035, Section 4.1.1).
const (
	codeSuccess        = 0
	codeFormat         = 1
	codeNoName         = 3
	codeNotImplemented = 4
)

var codes = [...]string{"no error", "format error", "server failure", "no such name", "not implemented", "refused"}

func codeText(code int) string {
	if code < len(codes) {
		return codes[code]
	}
	return fmt.Sprintf("response code %d", code)
}

// Flags of a header.
const (
	flagResponse  = 1 << 15
	flagOpcode    = 0xf << 11
	flagTruncated = 1 << 9
	flagRecursion = 1 << 8
)

// question is what a reply must repeat. name is in the wire format and in lower case.
type question struct {
	id   uint16
	name string
	kind Type
}

// newQuestion returns a question for the records of an absolute name, whose final dot may be missing.
func newQuestion(id uint16, name string, kind Type) (question, error) {
	var wire strings.Builder
	for label := range strings.SplitSeq(strings.TrimSuffix(name, "."), ".") {
		if label == "" || len(label) > maxLabel || strings.IndexByte(label, 0) >= 0 {
			return question{}, fmt.Errorf("%q is not a DNS name", name)
		}
		wire.WriteByte(byte(len(label)))
		wire.WriteString(Lower(label))
	}
	wire.WriteByte(0)
	if wire.Len() > maxName {
		return question{}, fmt.Errorf("%q is too long for DNS", name)
	}
	return question{id, wire.String(), kind}, nil
}

// message returns the query. If extended is set, it announces that we accept long replies (RFC 6891, Section 6.2.3).
func (q question) message(extended bool) []byte {
	b := binary.BigEndian.AppendUint16(nil, q.id)
	b = binary.BigEndian.AppendUint16(b, flagRecursion)
	b = append(b, 0, 1, 0, 0, 0, 0, 0, 0)
	b = append(b, q.name...)
	b = binary.BigEndian.AppendUint16(b, uint16(q.kind))
	b = binary.BigEndian.AppendUint16(b, classIN)
	if extended {
		b[11] = 1
		b = append(b, 0)
		b = binary.BigEndian.AppendUint16(b, uint16(opt))
		b = binary.BigEndian.AppendUint16(b, udpSize)
		b = append(b, 0, 0, 0, 0, 0, 0)
	}
	return b
}

// reply is the reply of a name server. Nothing in it is authenticated.
type reply struct {
	code      int
	truncated bool
	message   []byte
	records   []record // those that were asked for, aliases followed
}

// errStray means that a message is not the reply to the question, if it is a reply at all: the reply may still come.
var errStray = errors.New("a message that answers another question")

var errMalformed = errors.New("a malformed reply")

// parse parses the reply to q. Any error before the message is known to be the reply to q is errStray.
func (q question) parse(b []byte) (reply, error) {
	if len(b) < 12 {
		return reply{}, errStray
	}
	flags := binary.BigEndian.Uint16(b[2:])
	// Servers that do not support RFC 6891 may reply with only a header.
	if len(b) == 12 && binary.BigEndian.Uint16(b) == q.id && flags&flagResponse != 0 && flags&0xf == codeFormat {
		return reply{code: codeFormat}, nil
	}
	if binary.BigEndian.Uint16(b) != q.id || flags&flagResponse == 0 || flags&flagOpcode != 0 ||
		binary.BigEndian.Uint16(b[4:]) != 1 {
		return reply{}, errStray
	}
	name, rest, err := readName(b, 12)
	if err != nil || name != q.name || len(b)-rest < 4 || Type(binary.BigEndian.Uint16(b[rest:])) != q.kind ||
		binary.BigEndian.Uint16(b[rest+2:]) != classIN {
		return reply{}, errStray
	}
	r := reply{code: int(flags & 0xf), truncated: flags&flagTruncated != 0, message: b}
	if r.truncated || r.code != codeSuccess {
		return r, nil // what else it has does not count
	}
	records, err := readRecords(b, rest+4, int(binary.BigEndian.Uint16(b[6:])))
	if err != nil {
		return reply{}, err
	}
	r.records, err = q.among(records, b)
	return r, err
}

type record struct {
	owner string
	kind  Type
	at    int // where its data begins in the message
	data  []byte
}

// readRecords reads the answer section, which begins at offset i.
func readRecords(b []byte, i, count int) ([]record, error) {
	if count > maxRecords {
		return nil, fmt.Errorf("a reply of %d records", count)
	}
	var records []record
	for range count {
		owner, rest, err := readName(b, i)
		if err != nil {
			return nil, err
		}
		if len(b)-rest < 10 {
			return nil, errMalformed
		}
		fixed := b[rest : rest+10]
		i = rest + 10
		length := int(binary.BigEndian.Uint16(fixed[8:]))
		if len(b)-i < length {
			return nil, errMalformed
		}
		if binary.BigEndian.Uint16(fixed[2:]) == classIN {
			records = append(records, record{owner, Type(binary.BigEndian.Uint16(fixed)), i, b[i : i+length]})
		}
		i += length
	}
	return records, nil
}

// among returns the requested records, of the name itself or of the name for which it is an alias, whatever their order
// in the message.
func (q question) among(records []record, b []byte) ([]record, error) {
	name := q.name
	for range maxAliases {
		var found []record
		alias := ""
		for _, r := range records {
			switch {
			case r.owner != name:
			case r.kind == q.kind:
				found = append(found, r)
			case r.kind == CNAME:
				target, _, err := readName(b, r.at)
				if err != nil {
					return nil, err
				}
				alias = target
			}
		}
		if len(found) > 0 || alias == "" {
			return found, nil
		}
		name = alias
	}
	return nil, errors.New("a reply with a loop of aliases")
}

// readName reads the name at offset i (RFC 1035, Section 4.1.4), in lower case, and returns the offset of what follows
// it. Each pointer must lead to a place before the previous one, so that there can be no loop.
func readName(b []byte, i int) (name string, rest int, err error) {
	var wire []byte
	rest = -1
	begin, pointers := i, 0
	for {
		if i >= len(b) {
			return "", 0, errMalformed
		}
		n := int(b[i])
		switch {
		case n == 0:
			if rest < 0 {
				rest = i + 1
			}
			return Lower(string(append(wire, 0))), rest, nil
		case n <= maxLabel:
			if len(b)-i <= n || len(wire)+n+2 > maxName {
				return "", 0, errMalformed
			}
			wire = append(wire, b[i:i+1+n]...)
			i += 1 + n
		case n >= 0xc0:
			if len(b)-i < 2 {
				return "", 0, errMalformed
			}
			if rest < 0 {
				rest = i + 2
			}
			i = (n&0x3f)<<8 | int(b[i+1])
			if pointers++; i >= begin || pointers > maxPointers {
				return "", 0, errMalformed
			}
			begin = i
		default:
			return "", 0, errMalformed
		}
	}
}

// Lower converts ASCII letters to lower case, the only way in which names may differ and be equal (RFC 4343). In the wire
// format, the lengths of labels are not letters.
func Lower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + ('a' - 'A')
		}
	}
	return string(b)
}
