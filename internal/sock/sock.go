// SPDX-License-Identifier: BSD-2-Clause

// Package sock connects to KDCs and name servers without package net and the poller of Go's runtime, which keeps
// descriptors that the program around the engine may close.
//
// The program may also close this package's descriptors at any moment, and open files that get their numbers: in a thread
// that closes all descriptors, or after it has left a call by longjmp(3). So each use of a descriptor is preceded by a
// check that it is still the socket that was created here. If not, the connection fails with ErrLost, and the number is
// left alone. The program can still act between check and use, but only socket calls follow, never write(2): even then no
// request is written into a file.
package sock

import (
	"context"
	"errors"
	"io"
	"net/netip"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// ErrLost reports that the program has closed the descriptor of a connection.
var ErrLost = errors.New("its descriptor was closed by the program")

// Conn is a connected socket, of a stream or of datagrams. It receives from its peer only.
type Conn struct {
	datagrams bool

	mu       sync.Mutex // protects what follows; also held during system calls, none of which blocks
	fd       int
	id       identity
	closed   bool
	deadline [2]time.Time
	changed  chan struct{} // closed when closed or deadline change
}

// The two directions: the events of poll(2), and the indexes of their deadlines.
const (
	reading = iota
	writing
)

var events = [2]int16{unix.POLLIN, unix.POLLOUT}

// connect is connect(2); tests take the descriptor away there.
var connect = unix.Connect

// Dial connects to addr, over "udp" or "tcp", before ctx ends.
func Dial(ctx context.Context, network string, addr netip.AddrPort) (*Conn, error) {
	family, to := address(addr)
	kind := unix.SOCK_STREAM
	if network == "udp" {
		kind = unix.SOCK_DGRAM
	}
	return newConn(ctx, family, kind, to)
}

// HaveThreads returns an error if no other thread can wait for the caller's sockets. Nil: there always is one.
var HaveThreads func() error

// DialLocal connects to a stream socket of this host by its path, before ctx ends. The peer knows the calling thread's
// effective user.
func DialLocal(ctx context.Context, path string) (*Conn, error) {
	if HaveThreads != nil {
		if err := HaveThreads(); err != nil {
			return nil, err
		}
	}
	if path == "" || len(path) >= len(unix.RawSockaddrUnix{}.Path) {
		return nil, unix.ENAMETOOLONG
	}
	if path[0] == '@' {
		// Package unix would take it for a name of Linux's abstract namespace, which any user may claim.
		return DialLocal(ctx, "./"+path)
	}
	for {
		c, err := newConn(ctx, unix.AF_UNIX, unix.SOCK_STREAM, &unix.SockaddrUnix{Name: path})
		if !errors.Is(err, unix.EAGAIN) { // Linux: more wait to be accepted than the listener allows
			return c, err
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(5 * time.Millisecond):
		}
	}
}

func newConn(ctx context.Context, family, kind int, to unix.Sockaddr) (*Conn, error) {
	fd, err := unix.Socket(family, kind|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	id, err := identifyNew(fd, family)
	if err != nil {
		return nil, err // ErrLost, or the socket cannot be identified
	}
	if kind == unix.SOCK_STREAM && family != unix.AF_UNIX {
		_ = unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1) // the end of a request waits for nothing
	}
	connected := connect(fd, to)
	if !id.isStill(fd) {
		return nil, ErrLost
	}
	if connected != nil && connected != unix.EINPROGRESS && connected != unix.EINTR {
		id.close(fd)
		return nil, os.NewSyscallError("connect", connected)
	}
	c := &Conn{datagrams: kind == unix.SOCK_DGRAM, fd: fd, id: id, changed: make(chan struct{})}
	if connected != nil {
		if err := c.finish(ctx); err != nil {
			_ = c.Close()
			return nil, err
		}
	}
	return c, nil
}

// finish waits until a connect(2) under way has ended.
func (c *Conn) finish(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() { _ = c.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	if err := c.await(writing); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return err
	}
	return c.use(func() error {
		code, err := unix.GetsockoptInt(c.fd, unix.SOL_SOCKET, unix.SO_ERROR)
		if err == nil && code != 0 {
			err = unix.Errno(code)
		}
		if err != nil {
			return os.NewSyscallError("connect", err)
		}
		if !stop() {
			return ctx.Err()
		}
		return nil
	})
}

// use calls f with the descriptor, if that is still the socket.
func (c *Conn) use(f func() error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return os.ErrClosed
	}
	if !c.id.isStill(c.fd) {
		return ErrLost
	}
	return f()
}

// transfer calls f, again whenever the socket becomes ready, until it does not block.
func (c *Conn) transfer(direction int, f func() (int, error)) (n int, err error) {
	for {
		if c.isOver(direction) {
			return 0, os.ErrDeadlineExceeded
		}
		err = c.use(func() (err error) {
			n, err = f()
			return err
		})
		switch err {
		case nil:
			return n, nil
		case unix.EINTR:
		case unix.EAGAIN:
			if err := c.await(direction); err != nil {
				return 0, err
			}
		default:
			return 0, err
		}
	}
}

func (c *Conn) isOver(direction int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	d := c.deadline[direction]
	return !d.IsZero() && !time.Now().Before(d)
}

// await waits until the socket is ready in a direction, the deadline has passed, or the connection is closed.
func (c *Conn) await(direction int) error {
	for {
		c.mu.Lock()
		if c.closed {
			c.mu.Unlock()
			return os.ErrClosed
		}
		deadline, changed := c.deadline[direction], c.changed
		w := &wait{fd: c.fd, id: c.id, events: events[direction], done: make(chan error, 1)}
		c.mu.Unlock()

		var over <-chan time.Time
		if !deadline.IsZero() {
			timer := time.NewTimer(time.Until(deadline))
			defer timer.Stop()
			over = timer.C
		}
		watch(w)
		select {
		case err := <-w.done:
			return err
		case <-over:
			unwatch(w)
			return os.ErrDeadlineExceeded
		case <-changed:
			unwatch(w)
		}
	}
}

// Read reads octets of the stream, or one datagram, which may be empty and loses what does not fit into b.
func (c *Conn) Read(b []byte) (int, error) {
	n, err := c.transfer(reading, func() (int, error) {
		n, _, err := unix.Recvfrom(c.fd, b, unix.MSG_DONTWAIT)
		return max(n, 0), err
	})
	if err == nil && n == 0 && len(b) > 0 && !c.datagrams {
		return 0, io.EOF
	}
	return n, err
}

// Write sends all of b. It raises no SIGPIPE if the peer has gone.
func (c *Conn) Write(b []byte) (int, error) {
	sent := 0
	for {
		n, err := c.transfer(writing, func() (int, error) {
			n, err := unix.SendmsgN(c.fd, b[sent:], nil, nil, unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL)
			return max(n, 0), err
		})
		sent += n
		if err != nil || sent == len(b) {
			return sent, err
		}
	}
}

func (c *Conn) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return os.ErrClosed
	}
	c.closed = true
	close(c.changed)
	c.id.close(c.fd)
	return nil
}

func (c *Conn) SetDeadline(t time.Time) error { return c.setDeadline(t, reading, writing) }

func (c *Conn) SetReadDeadline(t time.Time) error { return c.setDeadline(t, reading) }

func (c *Conn) SetWriteDeadline(t time.Time) error { return c.setDeadline(t, writing) }

func (c *Conn) setDeadline(t time.Time, directions ...int) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return os.ErrClosed
	}
	for _, d := range directions {
		c.deadline[d] = t
	}
	close(c.changed)
	c.changed = make(chan struct{})
	return nil
}
