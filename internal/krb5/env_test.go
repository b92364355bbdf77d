// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// newTestEnv returns an Env whose environment consists only of the map.
func newTestEnv(t testing.TB, environ map[string]string) *Env {
	t.Helper()
	return &Env{
		Library: &Library{},
		Getenv:  func(name string) string { return environ[name] },
		IsSet: func(name string) bool {
			_, ok := environ[name]
			return ok
		},
		Now:  time.Now,
		Rand: rand.Reader,
		EUID: os.Geteuid(),
		LookupUID: func(uid uint32) (string, bool) {
			return "user", uid == uint32(os.Geteuid())
		},
		Hostname: func() (string, error) { return "host.a.test", nil },
	}
}

// writeFile writes a file in a directory of the test and returns its path.
func writeFile(t testing.TB, name, contents string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(contents), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func mustPrincipal(t testing.TB, s string) token.Principal {
	t.Helper()
	p, _, err := token.ParsePrincipal(s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// wantMinor fails the test unless err is a status.Error with that minor code, and returns its text.
func wantMinor(t testing.TB, err error, minor status.Minor) string {
	t.Helper()
	var e *status.Error
	if !errors.As(err, &e) {
		t.Fatalf("error %v, want %s", err, minor.Text())
	}
	if e.Minor != minor {
		t.Fatalf("minor %#x (%s), want %#x; text: %s", uint32(e.Minor), e.Minor.Text(), uint32(minor), e.Text)
	}
	return e.Text
}
