// SPDX-License-Identifier: BSD-2-Clause

package ledger

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"io"
	mrand "math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// The roles of processes in these tests: the test binary runs itself with one of them in the environment.
const (
	roleVariable      = "LEDGER_TEST_ROLE"
	directoryVariable = "LEDGER_TEST_DIRECTORY"
	secondsVariable   = "LEDGER_KILL_SECONDS" // how long processes are killed
)

// record is what an exporter sends to importers: small enough that a pipe keeps it whole.
type record struct {
	ref Ref
	key Key
}

const recordSize = 16 + 4 + 8 + KeySize + 4

func (r *record) octets() []byte {
	b := append(make([]byte, 0, recordSize), r.ref.Ledger[:]...)
	b = binary.BigEndian.AppendUint32(b, r.ref.Slot)
	b = binary.BigEndian.AppendUint64(b, r.ref.State)
	return append(b, r.key[:]...)[:recordSize]
}

func parseRecord(b []byte) (r record) {
	copy(r.ref.Ledger[:], b)
	r.ref.Slot = binary.BigEndian.Uint32(b[16:])
	r.ref.State = binary.BigEndian.Uint64(b[20:])
	copy(r.key[:], b[28:])
	return r
}

// TestRole is not a test: it runs in the other processes of the tests below.
func TestRole(t *testing.T) {
	role := os.Getenv(roleVariable)
	if role == "" {
		return
	}
	p := Place{Directories: []string{os.Getenv(directoryVariable)}, ID: uint32(os.Geteuid())}
	pipe := os.NewFile(3, "pipe")
	var l Ledgers
	switch role {
	case "exporter":
		for {
			key := randomKey(t)
			at := time.Now()
			ref, err := l.Deposit(&p, key, at, at.Add(time.Minute), rand.Reader)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := pipe.Write((&record{ref, *key}).octets()); err != nil {
				return
			}
		}
	case "importer":
		log := os.NewFile(4, "log")
		b := make([]byte, recordSize)
		for {
			if _, err := io.ReadFull(pipe, b); err != nil {
				return
			}
			r := parseRecord(b)
			at := time.Now()
			e, err := l.Peek(&p, r.ref, at)
			if err != nil {
				t.Fatalf("a token that nobody else has: %v", err)
			}
			if *e.Key() != r.key {
				t.Fatal("the key of a token is another one")
			}
			if err := e.Claim(); err != nil {
				t.Fatal(err)
			}
			if _, err := take(&l, &p, r.ref, at); err != ErrUsed {
				t.Fatalf("a second import: %v", err)
			}
			if _, err := log.Write(b); err != nil {
				t.Fatal(err)
			}
		}
	case "no-space":
		if err := unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: 20_000, Max: 20_000}); err != nil {
			t.Fatal(err)
		}
		_, err := l.Deposit(&p, randomKey(t), now, now.Add(time.Hour), rand.Reader)
		if !errors.Is(err, unix.EFBIG) {
			t.Fatalf("without space: %v", err)
		}
	default:
		t.Fatalf("no such role: %s", role)
	}
}

// process is the test binary in a role.
type process struct {
	*exec.Cmd
	said bytes.Buffer
}

func start(t *testing.T, role string, p *Place, files ...*os.File) *process {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := &process{Cmd: exec.Command(self, "-test.run=^TestRole$", "-test.timeout=120s")}
	c.Env = append(os.Environ(), roleVariable+"="+role, directoryVariable+"="+p.Directories[0])
	c.ExtraFiles, c.Stdout, c.Stderr = files, &c.said, &c.said
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	return c
}

// kill ends the process, which must still be running.
func (c *process) kill(t *testing.T) {
	t.Helper()
	_ = c.Process.Kill()
	var exit *exec.ExitError
	if err := c.Wait(); !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		t.Errorf("%v: %s", err, c.said.Bytes())
	}
}

// Exporters and importers are killed while they work: no token can be used twice, none that was sent is lost, and no slot
// stays taken for longer than its context lasts.
func TestKilledProcessesLeaveNothing(t *testing.T) {
	duration := 5 * time.Second
	if testing.Short() {
		duration = time.Second
	}
	if s, err := strconv.Atoi(os.Getenv(secondsVariable)); err == nil {
		duration = time.Duration(s) * time.Second
	}
	p := testPlace(t)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	log, err := os.OpenFile(p.Directories[0]+"/log", os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	begin := func(i int) *process {
		if i%2 == 0 {
			return start(t, "exporter", p, w)
		}
		return start(t, "importer", p, r, log)
	}
	var running [6]*process
	for i := range running {
		running[i] = begin(i)
	}
	const enough = 100 // tokens
	imported := func() int64 {
		info, err := log.Stat()
		if err != nil {
			t.Fatal(err)
		}
		return info.Size() / recordSize
	}
	kills := 0
	pause := 10 * time.Millisecond // longer and longer where processes get to no work in that time
	for end := time.Now().Add(duration); time.Now().Before(end) || imported() < enough; kills++ {
		time.Sleep(mrand.N(pause))
		if time.Now().After(end) {
			pause = min(pause+pause/8, time.Minute)
		}
		i := mrand.IntN(len(running))
		running[i].kill(t)
		running[i] = begin(i)
	}
	time.Sleep(200 * time.Millisecond) // the last ones get to work
	for _, c := range running {
		c.kill(t)
	}
	used := usedOnce(t, log)
	t.Logf("%d processes killed, %d tokens imported", kills+len(running), used)
	if used < enough {
		t.Errorf("only %d tokens were imported", used)
	}
	free := freeSlots(t, p, time.Now())
	later := freeSlots(t, p, time.Now().Add(time.Minute+(patience+1)*time.Second))
	if all := len(readFile(t, p))/slotSize - 1; later != all {
		t.Errorf("%d of %d slots are free when all contexts have ended (%d at once)", later, all, free)
	}
	b := readFile(t, p)
	for i := slotSize; i < len(b); i += slotSize {
		if !bytes.Equal(b[i+8:i+slotSize], make([]byte, slotSize-8)) {
			t.Fatalf("slot %d holds octets of a key when all contexts have ended", i/slotSize)
		}
	}
}

// usedOnce counts the tokens in the importers' log.
func usedOnce(t *testing.T, log *os.File) int {
	t.Helper()
	b, err := os.ReadFile(log.Name())
	if err != nil {
		t.Fatal(err)
	}
	seen := map[Ref]bool{}
	for ; len(b) >= recordSize; b = b[recordSize:] {
		r := parseRecord(b)
		if seen[r.ref] {
			t.Errorf("token %+v was imported twice", r.ref)
		}
		seen[r.ref] = true
	}
	return len(seen)
}

// freeSlots opens the ledger at some time and counts the free slots.
func freeSlots(t *testing.T, p *Place, at time.Time) (n int) {
	t.Helper()
	var l Ledgers
	if _, err := l.Peek(p, Ref{}, at); err != ErrUnknown && err != ErrUsed {
		t.Fatal(err)
	}
	b := l.book(p, p.Directories[0])
	if err := b.reopen(seconds(at)); err != nil {
		t.Fatal(err)
	}
	for i := uint32(1); i < b.m.table.slots(); i++ {
		if state(b.m.table.slot(i)[wordState].Load()).kind() == free {
			n++
		}
	}
	return n
}

// A limit on file size does not kill the process, as SIGXFSZ would.
func TestFileSizeLimitIsAnErrorAndLeavesNothing(t *testing.T) {
	p := testPlace(t)
	c := start(t, "no-space", p)
	if err := c.Wait(); err != nil {
		t.Errorf("%v: %s", err, c.said.Bytes())
	}
	left, err := os.ReadDir(p.directory(p.Directories[0]))
	if err != nil || len(left) != 0 {
		t.Errorf("%v is left, %v", left, err)
	}
}
