// SPDX-License-Identifier: BSD-2-Clause

package sealing

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"libgssapi/internal/krb5"
	"libgssapi/internal/message"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// process returns a process with a policy, and a ledger in dir.
func process(t *testing.T, dir, settings string) *krb5.Env {
	t.Helper()
	conf := filepath.Join(t.TempDir(), "krb5.conf")
	text := fmt.Sprintf("[libgssapi]\n\tledger_directory = %s\n\t%s\n", dir, settings)
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return &krb5.Env{
		Library: new(krb5.Library),
		Getenv: func(name string) string {
			if name == "KRB5_CONFIG" {
				return conf
			}
			return ""
		},
		Now:  time.Now,
		Rand: rand.Reader,
		EUID: os.Geteuid(),
	}
}

// octets are a body that says of itself what the test wants, and remembers where it was written.
type octets struct {
	b       []byte
	size    int
	err     error
	written []byte
}

func bodyOf(b []byte) *octets { return &octets{b: b, size: len(b)} }

func (o *octets) Size() int { return o.size }

func (o *octets) Append(b []byte) ([]byte, error) {
	o.written = append(b, o.b...)
	return o.written, o.err
}

// heap counts what is not freed, and keeps what is.
type heap struct {
	live  int
	freed [][]byte
}

func (h *heap) memory() *message.Memory {
	return &message.Memory{
		Alloc: func(n int) []byte { h.live++; return bytes.Repeat([]byte{0xa5}, n) },
		Free:  func(b []byte) { h.live--; h.freed = append(h.freed, b) },
	}
}

var memory = new(heap).memory()

const content = token.SealedContext

func makeToken(t *testing.T, env *krb5.Env, body []byte) []byte {
	t.Helper()
	policy, err := env.ContextPolicy()
	if err != nil {
		t.Fatal(err)
	}
	tok, err := Make(env, policy, content, bodyOf(body), time.Now().Add(time.Hour), memory)
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

// reader imports bodies as they are.
func reader() *Importer[[]byte] {
	return &Importer[[]byte]{
		Content: content,
		Make:    func(body []byte, _ bool) ([]byte, error) { return bytes.Clone(body), nil },
		Discard: func([]byte) {},
	}
}

func wantMajor(t *testing.T, err error, want status.Major, text string) {
	t.Helper()
	if e := status.Of(err); err == nil || e.Major != want || !strings.Contains(e.Text, text) {
		t.Errorf("%v, want major %#x and %q", err, want, text)
	}
}

func TestBodiesOfAllSizesArrive(t *testing.T) {
	dir := t.TempDir()
	env := process(t, dir, "")
	other := process(t, dir, "")
	for _, n := range []int{0, 1, 15, 16, 17, 400, 960, 964, 965, 4096, 70000} {
		body := bytes.Repeat([]byte("secret"), n)[:n]
		tok := makeToken(t, env, body)
		if len(tok) != token.SealedSize+n+token.SealedOverhead || n > 14 && bytes.Contains(tok, []byte("secret")) {
			t.Errorf("%d octets: a token of %d", n, len(tok))
		}
		before := bytes.Clone(tok)
		got, err := reader().Import(other, tok)
		if err != nil || !bytes.Equal(got, body) {
			t.Errorf("%d octets: %v", n, err)
		}
		if !bytes.Equal(tok, before) {
			t.Errorf("%d octets: the caller's token was written to", n)
		}
		_, err = reader().Import(env, tok)
		wantMajor(t, err, status.NoContext, "imported already")
	}
}

func TestOpenPolicySealsNothing(t *testing.T) {
	env := process(t, t.TempDir(), "export_sec_context = open")
	tok := makeToken(t, env, []byte("body"))
	if string(tok) != "body" {
		t.Fatalf("%q", tok)
	}
	for range 2 { // nothing is used up
		got, err := reader().Import(env, tok)
		if err != nil || string(got) != "body" {
			t.Errorf("%q, %v", got, err)
		}
	}
	if err := Admit(env, content); err != nil {
		t.Error(err)
	}
	wantMajor(t, Admit(process(t, t.TempDir(), ""), content), status.Unauthorized, "export_sec_context = account")
}

// What is written where the room ended, or did not end, leaves no token, and no key in the ledger.
func TestBodiesOfTheWrongSizeFail(t *testing.T) {
	for _, settings := range []string{"", "export_sec_context = open"} {
		dir := t.TempDir()
		env := process(t, dir, settings)
		policy, err := env.ContextPolicy()
		if err != nil {
			t.Fatal(err)
		}
		for _, body := range []*octets{
			{b: []byte("secret"), size: 5}, {b: []byte("secret"), size: 7}, {b: []byte("secret"), size: 6, err: errors.New("no body")},
		} {
			h := new(heap)
			tok, err := Make(env, policy, content, body, time.Now().Add(time.Hour), h.memory())
			if tok != nil || err == nil || h.live != 0 {
				t.Errorf("%d for %d: %v, %d pieces of memory are left", body.size, len(body.b), err, h.live)
			}
			for _, b := range h.freed {
				if !bytes.Equal(b, make([]byte, len(b))) {
					t.Error("a body was not wiped")
				}
			}
		}
		if files, _ := filepath.Glob(dir + "/*/ledger"); len(files) != 0 {
			t.Error("there is a ledger")
		}
	}
}

func TestWithoutALedgerOrMemoryNothingIsLeft(t *testing.T) {
	missing := t.TempDir() + "/missing"
	env := process(t, missing, "")
	policy, err := env.ContextPolicy()
	if err != nil {
		t.Fatal(err)
	}
	h := new(heap)
	_, err = Make(env, policy, content, bodyOf([]byte("secret")), time.Now().Add(time.Hour), h.memory())
	wantMajor(t, err, status.Unavailable, missing)
	if h.live != 0 || bytes.Contains(h.freed[0], []byte("secret")) {
		t.Error("the body is left")
	}
	none := &message.Memory{Alloc: func(int) []byte { return nil }}
	_, err = Make(env, policy, content, bodyOf([]byte("secret")), time.Now().Add(time.Hour), none)
	wantMajor(t, err, status.Failure, "no memory")
	if status.Of(err).Minor != status.Minor(unix.ENOMEM) {
		t.Error(err)
	}
}

// Whatever goes wrong before the end, the token is another's to import; at the end, what was made is discarded.
func TestTokenIsUsedUpLast(t *testing.T) {
	env := process(t, t.TempDir(), "")
	tok := makeToken(t, env, []byte("body"))
	failed := errors.New("failed")
	var made, discarded int
	i := reader()
	i.Make = func([]byte, bool) ([]byte, error) { return nil, failed }
	i.Discard = func([]byte) { discarded++ }
	if _, err := i.Import(env, tok); err != failed || discarded != 0 {
		t.Fatalf("%v, %d discarded", err, discarded)
	}
	i.Make = func(body []byte, sealed bool) ([]byte, error) { made++; return body[:1:1], nil }
	i.Ready = func() error { return failed }
	if o, err := i.Import(env, tok); err != failed || o != nil || discarded != 1 {
		t.Fatalf("%v, %d discarded", err, discarded)
	}
	i.Ready = func() error {
		_, err := reader().Import(env, tok) // somebody is faster
		return err
	}
	o, err := i.Import(env, tok)
	wantMajor(t, err, status.NoContext, "imported already")
	if o != nil || made != 2 || discarded != 2 {
		t.Errorf("%d made, %d discarded", made, discarded)
	}
}

func TestImportChecksTheKindOfContent(t *testing.T) {
	dir := t.TempDir()
	sealer := process(t, dir, "")
	for settings, want := range map[string]bool{"": true, "export_sec_context = open": false} {
		env := process(t, dir, settings)
		i := reader()
		i.Make = func(_ []byte, sealed bool) ([]byte, error) {
			if sealed != want {
				t.Errorf("%q: sealed is %t", settings, sealed)
			}
			return nil, nil
		}
		if _, err := i.Import(env, makeToken(t, env, []byte("body"))); err != nil {
			t.Error(err)
		}
	}
	i := reader()
	i.Content = token.SealedCredential
	_, err := i.Import(sealer, makeToken(t, sealer, []byte("body")))
	wantMajor(t, err, status.DefectiveToken, "context")
}

func TestDiscardedTokenIsUsedUp(t *testing.T) {
	env := process(t, t.TempDir(), "")
	policy, err := env.ContextPolicy()
	if err != nil {
		t.Fatal(err)
	}
	h := new(heap)
	tok, err := Make(env, policy, content, bodyOf([]byte("body")), time.Now().Add(time.Hour), h.memory())
	if err != nil {
		t.Fatal(err)
	}
	copied := bytes.Clone(tok)
	Discard(env, policy, tok, h.memory())
	if h.live != 0 || !bytes.Equal(tok, make([]byte, len(tok))) {
		t.Error("the token is left")
	}
	_, err = reader().Import(env, copied)
	wantMajor(t, err, status.NoContext, "imported already")
}

// What is not sealed is never in the caller's memory, which children have, and is nowhere when a call has returned.
func TestRoomsAreWiped(t *testing.T) {
	env := process(t, t.TempDir(), "")
	lacks := process(t, t.TempDir()+"/missing", "")
	policy, err := env.ContextPolicy()
	if err != nil {
		t.Fatal(err)
	}
	missing, err := lacks.ContextPolicy()
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{100, len(room{}), 5000} {
		body := bodyOf(bytes.Repeat([]byte{1}, n))
		gone := func(when string) {
			t.Helper()
			if len(body.written) != n || !bytes.Equal(body.written, make([]byte, n)) {
				t.Errorf("%d octets are left %s", n, when)
			}
		}
		if _, err := Make(lacks, missing, content, body, time.Now().Add(time.Hour), memory); err == nil {
			t.Fatal("there is a ledger")
		}
		gone("without a ledger")
		tok, err := Make(env, policy, content, body, time.Now().Add(time.Hour), memory)
		if err != nil {
			t.Fatal(err)
		}
		gone("by an export")
		var seen []byte
		i := reader()
		i.Make = func(body []byte, _ bool) ([]byte, error) { seen = body; return nil, nil }
		if _, err := i.Import(env, tok); err != nil {
			t.Fatal(err)
		}
		if len(seen) != n || !bytes.Equal(seen, make([]byte, n)) {
			t.Errorf("%d octets are left", n)
		}
	}
}
