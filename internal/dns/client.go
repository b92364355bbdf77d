// SPDX-License-Identifier: BSD-2-Clause

package dns

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strings"
	"time"

	"libgssapi/internal/sock"
)

// maxStrays limits how many datagrams that do not answer the question are read in one wait. It is useless to wait longer
// for the answer if somebody sends more of them.
const maxStrays = 64

const port = 53

// Client queries the name servers of a configuration. It has no state.
type Client struct {
	Config Config
	Rand   io.Reader
	Port   uint16        // 0: that of DNS
	Limit  time.Duration // of one question

	// Resolve converts an address with the name of an interface to one with its number. It may be nil.
	Resolve func(ctx context.Context, address string) (netip.Addr, error)
}

// Services returns the SRV or URI records of a name in the order in which to use them. If there are none, and the name
// servers know that, the list is empty and there is no error.
func (c *Client) Services(ctx context.Context, name string, kind Type) ([]Service, error) {
	r, err := c.ask(ctx, name, kind)
	if err != nil {
		return nil, err
	}
	list := services(r)
	order(list, c.Rand)
	return list, nil
}

// Texts returns the first string of each TXT record of a name.
func (c *Client) Texts(ctx context.Context, name string) ([]string, error) {
	r, err := c.ask(ctx, name, TXT)
	return texts(r), err
}

// ask sends a query to one server after the other until one answers, and then to all again.
func (c *Client) ask(ctx context.Context, name string, kind Type) (reply, error) {
	if _, err := newQuestion(0, name, kind); err != nil {
		return reply{}, nil // DNS cannot have it
	}
	ctx, cancel := context.WithTimeout(ctx, c.Limit)
	defer cancel()
	why := map[string]error{}
	for range c.Config.Attempts {
		for _, server := range c.Config.Servers {
			r, err := c.askServer(ctx, server, name, kind)
			if err == nil {
				return r, nil
			}
			if ctx.Err() == nil || why[server] == nil {
				why[server] = err
			}
			if ctx.Err() != nil {
				return reply{}, c.unanswered(why)
			}
		}
	}
	return reply{}, c.unanswered(why)
}

// unanswered is the error if no server has answered.
func (c *Client) unanswered(why map[string]error) error {
	var texts []string
	for _, server := range c.Config.Servers {
		if err := why[server]; err != nil {
			texts = append(texts, fmt.Sprintf("%s: %v", server, err))
		}
	}
	return errors.New(strings.Join(texts, "; "))
}

// askServer returns the answer of one server. That a name does not exist is an answer; that the server cannot tell is
// not.
func (c *Client) askServer(ctx context.Context, server, name string, kind Type) (reply, error) {
	ip, err := netip.ParseAddr(server)
	if err == nil && ip.Zone() != "" && c.Resolve != nil {
		ip, err = c.Resolve(ctx, server)
	}
	if err != nil {
		return reply{}, errors.New("no address")
	}
	addr := netip.AddrPortFrom(ip, port)
	if c.Port != 0 {
		addr = netip.AddrPortFrom(ip, c.Port)
	}
	ctx, cancel := context.WithTimeout(ctx, c.Config.Timeout)
	defer cancel()
	for extended := true; ; extended = false {
		r, err := c.exchange(ctx, addr, name, kind, extended)
		switch {
		case err != nil:
			return reply{}, err
		case extended && (r.code == codeFormat || r.code == codeNotImplemented):
			continue // it does not know RFC 6891
		case r.code != codeSuccess && r.code != codeNoName:
			return reply{}, errors.New(codeText(r.code))
		}
		return r, nil
	}
}

// exchange sends the query over UDP and, if the reply does not fit there, over TCP. Each query has a number of its own.
func (c *Client) exchange(ctx context.Context, addr netip.AddrPort, name string, kind Type, extended bool) (reply, error) {
	for _, network := range [2]string{"udp", "tcp"} {
		if network == "udp" && c.Config.Stream {
			continue
		}
		var id [2]byte
		if _, err := io.ReadFull(c.Rand, id[:]); err != nil {
			return reply{}, fmt.Errorf("no randomness: %w", err)
		}
		q, err := newQuestion(binary.BigEndian.Uint16(id[:]), name, kind)
		if err != nil {
			return reply{}, err
		}
		r, err := over(ctx, network, addr, q, extended)
		if err != nil {
			return reply{}, fmt.Errorf("%s: %w", network, err)
		}
		if !r.truncated {
			return r, nil
		}
	}
	return reply{}, errors.New("tcp: its reply is truncated")
}

// over performs one exchange over UDP or TCP.
func over(ctx context.Context, network string, addr netip.AddrPort, q question, extended bool) (reply, error) {
	conn, err := sock.Dial(ctx, network, addr)
	if err != nil {
		return reply{}, late(ctx, err)
	}
	defer conn.Close()
	interrupted := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		_ = conn.SetDeadline(time.Unix(1, 0))
		close(interrupted)
	})
	defer func() {
		if !stop() {
			<-interrupted
		}
	}()
	request := q.message(extended)
	if network == "udp" {
		r, err := datagrams(conn, q, request)
		return r, late(ctx, err)
	}
	r, err := stream(conn, q, request)
	return r, late(ctx, err)
}

func late(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return errors.New("no answer in time")
	}
	return err
}

// datagrams waits for the reply among other datagrams. The socket is connected, so other datagrams arrive only with a
// forged sender address.
func datagrams(conn io.ReadWriter, q question, request []byte) (reply, error) {
	if _, err := conn.Write(request); err != nil {
		return reply{}, err
	}
	buf := make([]byte, 4096)
	for range maxStrays {
		n, err := conn.Read(buf)
		if err != nil {
			return reply{}, err
		}
		if r, err := q.parse(buf[:n]); err != errStray {
			return r, err
		}
	}
	return reply{}, errors.New("its replies, or somebody else's, are to other questions")
}

// stream sends and receives messages after their length in two octets (RFC 1035, Section 4.2.2).
func stream(conn io.ReadWriter, q question, request []byte) (reply, error) {
	framed := binary.BigEndian.AppendUint16(nil, uint16(len(request)))
	if _, err := conn.Write(append(framed, request...)); err != nil {
		return reply{}, err
	}
	var length [2]byte
	if _, err := io.ReadFull(conn, length[:]); err != nil {
		return reply{}, err
	}
	b := make([]byte, binary.BigEndian.Uint16(length[:]))
	if _, err := io.ReadFull(conn, b); err != nil {
		return reply{}, err
	}
	return q.parse(b)
}
