// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// old writes a file with an old time stamp, so that its contents are cached.
func old(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	time.Sleep(2 * tick)
}

// sandbox makes ENOENT mean what the system returns in a sandbox.
func sandbox(t *testing.T) {
	before := sandboxed
	t.Cleanup(func() { sandboxed = before })
	sandboxed = func(err error) bool { return err == unix.ENOENT }
}

func TestConfigRemainsValidInASandbox(t *testing.T) {
	path := filepath.Join(t.TempDir(), "krb5.conf")
	l := &Library{}
	env := &Env{Library: l, Getenv: func(string) string { return path }}
	realm := func() string {
		c, err := l.Config(env)
		if err != nil {
			t.Fatal(err)
		}
		r, _ := c.first("libdefaults", "default_realm")
		return r
	}
	old(t, path, "[libdefaults]\ndefault_realm = FIRST\n")
	if r := realm(); r != "FIRST" {
		t.Fatal(r)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	t.Run("hidden", func(t *testing.T) {
		sandbox(t)
		if r := realm(); r != "FIRST" {
			t.Errorf("%q", r)
		}
	})
	if r := realm(); r != "" {
		t.Errorf("a file that was removed still counts: %q", r)
	}
	old(t, path, "[libdefaults]\ndefault_realm = SECOND\n")
	t.Run("seen", func(t *testing.T) {
		sandbox(t)
		if r := realm(); r != "SECOND" {
			t.Errorf("a change is not seen: %q", r)
		}
	})
}

func TestUnreadFilesAreMissingInASandbox(t *testing.T) {
	sandbox(t)
	if same, hidden := new(stamp).look(); same || hidden {
		t.Error(same, hidden)
	}
}

func TestMissingFilesAreNoSignOfASandbox(t *testing.T) {
	for _, err := range []error{nil, unix.ENOENT, unix.ENOTDIR, unix.EACCES, unix.EPERM, unix.EIO, unix.ELOOP} {
		if sandboxed(err) {
			t.Error(err)
		}
	}
}
