// SPDX-License-Identifier: BSD-2-Clause

package dns

import (
	"encoding/binary"
	"io"
	"slices"
	"strings"
)

// Service is an SRV or URI record: an SRV record has a host and a port, a URI record has Text.
type Service struct {
	Priority, Weight uint16
	Port             uint16
	Host             string // absolute, with a dot at its end; "." says that there is no such service (RFC 2782)
	Text             string
}

// services returns the records of a reply to an SRV or URI query, except malformed ones.
func services(r reply) []Service {
	var list []Service
	for _, rr := range r.records {
		if len(rr.data) < 4 {
			continue
		}
		s := Service{Priority: binary.BigEndian.Uint16(rr.data), Weight: binary.BigEndian.Uint16(rr.data[2:])}
		switch {
		case rr.kind == URI:
			s.Text = string(rr.data[4:])
		case len(rr.data) < 7:
			continue
		default:
			s.Port = binary.BigEndian.Uint16(rr.data[4:])
			name, rest, err := readName(r.message, rr.at+6)
			var ok bool
			if s.Host, ok = hostText(name); err != nil || rest != rr.at+len(rr.data) || !ok {
				continue
			}
		}
		list = append(list, s)
	}
	return list
}

// hostText converts a name in the wire format to text. It refuses what host names cannot contain: a dot inside a label
// would make another name of it.
func hostText(wire string) (string, bool) {
	if wire == "\x00" {
		return ".", true
	}
	var text strings.Builder
	for i := 0; i < len(wire) && wire[i] != 0; {
		label := wire[i+1 : i+1+int(wire[i])]
		for _, c := range []byte(label) {
			if !('a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-' || c == '_') {
				return "", false
			}
		}
		text.WriteString(label)
		text.WriteByte('.')
		i += 1 + len(label)
	}
	return text.String(), true
}

// order sorts services into the order in which to try them: by priority and, within a priority, at random in proportion
// to their weights (RFC 2782; RFC 7553, Section 4.3, says the same).
func order(list []Service, rand io.Reader) {
	slices.SortStableFunc(list, func(a, b Service) int {
		if a.Priority != b.Priority {
			return int(a.Priority) - int(b.Priority)
		}
		return min(int(a.Weight), 1) - min(int(b.Weight), 1) // those without weight first, as the RFC wants it
	})
	for len(list) > 0 {
		end, sum := 0, 0
		for ; end < len(list) && list[end].Priority == list[0].Priority; end++ {
			sum += int(list[end].Weight)
		}
		group := list[:end]
		for ; len(group) > 1 && sum > 0; group = group[1:] {
			at := chance(rand, sum)
			i := 0
			for at -= int(group[0].Weight); at > 0; at -= int(group[i].Weight) {
				i++
			}
			chosen := group[i]
			copy(group[1:], group[:i])
			group[0] = chosen
			sum -= int(chosen.Weight)
		}
		list = list[end:]
	}
}

// chance returns a random number from 0 to n, or 0 if there is no randomness, which causes more serious errors elsewhere.
func chance(rand io.Reader, n int) int {
	var b [8]byte
	_, _ = io.ReadFull(rand, b[:])
	return int(binary.BigEndian.Uint64(b[:]) % uint64(n+1))
}

// texts returns the first string of each record of a reply to a TXT query (RFC 1035, Section 3.3.14).
func texts(r reply) []string {
	var list []string
	for _, rr := range r.records {
		if len(rr.data) > 0 && len(rr.data) > int(rr.data[0]) {
			list = append(list, string(rr.data[1:1+int(rr.data[0])]))
		}
	}
	return list
}
