// SPDX-License-Identifier: BSD-2-Clause

package descriptor

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

func open(t *testing.T, name string) int {
	t.Helper()
	fd, err := unix.Open(filepath.Join(t.TempDir(), name), unix.O_RDWR|unix.O_CREAT|unix.O_CLOEXEC, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	return fd
}

func isOpen(fd int) bool {
	_, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
	return err == nil
}

func TestCloseClosesItsOwnFile(t *testing.T) {
	fd := open(t, "ours")
	if err := Of(fd).Close(); err != nil || isOpen(fd) {
		t.Errorf("%v, open: %v", err, isOpen(fd))
	}
}

func TestCloseLeavesAFileThatTookItsNumber(t *testing.T) {
	fd, other := open(t, "ours"), open(t, "theirs")
	defer unix.Close(other)
	f := Of(fd)
	if err := unix.Dup2(other, fd); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != unix.EBADF || !isOpen(fd) {
		t.Errorf("%v, open: %v", err, isOpen(fd))
	}
	unix.Close(fd)
}

func TestCloseLeavesANumberThatWasLostAtOnce(t *testing.T) {
	fd := open(t, "ours")
	unix.Close(fd)
	f := Of(fd)
	theirs, err := os.Open(os.DevNull) // the lowest free number is fd, or another test's
	if err != nil {
		t.Fatal(err)
	}
	defer theirs.Close()
	if err := f.Close(); err != unix.EBADF {
		t.Error(err)
	}
	if !isOpen(int(theirs.Fd())) {
		t.Error("the program's file was closed")
	}
}

func TestOpenErrorOfALink(t *testing.T) {
	path := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink("target", path); err != nil {
		t.Fatal(err)
	}
	_, err := unix.Open(path, unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if got := OpenError(err); got != unix.ELOOP {
		t.Errorf("a link: %v", got)
	}
	for err, want := range map[error]error{unix.EMLINK: unix.ELOOP, unix.ENOENT: unix.ENOENT, nil: nil} {
		if got := OpenError(err); got != want {
			t.Errorf("%v becomes %v", err, got)
		}
	}
}
