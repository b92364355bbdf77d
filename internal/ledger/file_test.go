// SPDX-License-Identifier: BSD-2-Clause

package ledger

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestBadFilesAreReplaced(t *testing.T) {
	garbage := make([]byte, 4*slotSize)
	if _, err := rand.Read(garbage); err != nil {
		t.Fatal(err)
	}
	for name, damage := range map[string]func(b []byte) []byte{
		"empty":              func([]byte) []byte { return nil },
		"cut":                func(b []byte) []byte { return b[:100] },
		"cut-to-its-header":  func(b []byte) []byte { return b[:slotSize] },
		"garbage":            func([]byte) []byte { return garbage },
		"zeros":              func(b []byte) []byte { return make([]byte, len(b)) },
		"bit-of-the-magic":   func(b []byte) []byte { b[3] ^= 1; return b },
		"bit-of-the-id":      func(b []byte) []byte { b[8*wordID+3] ^= 1; return b },
		"bit-of-the-check":   func(b []byte) []byte { b[8*wordCheck+1] ^= 1; return b },
		"larger-than-we-map": func(b []byte) []byte { return append(b, make([]byte, maxSlots*slotSize)...) },
	} {
		for _, open := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/open-%v", name, open), func(t *testing.T) {
				p := testPlace(t)
				var l, before Ledgers
				ref, _ := put(t, &before, p)
				if open {
					l = Ledgers{accounts: before.accounts}
				}
				// In place, as another program would: it does not follow our rules.
				if err := os.WriteFile(p.file(), damage(readFile(t, p)), 0o600); err != nil {
					t.Fatal(err)
				}
				again, key := put(t, &l, p)
				if _, err := take(&l, p, ref, now); err != ErrUnknown && err != ErrUsed && name != "larger-than-we-map" {
					t.Errorf("a token of before: %v", err)
				}
				var other Ledgers
				if got, err := take(&other, p, again, now); err != nil || got != *key {
					t.Errorf("a token of after: %v", err)
				}
			})
		}
	}
}

// Reading a mapping whose file was truncated raises SIGBUS.
func TestMappedFileIsTruncated(t *testing.T) {
	p := testPlace(t)
	var l Ledgers
	ref, _ := put(t, &l, p)
	e, err := l.Peek(p, ref, now)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(p.file(), 0); err != nil {
		t.Fatal(err)
	}
	if err := e.Claim(); err == nil {
		t.Error("a key was taken out of nothing")
	}
	if _, err := l.Peek(p, ref, now); err == nil {
		t.Error("a key was found in nothing")
	}
	put(t, &l, p)
}

// Random slots behind a good header neither stop the process nor fill the ledger for ever.
func TestGarbageInSlots(t *testing.T) {
	p := testPlace(t)
	var l Ledgers
	put(t, &l, p)
	b := readFile(t, p)
	if _, err := rand.Read(b[slotSize:]); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(p.file(), b, 0o600); err != nil {
		t.Fatal(err)
	}
	for range firstSlots / 2 {
		ref, key := put(t, &l, p)
		if got, err := take(&l, p, ref, now); err != nil || got != *key {
			t.Fatal(err)
		}
	}
	if n := len(readFile(t, p)); n != len(b) {
		t.Errorf("the ledger grew from %d to %d octets", len(b), n)
	}
}

func TestRemovedLedgerIsMadeAgain(t *testing.T) {
	p := testPlace(t)
	var l Ledgers
	ref, _ := put(t, &l, p)
	if err := os.RemoveAll(filepath.Dir(p.file())); err != nil {
		t.Fatal(err)
	}
	var other Ledgers
	if _, err := take(&other, p, ref, now); err != ErrUnknown {
		t.Errorf("without a ledger: %v", err)
	}
	time.Sleep(checkEvery + checkEvery/10)
	ref, _ = put(t, &l, p)
	if _, err := take(&other, p, ref, now); err != nil {
		t.Error(err)
	}
}

func TestModes(t *testing.T) {
	old := unix.Umask(0)
	defer unix.Umask(old)
	for _, umask := range []int{0, 0o077, 0o027} {
		unix.Umask(umask)
		for _, group := range []bool{false, true} {
			p := testPlace(t)
			if p.Group = group; group {
				p.ID = uint32(os.Getegid())
			}
			var l Ledgers
			ref, _ := put(t, &l, p)
			dir, file := p.modes()
			for path, want := range map[string]uint32{p.file(): file, filepath.Dir(p.file()): dir} {
				var st unix.Stat_t
				if err := unix.Lstat(path, &st); err != nil || uint32(st.Mode)&0o7777 != want {
					t.Errorf("%s: mode %#o, %v", path, st.Mode, err)
				}
			}
			var other Ledgers
			if _, err := take(&other, p, ref, now); err != nil {
				t.Error(err)
			}
		}
	}
}

// A ledger that another account may have put there is neither used nor removed.
func TestStrangeFilesAreRefused(t *testing.T) {
	must := func(t *testing.T, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		make func(t *testing.T, p *Place, dir, file string)
		want string
	}{
		"directory-behind-a-link": {func(t *testing.T, _ *Place, dir, _ string) {
			must(t, os.Rename(dir, dir+".moved"))
			must(t, os.Symlink(dir+".moved", dir))
		}, "not a directory"},
		"directory-of-another-user": {func(t *testing.T, p *Place, dir, _ string) {
			p.ID++
			must(t, os.Rename(dir, p.directory(p.Directories[0])))
		}, "belongs to user"},
		"directory-that-others-enter": {func(t *testing.T, _ *Place, dir, _ string) {
			must(t, os.Chmod(dir, 0o711))
		}, "mode"},
		"file-instead-of-the-directory": {func(t *testing.T, _ *Place, dir, _ string) {
			must(t, os.RemoveAll(dir))
			must(t, os.WriteFile(dir, nil, 0o600))
		}, "not a directory"},
		"file-that-others-read": {func(t *testing.T, _ *Place, _, file string) {
			must(t, os.Chmod(file, 0o640))
		}, "mode"},
		"file-with-two-names": {func(t *testing.T, _ *Place, _, file string) {
			must(t, os.Link(file, file+".second"))
		}, "hard links"},
		"file-behind-a-link": {func(t *testing.T, _ *Place, dir, file string) {
			must(t, os.Rename(file, dir+"/other"))
			must(t, os.Symlink("other", file))
		}, "symbolic link"},
		"fifo": {func(t *testing.T, _ *Place, _, file string) {
			must(t, os.Remove(file))
			must(t, unix.Mkfifo(file, 0o600))
		}, "regular"},
	} {
		t.Run(name, func(t *testing.T) {
			p := testPlace(t)
			var l, other Ledgers
			ref, _ := put(t, &other, p)
			dir := filepath.Dir(p.file())
			c.make(t, p, dir, p.file())
			_, err := l.Deposit(p, randomKey(t), now, now.Add(time.Hour), rand.Reader)
			var u *Unavailable
			if !errors.As(err, &u) || !strings.Contains(err.Error(), c.want) && !errors.Is(err, unix.ELOOP) {
				t.Errorf("deposit: %v", err)
			}
			if u != nil && u.Path != p.directory(p.Directories[0]) {
				t.Errorf("the error is about %s", u.Path)
			}
			if _, err := take(&l, p, ref, now); !errors.As(err, &u) {
				t.Errorf("import: %v", err)
			}
		})
	}
}

func TestDirectoryThatIsNotThere(t *testing.T) {
	p := testPlace(t)
	missing := p.Directories[0] + "/missing"
	p.Directories = []string{missing}
	var l Ledgers
	_, err := l.Deposit(p, randomKey(t), now, now.Add(time.Hour), rand.Reader)
	if err == nil || !strings.Contains(err.Error(), missing) || !errors.Is(err, unix.ENOENT) {
		t.Errorf("%v", err)
	}
	// The next directory is used, and the token is found there.
	p.Directories = append(p.Directories, t.TempDir())
	ref, _ := put(t, &l, p)
	var other Ledgers
	if _, err := take(&other, p, ref, now); err != nil {
		t.Error(err)
	}
}
