// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"time"

	"libgssapi/internal/sock"
)

// Limits on the size of a reply: over UDP that of a datagram, over TCP 1 MiB, as in MIT's library.
const (
	maxUDPReply = 64 << 10
	maxTCPReply = 1 << 20
)

// maxDatagrams bounds how many replies to read in one conversation over UDP. Each refused reply may have cost a
// decryption.
const maxDatagrams = 64

// conversation is a socket connected to one address of a KDC. Its goroutine reads a reply, or several over UDP, until
// the last one or an error.
type conversation struct {
	proto   string
	addr    netip.AddrPort
	conn    *sock.Conn // UDP: connected, so that the kernel drops other senders' packets; TCP: nil, the goroutine has it
	stop    context.CancelFunc
	over    bool
	refused int // replies that could not be used
}

// silent reports whether no reply has come yet, but one still may.
func (c *conversation) silent() bool { return !c.over && c.refused == 0 }

// event is an unverified reply, or an error. The last one ends the conversation.
type event struct {
	from  *conversation
	reply []byte
	err   error
	last  bool
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
	replies := 1
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
		buf := make([]byte, maxUDPReply)
		receive = func() ([]byte, error) {
			n, err := conn.Read(buf)
			return bytes.Clone(buf[:n]), err
		}
		replies = maxDatagrams
	} else {
		ctx, cancel := context.WithTimeout(ctx, x.pace.tcp)
		c.stop = cancel
		receive = func() ([]byte, error) { return exchangeTCP(ctx, addr, x.request) }
	}
	x.conversations = append(x.conversations, c)
	x.running.Go(func() {
		for i := range replies {
			reply, err := receive()
			last := err != nil || i+1 == replies
			select {
			case x.events <- event{c, reply, err, last}:
			case <-x.done:
				return
			}
			if last {
				return
			}
		}
	})
	return c, nil
}

// exchangeTCP sends request and reads the reply, each preceded by its length in four octets (RFC 4120, Section 7.2.2).
// A KDC may send the reply one octet at a time.
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
	// The length is the peer's, so it is checked before memory is allocated. Its highest bit is reserved and must be
	// zero, which the limit ensures.
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
