// SPDX-License-Identifier: BSD-2-Clause

package dns

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"io"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// server answers on one port of some addresses of 127.0.0.0/8, over both transports.
type server struct {
	udp   func(query []byte) [][]byte // datagrams
	tcp   func(query []byte) []byte   // octets after the length; nil: the connection is closed
	asked atomic.Int32
}

// busy is longer than an answer takes on a machine with much to do.
const busy = 30 * time.Second

// start returns a client that asks the servers in their order. A nil one does not listen.
func start(t *testing.T, servers ...*server) *Client {
	t.Helper()
	c := &Client{Config: Config{Timeout: busy, Attempts: 2}, Rand: rand.Reader, Limit: 2 * busy}
	for i, s := range servers {
		ip := net.IPv4(127, 0, 1, byte(i+1))
		c.Config.Servers = append(c.Config.Servers, ip.String())
		if s == nil {
			continue
		}
		for tries := 0; ; tries++ {
			l, err := net.ListenTCP("tcp", &net.TCPAddr{IP: ip, Port: int(c.Port)})
			if err != nil {
				t.Fatal(err)
			}
			p, err := net.ListenUDP("udp", &net.UDPAddr{IP: ip, Port: l.Addr().(*net.TCPAddr).Port})
			if err != nil {
				l.Close()
				if tries == 20 {
					t.Fatal(err)
				}
				continue
			}
			c.Port = uint16(l.Addr().(*net.TCPAddr).Port)
			t.Cleanup(func() {
				l.Close()
				p.Close()
			})
			go s.datagrams(p)
			go s.streams(l)
			break
		}
	}
	return c
}

func (s *server) datagrams(p *net.UDPConn) {
	buf := make([]byte, 2048)
	for {
		n, from, err := p.ReadFrom(buf)
		if err != nil {
			return
		}
		s.asked.Add(1)
		if s.udp != nil {
			for _, b := range s.udp(bytes.Clone(buf[:n])) {
				p.WriteTo(b, from)
			}
		}
	}
}

func (s *server) streams(l *net.TCPListener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		s.asked.Add(1)
		var length [2]byte
		if _, err := io.ReadFull(c, length[:]); err == nil && s.tcp != nil {
			b := make([]byte, binary.BigEndian.Uint16(length[:]))
			io.ReadFull(c, b)
			b = s.tcp(b)
			c.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(b))), b...))
		}
		c.Close()
	}
}

// reply answers a query with flags and one TXT record.
func replyTo(query []byte, flags uint16, text string) []byte {
	end := 12 + bytes.IndexByte(query[12:], 0) + 1
	q := question{binary.BigEndian.Uint16(query), string(query[12:end]), TXT}
	if text == "" {
		return header(q, flags, 0).b
	}
	return header(q, flags, 1).record(asked, TXT, string([]byte{byte(len(text))})+text).b
}

func says(flags uint16, text string) *server {
	return &server{
		udp: func(query []byte) [][]byte { return [][]byte{replyTo(query, flags, text)} },
		tcp: func(query []byte) []byte { return replyTo(query, flags, text) },
	}
}

func TestAsk(t *testing.T) {
	good := func() *server { return says(0, "GOOD") }
	truncated := func(tcp func([]byte) []byte) *server {
		return &server{udp: func(query []byte) [][]byte { return [][]byte{replyTo(query, flagTruncated, "")} }, tcp: tcp}
	}
	changed := func(query []byte, change func(b []byte)) []byte {
		b := replyTo(query, 0, "EVIL")
		change(b)
		return b
	}
	for _, test := range []struct {
		name    string
		servers []*server
		stream  bool
		want    string // a text, "none", or words of the error, all of them
		asked   []int32
		wait    time.Duration // for a server that is silent
		rounds  int           // until another one has answered in that time
	}{
		{name: "answer", servers: []*server{good(), good()}, want: "GOOD", asked: []int32{1, 0}},
		{name: "no-such-name", servers: []*server{says(codeNoName, ""), good()}, want: "none", asked: []int32{1, 0}},
		{name: "no-such-record", servers: []*server{says(0, ""), good()}, want: "none", asked: []int32{1, 0}},
		{name: "server-failure", servers: []*server{says(2, ""), good()}, want: "GOOD", asked: []int32{1, 1}},
		{name: "refused", servers: []*server{says(5, "")}, want: "127.0.1.1: refused", asked: []int32{2}},
		{name: "server-that-is-down", servers: []*server{good(), nil}, want: "GOOD"},
		{name: "all-down", servers: []*server{{}, nil}, want: "127.0.1.1: udp: no answer in time|127.0.1.2: udp: |refused",
			wait: 300 * time.Millisecond, rounds: 2},
		{name: "silent", servers: []*server{{}, good()}, want: "GOOD", wait: 300 * time.Millisecond, rounds: 100},
		{name: "silent-once", servers: []*server{nil, good()}, want: "GOOD"},
		{name: "server-without-rfc-6891", servers: []*server{{udp: func(query []byte) [][]byte {
			if query[11] != 0 {
				return [][]byte{replyTo(query, codeFormat, "")}
			}
			return [][]byte{replyTo(query, 0, "GOOD")}
		}}}, want: "GOOD", asked: []int32{2}},
		{name: "server-without-rfc-6891-that-answers-with-a-header", servers: []*server{{udp: func(query []byte) [][]byte {
			if query[11] != 0 {
				return [][]byte{append(query[:2:2], 0x80, codeFormat, 0, 0, 0, 0, 0, 0, 0, 0)}
			}
			return [][]byte{replyTo(query, 0, "GOOD")}
		}}}, want: "GOOD", asked: []int32{2}},
		{name: "cut-then-tcp", servers: []*server{truncated(good().tcp)}, want: "GOOD", asked: []int32{2}},
		{name: "cut-and-no-tcp", servers: []*server{truncated(nil), good()}, want: "GOOD", asked: []int32{2, 1}},
		{name: "cut-and-cut-over-tcp", servers: []*server{truncated(func(b []byte) []byte { return replyTo(b, flagTruncated, "") })},
			want: "tcp: its reply is truncated"},
		{name: "stray-over-tcp", servers: []*server{truncated(func(b []byte) []byte { return replyTo(append([]byte{b[0] ^ 1}, b[1:]...), 0, "EVIL") })},
			want: "another question"},
		{name: "tcp-only", servers: []*server{good()}, stream: true, want: "GOOD", asked: []int32{1}},
		{name: "forged-before-the-answer", servers: []*server{{udp: func(query []byte) [][]byte {
			return [][]byte{
				changed(query, func(b []byte) { b[0] ^= 1 }),                  // its number is guessed wrong
				changed(query, func(b []byte) { b[13] ^= 1 }),                 // of another name
				changed(query, func(b []byte) { b[2] &^= flagResponse >> 8 }), // no reply
				{}, {0}, query, replyTo(query, 0, "GOOD"),
			}
		}}}, want: "GOOD", asked: []int32{1}},
		{name: "forged-without-end", servers: []*server{{udp: func(query []byte) [][]byte {
			return slices.Repeat([][]byte{changed(query, func(b []byte) { b[0] ^= 1 })}, 100)
		}}, good()}, want: "GOOD", asked: []int32{1, 1}},
		{name: "malformed", servers: []*server{{udp: func(query []byte) [][]byte {
			return [][]byte{replyTo(query, 0, "GOOD")[:45]}
		}}}, want: "malformed"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := start(t, test.servers...)
			c.Config.Stream = test.stream
			if test.wait != 0 {
				c.Config.Timeout, c.Config.Attempts = test.wait, test.rounds
			}
			list, err := c.Texts(context.Background(), "_kerberos.a.test.")
			got := "none"
			if err != nil {
				got = err.Error()
			} else if len(list) > 0 {
				got = list[0]
			}
			for words := range strings.SplitSeq(test.want, "|") {
				if err == nil && got != words || err != nil && !strings.Contains(got, words) {
					t.Errorf("%q, not %q", got, test.want)
				}
			}
			for i, n := range test.asked {
				if got := test.servers[i].asked.Load(); got != n {
					t.Errorf("server %d was asked %d times, not %d", i+1, got, n)
				}
			}
		})
	}
}

// Each time that a question is sent it has a number that cannot be known.
func TestNumbersDiffer(t *testing.T) {
	seen := make(chan uint16, 8)
	silent := &server{udp: func(query []byte) [][]byte {
		seen <- binary.BigEndian.Uint16(query)
		return nil
	}}
	c := start(t, silent)
	c.Config.Attempts = 4
	c.Config.Timeout = 50 * time.Millisecond
	c.Texts(context.Background(), "a")
	numbers := map[uint16]bool{}
	for range 4 {
		numbers[<-seen] = true
	}
	if len(numbers) < 3 {
		t.Errorf("%v", numbers)
	}
}

// A server of the local link is reached over an interface, of which the C library knows the number.
func TestServerOfTheLocalLink(t *testing.T) {
	c := start(t, says(0, "GOOD"))
	c.Config.Servers = []string{"fe80::1%lo"}
	c.Resolve = func(_ context.Context, address string) (netip.Addr, error) {
		if address != "fe80::1%lo" {
			t.Error(address)
		}
		return netip.MustParseAddr("127.0.1.1"), nil
	}
	if list, err := c.Texts(context.Background(), "a"); len(list) != 1 || err != nil {
		t.Errorf("%q, %v", list, err)
	}
}

func TestTimeIsBounded(t *testing.T) {
	c := start(t, &server{}, &server{}, &server{})
	c.Config.Timeout, c.Limit = time.Hour, 200*time.Millisecond
	begin := time.Now()
	if _, err := c.Texts(context.Background(), "a"); err == nil || !strings.Contains(err.Error(), "127.0.1.1") {
		t.Error(err)
	}
	c.Limit = time.Hour
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(100*time.Millisecond, cancel)
	if _, err := c.Texts(ctx, "a"); err == nil {
		t.Error("an answer")
	}
	if d := time.Since(begin); d > busy {
		t.Errorf("%s", d)
	}
	if list, err := c.Texts(context.Background(), "no..name"); len(list) > 0 || err != nil {
		t.Errorf("%q, %v", list, err)
	}
}
