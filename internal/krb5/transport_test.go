// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// fakeKDC listens on one port for UDP and TCP. A nil function never replies.
type fakeKDC struct {
	host   string // "": 127.0.0.1
	udp    func(request []byte, reply func([]byte))
	tcp    func(conn net.Conn)
	port   int
	asked  atomic.Int32 // datagrams and connections
	closed bool         // no socket at all
}

func (k *fakeKDC) start(t *testing.T) *fakeKDC {
	t.Helper()
	var l net.Listener
	var p net.PacketConn
	for i := 0; ; i++ {
		var err error
		if l, err = net.Listen("tcp", k.address()+":0"); err != nil {
			t.Fatal(err)
		}
		if p, err = net.ListenPacket("udp", l.Addr().String()); err == nil {
			break
		}
		l.Close()
		if i == 20 {
			t.Fatal(err)
		}
	}
	k.port = l.Addr().(*net.TCPAddr).Port
	if k.closed {
		l.Close()
		p.Close()
		return k
	}
	var running sync.WaitGroup
	var mu sync.Mutex
	var conns []net.Conn
	running.Go(func() {
		buf := make([]byte, 1<<16)
		for {
			n, from, err := p.ReadFrom(buf)
			if err != nil {
				return
			}
			k.asked.Add(1)
			if k.udp != nil {
				k.udp(bytes.Clone(buf[:n]), func(reply []byte) { p.WriteTo(reply, from) })
			}
		}
	})
	running.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			k.asked.Add(1)
			mu.Lock()
			conns = append(conns, conn)
			mu.Unlock()
			if k.tcp != nil {
				running.Go(func() { k.tcp(conn) })
			}
		}
	})
	t.Cleanup(func() {
		l.Close()
		p.Close()
		mu.Lock()
		for _, c := range conns {
			c.Close()
		}
		mu.Unlock()
		running.Wait()
	})
	return k
}

// answersUDP and answersTCP make a KDC that replies with what f returns.
func answersUDP(f func(request []byte) []byte) func([]byte, func([]byte)) {
	return func(request []byte, reply func([]byte)) { reply(f(request)) }
}

func answersTCP(f func(request []byte) []byte) func(net.Conn) {
	return func(conn net.Conn) {
		defer conn.Close()
		if request, err := readFramed(conn); err == nil {
			conn.Write(framed(f(request)))
		}
	}
}

func readFramed(conn net.Conn) ([]byte, error) {
	var header [4]byte
	if _, err := io.ReadFull(conn, header[:]); err != nil {
		return nil, err
	}
	b := make([]byte, binary.BigEndian.Uint32(header[:])&0xfffff)
	_, err := io.ReadFull(conn, b)
	return b, err
}

func framed(b []byte) []byte { return append(binary.BigEndian.AppendUint32(nil, uint32(len(b))), b...) }

func says(text string) func([]byte) []byte { return func([]byte) []byte { return []byte(text) } }

func saysError(code int32) func([]byte) []byte {
	server := token.Principal{Type: token.NTSrvInst, Components: []string{"krbtgt", "R"}, Realm: "R"}
	m := token.KRBError{STime: time.Now(), Code: code, SName: server}
	return func([]byte) []byte { return m.Marshal() }
}

// quick is a pacing for exchanges that fail since a KDC is silent, which costs 100 ms.
var quick = pacing{
	each:  100 * time.Millisecond,
	pass:  []time.Duration{50 * time.Millisecond, 50 * time.Millisecond, 50 * time.Millisecond},
	grace: 100 * time.Millisecond,
	tcp:   500 * time.Millisecond,
	total: 5 * time.Second,
}

// busy is longer than an answer takes on a machine with much to do.
const busy = 30 * time.Second

// mits is MIT's pacing. The KDCs of these tests all answer: there is more time before they are asked again, and less in
// which a good reply might follow a bad one.
var mits = mitPacing

func init() {
	mitPacing = pacing{each: busy, pass: []time.Duration{busy}, tcp: busy, grace: quick.grace, total: 2 * busy}
}

// paced has time run out only where it must: for a KDC if the exchange is to go on without its answer, and for all if
// no reply is to come.
func paced(goesOn, reply bool) pacing {
	p := quick
	p.total = 2 * busy
	if !goesOn {
		p.each = busy
	}
	if reply {
		p.pass = []time.Duration{quick.pass[0], quick.pass[1], busy}
		p.grace, p.tcp = busy, busy
	}
	return p
}

// realmOf returns a configuration of realm R with the given kdc relations.
func realmOf(t *testing.T, libdefaults string, kdcs ...string) *Config {
	t.Helper()
	var b strings.Builder
	b.WriteString("[libdefaults]\n dns_lookup_kdc = false\n" + libdefaults + "\n[realms]\n R = {\n")
	for _, k := range kdcs {
		fmt.Fprintf(&b, "  kdc = %s\n", k)
	}
	b.WriteString(" }\n")
	path := filepath.Join(t.TempDir(), "krb5.conf")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	_, cfg := testEnv(t, map[string]string{"KRB5_CONFIG": path})
	return cfg
}

func (k *fakeKDC) addr(proto string) string {
	return fmt.Sprintf("%s%s:%d", proto, k.address(), k.port)
}

func (k *fakeKDC) address() string { return cmp.Or(k.host, "127.0.0.1") }

// wantGood accepts the replies that begin with "good".
func wantGood(reply []byte) error {
	if !bytes.HasPrefix(reply, []byte("good")) {
		return status.Errorf(status.Failure, status.KRB5_KDCREP_MODIFIED, "its reply is not good")
	}
	return nil
}

// realmR is what every text names.
var realmR = regexp.MustCompile(`realm ['"]?R\b`)

func TestSend(t *testing.T) {
	long := strings.Repeat("x", 2000)
	trickle := func(conn net.Conn) {
		defer conn.Close()
		readFramed(conn)
		for _, c := range framed([]byte("good, but slow")) {
			conn.Write([]byte{c})
			time.Sleep(2 * time.Millisecond)
		}
	}
	raw := func(octets string) func(net.Conn) {
		return func(conn net.Conn) {
			defer conn.Close()
			readFramed(conn)
			conn.Write([]byte(octets))
		}
	}
	silentAfter := func(octets string) func(net.Conn) {
		return func(conn net.Conn) { conn.Write([]byte(octets)) }
	}
	var datagrams atomic.Int32
	behind := func(first func([]byte, func([]byte)), d time.Duration) func([]byte, func([]byte)) {
		return func(request []byte, reply func([]byte)) {
			first(request, reply)
			time.Sleep(d)
			reply([]byte("good"))
		}
	}
	good := func() *fakeKDC { return &fakeKDC{udp: answersUDP(says("good")), tcp: answersTCP(says("good"))} }

	for _, test := range []struct {
		name    string
		request string
		config  string
		kdcs    []*fakeKDC
		proto   string // of all KDCs, "udp/" or "tcp/"
		reply   string
		minor   status.Minor
		asked   []int32 // datagrams and connections of each KDC
		goesOn  bool    // without the answer of a KDC that is silent, or late
	}{
		{name: "first-kdc-of-the-configuration-answers", kdcs: []*fakeKDC{good(), good(), good()}, reply: "good",
			asked: []int32{1, 0, 0}},
		{name: "silent-kdc-then-the-next", kdcs: []*fakeKDC{{}, good()}, reply: "good", goesOn: true},
		{name: "closed-port-then-the-next", kdcs: []*fakeKDC{{closed: true}, good()}, reply: "good", asked: []int32{0, 1}},
		{name: "garbage-then-the-next", kdcs: []*fakeKDC{{udp: answersUDP(says("bad"))}, good()}, reply: "good",
			asked: []int32{1, 1}},
		{name: "empty-datagram-then-the-next", kdcs: []*fakeKDC{{udp: answersUDP(says(""))}, good()}, reply: "good",
			asked: []int32{1, 1}},
		{name: "garbage-over-udp-then-tcp-of-the-same-kdc",
			kdcs: []*fakeKDC{{udp: answersUDP(says("bad")), tcp: answersTCP(says("good"))}}, reply: "good"},
		{name: "lost-datagrams-are-sent-again", proto: "udp/", reply: "good", goesOn: true,
			kdcs: []*fakeKDC{{udp: func(_ []byte, reply func([]byte)) {
				if datagrams.Add(1) == 3 {
					reply([]byte("good"))
				}
			}}}, asked: []int32{3}},
		{name: "late-reply-of-the-first-counts", proto: "udp/", reply: "good late", goesOn: true,
			kdcs: []*fakeKDC{{udp: func(_ []byte, reply func([]byte)) {
				time.Sleep(150 * time.Millisecond)
				reply([]byte("good late"))
			}}, {}}},
		{name: "response-too-big-goes-to-tcp", reply: "good",
			kdcs:  []*fakeKDC{{udp: answersUDP(saysError(codeResponseTooBig)), tcp: answersTCP(says("good"))}},
			asked: []int32{2}},
		{name: "response-too-big-without-tcp", proto: "udp/", minor: status.KRB5KRB_ERR_RESPONSE_TOO_BIG,
			kdcs: []*fakeKDC{{udp: answersUDP(saysError(codeResponseTooBig))}}},
		{name: "long-request-goes-to-tcp-at-once", request: long, reply: "good over tcp",
			kdcs:  []*fakeKDC{{udp: answersUDP(says("good over udp")), tcp: answersTCP(says("good over tcp"))}},
			asked: []int32{1}},
		{name: "limit-is-udp_preference_limit", request: "short", config: "udp_preference_limit = 4", reply: "good over tcp",
			kdcs:  []*fakeKDC{{udp: answersUDP(says("good over udp")), tcp: answersTCP(says("good over tcp"))}},
			asked: []int32{1}},
		{name: "long-request-falls-back-to-udp", request: long, reply: "good", goesOn: true,
			kdcs: []*fakeKDC{{udp: answersUDP(says("good"))}}},
		{name: "trickled-reply", proto: "tcp/", kdcs: []*fakeKDC{{tcp: trickle}}, reply: "good, but slow"},
		{name: "half-a-reply-then-the-next", proto: "tcp/", kdcs: []*fakeKDC{{tcp: raw("\x00\x00\x00\x08good")}, good()},
			reply: "good"},
		{name: "half-a-length-then-the-next", proto: "tcp/", kdcs: []*fakeKDC{{tcp: raw("\x00\x00")}, good()}, reply: "good"},
		{name: "length-of-4-GiB-then-the-next", proto: "tcp/", kdcs: []*fakeKDC{{tcp: raw("\xff\xff\xff\xffgood")}, good()},
			reply: "good"},
		{name: "length-above-1-MiB-then-the-next", proto: "tcp/",
			kdcs: []*fakeKDC{{tcp: raw("\x00\x10\x00\x01good")}, good()}, reply: "good"},
		{name: "length-zero-then-the-next", proto: "tcp/", kdcs: []*fakeKDC{{tcp: raw("\x00\x00\x00\x00good")}, good()},
			reply: "good"},
		{name: "stalled-reply-then-the-next", proto: "tcp/",
			kdcs: []*fakeKDC{{tcp: silentAfter("\x00\x00\x00\x08good")}, good()}, reply: "good", goesOn: true},
		{name: "stalled-reply-alone", proto: "tcp/", kdcs: []*fakeKDC{{tcp: silentAfter("\x00\x00\x00\x08good")}},
			minor: status.KRB5_KDC_UNREACH, goesOn: true},
		{name: "unavailable-then-the-next", kdcs: []*fakeKDC{{udp: answersUDP(saysError(codeSvcUnavailable))}, good()},
			reply: "good",
			asked: []int32{1, 1}},
		{name: "all-unavailable", proto: "udp/", minor: status.KRB5KDC_ERR_SVC_UNAVAILABLE,
			kdcs: []*fakeKDC{{udp: answersUDP(saysError(codeSvcUnavailable))}}},
		{name: "all-silent", kdcs: []*fakeKDC{{}, {}}, minor: status.KRB5_KDC_UNREACH, goesOn: true},
		{name: "all-closed", kdcs: []*fakeKDC{{closed: true}}, minor: status.KRB5_KDC_UNREACH},
		{name: "all-garbage", kdcs: []*fakeKDC{{udp: answersUDP(says("bad")), tcp: answersTCP(says("bad"))}},
			minor: status.KRB5_KDCREP_MODIFIED, asked: []int32{2}},
		{name: "true-reply-behind-another", proto: "udp/", reply: "good", asked: []int32{1},
			kdcs: []*fakeKDC{{udp: behind(answersUDP(says("bad")), 20*time.Millisecond)}}},
		{name: "true-reply-behind-an-empty-one", proto: "udp/", reply: "good", asked: []int32{1},
			kdcs: []*fakeKDC{{udp: behind(answersUDP(says("")), 20*time.Millisecond)}}},
		{name: "true-reply-behind-unavailable", proto: "udp/", reply: "good", asked: []int32{1},
			kdcs: []*fakeKDC{{udp: behind(answersUDP(saysError(codeSvcUnavailable)), 20*time.Millisecond)}}},
		{name: "true-reply-behind-another-while-the-next-is-silent", proto: "udp/", reply: "good", asked: []int32{1, 1},
			kdcs: []*fakeKDC{{udp: behind(answersUDP(says("bad")), 50*time.Millisecond)}, {}}},
		{name: "flood-of-garbage", proto: "udp/", minor: status.KRB5_KDCREP_MODIFIED, asked: []int32{1},
			kdcs: []*fakeKDC{{udp: func(_ []byte, reply func([]byte)) {
				for range 10 * maxDatagrams {
					reply([]byte("bad"))
				}
			}}}},
		{name: "no-kdc", minor: status.KRB5_REALM_UNKNOWN},
	} {
		t.Run(test.name, func(t *testing.T) {
			datagrams.Store(0)
			var kdcs []string
			for _, k := range test.kdcs {
				kdcs = append(kdcs, k.start(t).addr(test.proto))
			}
			cfg := realmOf(t, test.config, kdcs...)
			n := &network{pace: paced(test.goesOn, test.reply != "")}
			reply, err := n.send(context.Background(), cfg, "R", []byte(test.request), wantGood)
			if string(reply) != test.reply {
				t.Errorf("reply %q, %v", reply, err)
			}
			if test.minor != 0 {
				if e := status.Of(err); e == nil || e.Minor != test.minor || !realmR.MatchString(e.Text) {
					t.Errorf("%v", err)
				}
			}
			for i, want := range test.asked {
				if got := test.kdcs[i].asked.Load(); got != want {
					t.Errorf("KDC %d was asked %d times, not %d", i, got, want)
				}
			}
			checkGoroutines(t)
		})
	}
}

// checkGoroutines fails if an exchange has left a goroutine.
func checkGoroutines(t *testing.T) {
	t.Helper()
	buf := make([]byte, 1<<20)
	if stacks := string(buf[:runtime.Stack(buf, true)]); strings.Contains(stacks, "krb5.(*exchange)") ||
		strings.Contains(stacks, "krb5.exchangeTCP") {
		t.Errorf("a goroutine is left:\n%s", stacks)
	}
}

func TestSendIgnoresOtherAddresses(t *testing.T) {
	other, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	victim, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		buf := make([]byte, 2048)
		_, from, err := victim.ReadFrom(buf)
		if err != nil {
			return
		}
		// The bystander knows the client's port and is faster.
		other.WriteTo([]byte("good, from elsewhere"), from)
		time.Sleep(30 * time.Millisecond)
		victim.WriteTo([]byte("good"), from)
	}()
	cfg := realmOf(t, "", "udp/"+victim.LocalAddr().String())
	n := &network{pace: paced(false, true)}
	reply, err := n.send(context.Background(), cfg, "R", []byte("request"), wantGood)
	victim.Close()
	<-done
	if string(reply) != "good" {
		t.Errorf("%q, %v", reply, err)
	}
}

func TestSendEndsWithItsContext(t *testing.T) {
	for _, proto := range []string{"udp/", "tcp/", ""} {
		cfg := realmOf(t, "", (&fakeKDC{}).start(t).addr(proto))
		pace := quick
		pace.each, pace.total = time.Hour, time.Hour
		n := &network{pace: pace}
		ctx, cancel := context.WithCancel(context.Background())
		time.AfterFunc(50*time.Millisecond, cancel)
		begin := time.Now()
		_, err := n.send(ctx, cfg, "R", []byte("request"), wantGood)
		if e := status.Of(err); e == nil || e.Minor != status.KRB5_KDC_UNREACH {
			t.Errorf("%q: %v", proto, err)
		}
		if d := time.Since(begin); d > busy {
			t.Errorf("%q: it took %s", proto, d)
		}
		checkGoroutines(t)
	}
}

func TestSendEndsAtItsTotal(t *testing.T) {
	pace := quick
	pace.each, pace.total = time.Hour, 100*time.Millisecond
	n := &network{pace: pace}
	begin := time.Now()
	_, err := n.send(context.Background(), realmOf(t, "", (&fakeKDC{}).start(t).addr("")), "R", []byte("request"),
		wantGood)
	if e := status.Of(err); e == nil || e.Minor != status.KRB5_KDC_UNREACH || !strings.Contains(e.Text, "no answer") {
		t.Errorf("%v", err)
	}
	if d := time.Since(begin); d > busy {
		t.Errorf("it took %s", d)
	}
}

func TestPacing(t *testing.T) {
	for _, test := range []struct {
		name, config string
		want         pacing
	}{
		{"unset", "", mits},
		{"kdc_timeout", "kdc_timeout = 1", pacing{each: time.Second / 2,
			pass: []time.Duration{time.Second, time.Second, time.Second}, tcp: time.Second, grace: mits.grace,
			total: 6 * time.Second}},
		{"max_retries", "max_retries = 4", pacing{each: time.Second, pass: append(mits.pass[:3:3], 8*time.Second),
			tcp: 10 * time.Second, grace: mits.grace, total: time.Minute}},
		{"request_timeout", "request_timeout = 7", pacing{each: time.Second, pass: mits.pass, tcp: 10 * time.Second,
			grace: mits.grace, total: 7 * time.Second}},
	} {
		if got := mits.configured(realmOf(t, test.config), 2); fmt.Sprint(got) != fmt.Sprint(test.want) {
			t.Errorf("%s: %v, not %v", test.name, got, test.want)
		}
	}
}

func TestSendKeepsTheTextOfTheCheck(t *testing.T) {
	k := (&fakeKDC{udp: answersUDP(says("x"))}).start(t)
	n := &network{pace: paced(false, false)}
	_, err := n.send(context.Background(), realmOf(t, "", k.addr("udp/")), "R", []byte("request"),
		func([]byte) error { return errors.New("its reply is for somebody else") })
	if e := status.Of(err); e == nil || !strings.Contains(e.Text,
		k.addr("")+"/udp of realm R: its reply is for somebody else") {
		t.Errorf("%v", err)
	}
}
