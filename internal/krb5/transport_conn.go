// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"time"

	"libgssapi/internal/sock"
)

// Bounds on a reply. UDP's is that of a datagram; MIT's library takes 1 MiB over TCP.
const (
	maxUDPReply = 64 << 10
	maxTCPReply = 1 << 20
)

// conversation is a socket to one address of a KDC. Its goroutine reads one reply, or fails, and is over.
type conversation struct {
	proto string
	addr  netip.AddrPort
	conn  net.Conn // UDP: connected, so that the kernel drops what comes from elsewhere; TCP: nil, its goroutine has it
	stop  context.CancelFunc
	over  bool
}

// event is the end of a conversation: a reply of which nothing was checked, or an error.
type event struct {
	from  *conversation
	reply []byte
	err   error
}

func (c *conversation) String() string { return c.addr.String() + "/" + c.proto }

func (c *conversation) close() {
	c.stop()
	if c.conn != nil {
		c.conn.Close()
	}
}

// start sends the request to one address of a KDC.
func (x *exchange) start(ctx context.Context, proto string, addr netip.AddrPort) (*conversation, error) {
	c := &conversation{proto: proto, addr: addr}
	var receive func() ([]byte, error)
	if proto == "udp" {
		conn, err := sock.Dial(ctx, "udp", addr)
		if err != nil {
			return nil, err
		}
		if _, err := conn.Write(x.request); err != nil {
			conn.Close()
			return nil, err
		}
		c.conn, c.stop = conn, func() {}
		receive = func() ([]byte, error) { return receiveUDP(conn) }
	} else {
		ctx, cancel := context.WithTimeout(ctx, x.pace.tcp)
		c.stop = cancel
		receive = func() ([]byte, error) { return exchangeTCP(ctx, addr, x.request) }
	}
	x.conversations = append(x.conversations, c)
	x.live++
	x.running.Go(func() {
		reply, err := receive()
		x.events <- event{c, reply, err}
	})
	return c, nil
}

func receiveUDP(conn net.Conn) ([]byte, error) {
	buf := make([]byte, maxUDPReply)
	n, err := conn.Read(buf)
	if err != nil {
		return nil, err
	}
	if n == 0 {
		return nil, errors.New("an empty reply")
	}
	return buf[:n:n], nil
}

// exchangeTCP sends request and reads the reply, each preceded by its length in four octets (RFC 4120, Section 7.2.2).
// A KDC may send them one octet at a time.
func exchangeTCP(ctx context.Context, addr netip.AddrPort, request []byte) ([]byte, error) {
	conn, err := sock.Dial(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	// The end of ctx interrupts a read or write that is under way.
	interrupted := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		conn.SetDeadline(time.Unix(1, 0))
		close(interrupted)
	})
	defer func() {
		if !stop() {
			<-interrupted
		}
	}()

	framed := make([]byte, 4, 4+len(request))
	binary.BigEndian.PutUint32(framed, uint32(len(request)))
	if _, err := conn.Write(append(framed, request...)); err != nil {
		return nil, err
	}
	var header [4]byte
	if _, err := io.ReadFull(conn, header[:]); err != nil {
		return nil, partial(err)
	}
	// The length is the peer's: the bound comes before the allocation. Its highest bit is reserved and must be zero, which
	// the bound covers.
	n := binary.BigEndian.Uint32(header[:])
	if n == 0 || n > maxTCPReply {
		return nil, fmt.Errorf("a reply of %d octets", n)
	}
	reply := make([]byte, n)
	if _, err := io.ReadFull(conn, reply); err != nil {
		return nil, partial(err)
	}
	return reply, nil
}

func partial(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return errors.New("the connection was closed before the end of the reply")
	}
	return err
}
