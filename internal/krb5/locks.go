// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"libgssapi/internal/descriptor"
)

// fileLocks keeps threads of this process apart while one holds a lock of the file system, because POSIX record locks
// belong to the process. No thread holds one of these locks while it waits for another process.
type fileLocks struct {
	mu    sync.Mutex
	files map[fileID]*fileLock // held or waited for
	stuck hanging[lockKind]    // locks of other processes
}

// lockKind is a kind of lock on a file. While others hold shared locks, an exclusive one may be stuck.
type lockKind struct {
	file      fileID
	exclusive bool
}

// fileID identifies a file, whatever name it was opened by.
type fileID struct{ dev, ino uint64 }

type fileLock struct {
	sync.Mutex
	users int
}

// lock locks the file against other threads; unlock undoes it.
func (f *fileLocks) lock(id fileID) *fileLock {
	f.mu.Lock()
	l := f.files[id]
	if l == nil {
		if f.files == nil {
			f.files = make(map[fileID]*fileLock)
		}
		l = new(fileLock)
		f.files[id] = l
	}
	l.users++
	f.mu.Unlock()
	l.Lock()
	return l
}

func (f *fileLocks) unlock(id fileID, l *fileLock) {
	l.Unlock()
	f.mu.Lock()
	defer f.mu.Unlock()
	if l.users--; l.users == 0 {
		delete(f.files, id)
	}
}

// lockPatience bounds the wait for another process's lock. Locks are held for one read or one write, so a longer wait
// means a stopped process, a broken file system, or somebody who wants us to wait.
var lockPatience = 10 * time.Second

// locked calls body while holding a lock on the whole of fd, as MIT krb5 takes it (see fcntlLock), then closes fd. body
// is told if there is no lock, because it was not released within lockPatience or because locks are not available.
// Closing any descriptor of a file drops the POSIX locks that the process has on it, so fd is closed while our own lock
// is held.
func (f *fileLocks) locked(fd int, exclusive bool, body func(lockErr error) error) error {
	opened := descriptor.Of(fd)
	id := fileID{opened.Dev, opened.Ino}
	kind := int16(unix.F_RDLCK)
	if exclusive {
		kind = unix.F_WRLCK
	}
	var backoff descriptor.Backoff
	for began, patience := time.Now(), f.stuck.patience(lockKind{id, exclusive}, lockPatience, lockPatience/100); ; {
		l := f.lock(id)
		err := fcntlLock(fd, kind)
		if err == unix.EACCES {
			err = unix.EAGAIN
		}
		if err != unix.EAGAIN && err != unix.EINTR || time.Since(began) > patience {
			f.stuck.waited(lockKind{id, exclusive}, lockPatience, err == unix.EAGAIN)
			defer f.unlock(id, l)
			defer opened.Close()
			if err == nil {
				defer func() { _ = fcntlLock(fd, unix.F_UNLCK) }()
			}
			return body(err)
		}
		f.unlock(id, l)
		backoff.Pause()
	}
}

// close closes a descriptor of a file. Another thread may hold a POSIX lock on the file by another descriptor, which
// closing this one would drop.
func (f *fileLocks) close(opened descriptor.File) {
	id := fileID{opened.Dev, opened.Ino}
	l := f.lock(id)
	defer f.unlock(id, l)
	_ = opened.Close()
}

// lockReason returns the text of a lock error.
func lockReason(err error) string {
	if err == unix.EAGAIN {
		return "another process has held its lock for " + lockPatience.String()
	}
	return "cannot be locked: " + err.Error()
}
