// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"libgssapi/internal/descriptor"
)

// While another process holds a lock on a file, a thread that waits for it must not hold up users of other files.
func TestLockedFileHoldsUpNoOther(t *testing.T) {
	if path := os.Getenv("TEST_LOCKED_FILE"); path != "" {
		fd, err := unix.Open(path, unix.O_RDWR, 0)
		if err != nil || fcntlLock(fd, unix.F_WRLCK) != nil {
			t.Fatal(err)
		}
		fmt.Println("locked")
		time.Sleep(time.Minute)
	}
	path := writeFile(t, "locked", "x")
	holder := exec.Command(os.Args[0], "-test.run=^TestLockedFileHoldsUpNoOther$")
	holder.Env = append(os.Environ(), "TEST_LOCKED_FILE="+path)
	said, err := holder.StdoutPipe()
	if err == nil {
		err = holder.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	defer holder.Wait()
	defer holder.Process.Kill()
	if _, err := said.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	var locks fileLocks
	use := func(path string) error {
		fd, err := unix.Open(path, unix.O_RDWR|unix.O_CLOEXEC, 0)
		if err != nil {
			t.Fatal(err)
		}
		return locks.locked(fd, true, func(lockErr error) error { return lockErr })
	}
	waiter := make(chan error, 1)
	go func() { waiter <- use(path) }()
	time.Sleep(100 * time.Millisecond)
	begin := time.Now()
	for i := range 64 { // more than any table of locks has places
		if err := use(writeFile(t, fmt.Sprint(i), "x")); err != nil {
			t.Error(err)
		}
	}
	if d := time.Since(begin); d > busy {
		t.Errorf("others waited for %s", d)
	}
	holder.Process.Kill()
	if err := <-waiter; err != nil {
		t.Errorf("after the holder's end: %v", err)
	}
	if n := len(locks.files); n != 0 {
		t.Errorf("%d locks are left", n)
	}
}

// Where locks are the process's a descriptor that is closed takes that of another one along. So a key is read from a
// keytab that another thread has locked, but its descriptor is closed after that.
func TestKeytabIsClosedUnderItsLock(t *testing.T) {
	k := newKeytabFile(0x502)
	k.add(mustPrincipal(t, "host/h@A.TEST"), 1, 1, 18, make([]byte, 32))
	kt := openTestKeytab(t, k)
	file := kt.backend.(*fileKeytab)
	fd, err := unix.Open(file.path, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	locks, opened := &file.library.locks, descriptor.Of(fd)
	waitedFor := func() bool {
		locks.mu.Lock()
		defer locks.mu.Unlock()
		return locks.files[fileID{opened.Dev, opened.Ino}].users > 1
	}
	done := make(chan error, 1)
	err = file.library.locks.locked(fd, false, func(lockErr error) error {
		go func() {
			key, err := kt.Key(&kt.Entries[0])
			if err == nil {
				key.Wipe()
			}
			done <- err
		}()
		for !waitedFor() {
			select {
			case err := <-done:
				t.Error("the keytab was closed while another thread had it locked")
				done <- err
				return lockErr
			default:
				time.Sleep(time.Millisecond)
			}
		}
		return lockErr
	})
	if err != nil {
		t.Error(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}
