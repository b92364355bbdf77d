// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"libgssapi/internal/status"
)

// kcmDaemon is a KCM server with one cache, "0". answers overrides its replies by operation. As in SSSD, the newest
// cache is the primary one.
type kcmDaemon struct {
	mu        sync.Mutex
	principal []byte
	creds     [][]byte
	offset    []byte
	lists     bool // knows GET_CRED_LIST
	answers   map[kcmOperation][]byte
	asked     []kcmOperation
	primary   string // "" for "0"
}

// kcmReply returns the complete reply of an operation that succeeds.
func kcmReply(payload ...byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(4+len(payload)))
	return append(append(b, 0, 0, 0, 0, 0, 0, 0, 0), payload...)
}

func kcmFailure(code status.Minor) []byte {
	return binary.BigEndian.AppendUint32([]byte{0, 0, 0, 4, 0, 0, 0, 0}, uint32(code))
}

func (d *kcmDaemon) primaryCache() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.primary
}

func (d *kcmDaemon) answer(op kcmOperation, arguments []byte) []byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.asked = append(d.asked, op)
	if b, ok := d.answers[op]; ok {
		return b
	}
	if op == kcmGetDefaultCache {
		return kcmReply([]byte(cmp.Or(d.primary, "0") + "\x00")...)
	}
	if op == kcmGetCacheUUIDList {
		return kcmReply(make([]byte, kcmUUIDSize)...)
	}
	if op == kcmGetCacheByUUID {
		return kcmReply([]byte("0\x00")...)
	}
	cache, arguments, _ := bytes.Cut(arguments, []byte{0})
	switch op {
	case kcmSetDefaultCache:
		d.primary = string(cache)
		return kcmReply()
	case kcmInitialize:
		d.principal, d.creds, d.primary = bytes.Clone(arguments), nil, string(cache)
		return kcmReply()
	case kcmStore:
		d.creds = append(d.creds, bytes.Clone(arguments))
		return kcmReply()
	case kcmGetPrincipal:
		return kcmReply(d.principal...)
	case kcmGetKDCOffset:
		return kcmReply(d.offset...)
	case kcmSetKDCOffset:
		d.offset = bytes.Clone(arguments)
		return kcmReply()
	case kcmGetCredUUIDList:
		var list []byte
		for i := range d.creds {
			list = append(list, append(make([]byte, kcmUUIDSize-1), byte(i))...)
		}
		return kcmReply(list...)
	case kcmGetCredByUUID:
		return kcmReply(d.creds[arguments[kcmUUIDSize-1]]...)
	case kcmGetCredList:
		if d.lists {
			list := binary.BigEndian.AppendUint32(nil, uint32(len(d.creds)))
			for _, cred := range d.creds {
				list = append(binary.BigEndian.AppendUint32(list, uint32(len(cred))), cred...)
			}
			return kcmReply(list...)
		}
	}
	return kcmFailure(status.KRB5_FCC_INTERNAL)
}

// operations returns the operations requested since the last call.
func (d *kcmDaemon) operations() []kcmOperation {
	d.mu.Lock()
	defer d.mu.Unlock()
	asked := d.asked
	d.asked = nil
	return asked
}

func (d *kcmDaemon) serve(c net.Conn) {
	defer c.Close()
	for {
		var size [4]byte
		if _, err := io.ReadFull(c, size[:]); err != nil {
			return
		}
		request := make([]byte, binary.BigEndian.Uint32(size[:]))
		if _, err := io.ReadFull(c, request); err != nil || binary.BigEndian.Uint16(request) != kcmVersion {
			return
		}
		if _, err := c.Write(d.answer(kcmOperation(binary.BigEndian.Uint16(request[2:])), request[4:])); err != nil {
			return
		}
	}
}

// start starts the daemon, and returns an environment whose krb5.conf names its socket.
func (d *kcmDaemon) start(t *testing.T) *Env {
	t.Helper()
	dir, err := os.MkdirTemp("", "kcm") // t.TempDir may be too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close(); os.RemoveAll(dir) })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go d.serve(c)
		}
	}()
	return newTestEnv(t, map[string]string{
		"KRB5_CONFIG": writeFile(t, "krb5.conf", "[libdefaults]\ndefault_ccache_name = KCM:\nkcm_socket = "+path+"\n"),
	})
}

func TestKCMCacheIsReadBack(t *testing.T) {
	for lists, offset := range map[bool]time.Duration{true: -2 * time.Second, false: 0} {
		d := &kcmDaemon{lists: lists, offset: []byte("left")} // as in Heimdal's daemon, where nobody has set one
		env := d.start(t)
		tgt := sampleCredential(t, "krbtgt/A.TEST@A.TEST")
		c, err := CreateCCacheOffset(env, "", tgt.Client, offset, tgt, refreshEntry(tgt.Client, time.Unix(1, 0)))
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Store(sampleCredential(t, "host/h@A.TEST")); err != nil {
			t.Fatal(err)
		}
		again, err := env.Library.OpenCCache(env, "KCM:0")
		if err != nil || again.Name() != "KCM:0" || again.Offset() != offset || len(again.Credentials()) != 2 {
			t.Fatalf("%v, %v", again, err)
		}
		if !again.RefreshDue(env) {
			t.Error("there is no refresh_time")
		}
		if asked := slices.Contains(d.operations(), kcmGetCredByUUID); asked == lists {
			t.Errorf("GET_CRED_BY_UUID is asked for: %v", asked)
		}
		found, err := env.Library.FindCCache(env, "", tgt.Client.Equal)
		if err != nil || found == nil {
			t.Errorf("%v, %v", found, err)
		}
		// Somebody else's now.
		d.mu.Lock()
		d.principal, _ = bytes.CutSuffix([]byte(d.principal), []byte("alice"))
		d.principal = append(d.principal, "bobby"...)
		d.mu.Unlock()
		wantMinor(t, c.Store(tgt), status.KG_CCACHE_NOMATCH)
		if len(c.Credentials()) != 0 {
			t.Error("tickets of somebody else")
		}
	}
}

func TestHostileKCMReplies(t *testing.T) {
	huge := binary.BigEndian.AppendUint32(nil, maxKCMReply+1)
	for _, v := range []struct {
		name  string
		op    kcmOperation
		reply []byte
		minor status.Minor
	}{
		{"no-status", kcmGetPrincipal, []byte{0, 0, 0, 3, 0, 0, 0, 0, 1, 2, 3}, status.KRB5_KCM_MALFORMED_REPLY},
		{"too-large", kcmGetPrincipal, append(huge, 0, 0, 0, 0), status.KRB5_KCM_REPLY_TOO_BIG},
		{"transport", kcmGetPrincipal, []byte{0, 0, 0, 0, 0, 0, 0, 5}, 5},
		{"transport-and-more", kcmGetKDCOffset, append([]byte{0, 0, 0, 16, 0, 0, 0, 5}, kcmReply(0, 0, 0, 0)...), status.KRB5_KCM_MALFORMED_REPLY},
		{"operation", kcmGetPrincipal, kcmFailure(status.KRB5_FCC_PERM), status.KRB5_FCC_PERM},
		{"no-cache", kcmGetPrincipal, kcmFailure(status.KRB5_CC_NOTFOUND), status.KRB5_FCC_NOFILE},
		{"no-principal", kcmGetPrincipal, kcmReply(), status.KRB5_FCC_NOFILE},
		{"principal-cut-off", kcmGetPrincipal, kcmReply(0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 9, 'A'), status.KRB5_KCM_MALFORMED_REPLY},
		{"components-without-end", kcmGetPrincipal, kcmReply(0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0),
			status.KRB5_KCM_MALFORMED_REPLY},
		{"default-without-end", kcmGetDefaultCache, kcmReply('0'), status.KRB5_KCM_MALFORMED_REPLY},
		{"empty-default", kcmGetDefaultCache, kcmReply(0), status.KRB5_KCM_MALFORMED_REPLY},
		{"list-cut-off", kcmGetCredList, kcmReply(0, 0, 0, 1, 0, 0, 0, 9, 1), status.KRB5_KCM_MALFORMED_REPLY},
		{"list-without-end", kcmGetCredList, kcmReply(0xff, 0xff, 0xff, 0xff), status.KRB5_KCM_REPLY_TOO_BIG},
		{"list-of-nonsense", kcmGetCredList, kcmReply(0, 0, 0, 1, 0, 0, 0, 4, 1, 2, 3, 4), status.KRB5_KCM_MALFORMED_REPLY},
		{"uuid-cut-off", kcmGetCredUUIDList, kcmReply(1, 2, 3), status.KRB5_KCM_MALFORMED_REPLY},
		{"uuids-without-end", kcmGetCredUUIDList, kcmReply(make([]byte, kcmUUIDSize*(maxKCMTicket+1))...), status.KRB5_KCM_REPLY_TOO_BIG},
		{"credential-of-nonsense", kcmGetCredByUUID, kcmReply(1), status.KRB5_KCM_MALFORMED_REPLY},
		{"says-no-more", kcmGetPrincipal, []byte{0}, status.KRB5_CC_IO},
	} {
		t.Run(v.name, func(t *testing.T) {
			d := &kcmDaemon{lists: v.op == kcmGetCredList, answers: map[kcmOperation][]byte{}}
			env := d.start(t)
			tgt := sampleCredential(t, "krbtgt/A.TEST@A.TEST")
			if _, err := CreateCCache(env, "KCM:0", tgt.Client, tgt); err != nil {
				t.Fatal(err)
			}
			d.mu.Lock()
			d.answers[v.op] = v.reply
			d.mu.Unlock()
			if v.name == "says-no-more" {
				defer func(p time.Duration) { kcmPatience = p }(kcmPatience)
				kcmPatience = 50 * time.Millisecond
			}
			_, err := env.Library.OpenCCache(env, "")
			wantMinor(t, err, v.minor)
		})
	}
}

// If a server lists many caches but does not answer questions about them, the caller does not wait for each.
func TestHangingKCMServerEndsTheSearch(t *testing.T) {
	const caches = 8
	defer func(each, all time.Duration) { kcmPatience, collectionPatience = each, all }(kcmPatience, collectionPatience)
	kcmPatience, collectionPatience = 500*time.Millisecond, 250*time.Millisecond
	d := &kcmDaemon{answers: map[kcmOperation][]byte{
		kcmGetCacheUUIDList: kcmReply(make([]byte, caches*kcmUUIDSize)...),
		kcmGetCacheByUUID:   kcmReply([]byte("another\x00")...),
		kcmGetPrincipal:     {0},
	}}
	env := d.start(t)
	_, err := env.Library.FindCCache(env, "KCM:", mustPrincipal(t, "alice@A.TEST").Equal)
	wantMinor(t, err, status.KRB5_CC_IO)
	asked := 0
	for _, op := range d.operations() {
		if op == kcmGetPrincipal {
			asked++
		}
	}
	if asked > 1 {
		t.Errorf("%d caches were waited for", asked)
	}
}

// A call that holds a cache waits for a hanging server once, however often it looks into the cache.
func TestHangingKCMServerIsWaitedForOnce(t *testing.T) {
	defer func(each time.Duration) { kcmPatience = each }(kcmPatience)
	kcmPatience = 500 * time.Millisecond
	d := new(kcmDaemon)
	env := d.start(t)
	env.Seen = new(Seen)
	tgt := sampleCredential(t, "krbtgt/A.TEST@A.TEST")
	c, err := CreateCCache(env, "", tgt.Client, tgt)
	if err != nil {
		t.Fatal(err)
	}
	d.operations()
	d.mu.Lock()
	d.answers = map[kcmOperation][]byte{kcmGetPrincipal: {0}}
	d.mu.Unlock()
	later := *env
	later.Seen = new(Seen)
	end := c.Hold(&later)
	if n := len(c.Credentials()) + len(c.Copies(nil)); n > 0 || c.Offset() != 0 {
		t.Errorf("%d credentials", n)
	}
	wantMinor(t, c.Store(tgt), status.KRB5_CC_IO)
	cfg, err := env.Library.Config(env)
	if err != nil {
		t.Fatal(err)
	}
	_, err = ServiceTicket(&later, cfg, c, mustPrincipal(t, "host/h@A.TEST"), TGSOptions{})
	if text := wantMinor(t, err, status.KRB5_CC_IO); !strings.Contains(text, "the KCM server at") {
		t.Error(text)
	}
	if _, ok := c.Config("refresh_time"); ok {
		t.Error("a configuration")
	}
	end()
	if asked := d.operations(); len(asked) != 1 {
		t.Errorf("the server was asked %d times", len(asked))
	}
	d.mu.Lock()
	d.answers = nil
	d.mu.Unlock()
	time.Sleep(kcmPatience) // until then the server gets less time
	later.Seen = new(Seen)
	defer c.Hold(&later)()
	if n := len(c.Credentials()); n != 1 {
		t.Errorf("%d credentials when the server answers again", n)
	}
}

// A call that opens several caches waits for a hanging server once, and hardly for each further one.
func TestCallWaitsForAHangingKCMServerOnce(t *testing.T) {
	defer func(each time.Duration) { kcmPatience = each }(kcmPatience)
	kcmPatience = time.Second
	d := &kcmDaemon{answers: map[kcmOperation][]byte{kcmGetDefaultCache: {0}}}
	env := d.start(t)
	tgt := sampleCredential(t, "krbtgt/A.TEST@A.TEST")
	began := time.Now()
	for range 3 {
		_, err := env.Library.OpenCCache(env, "")
		if text := wantMinor(t, err, status.KRB5_CC_IO); !strings.Contains(text, "does not answer") {
			t.Error(text)
		}
		_, err = env.Library.FindCCache(env, "", tgt.Client.Equal)
		wantMinor(t, err, status.KRB5_CC_IO)
	}
	if took := time.Since(began); took < kcmPatience || took > 3*kcmPatience {
		t.Errorf("six uses took %s", took)
	}
	d.mu.Lock()
	d.answers = nil
	d.mu.Unlock()
	if _, err := CreateCCache(env, "", tgt.Client, tgt); err != nil {
		t.Errorf("the server answers again, and is not asked: %v", err)
	}
	time.Sleep(kcmPatience)
	d.mu.Lock()
	d.answers = map[kcmOperation][]byte{kcmGetDefaultCache: {0}}
	d.mu.Unlock()
	began = time.Now()
	_, err := env.Library.OpenCCache(env, "")
	wantMinor(t, err, status.KRB5_CC_IO)
	if took := time.Since(began); took < kcmPatience {
		t.Errorf("a server that hung long ago gets %s", took)
	}
}

func TestNoKCMServer(t *testing.T) {
	for socket, text := range map[string]string{"-": "kcm_socket", "/nonexistent": "/nonexistent", strings.Repeat("x", 200): "too long"} {
		env := newTestEnv(t, map[string]string{"KRB5_CONFIG": writeFile(t, "krb5.conf", "[libdefaults]\nkcm_socket = "+socket+"\n")})
		_, err := env.Library.OpenCCache(env, "KCM:")
		if said := wantMinor(t, err, status.KRB5_KCM_NO_SERVER); !strings.Contains(said, text) {
			t.Errorf("%q lacks %q", said, text)
		}
	}
}

// octets is a connection to a server that has sent everything.
type octets struct{ io.Reader }

func (octets) Write(b []byte) (int, error) { return len(b), nil }

// FuzzKCM reads arbitrary replies.
func FuzzKCM(f *testing.F) {
	cred := sampleCredential(f, "krbtgt/A.TEST@A.TEST")
	w := newCCacheWriter(4)
	w.principal(cred.Client)
	b := cred.Marshal()
	f.Add(slices.Concat(kcmReply(w.b...), kcmReply(0, 0, 0, 1),
		kcmReply(append(binary.BigEndian.AppendUint32([]byte{0, 0, 0, 1}, uint32(len(b))), b...)...)))
	f.Add(slices.Concat(kcmReply(w.b...), kcmFailure(status.KRB5_FCC_INTERNAL), kcmFailure(status.KRB5_FCC_INTERNAL),
		kcmReply(make([]byte, kcmUUIDSize)...), kcmReply(b...)))
	f.Fuzz(func(t *testing.T, b []byte) {
		c := &kcmConn{ReadWriter: octets{bytes.NewReader(b)}}
		contents, err := c.contents([]byte("0\x00"))
		if (contents == nil) == (err == nil) {
			t.Fatalf("%v, %v", contents, err)
		}
		_, _ = (&kcmConn{ReadWriter: octets{bytes.NewReader(b)}}).name(kcmGetDefaultCache, nil)
	})
}

// While a call holds a cache, it is read once, unless the call itself changes it.
func TestHeldCacheIsReadOnce(t *testing.T) {
	d := &kcmDaemon{lists: true}
	env := d.start(t)
	env.Seen = new(Seen)
	tgt := sampleCredential(t, "krbtgt/A.TEST@A.TEST")
	if _, err := CreateCCache(env, "", tgt.Client, tgt); err != nil {
		t.Fatal(err)
	}
	reads := func() (n int) {
		for _, op := range d.operations() {
			if op == kcmGetCredList {
				n++
			}
		}
		return n
	}
	reads()
	c, err := env.Library.OpenCCache(env, "")
	if err != nil {
		t.Fatal(err)
	}
	use := func(want int) {
		t.Helper()
		_, _ = c.Offset(), c.Credentials()
		if n := reads(); n != want {
			t.Errorf("%d reads, want %d", n, want)
		}
	}
	end := c.Hold(env)
	use(1) // when it was opened
	if err := c.Store(sampleCredential(t, "host/h@A.TEST")); err != nil {
		t.Fatal(err)
	}
	use(1)
	use(0)
	end()
	use(2)
	later := *env
	later.Seen = new(Seen)
	end = c.Hold(&later)
	use(1)
	end()
}

func TestKCMIsToldOfThePrimaryCache(t *testing.T) {
	d := &kcmDaemon{answers: map[kcmOperation][]byte{kcmGetCacheUUIDList: kcmReply()}}
	env := d.start(t)
	p := mustPrincipal(t, "alice@A.TEST")
	name, err := env.Library.CCacheNameFor(env, "KCM:", p)
	if err != nil {
		t.Fatal(err)
	}
	c, err := CreateCCache(env, name, p)
	if err != nil {
		t.Fatal(err)
	}
	if err := env.Library.MakePrimary(env, "", c); err != nil || "KCM:"+d.primaryCache() != name {
		t.Errorf("%v, %s", err, d.primaryCache())
	}
	d.mu.Lock()
	d.answers[kcmSetDefaultCache] = kcmFailure(status.KRB5_FCC_PERM)
	d.mu.Unlock()
	wantMinor(t, env.Library.MakePrimary(env, "KCM:", c), status.KRB5_FCC_PERM)
}

func TestKCMKeepsThePrimaryCache(t *testing.T) {
	d := &kcmDaemon{}
	env := d.start(t)
	storeFor(t, env, "KCM:", "alice@A.TEST", false)
	d.mu.Lock()
	d.primary = "0"
	d.mu.Unlock()
	if name := storeFor(t, env, "KCM:", "bob@A.TEST", false); name == "KCM:0" || d.primaryCache() != "0" {
		t.Errorf("%s, %s", name, d.primaryCache())
	}
}
