// SPDX-License-Identifier: BSD-2-Clause

package sock

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// echo answers what comes to a port of 127.0.0.1, over both transports. Silent, it does not.
func echo(t *testing.T, silent bool) netip.AddrPort {
	t.Helper()
	var l net.Listener
	var p net.PacketConn
	for tries := 0; p == nil; tries++ {
		var err error
		if l, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			t.Fatal(err)
		}
		if p, err = net.ListenPacket("udp", l.Addr().String()); err != nil {
			l.Close() // another program has that port
			if tries == 50 {
				t.Fatal(err)
			}
		}
	}
	t.Cleanup(func() {
		l.Close()
		p.Close()
	})
	go func() {
		buf := make([]byte, 1<<16)
		for {
			n, from, err := p.ReadFrom(buf)
			if err != nil {
				return
			}
			if !silent {
				p.WriteTo(buf[:n], from)
			}
		}
	}()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { c.Close() })
			if !silent {
				go io.Copy(c, c)
			}
		}
	}()
	return l.Addr().(*net.TCPAddr).AddrPort()
}

func dial(t *testing.T, network string, addr netip.AddrPort) *Conn {
	t.Helper()
	c, err := Dial(context.Background(), network, addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(20 * time.Second))
	return c
}

func descriptor(c *Conn) int { return c.fd }

// take gives the number of a descriptor to a new file, as a program does that closes what it does not know.
func take(t *testing.T, fd int) *os.File {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "taken"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	if err := unix.Dup2(int(f.Fd()), fd); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	return f
}

// untouched fails unless fd is still the file, and that is empty.
func untouched(t *testing.T, fd int, f *os.File) {
	t.Helper()
	var a, b unix.Stat_t
	if err := unix.Fstat(fd, &a); err != nil {
		t.Fatalf("descriptor %d: %v", fd, err)
	}
	if err := unix.Fstat(int(f.Fd()), &b); err != nil || a.Ino != b.Ino {
		t.Errorf("descriptor %d is another file", fd)
	}
	if a.Size != 0 {
		t.Errorf("%d octets were written into the file", a.Size)
	}
}

// idle waits until the watcher has ended.
func idle(t *testing.T) {
	t.Helper()
	for range 3000 {
		watcher.mu.Lock()
		running := watcher.running
		watcher.mu.Unlock()
		if !running {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Error("the watcher does not end")
}

func TestExchange(t *testing.T) {
	addr := echo(t, false)
	for _, network := range []string{"udp", "tcp"} {
		c := dial(t, network, addr)
		for _, text := range []string{"a", strings.Repeat("b", 5000)} {
			if n, err := c.Write([]byte(text)); n != len(text) || err != nil {
				t.Fatalf("%s: %d, %v", network, n, err)
			}
			b := make([]byte, len(text))
			if _, err := io.ReadFull(c, b); err != nil || string(b) != text {
				t.Errorf("%s: %q, %v", network, b, err)
			}
		}
	}
	idle(t)
}

func TestLongWriteWaitsForThePeer(t *testing.T) {
	c := dial(t, "tcp", echo(t, false))
	text := []byte(strings.Repeat("0123456789", 1<<20))
	go c.Write(text)
	b := make([]byte, len(text))
	if _, err := io.ReadFull(c, b); err != nil || string(b) != string(text) {
		t.Error(err)
	}
}

func TestRefusedPort(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().(*net.TCPAddr).AddrPort()
	l.Close()
	if c, err := Dial(context.Background(), "tcp", addr); !errors.Is(err, unix.ECONNREFUSED) {
		t.Errorf("%v, %v", c, err)
	}
	c := dial(t, "udp", addr)
	c.Write([]byte("x"))
	if _, err := c.Read(make([]byte, 9)); !errors.Is(err, unix.ECONNREFUSED) {
		t.Error(err)
	}
}

func TestStreamEnds(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		if c, err := l.Accept(); err == nil {
			c.Close()
		}
	}()
	c := dial(t, "tcp", l.Addr().(*net.TCPAddr).AddrPort())
	if _, err := c.Read(make([]byte, 9)); err != io.EOF {
		t.Error(err)
	}
	// The second write meets the peer's reset; there is no SIGPIPE that would end the process.
	for range 3 {
		c.Write([]byte("x"))
		time.Sleep(time.Millisecond)
	}
}

func TestReadEnds(t *testing.T) {
	addr := echo(t, true)
	for _, network := range []string{"udp", "tcp"} {
		for _, test := range []struct {
			name string
			end  func(c *Conn)
			want error
		}{
			{"deadline", func(c *Conn) { c.SetReadDeadline(time.Now().Add(20 * time.Millisecond)) },
				os.ErrDeadlineExceeded},
			{"deadline-that-was-already", func(c *Conn) { c.SetDeadline(time.Unix(1, 0)) }, os.ErrDeadlineExceeded},
			{"deadline-set-meanwhile", func(c *Conn) {
				time.AfterFunc(20*time.Millisecond, func() { c.SetDeadline(time.Unix(1, 0)) })
			}, os.ErrDeadlineExceeded},
			{"closed-meanwhile", func(c *Conn) { time.AfterFunc(20*time.Millisecond, func() { c.Close() }) },
				os.ErrClosed},
			{"closed", func(c *Conn) { c.Close() }, os.ErrClosed},
		} {
			t.Run(network+"-"+test.name, func(t *testing.T) {
				c := dial(t, network, addr)
				test.end(c)
				if n, err := c.Read(make([]byte, 9)); n != 0 || !errors.Is(err, test.want) {
					t.Errorf("%d, %v", n, err)
				}
			})
		}
	}
	idle(t)
}

func TestDialEndsWithItsContext(t *testing.T) {
	// A listener whose queue is full: the next connection gets no answer.
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	if err := unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	if err := unix.Listen(fd, 0); err != nil {
		t.Fatal(err)
	}
	for range 20 {
		cx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
		c, err := Dial(cx, "tcp", netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), uint16(localName(fd).(*unix.SockaddrInet4).Port)))
		cancel()
		if err != nil {
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Error(err)
			}
			idle(t)
			return
		}
		defer c.Close()
	}
	t.Error("the queue does not fill")
}

func TestDescriptorThatTheProgramReplaced(t *testing.T) {
	addr := echo(t, false)
	for _, network := range []string{"udp", "tcp"} {
		c := dial(t, network, addr)
		fd := descriptor(c)
		f := take(t, fd)
		if _, err := c.Write([]byte("secret")); err != ErrLost {
			t.Errorf("%s: write: %v", network, err)
		}
		if _, err := c.Read(make([]byte, 9)); err != ErrLost {
			t.Errorf("%s: read: %v", network, err)
		}
		if err := c.Close(); err != nil {
			t.Error(err)
		}
		untouched(t, fd, f)
	}
}

// The program closes the engine's socket and opens a file between socket(2) and the end of connect(2).
func TestDescriptorThatIsReplacedDuringAConnect(t *testing.T) {
	addr := echo(t, false)
	defer func() { connect = unix.Connect }()
	for _, network := range []string{"udp", "tcp"} {
		for _, answer := range []error{nil, unix.EINPROGRESS, unix.ECONNREFUSED, unix.ENOTSOCK} {
			var fd int
			var f *os.File
			connect = func(n int, to unix.Sockaddr) error {
				fd, f = n, take(t, n)
				if answer == unix.ENOTSOCK {
					return unix.Connect(n, to)
				}
				return answer
			}
			if c, err := Dial(context.Background(), network, addr); c != nil || err != ErrLost {
				t.Errorf("%s, connect answers %v: %v, %v", network, answer, c, err)
			}
			untouched(t, fd, f)
		}
	}
}

// What took the number is a socket, too, which was there before.
func TestDescriptorThatIsReplacedByASocketDuringAConnect(t *testing.T) {
	addr := echo(t, false)
	other := dial(t, "tcp", addr)
	defer func() { connect = unix.Connect }()
	var fd int
	connect = func(n int, to unix.Sockaddr) error {
		fd = n
		if err := unix.Dup2(descriptor(other), n); err != nil {
			t.Fatal(err)
		}
		return unix.Connect(n, to) // EISCONN
	}
	if c, err := Dial(context.Background(), "tcp", addr); c != nil || err != ErrLost {
		t.Errorf("%v, %v", c, err)
	}
	if !other.id.isStill(fd) {
		t.Error("the program's socket was closed")
	}
	unix.Close(fd)
}

func TestDescriptorThatTheProgramReplacedByASocket(t *testing.T) {
	addr := echo(t, false)
	c, other := dial(t, "udp", addr), dial(t, "udp", addr)
	fd := descriptor(c)
	if err := unix.Dup2(descriptor(other), fd); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Write([]byte("secret")); err != ErrLost {
		t.Error(err)
	}
	c.Close()
	if !other.id.isStill(fd) {
		t.Error("the program's socket was closed")
	}
	unix.Close(fd)
}

func TestDescriptorThatIsReplacedDuringAWait(t *testing.T) {
	for _, network := range []string{"udp", "tcp"} {
		c := dial(t, network, echo(t, true))
		fd := descriptor(c)
		done := make(chan error)
		go func() {
			_, err := c.Read(make([]byte, 9))
			done <- err
		}()
		time.Sleep(20 * time.Millisecond)
		f := take(t, fd)
		if err := <-done; err != ErrLost {
			t.Errorf("%s: %v", network, err)
		}
		c.Close()
		untouched(t, fd, f)
	}
	idle(t)
}

func TestBellThatTheProgramReplaced(t *testing.T) {
	silent, addr := dial(t, "udp", echo(t, true)), echo(t, false)
	done := make(chan error)
	go func() {
		_, err := silent.Read(make([]byte, 9))
		done <- err
	}()
	var lost bell
	for lost.ear == lost.button {
		time.Sleep(time.Millisecond)
		watcher.mu.Lock()
		lost = watcher.bell
		watcher.mu.Unlock()
	}
	ear, button := take(t, lost.ear), take(t, lost.button)
	c := dial(t, "tcp", addr)
	time.AfterFunc(10*time.Millisecond, func() { c.Write([]byte("x")) })
	if n, err := c.Read(make([]byte, 9)); n != 1 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	silent.Close()
	if err := <-done; err != os.ErrClosed {
		t.Error(err)
	}
	idle(t)
	untouched(t, lost.ear, ear)
	untouched(t, lost.button, button)
}

func TestNothingIsLeft(t *testing.T) {
	open := func() (n int) {
		for fd := range 200 {
			if _, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err == nil {
				n++
			}
		}
		return n
	}
	addr := echo(t, true)
	before := open()
	for range 20 {
		c := dial(t, "udp", addr)
		c.SetDeadline(time.Now().Add(time.Millisecond))
		c.Read(make([]byte, 9))
		c.Close()
	}
	idle(t)
	if n := open(); n > before {
		t.Errorf("%d descriptors are left", n-before)
	}
}

// However many wait, one thread is blocked for them.
func TestManyWaitOnOneThread(t *testing.T) {
	threads := func() int {
		list, err := os.ReadDir("/proc/self/task")
		if err != nil {
			t.Skip(err) // no such list on this system
		}
		return len(list)
	}
	addr := echo(t, true)
	before := threads()
	var running sync.WaitGroup
	var conns []*Conn
	for range 100 {
		c := dial(t, "udp", addr)
		conns = append(conns, c)
		running.Go(func() { c.Read(make([]byte, 9)) })
	}
	time.Sleep(100 * time.Millisecond)
	if n := threads(); n > before+50 { // the runtime has some more on a busy machine
		t.Errorf("%d threads wait", n-before)
	}
	for _, c := range conns {
		c.Close()
	}
	running.Wait()
	idle(t)
}
