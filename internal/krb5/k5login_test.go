// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// bob is an account of the user who runs this test. For the superuser, whose files anybody's .k5login may be, it is one
// of user 4321.
func bob(t *testing.T, conf string) (env *Env, login string, own func()) {
	t.Helper()
	home := t.TempDir()
	uid := os.Getuid()
	if uid == 0 {
		uid = 4321
	}
	env = newTestEnv(t, map[string]string{"KRB5_CONFIG": writeFile(t, "krb5.conf", conf)})
	env.Account = func(name string) (Account, bool) {
		return Account{UID: uint32(uid), Home: home}, name == "bob" || strings.ContainsAny(name, "./\x00") || name == ""
	}
	login = filepath.Join(home, ".k5login")
	return env, login, func() {
		if os.Getuid() == 0 {
			if err := os.Chown(login, uid, -1); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func alice() token.Principal { return token.Principal{Components: []string{"alice"}, Realm: "A"} }

// refusedAccount fails the test unless err is Unauthorized, with this text.
func refusedAccount(t *testing.T, err error, text string) {
	t.Helper()
	if err == nil {
		t.Fatal("allowed")
	}
	if e := status.Of(err); e.Major != status.Unauthorized || !strings.Contains(e.Text, text) {
		t.Errorf("major %v: %s", e.Major, e.Text)
	}
}

func TestLoginFileLists(t *testing.T) {
	env, login, own := bob(t, "")
	if err := os.WriteFile(login, []byte("x@A\nalice@A\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	own()
	if err := env.MayUse(alice(), "bob", "A"); err != nil {
		t.Error(err)
	}
	// bob's own name is not in his file.
	refusedAccount(t, env.MayUse(token.Principal{Components: []string{"bob"}, Realm: "A"}, "bob", "A"), "does not list it")
	// A name with a NUL octet is not truncated there, and one with an escaped @ is not another name.
	refusedAccount(t, env.MayUse(token.Principal{Components: []string{"alice"}, Realm: "A\x00B"}, "bob", "A"), "does not list it")
	refusedAccount(t, env.MayUse(token.Principal{Components: []string{"alice@A"}, Realm: ""}, "bob", "A"), "does not list it")
}

func TestLoginFileInHomeWithoutRightsIsNone(t *testing.T) {
	env, _, _ := bob(t, "")
	bobsOwn := token.Principal{Components: []string{"bob"}, Realm: "A"}
	if err := env.MayUse(bobsOwn, "bob", "A"); err != nil {
		t.Error(err)
	}
	refusedAccount(t, env.MayUse(alice(), "bob", "A"), "only the account alice")
	env.Account = func(string) (Account, bool) { return Account{Home: "relative"}, true }
	if err := env.MayUse(bobsOwn, "bob", "A"); err != nil {
		t.Error(err)
	}
}

func TestLoginFileOfAnotherUserIsRefused(t *testing.T) {
	env, login, own := bob(t, "")
	if err := os.WriteFile(login, []byte("alice@A\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	own()
	account := env.Account
	env.Account = func(name string) (Account, bool) {
		a, ok := account(name)
		a.UID++
		return a, ok
	}
	refusedAccount(t, env.MayUse(alice(), "bob", "A"), "belongs to another user")
}

func TestLoginFileOfEverybodyIsRefused(t *testing.T) {
	env, login, own := bob(t, "")
	if err := os.WriteFile(login, []byte("alice@A\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	own()
	if err := os.Chmod(login, 0o646); err != nil {
		t.Fatal(err)
	}
	refusedAccount(t, env.MayUse(alice(), "bob", "A"), "written by everybody")
}

// A user can put anything into the home directory: nothing there makes a server wait or use up its memory.
func TestLoginFilesThatAreNoFiles(t *testing.T) {
	for name, put := range map[string]func(path string) error{
		"fifo":      func(path string) error { return unix.Mkfifo(path, 0o600) },
		"directory": func(path string) error { return os.Mkdir(path, 0o700) },
		"endless":   func(path string) error { return os.Symlink("/dev/zero", path) },
		"itself":    func(path string) error { return os.Symlink(path, path) },
		"huge": func(path string) error {
			if err := os.WriteFile(path, nil, 0o600); err != nil {
				return err
			}
			return os.Truncate(path, 1<<40)
		},
	} {
		t.Run(name, func(t *testing.T) {
			env, login, _ := bob(t, "")
			if err := put(login); err != nil {
				t.Fatal(err)
			}
			refusedAccount(t, env.MayUse(token.Principal{Components: []string{"bob"}, Realm: "A"}, "bob", "A"), login)
		})
	}
}

func TestLoginFileNotAuthoritative(t *testing.T) {
	env, login, own := bob(t, "[libdefaults]\nk5login_authoritative = false\n")
	if err := os.WriteFile(login, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	own()
	if err := env.MayUse(token.Principal{Components: []string{"bob"}, Realm: "A"}, "bob", "A"); err != nil {
		t.Error(err)
	}
	refusedAccount(t, env.MayUse(alice(), "bob", "A"), "only the account alice")
	refusedAccount(t, env.MayUse(token.Principal{Components: []string{"bob"}, Realm: "B"}, "bob", "A"), "has no local account")
}

func TestLoginDirectoryIsAbsolute(t *testing.T) {
	env, _, _ := bob(t, "[libdefaults]\nk5login_directory = logins\n")
	refusedAccount(t, env.MayUse(token.Principal{Components: []string{"bob"}, Realm: "A"}, "bob", "A"), "absolute path")
}

// The account's name becomes part of a path, whatever getpwnam(3) accepts as an account.
func TestAccountIsNoPath(t *testing.T) {
	dir := t.TempDir()
	env, _, _ := bob(t, "[libdefaults]\nk5login_directory = "+filepath.Join(dir, "logins")+"\n")
	if err := os.WriteFile(filepath.Join(dir, "x"), []byte("alice@A\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, user := range []string{"", ".", "..", "../x", "bob\x00", "a/b"} {
		refusedAccount(t, env.MayUse(alice(), user, "A"), "no account")
	}
	env.Account = nil
	refusedAccount(t, env.MayUse(alice(), "bob", "A"), "no account")
}
