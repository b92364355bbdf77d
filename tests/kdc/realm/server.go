// SPDX-License-Identifier: BSD-2-Clause

package realm

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jcmturner/gokrb5/v8/iana/errorcode"
	"github.com/jcmturner/gokrb5/v8/types"
)

// Faults are the ways in which a KDC can misbehave; each may be prefixed with "udp:" or "tcp:" and hold for that only.
var Faults = map[string]string{
	"silent":  "takes requests and answers none",
	"garbage": "answers with 100 octets of noise",
	"half":    "answers with the first half of the reply (TCP: after the full length), then closes",
	"empty":   "answers with nothing (UDP: an empty datagram; TCP: closes)",
	"slow":    "answers 2 s late",
	"trickle": "TCP replies arrive octet by octet",
	"huge":    "TCP replies announce 0xffffffff octets",
	"error":   "answers everything with KRB_ERR_GENERIC",
	"toobig":  "answers everything over UDP with KRB_ERR_RESPONSE_TOO_BIG",
	"drop2":   "loses the first two datagrams",
	"deaf":    "as KDC_ERR_SVC_UNAVAILABLE",
}

// Server is a running KDC.
type Server struct {
	Addr  string // 127.0.0.1:port, UDP and TCP
	conf  *Config
	udp   net.PacketConn
	tcp   net.Listener
	wg    sync.WaitGroup
	fault struct{ udp, tcp string }
	seen  atomic.Int64 // datagrams
	log   func(string)
	conns struct {
		sync.Mutex
		open   map[net.Conn]bool
		closed bool
	}
	clients chan struct{}
}

// Start serves c on 127.0.0.1, at port 0 on one that is free for both UDP and TCP. log, if not nil, gets a line per
// exchange.
func Start(c *Config, port int, log func(string)) (*Server, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	s := &Server{conf: c, log: log, clients: make(chan struct{}, 64)}
	s.conns.open = make(map[net.Conn]bool)
	for _, f := range strings.FieldsFunc(c.Fault, func(r rune) bool { return r == ',' }) {
		mode := strings.TrimPrefix(strings.TrimPrefix(f, "udp:"), "tcp:")
		if _, ok := Faults[mode]; !ok {
			return nil, fmt.Errorf("unknown fault %q", f)
		}
		if !strings.HasPrefix(f, "tcp:") {
			s.fault.udp = mode
		}
		if !strings.HasPrefix(f, "udp:") {
			s.fault.tcp = mode
		}
	}
	if err := s.listen(port); err != nil {
		return nil, err
	}
	if c.NoTCP {
		s.tcp.Close()
	} else {
		s.wg.Go(s.serveTCP)
	}
	if c.NoUDP {
		s.udp.Close()
	} else {
		s.wg.Go(s.serveUDP)
	}
	return s, nil
}

func (s *Server) listen(port int) error {
	var err error
	for range 20 {
		if s.tcp, err = net.Listen("tcp4", fmt.Sprintf("127.0.0.1:%d", port)); err != nil {
			return err
		}
		s.Addr = s.tcp.Addr().String()
		if s.udp, err = net.ListenPacket("udp4", s.Addr); err == nil {
			return nil
		}
		s.tcp.Close()
	}
	return err
}

// Close stops the server and waits for its last exchange.
func (s *Server) Close() {
	s.conns.Lock()
	s.conns.closed = true
	for c := range s.conns.open {
		c.Close()
	}
	s.conns.Unlock()
	s.tcp.Close()
	s.udp.Close()
	s.wg.Wait()
}

func (s *Server) now() time.Time { return time.Now().Add(time.Duration(s.conf.Skew)) }

func (s *Server) answer(proto string, req []byte) []byte {
	now := s.now()
	rep := s.conf.Answer(req, now)
	if s.log != nil {
		s.log(fmt.Sprintf("%s %s", proto, Describe(req, rep)))
	}
	return rep
}

func (s *Server) fail(code int32, text string) []byte {
	realm := "TEST"
	if len(s.conf.Realms) > 0 {
		realm = s.conf.Realms[0].Name
	}
	return krbError(&failure{code: code, text: text}, realm, types.PrincipalName{}, s.now())
}

func (s *Server) serveUDP() {
	buf := make([]byte, 65536)
	for {
		n, from, err := s.udp.ReadFrom(buf)
		if err != nil {
			if errors.Is(err, net.ErrClosed) {
				return
			}
			continue
		}
		rep, send := s.datagram(slices.Clone(buf[:n]))
		if s.fault.udp == "slow" {
			time.AfterFunc(2*time.Second, func() { s.udp.WriteTo(rep, from) })
		} else if send {
			s.udp.WriteTo(rep, from)
		}
	}
}

func (s *Server) datagram(req []byte) (rep []byte, send bool) {
	seen := s.seen.Add(1)
	switch s.fault.udp {
	case "silent":
		return nil, false
	case "drop2":
		if seen <= 2 {
			return nil, false
		}
	case "garbage":
		return randomBytes(100), true
	case "empty":
		return nil, true
	case "error":
		return s.fail(errorcode.KRB_ERR_GENERIC, "out of order"), true
	case "deaf":
		return s.fail(errorcode.KDC_ERR_SVC_UNAVAILABLE, "try another KDC"), true
	case "toobig":
		return s.fail(errorcode.KRB_ERR_RESPONSE_TOO_BIG, "use TCP"), true
	}
	rep = s.answer("udp", req)
	limit := s.conf.UDPLimit
	if limit == 0 {
		limit = 1465
	}
	if len(rep) > limit {
		rep = s.fail(errorcode.KRB_ERR_RESPONSE_TOO_BIG, "use TCP")
	}
	if s.fault.udp == "half" {
		rep = rep[:len(rep)/2]
	}
	return rep, true
}

func (s *Server) serveTCP() {
	for {
		c, err := s.tcp.Accept()
		if err != nil {
			if errors.Is(err, net.ErrClosed) {
				return
			}
			time.Sleep(10 * time.Millisecond)
			continue
		}
		s.conns.Lock()
		if s.conns.closed {
			s.conns.Unlock()
			c.Close()
			return
		}
		s.conns.open[c] = true
		s.conns.Unlock()
		s.clients <- struct{}{}
		s.wg.Go(func() {
			s.stream(c)
			c.Close()
			s.conns.Lock()
			delete(s.conns.open, c)
			s.conns.Unlock()
			<-s.clients
		})
	}
}

func (s *Server) stream(c net.Conn) {
	c.SetDeadline(time.Now().Add(30 * time.Second))
	for {
		var head [4]byte
		if _, err := io.ReadFull(c, head[:]); err != nil {
			return
		}
		n := binary.BigEndian.Uint32(head[:])
		if n > 1<<20 {
			c.Write(tcpFrame(s.fail(errorcode.KRB_ERR_FIELD_TOOLONG, "request too long")))
			return
		}
		req := make([]byte, n)
		if _, err := io.ReadFull(c, req); err != nil {
			return
		}
		if !s.reply(c, req) {
			return
		}
	}
}

// reply answers one request over TCP and says whether the connection goes on.
func (s *Server) reply(c net.Conn, req []byte) bool {
	switch s.fault.tcp {
	case "silent":
		io.Copy(io.Discard, c)
		return false
	case "garbage":
		c.Write(tcpFrame(randomBytes(100)))
		return false
	case "empty":
		return false
	case "huge":
		c.Write([]byte{0xff, 0xff, 0xff, 0xff})
		c.Write(randomBytes(1000))
		return false
	case "error":
		c.Write(tcpFrame(s.fail(errorcode.KRB_ERR_GENERIC, "out of order")))
		return true
	case "deaf":
		c.Write(tcpFrame(s.fail(errorcode.KDC_ERR_SVC_UNAVAILABLE, "try another KDC")))
		return true
	case "slow":
		time.Sleep(2 * time.Second)
	}
	rep := tcpFrame(s.answer("tcp", req))
	switch s.fault.tcp {
	case "half":
		c.Write(rep[:len(rep)/2])
		return false
	case "trickle":
		for i := range rep {
			if _, err := c.Write(rep[i : i+1]); err != nil {
				return false
			}
			if i < 40 {
				time.Sleep(2 * time.Millisecond)
			}
		}
		return true
	}
	_, err := c.Write(rep)
	return err == nil
}
