// SPDX-License-Identifier: BSD-2-Clause

package ledger

import (
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"libgssapi/internal/rights"
)

// A process that has given up rights keeps nothing that was opened with them.
func TestOtherRightsCloseTheLedger(t *testing.T) {
	p := testPlace(t)
	var l Ledgers
	ref, key := put(t, &l, p)
	e, err := l.Peek(p, ref, now)
	if err != nil {
		t.Fatal(err)
	}
	before := l.book(p, p.Directories[0])
	l.Enter(os.Geteuid(), rights.Now) // anything but none
	if before.m != nil || len(l.accounts.books) != 0 {
		t.Error("the mapping is there still")
	}
	if err := before.use(ref.Ledger, func(*mapping) { t.Error("it is used still") }); err != errClosed {
		t.Error(err)
	}
	if err := before.reopen(seconds(now)); err != errClosed {
		t.Errorf("opened again: %v", err)
	}
	group := *p
	group.Group, group.ID = true, uint32(os.Getegid())
	put(t, &l, &group)
	l.Enter(os.Geteuid(), func() rights.Rights { return group.Rights })
	if len(l.groups.books) != 1 {
		t.Error("a group's ledger is closed to its member")
	}
	l.Enter(os.Geteuid(), rights.Now)
	if len(l.groups.books) != 0 {
		t.Error("a group's ledger is open to one who has left the group")
	}
	// A call that another thread had begun opens the ledger with its own rights.
	if err := e.Claim(); err != nil || *e.Key() != *key {
		t.Errorf("the call under way: %v", err)
	}
	// What is no longer allowed is not found.
	if err := os.Chmod(p.directory(p.Directories[0]), 0o755); err != nil {
		t.Fatal(err)
	}
	other := *p
	other.Rights = rights.Now()
	var unavailable *Unavailable
	if _, err := l.Peek(&other, ref, now); !errors.As(err, &unavailable) {
		t.Errorf("with other rights: %v", err)
	}
}

// Whoever needs the lock, which somebody else has, gets an error in the end.
func TestWholeLedgerNeedsNoLock(t *testing.T) {
	p := testPlace(t)
	var first, second Ledgers
	put(t, &first, p)
	dir, err := unix.Open(p.directory(p.Directories[0]), unix.O_RDONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(dir)
	if err := unix.Flock(dir, unix.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	ref, key := put(t, &second, p)
	if got, err := take(&first, p, ref, now); err != nil || got != *key {
		t.Error(err)
	}
}

func TestUmaskDoesNotAffectTheLedger(t *testing.T) {
	defer unix.Umask(unix.Umask(0o777))
	base := t.TempDir()
	if err := os.Chmod(base, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, p := range []*Place{
		{Directories: []string{base}, ID: uint32(os.Geteuid())},
		{Directories: []string{base}, ID: uint32(os.Getegid()), Group: true},
	} {
		var l, later Ledgers
		put(t, &l, p)
		put(t, &later, p)
	}
	// What was spoiled before is mended; what others could have entered is not.
	p := &Place{Directories: []string{base + "/old"}, ID: uint32(os.Geteuid())}
	path := p.directory(p.Directories[0])
	unix.Umask(0)
	if err := os.MkdirAll(path, 0o700); err != nil {
		t.Fatal(err)
	}
	for mode, ok := range map[os.FileMode]bool{0: true, 0o100: true, 0o755: false, 0o001: false} {
		var l Ledgers
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		_, err := l.Deposit(p, randomKey(t), now, now.Add(time.Hour), zeros{})
		if (err == nil) != ok {
			t.Errorf("mode %#o: %v", mode, err)
		}
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

func TestLeftOverDraftsAreNoObstacle(t *testing.T) {
	p := &Place{Directories: []string{t.TempDir()}, ID: uint32(os.Getegid()), Group: true}
	path := p.directory(p.Directories[0])
	for _, draft := range []string{fmt.Sprintf("%s.%d", path, os.Getpid()), fmt.Sprintf("%s.%d.0", path, os.Getpid())} {
		if err := os.Mkdir(draft, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	var l Ledgers
	put(t, &l, p)
}

// A writer is stopped just after it has taken a slot. Its time ends, and another one fills the slot.
func TestWriterStoppedBeforeItWipes(t *testing.T) {
	at := seconds(now)
	for _, left := range []bool{false, true} {
		table := make(table, 2*slotWords)
		if left { // by a dead process
			slot := table.slot(1)
			slot[wordState].Store(uint64(newState(filling, at-1, 1)))
			dead := toWords(randomKey(t))
			fill(slot, &dead)
		}
		young := randomKey(t)
		var ref Ref
		ok := false
		seized = func() {
			seized = func() {}
			ref, ok = table.deposit(young, 0, at+patience+1, at+3600)
			if !ok && left {
				// The remains of the dead process are still there: only the sleeper knows that they are in the way.
				ref, ok = table.deposit(young, 0, at+2*patience+2, at+3600)
			}
		}
		table.deposit(randomKey(t), 0, at, at+3600)
		seized = func() {}
		if !ok {
			t.Fatal("no slot")
		}
		if got, ok := table.peek(ref, at+patience+1); !ok || got != *young {
			t.Errorf("left over %v: the sleeper has wiped another's key", left)
		}
	}
}
