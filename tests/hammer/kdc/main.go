// SPDX-License-Identifier: BSD-2-Clause

// Kdc hammers a library's clients with replies of a KDC that were changed on the way: bits, cuts, values of DER in the
// wrong place, datagrams twice, late, empty or of another request, wrong lengths and broken connections over TCP,
// KRB-ERRORs with odd contents.
//
//	kdc -realm DIR -client PROGRAM -seconds N -seed N
//
// DIR is one that "kdc realm" of tests/kdc has made; PROGRAM is client.c. In each round a client logs in with a keytab or
// a password, or has a login, gets a ticket for a service and makes a context with it. The client must live, answer in
// bounded time, and fail, or have the context that it has when nothing is changed: with a ticket that the KDC has given in
// this round, of which both sides know the same. Every few rounds nothing is changed, and then there must be a context.
package main

import (
	"bufio"
	"context"
	"encoding/hex"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"libgssapi/tests/kdc/realm"
)

const (
	clients = 8
	// bound is what a round may take: its exchanges have timeouts of a second, and the machine may be busy.
	bound = time.Minute
	// least is how many rounds each client has however slow the machine is: enough to find what is found often.
	least = 25
)

var services = []string{"host@server.demo.test", "demo@localhost", "aes17@localhost", "aes20@localhost", "delegate@localhost",
	"demo@server.other.test", "big@localhost"}

var flags = []uint32{0, 2, 2 | 4 | 8, 1 | 2}

func main() {
	dir := flag.String("realm", "", "a `directory` of \"kdc realm\"")
	program := flag.String("client", "", "the client's `program`")
	seconds := flag.Float64("seconds", 20, "for so `long`")
	seed := flag.Uint64("seed", 1, "of the random numbers")
	flag.Parse()
	if *dir == "" || *program == "" || flag.NArg() != 0 {
		flag.Usage()
		os.Exit(2)
	}
	fmt.Printf("# kdc, seed %d\n", *seed)
	if err := run(*dir, *program, time.Duration(*seconds*float64(time.Second)), *seed); err != nil {
		fmt.Printf("not ok - kdc, seed %d: %v\n", *seed, err)
		os.Exit(1)
	}
}

// tally counts what came of rounds.
type tally struct {
	mu                                          sync.Mutex
	rounds, contexts, honest, changed, failures int
	longest                                     time.Duration
}

func run(dir, program string, d time.Duration, seed uint64) error {
	c, err := realm.Load(filepath.Join(dir, "kdc.json"))
	if err != nil {
		return err
	}
	work, err := os.MkdirTemp("", "hammer-kdc.")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	cx, cancel := context.WithTimeout(context.Background(), d)
	defer cancel()
	var t tally
	failed := make(chan error, clients)
	for i := range clients {
		go func() {
			r := rand.New(rand.NewPCG(seed, uint64(i)))
			failed <- one(cx, c, dir, program, filepath.Join(work, fmt.Sprint(i)), r, &t)
		}()
	}
	for range clients {
		if e := <-failed; e != nil && err == nil {
			err = e
			cancel()
		}
	}
	if err != nil {
		return err
	}
	if t.honest == 0 || t.contexts <= t.honest {
		return fmt.Errorf("%d rounds and %d contexts, %d of them unhindered: that shows nothing", t.rounds, t.contexts, t.honest)
	}
	fmt.Printf("ok - kdc: %d rounds, %d changed replies; %d contexts, %d failures, the longest after %.1f s\n", t.rounds, t.changed,
		t.contexts, t.failures, t.longest.Seconds())
	return nil
}

// one runs a client with a KDC of its own.
func one(cx context.Context, c *realm.Config, from, program, dir string, r *rand.Rand, t *tally) error {
	p, err := listen(c)
	if err != nil {
		return err
	}
	defer p.udp.Close()
	defer p.tcp.Close()
	if err := surroundings(c, p, from, dir); err != nil {
		return err
	}
	k, err := start(program, dir)
	if err != nil {
		return err
	}
	defer k.stop()
	for i := 0; cx.Err() == nil || i < least && cx.Err() == context.DeadlineExceeded; i++ {
		if err := k.round(p, dir, r, t); err != nil {
			return err
		}
	}
	return k.end()
}

// surroundings makes a client's directory.
func surroundings(c *realm.Config, p *proxy, from, dir string) error {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	addr := p.tcp.Addr().String()
	hasty := []string{"kdc_timeout = 1", "max_retries = 1"}
	for name, settings := range map[string][]string{
		"hasty.conf":   hasty,
		"stream.conf":  append(hasty, "udp_preference_limit = 1"),
		"patient.conf": {"kdc_timeout = 50"},
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(c.KRB5Conf(addr, settings...)), 0o600); err != nil {
			return err
		}
	}
	for name, source := range map[string]string{"user.keytab": "alice.keytab", "krb5.keytab": "", "tgt": "alice.ccache"} {
		b, err := os.ReadFile(filepath.Join(from, source))
		if source == "" {
			b, err = keytabs(from)
		}
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// keytabs joins those of two realms.
func keytabs(dir string) ([]byte, error) {
	a, err := os.ReadFile(filepath.Join(dir, "krb5.keytab"))
	if err != nil {
		return nil, err
	}
	b, err := os.ReadFile(filepath.Join(dir, "other.keytab"))
	if err != nil {
		return nil, err
	}
	return append(a, b[2:]...), nil // without the second version
}

// client is a running one.
type client struct {
	cmd     *exec.Cmd
	in      io.WriteCloser
	answers chan string
}

func start(program, dir string) (*client, error) {
	k := &client{cmd: exec.Command(program, dir), answers: make(chan string)}
	k.cmd.Stderr = os.Stderr
	var err error
	if k.in, err = k.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := k.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := k.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		defer close(k.answers)
		for s := bufio.NewScanner(out); s.Scan(); {
			k.answers <- s.Text()
		}
	}()
	return k, nil
}

// end lets the client end by itself.
func (k *client) end() error {
	k.in.Close()
	return k.cmd.Wait()
}

func (k *client) stop() {
	k.cmd.Process.Kill()
	k.in.Close()
}

// round has the client make a context.
func (k *client) round(p *proxy, dir string, r *rand.Rand, t *tally) error {
	kind := []string{"as", "tgs", "pw"}[r.IntN(3)]
	service := services[r.IntN(len(services))]
	conf := []string{"hasty.conf", "stream.conf"}[r.IntN(2)]
	honest := r.IntN(8) == 0
	if honest {
		conf = "patient.conf"
	}
	command := fmt.Sprintf("%s %s %d %s", kind, service, flags[r.IntN(len(flags))], filepath.Join(dir, conf))
	p.begin(rand.New(rand.NewPCG(r.Uint64(), r.Uint64())), honest)
	begun := time.Now()
	if _, err := fmt.Fprintln(k.in, command); err != nil {
		return fmt.Errorf("the client has ended: %v", k.cmd.Wait())
	}
	var answer string
	var alive bool
	select {
	case answer, alive = <-k.answers:
	case <-time.After(bound):
		answer = "no answer in time"
	}
	took := time.Since(begun)
	if err := p.settle(); err != nil {
		return err
	}
	noted, changed := p.end()
	fail := func(format string, args ...any) error {
		return fmt.Errorf("%s\n# %s\n# %.300s\n# %s", fmt.Sprintf(format, args...), command, answer, strings.Join(noted, "\n# "))
	}
	if !alive {
		return fail("the client has ended, or hangs")
	}
	f := strings.Fields(answer)
	if len(f) != 7 {
		return fail("an answer of %d words", len(f))
	}
	if p.stale {
		return fail("the client has asked for a ticket with one of an earlier round")
	}
	result := f[6]
	t.mu.Lock()
	defer t.mu.Unlock()
	t.rounds++
	t.changed += changed
	t.longest = max(t.longest, took)
	switch {
	case result == "none" && !honest:
		t.failures++
		return nil
	case result != "one":
		return fail("a client whose replies were changed: %v. The result is %s", !honest, result)
	}
	t.contexts++
	if honest {
		t.honest++
	}
	token, err := hex.DecodeString(f[3])
	if err != nil {
		return fail("the token: %v", err)
	}
	ticket, err := ticketIn(token)
	if err != nil {
		return fail("the token: %v", err)
	}
	if !p.fresh(ticket) {
		return fail("a context with a ticket that the KDC has not given in this round")
	}
	return nil
}
