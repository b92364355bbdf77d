// SPDX-License-Identifier: BSD-2-Clause

package ctx_test

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"io"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"libgssapi/internal/crypto"
	"libgssapi/internal/ctx"
	"libgssapi/internal/krb5"
	"libgssapi/internal/krbtest"
	"libgssapi/internal/status"
)

const (
	importerVariable = "CTX_TEST_IMPORTER_CONFIG" // krb5.conf; the test binary is an importer then
	roundsVariable   = "CTX_RACE_ROUNDS"
	racers           = 64
)

// importerEnv is the environment of a process that has only a krb5.conf.
func importerEnv(config string) *krb5.Env {
	vars := map[string]string{"KRB5_CONFIG": config}
	return &krb5.Env{
		Library:   new(krb5.Library),
		Getenv:    func(name string) string { return vars[name] },
		Now:       time.Now,
		Rand:      rand.Reader,
		EUID:      os.Geteuid(),
		LookupUID: func(uint32) (string, bool) { return "", false },
		Hostname:  func() (string, error) { return "worker.test.example", nil },
	}
}

// send and receive exchange messages between the processes, each preceded by its length.
func send(f *os.File, b []byte) error {
	_, err := f.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(b))), b...))
	return err
}

func receive(f *os.File) ([]byte, error) {
	var n [4]byte
	if _, err := io.ReadFull(f, n[:]); err != nil {
		return nil, err
	}
	b := make([]byte, binary.BigEndian.Uint32(n[:]))
	_, err := io.ReadFull(f, b)
	return b, err
}

// TestImporter is not a test: it runs in the processes that other tests start. It imports each token that it receives, as
// soon as the barrier opens for all, and answers with a protected message or a major status.
func TestImporter(t *testing.T) {
	config := os.Getenv(importerVariable)
	if config == "" {
		return
	}
	env := importerEnv(config)
	in, out, barrier := os.NewFile(3, "in"), os.NewFile(4, "out"), os.NewFile(5, "barrier")
	for {
		tok, err := receive(in)
		if err != nil {
			return
		}
		if err := unix.Flock(int(barrier.Fd()), unix.LOCK_SH); err != nil {
			t.Fatal(err)
		}
		c, err := ctx.Import(env, tok, nil)
		var answer []byte
		if err != nil {
			e := status.Of(err)
			answer = append(binary.BigEndian.AppendUint32(nil, uint32(e.Major)), e.Text...)
		} else {
			if answer, err = c.Wrap(true, 0, []byte("I have it"), memory); err != nil {
				t.Fatal(err)
			}
			answer = append(make([]byte, 4), answer...)
		}
		if err := unix.Flock(int(barrier.Fd()), unix.LOCK_UN); err != nil {
			t.Fatal(err)
		}
		if err := send(out, answer); err != nil {
			return
		}
	}
}

// importer is another process that imports contexts.
type importer struct {
	cmd     *exec.Cmd
	in, out *os.File
	said    bytes.Buffer
}

// startImporter starts an importer. change may set the account under which it runs.
func startImporter(t *testing.T, r *krbtest.Realm, barrier string, change func(*exec.Cmd)) *importer {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	childIn, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	out, childOut, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	lock, err := os.OpenFile(barrier, os.O_RDONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	p := &importer{cmd: exec.Command(self, "-test.run=^TestImporter$", "-test.timeout=300s"), in: in, out: out}
	p.cmd.Env = append(os.Environ(), importerVariable+"="+r.Vars["KRB5_CONFIG"])
	p.cmd.ExtraFiles = []*os.File{childIn, childOut, lock}
	p.cmd.Stdout, p.cmd.Stderr = &p.said, &p.said
	if change != nil {
		change(p.cmd)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for _, f := range p.cmd.ExtraFiles {
		f.Close()
	}
	t.Cleanup(func() {
		in.Close()
		out.Close()
		if err := p.cmd.Wait(); err != nil {
			t.Errorf("an importer: %v: %s", err, p.said.Bytes())
		}
	})
	return p
}

// answer returns what the importer sends back for a token.
func (p *importer) answer(t *testing.T) (major status.Major, rest []byte) {
	t.Helper()
	b, err := receive(p.out)
	if err != nil || len(b) < 4 {
		t.Fatalf("an importer has ended: %v: %s", err, p.said.Bytes())
	}
	return status.Major(binary.BigEndian.Uint32(b)), b[4:]
}

func TestOneOfManyProcessesGetsTheContext(t *testing.T) {
	rounds := 1000
	if testing.Short() {
		rounds = 20
	}
	if n, err := strconv.Atoi(os.Getenv(roundsVariable)); err == nil {
		rounds = n
	}
	r := krbtest.New(t, crypto.AES256SHA1)
	barrier := r.Write(t, "barrier", nil)
	gate, err := os.Open(barrier)
	if err != nil {
		t.Fatal(err)
	}
	defer gate.Close()
	var all [racers]*importer
	for i := range all {
		all[i] = startImporter(t, r, barrier, nil)
	}
	var wins [racers]int
	for round := range rounds {
		client, server := pair(t, r, allFlags)
		tok, err := server.Export(r.Env, memory)
		if err != nil {
			t.Fatal(err)
		}
		if err := unix.Flock(int(gate.Fd()), unix.LOCK_EX); err != nil {
			t.Fatal(err)
		}
		for _, p := range all {
			if err := send(p.in, tok); err != nil {
				t.Fatal(err)
			}
		}
		if err := unix.Flock(int(gate.Fd()), unix.LOCK_UN); err != nil {
			t.Fatal(err)
		}
		winners := 0
		for i, p := range all {
			major, rest := p.answer(t)
			switch major {
			case 0:
				winners++
				wins[i]++
				if msg, _, supp, err := client.Unwrap(rest, memory); err != nil || supp != 0 || string(msg) != "I have it" {
					t.Errorf("round %d: the winner's message: %q, %#x, %v", round, msg, supp, err)
				}
			case status.NoContext:
			default:
				t.Errorf("round %d: a loser got %#x: %s", round, major, rest)
			}
		}
		if winners != 1 {
			t.Fatalf("round %d: %d of %d processes got the context", round, winners, racers)
		}
	}
	different := 0
	for _, n := range wins {
		if n > 0 {
			different++
		}
	}
	t.Logf("%d rounds of %d processes, %d winners, %d different ones", rounds, racers, rounds, different)
}
