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

// lockedByAnother starts a process that has a shared lock on a file for a minute. The test itself is that process if the environment
// says so, and does not return.
func lockedByAnother(t *testing.T, path string) (holder *exec.Cmd) {
	t.Helper()
	if path := os.Getenv("TEST_LOCKED_FILE"); path != "" {
		fd, err := unix.Open(path, unix.O_RDWR, 0)
		if err != nil || fcntlLock(fd, unix.F_RDLCK) != nil {
			t.Fatal(err)
		}
		fmt.Println("locked")
		time.Sleep(time.Minute)
	}
	holder = exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
	holder.Env = append(os.Environ(), "TEST_LOCKED_FILE="+path)
	said, err := holder.StdoutPipe()
	if err == nil {
		err = holder.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		holder.Process.Kill()
		holder.Wait()
	})
	if _, err := said.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	return holder
}

// useLocked locks a file, and returns what its user is told.
func useLocked(t *testing.T, locks *fileLocks, path string, exclusive bool) error {
	fd, err := unix.Open(path, unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Error(err)
		return err
	}
	return locks.locked(fd, exclusive, func(lockErr error) error { return lockErr })
}

// While another process holds a lock on a file, a thread that waits for it must not hold up users of other files.
func TestLockedFileHoldsUpNoOther(t *testing.T) {
	path := writeFile(t, "locked", "x")
	holder := lockedByAnother(t, path)
	var locks fileLocks
	use := func(path string) error { return useLocked(t, &locks, path, true) }
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

// Whoever keeps a file locked holds up a call that needs the lock often for little longer than one that needs it once.
func TestStuckLockIsWaitedForOnce(t *testing.T) {
	path := writeFile(t, "locked", "x")
	holder := lockedByAnother(t, path)
	defer func(d time.Duration) { lockPatience = d }(lockPatience)
	lockPatience = time.Second
	var locks fileLocks
	use := func(want error) time.Duration {
		t.Helper()
		began := time.Now()
		if err := useLocked(t, &locks, path, true); err != want {
			t.Errorf("%v, not %v", err, want)
		}
		return time.Since(began)
	}
	first, more := use(unix.EAGAIN), time.Duration(0)
	for range 8 {
		if err := useLocked(t, &locks, path, false); err != nil {
			t.Errorf("a second shared lock: %v", err)
		}
		more += use(unix.EAGAIN)
	}
	if first < lockPatience || more > 4*lockPatience {
		t.Errorf("%s, and %s for eight more", first, more)
	}
	holder.Process.Kill()
	holder.Wait()
	use(nil)
	if n := len(locks.stuck.since); n != 0 {
		t.Errorf("%d locks are still thought stuck", n)
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
