// SPDX-License-Identifier: BSD-2-Clause

// Package nameserver is a DNS server for tests: records of a file, and replies as bad as they can be.
package nameserver

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// Modes are what a server may do otherwise.
var Modes = map[string]string{
	"shuffle": "the records of a reply stand in reverse order",
	"noedns":  "RFC 6891 is not known: a format error",
	"silent":  "no answer",
	"cut":     "no reply fits into a datagram",
	"cutall":  "nor over TCP",
	"forge":   "before each reply, others with a wrong number, a wrong name, and without records",
	"fail":    "server failure",
	"loop":    "names are pointers in a circle",
	"garbage": "octets that are no message",
	"half":    "the first half of the reply",
	"slow":    "half a second later",
}

// Server answers on port 53 of an address, or another one.
type Server struct {
	records map[string][]dnsmessage.Resource // by name and type
	names   map[string]bool
	modes   []string
	log     func(string)
	udp     net.PacketConn
	tcp     net.Listener
}

const uriType = dnsmessage.Type(256)

// Start serves the records of a zone, lines "name type data", on an address with port.
func Start(address, zone string, modes []string, log func(string)) (*Server, error) {
	s := &Server{records: map[string][]dnsmessage.Resource{}, names: map[string]bool{}, modes: modes, log: log}
	for _, m := range modes {
		if Modes[m] == "" {
			return nil, fmt.Errorf("mode %q is not known", m)
		}
	}
	for line := range strings.Lines(zone) {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		if err := s.add(line); err != nil {
			return nil, fmt.Errorf("%s: %w", line, err)
		}
	}
	var err error
	if s.udp, err = net.ListenPacket("udp", address); err != nil {
		return nil, err
	}
	if s.tcp, err = net.Listen("tcp", address); err != nil {
		s.udp.Close()
		return nil, err
	}
	go s.datagrams()
	go s.streams()
	return s, nil
}

// Close ends the server.
func (s *Server) Close() {
	s.udp.Close()
	s.tcp.Close()
}

func key(name string, t dnsmessage.Type) string { return strconv.Itoa(int(t)) + " " + name }

func absolute(name string) string { return strings.TrimSuffix(strings.ToLower(name), ".") + "." }

func (s *Server) add(line string) error {
	f := strings.Fields(line)
	if len(f) < 3 {
		return fmt.Errorf("name, type and data are wanted")
	}
	name, err := dnsmessage.NewName(absolute(f[0]))
	if err != nil {
		return err
	}
	body, t, err := parse(f[1], f[2:])
	if err != nil {
		return err
	}
	k := key(name.String(), t)
	s.names[name.String()] = true
	s.records[k] = append(s.records[k], dnsmessage.Resource{
		Header: dnsmessage.ResourceHeader{Name: name, Type: t, Class: dnsmessage.ClassINET, TTL: 60}, Body: body,
	})
	return nil
}

// parse reads the data of a record.
func parse(kind string, f []string) (dnsmessage.ResourceBody, dnsmessage.Type, error) {
	number := func(i int) uint16 {
		if i >= len(f) {
			return 0
		}
		n, _ := strconv.ParseUint(f[i], 10, 16)
		return uint16(n)
	}
	last := f[len(f)-1]
	name := func() (dnsmessage.Name, error) {
		if last == "." {
			return dnsmessage.NewName(".")
		}
		return dnsmessage.NewName(strings.TrimSuffix(last, ".") + ".")
	}
	switch kind {
	case "A", "AAAA":
		ip, err := netip.ParseAddr(last)
		if err != nil {
			return nil, 0, err
		}
		if kind == "A" && ip.Is4() {
			return &dnsmessage.AResource{A: ip.As4()}, dnsmessage.TypeA, nil
		}
		return &dnsmessage.AAAAResource{AAAA: ip.As16()}, dnsmessage.TypeAAAA, nil
	case "CNAME":
		n, err := name()
		return &dnsmessage.CNAMEResource{CNAME: n}, dnsmessage.TypeCNAME, err
	case "PTR":
		n, err := name()
		return &dnsmessage.PTRResource{PTR: n}, dnsmessage.TypePTR, err
	case "SRV":
		n, err := name()
		return &dnsmessage.SRVResource{Priority: number(0), Weight: number(1), Port: number(2), Target: n}, dnsmessage.TypeSRV, err
	case "TXT":
		return &dnsmessage.TXTResource{TXT: []string{strings.Trim(strings.Join(f, " "), `"`)}}, dnsmessage.TypeTXT, nil
	case "URI":
		data := binary.BigEndian.AppendUint16(nil, number(0))
		data = binary.BigEndian.AppendUint16(data, number(1))
		data = append(data, strings.Trim(last, `"`)...)
		return &dnsmessage.UnknownResource{Type: uriType, Data: data}, uriType, nil
	}
	return nil, 0, fmt.Errorf("records of type %s are not known", kind)
}

func (s *Server) is(mode string) bool { return slices.Contains(s.modes, mode) }

// answers returns the records of a name and of what it is an alias of; ok is false for a name without any.
func (s *Server) answers(q dnsmessage.Question) (list []dnsmessage.Resource, ok bool) {
	name := strings.ToLower(q.Name.String())
	ok = s.names[name]
	for range 8 {
		if found := s.records[key(name, q.Type)]; len(found) > 0 {
			return append(list, found...), true
		}
		alias := s.records[key(name, dnsmessage.TypeCNAME)]
		if len(alias) == 0 {
			break
		}
		list = append(list, alias[0])
		name = strings.ToLower(alias[0].Body.(*dnsmessage.CNAMEResource).CNAME.String())
	}
	return list, ok
}

// reply makes the messages that answer a query over one transport.
func (s *Server) reply(network string, query []byte) [][]byte {
	var m dnsmessage.Message
	if err := m.Unpack(query); err != nil || len(m.Questions) != 1 || s.is("silent") {
		return nil
	}
	q := m.Questions[0]
	if s.log != nil {
		s.log(fmt.Sprintf("%s %s %s", network, q.Name, strings.TrimPrefix(q.Type.String(), "Type")))
	}
	if s.is("slow") {
		time.Sleep(time.Second / 2)
	}
	extended := len(m.Additionals) > 0
	m.Header = dnsmessage.Header{ID: m.ID, Response: true, RecursionDesired: true, RecursionAvailable: true}
	m.Additionals = nil
	records, ok := s.answers(q)
	switch {
	case s.is("noedns") && extended:
		m.RCode = dnsmessage.RCodeFormatError
	case s.is("fail"):
		m.RCode = dnsmessage.RCodeServerFailure
	case !ok:
		m.RCode = dnsmessage.RCodeNameError
	case s.is("cut") && network == "udp", s.is("cutall"):
		m.Truncated = true
	default:
		m.Answers = records
		if s.is("shuffle") {
			m.Answers = slices.Clone(records)
			slices.Reverse(m.Answers)
		}
	}
	b, err := m.Pack()
	if err != nil {
		return nil
	}
	if limit := map[bool]int{false: 512, true: 1232}[extended]; network == "udp" && len(b) > limit {
		m.Truncated, m.Answers = true, nil
		b, _ = m.Pack()
	}
	switch {
	case s.is("loop"):
		end := 12 + bytes.IndexByte(query[12:], 0) + 5
		b = slices.Concat(b[:6], []byte{0, 1, 0, 0, 0, 0}, query[12:end])
		b = append(b, 0xc0, byte(len(b)), 0, byte(q.Type), 0, 1, 0, 0, 0, 60, 0, 2, 0xc0, byte(len(b)))
	case s.is("garbage"):
		b = append(b[:4:4], "these octets are no message of DNS"...)
	case s.is("half"):
		b = b[:len(b)/2]
	case s.is("forge") && network == "udp":
		return append(s.forged(m), b)
	}
	return [][]byte{b}
}

// forged are replies of somebody who does not see the query.
func (s *Server) forged(m dnsmessage.Message) [][]byte {
	var list [][]byte
	add := func(change func(*dnsmessage.Message)) {
		other := m
		other.Questions, other.Answers = slices.Clone(m.Questions), nil
		change(&other)
		if b, err := other.Pack(); err == nil {
			list = append(list, b)
		}
	}
	add(func(m *dnsmessage.Message) { m.ID++ })
	add(func(m *dnsmessage.Message) { m.Questions[0].Name = dnsmessage.MustNewName("other.test.") })
	add(func(m *dnsmessage.Message) { m.Questions[0].Type = dnsmessage.TypeMX })
	add(func(m *dnsmessage.Message) { m.Response = false })
	return list
}

func (s *Server) datagrams() {
	buf := make([]byte, 4096)
	for {
		n, from, err := s.udp.ReadFrom(buf)
		if err != nil {
			return
		}
		query := slices.Clone(buf[:n])
		go func() {
			for _, b := range s.reply("udp", query) {
				s.udp.WriteTo(b, from)
			}
		}()
	}
}

func (s *Server) streams() {
	for {
		c, err := s.tcp.Accept()
		if err != nil {
			return
		}
		go func() {
			defer c.Close()
			c.SetDeadline(time.Now().Add(20 * time.Second))
			for {
				var length [2]byte
				if _, err := io.ReadFull(c, length[:]); err != nil {
					return
				}
				query := make([]byte, binary.BigEndian.Uint16(length[:]))
				if _, err := io.ReadFull(c, query); err != nil {
					return
				}
				for _, b := range s.reply("tcp", query) {
					c.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(b))), b...))
				}
			}
		}()
	}
}
