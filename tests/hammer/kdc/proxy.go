// SPDX-License-Identifier: BSD-2-Clause

package main

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/jcmturner/gokrb5/v8/iana/patype"
	"github.com/jcmturner/gokrb5/v8/messages"

	"libgssapi/tests/kdc/realm"
)

// proxy is the KDC of one client, over UDP and TCP on a port of its own. The answers are right ones; how they reach the
// client is the round's affair.
type proxy struct {
	realm *realm.Config
	udp   net.PacketConn
	tcp   net.Listener
	marks chan struct{} // that have come

	mu      sync.Mutex
	closed  sync.Cond  // a connection is
	open    int        // connections
	r       *rand.Rand // of the round
	honest  bool
	round   int
	replies int
	noted   []string
	tickets map[[32]byte]int // that the KDC has given, by what they have encrypted, and the round
	stale   bool             // the client has used one of an earlier round
	old     [][]byte         // replies to other requests
	changed int
}

func listen(c *realm.Config) (*proxy, error) {
	for range 20 {
		tcp, err := net.Listen("tcp4", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		udp, err := net.ListenPacket("udp4", tcp.Addr().String())
		if err != nil {
			tcp.Close()
			continue
		}
		p := &proxy{realm: c, udp: udp, tcp: tcp, marks: make(chan struct{}), tickets: map[[32]byte]int{}}
		p.closed.L = &p.mu
		go p.datagrams()
		go p.connections()
		return p, nil
	}
	return nil, fmt.Errorf("no port is free for both UDP and TCP")
}

// begin starts a round.
func (p *proxy) begin(r *rand.Rand, honest bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.r, p.honest, p.replies, p.noted = r, honest, 0, nil
	p.round++
}

// mark is what comes from ourselves. It is no length that a client sends.
const mark = "\xff\xff\xff\xff"

// settle waits until all is answered that the client has sent: on a busy machine it may have gone on meanwhile.
func (p *proxy) settle() error {
	for _, network := range []string{"udp4", "tcp4"} {
		c, err := net.Dial(network, p.tcp.Addr().String())
		if err != nil {
			return err
		}
		_, err = io.WriteString(c, mark)
		if err == nil {
			<-p.marks // which comes after what the client has sent, and its connections
		}
		c.Close()
		if err != nil {
			return err
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.open > 0 {
		p.closed.Wait()
	}
	return nil
}

// end tells what was done to the replies of the round, and how many they were.
func (p *proxy) end() (noted []string, changed int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	noted, changed, p.changed = p.noted, p.changed, 0
	return noted, changed
}

// fresh reports whether a ticket was given in this round, by what it has encrypted.
func (p *proxy) fresh(ticket []byte) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.tickets[sha256.Sum256(ticket)] == p.round
}

// used notes which ticket a client asks with. One that the KDC has not given was changed on the way, or is the login.
func (p *proxy) used(request []byte) {
	var q messages.TGSReq
	if q.Unmarshal(request) != nil {
		return
	}
	for _, pa := range q.PAData {
		var ap messages.APReq
		if pa.PADataType != patype.PA_TGS_REQ || ap.Unmarshal(pa.PADataValue) != nil {
			continue
		}
		round, given := p.tickets[sha256.Sum256(ap.Ticket.EncPart.Cipher)]
		p.stale = p.stale || given && round != p.round
	}
}

// answer returns the right reply, and the round's random numbers if something is to be done to it. p.mu is held.
func (p *proxy) answer(request []byte) (reply []byte, r *rand.Rand) {
	p.used(request)
	reply = p.realm.Answer(request, time.Now())
	if t := ticketOf(reply); t != nil {
		p.tickets[sha256.Sum256(t)] = p.round
	}
	p.replies++
	if len(p.old) < 40 {
		p.old = append(p.old, reply)
	} else {
		p.old[p.replies%len(p.old)] = reply
	}
	if p.honest || p.r == nil || p.r.IntN(3) == 0 {
		return reply, nil
	}
	p.changed++
	return reply, p.r
}

func (p *proxy) note(format string, args ...any) {
	p.noted = append(p.noted, fmt.Sprintf(format, args...))
}

// other returns a reply that is not the right one. p.mu is held.
func (p *proxy) other(r *rand.Rand, reply []byte) []byte {
	switch r.IntN(8) {
	case 0:
		p.note("reply to another request")
		return p.old[r.IntN(len(p.old))]
	case 1:
		e := krbError(r)
		p.note("KRB-ERROR %s", hex.EncodeToString(e))
		return e
	case 2:
		e, what := mutate(r, krbError(r))
		p.note("changed KRB-ERROR, %s: %s", what, hex.EncodeToString(e))
		return e
	default:
		changed, what := mutate(r, reply)
		p.note("%s: %s", what, hex.EncodeToString(changed))
		return changed
	}
}

func (p *proxy) datagrams() {
	buf := make([]byte, 65536)
	for {
		n, from, err := p.udp.ReadFrom(buf)
		if err != nil {
			return
		}
		if string(buf[:n]) == mark {
			p.marks <- struct{}{}
			continue
		}
		for i, d := range p.datagram(slices.Clone(buf[:n])) {
			if d.late > 0 {
				time.AfterFunc(d.late, func() { p.udp.WriteTo(d.octets, from) })
				continue
			}
			if i > 0 {
				time.Sleep(time.Millisecond) // or the client would not see two
			}
			p.udp.WriteTo(d.octets, from)
		}
	}
}

type datagram struct {
	octets []byte
	late   time.Duration
}

// datagram returns what is sent for a request.
func (p *proxy) datagram(request []byte) []datagram {
	p.mu.Lock()
	defer p.mu.Unlock()
	reply, r := p.answer(request)
	right := datagram{octets: reply}
	if r == nil {
		return []datagram{right}
	}
	p.note("datagram %d:", p.replies)
	switch r.IntN(8) {
	case 0:
		p.note("none")
		return nil
	case 1:
		p.note("empty, and the right one")
		return []datagram{{}, right}
	case 2:
		p.note("the right one twice")
		return []datagram{right, right}
	case 3:
		right.late = time.Duration(r.IntN(400)) * time.Millisecond
		p.note("the right one late by %v, before it:", right.late)
		return []datagram{{octets: p.other(r, reply)}, right}
	case 4:
		p.note("the right one, and then:")
		return []datagram{right, {octets: p.other(r, reply)}}
	case 5:
		p.note("use TCP")
		return []datagram{{octets: tooBig(r)}}
	default:
		return []datagram{{octets: p.other(r, reply)}}
	}
}

func (p *proxy) connections() {
	for {
		c, err := p.tcp.Accept()
		if err != nil {
			return
		}
		p.mu.Lock()
		p.open++
		p.mu.Unlock()
		go func() {
			c.SetDeadline(time.Now().Add(20 * time.Second))
			for p.stream(c) {
			}
			c.Close()
			p.mu.Lock()
			p.open--
			p.closed.Broadcast()
			p.mu.Unlock()
		}()
	}
}

// stream answers one request and says whether the connection goes on.
func (p *proxy) stream(c net.Conn) bool {
	var head [4]byte
	if _, err := io.ReadFull(c, head[:]); err != nil {
		return false
	}
	if string(head[:]) == mark {
		p.marks <- struct{}{}
		return false
	}
	n := binary.BigEndian.Uint32(head[:])
	if n > 1<<20 {
		return false
	}
	request := make([]byte, n)
	if _, err := io.ReadFull(c, request); err != nil {
		return false
	}
	octets, pieces, goesOn := p.streamed(request)
	for octets := range slices.Chunk(octets, pieces) {
		if _, err := c.Write(octets); err != nil {
			return false
		}
	}
	return goesOn
}

// streamed returns what is sent for a request, in pieces of this size.
func (p *proxy) streamed(request []byte) (octets []byte, pieces int, goesOn bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	reply, r := p.answer(request)
	if r == nil {
		return framed(len(reply), reply), 1 << 20, true
	}
	p.note("TCP reply %d:", p.replies)
	switch r.IntN(8) {
	case 0:
		p.note("closed")
		return nil, 1, false
	case 1:
		n := []uint32{0, 1, uint32(len(reply) - 1), uint32(len(reply) + 1), 1 << 20, 1<<31 - 1, 1 << 31, 1<<32 - 1}[r.IntN(8)]
		p.note("length %d, not %d", n, len(reply))
		return append(binary.BigEndian.AppendUint32(nil, n), reply...), 1 << 20, r.IntN(2) == 0
	case 2:
		n := r.IntN(len(reply) + 4)
		p.note("%d octets, then closed", n)
		return framed(len(reply), reply)[:n], 1 << 20, false
	case 3:
		p.note("in pieces")
		return framed(len(reply), reply), 1 + r.IntN(100), true
	case 4:
		p.note("twice")
		return append(framed(len(reply), reply), framed(len(reply), reply)...), 1 << 20, true
	default:
		other := p.other(r, reply)
		return framed(len(other), other), 1 << 20, r.IntN(2) == 0
	}
}

func framed(length int, b []byte) []byte {
	return append(binary.BigEndian.AppendUint32(nil, uint32(length)), b...)
}

// ticketOf returns what the ticket of a reply has encrypted, nil if it has none.
func ticketOf(reply []byte) []byte {
	var as messages.ASRep
	if as.Unmarshal(reply) == nil {
		return as.Ticket.EncPart.Cipher
	}
	var tgs messages.TGSRep
	if tgs.Unmarshal(reply) == nil {
		return tgs.Ticket.EncPart.Cipher
	}
	return nil
}

// ticketIn returns what the ticket of a token has encrypted: an AP-REQ in a frame (RFC 4121, Section 4.1). A client may keep
// the lengths of a ticket that it was sent, longer than DER has them.
func ticketIn(token []byte) ([]byte, error) {
	frame := parse(token, 0)
	if len(frame) != 1 || frame[0].tag != 0x60 || len(frame[0].octets) < 14 {
		return nil, errors.New("it is not in a frame")
	}
	path := []byte{0x6e, 0x30, 0xa3, 0x61, 0x30, 0xa3, 0x30, 0xa2, 0x04}
	list := parse(frame[0].octets[11+2:], 0) // behind the OID and TOK_ID
	for i, tag := range path {
		at := slices.IndexFunc(list, func(v *value) bool { return v.tag == tag })
		if at < 0 {
			return nil, fmt.Errorf("it has no %x", path[:i+1])
		}
		if i == len(path)-1 {
			return list[at].octets, nil
		}
		list = list[at].children
	}
	panic("unreachable")
}
