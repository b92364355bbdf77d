// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"libgssapi/internal/descriptor"
	"libgssapi/internal/ledger"
	"libgssapi/internal/rights"
	"libgssapi/internal/status"
)

// Bounds on what is read into memory.
const (
	maxConfigSize = 4 << 20  // krb5.conf with all it includes
	maxKeytabSize = 16 << 20 // a keytab
	maxCCacheSize = 64 << 20 // a credential cache
)

// maxCached bounds the parsed files of one kind that a Library keeps.
const maxCached = 16

// Library keeps what was parsed from configuration files, and where keys are in keytabs. Each use asks stat(2) whether the
// files are still the same, so a change is seen at the next call. The zero value is ready; it is safe for concurrent use.
type Library struct {
	mu      sync.Mutex
	configs map[cacheKey]*Config
	keytabs map[cacheKey]*Keytab

	resolvers  map[cacheKey]*cachedResolver
	resolvConf string // "": the system's; tests have another one, and another port
	resolvPort uint16

	locks fileLocks

	memory sharedCaches

	// MemoryChanged, if it is not nil, is called when a named cache of type MEMORY has changed: children after fork(2) are to
	// get it (Snapshot).
	MemoryChanged func()

	// Foreign is what the program has in the libkrb5 that it uses beside this library, nil for nothing.
	Foreign Foreign

	policy atomic.Pointer[cachedPolicy]

	// Ledgers are the activation ledgers in use.
	Ledgers ledger.Ledgers

	// Options are the program's own choices.
	Options Options
}

// ActivationStore is where the keys of sealed tokens are.
func (l *Library) ActivationStore() ledger.Store { return &l.Ledgers }

// cacheKey has the rights of the process: one that changed them must not see what it may no longer read.
type cacheKey struct {
	rights rights.Rights
	name   string
}

func (env *Env) cacheKey(name string) cacheKey { return cacheKey{env.rights(), name} }

// stamp identifies a state of a file. Two reads with equal stamps see the same octets, unless the file was changed
// twice within one tick of the file system's clock; see fresh.
type stamp struct {
	path         string
	missing      bool
	dev, ino     uint64
	size         int64
	mtime, ctime unix.Timespec
}

// tick is more than the granularity of any file system's time stamps that we may meet on a local disk.
const tick = 50 * time.Millisecond

func statStamp(path string) stamp {
	var st unix.Stat_t
	if err := unix.Stat(path, &st); err != nil {
		return stamp{path: path, missing: true}
	}
	return newStamp(path, &st)
}

func newStamp(path string, st *unix.Stat_t) stamp {
	return stamp{
		path: path, dev: uint64(st.Dev), ino: st.Ino, size: st.Size, mtime: st.Mtim, ctime: st.Ctim,
	}
}

// fresh reports whether the file was changed so shortly before now that a further change could leave the stamp as it
// is. What was parsed from such a file is not kept. This is the file system's clock, not Env's.
func (s *stamp) fresh(now time.Time) bool {
	if s.missing {
		return false
	}
	age := now.Sub(time.Unix(s.ctime.Unix()))
	return age < tick && age > -tick
}

// look tells whether the file is as it was. hidden says that it was read before the process entered a sandbox in which
// it may not look: then what was read stands.
func (s *stamp) look() (same, hidden bool) {
	var st unix.Stat_t
	if err := unix.Stat(s.path, &st); err != nil {
		return s.missing, s.path != "" && sandboxed(err)
	}
	return newStamp(s.path, &st) == *s, false
}

// current reports whether all files are as they were.
func current(stamps []stamp) bool {
	for i := range stamps {
		if same, hidden := stamps[i].look(); !same && !hidden {
			return false
		}
	}
	return true
}

// keepable reports whether stamps will tell of the next change.
func keepable(stamps []stamp) bool {
	now := time.Now()
	for i := range stamps {
		if stamps[i].fresh(now) {
			return false
		}
	}
	return true
}

// keep puts v into a cache of bounded size; which entry makes room is not important.
func keep[V any](m *map[cacheKey]V, key cacheKey, v V) {
	if *m == nil {
		*m = make(map[cacheKey]V)
	}
	if len(*m) >= maxCached {
		for k := range *m {
			delete(*m, k)
			break
		}
	}
	(*m)[key] = v
}

// readFile returns the contents and the stamp of a file, errno errors as they are. It blocks neither on a FIFO nor on
// a terminal; only regular files and /dev/null are read.
func readFile(path string, limit int64) ([]byte, stamp, error) {
	fd, err := openRetry(path, readFlags, 0)
	if err != nil {
		return nil, statStamp(path), err
	}
	defer descriptor.Of(fd).Close()
	return readFD(fd, path, limit)
}

func readFD(fd int, path string, limit int64) ([]byte, stamp, error) {
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return nil, stamp{path: path}, err
	}
	s := newStamp(path, &st)
	tooLong := unix.EFBIG
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFREG:
	case unix.S_IFCHR:
		// /dev/null is a file of nothing. Of /dev/zero there is no end.
		limit, tooLong = 0, unix.EINVAL
	case unix.S_IFDIR:
		return nil, s, unix.EISDIR
	default:
		return nil, s, unix.EINVAL
	}
	if st.Size > limit {
		return nil, s, unix.EFBIG
	}
	buf := make([]byte, 0, max(st.Size, 0)+512)
	for {
		if len(buf) == cap(buf) {
			larger := append(make([]byte, 0, 2*cap(buf)), buf...)
			clear(buf) // keys may be in it
			buf = larger
		}
		n, err := unix.Read(fd, buf[len(buf):cap(buf)])
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return buf, s, err
		}
		if n == 0 {
			return buf, s, nil
		}
		if buf = buf[:len(buf)+n]; int64(len(buf)) > limit {
			return buf, s, tooLong
		}
	}
}

const readFlags = unix.O_RDONLY | unix.O_NONBLOCK | unix.O_NOCTTY | unix.O_CLOEXEC

func openRetry(path string, flags int, mode uint32) (int, error) {
	for {
		fd, err := unix.Open(path, flags, mode)
		if err != unix.EINTR {
			return fd, err
		}
	}
}

// reason is the text of an errno error from reading a file that may be at most limit octets long.
func reason(err error, limit int64) string {
	switch err {
	case unix.EFBIG:
		return "larger than " + sizeText(limit)
	case unix.EINVAL:
		return "not a regular file"
	}
	return err.Error()
}

func sizeText(n int64) string {
	if n < 1<<20 {
		return strconv.FormatInt(n, 10) + " octets"
	}
	return strconv.FormatInt(n>>20, 10) + " MiB"
}

// fileLocks keeps the threads of this process apart while one has a lock of the file system: POSIX record locks belong to
// the process. Nobody waits for another process's lock with a lock of ours in hand.
type fileLocks struct {
	mu    sync.Mutex
	files map[fileID]*fileLock // that somebody has or waits for
}

// fileID is a file, whatever name it was opened by.
type fileID struct{ dev, ino uint64 }

type fileLock struct {
	sync.Mutex
	users int
}

// lock locks the file for this thread; unlock undoes it.
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
// means a stopped process or a broken file system.
const lockPatience = 10 * time.Second

// locked calls body with a lock on the whole of fd, as MIT krb5 takes it (see fcntlLock), and closes fd. body is told
// if there is no lock: it has not come within lockPatience, or cannot be had. Closing one descriptor of a file drops the
// POSIX locks that the process has by others, so that is done with our own lock in hand.
func (f *fileLocks) locked(fd int, exclusive bool, body func(lockErr error) error) error {
	opened := descriptor.Of(fd)
	id := fileID{opened.Dev, opened.Ino}
	kind := int16(unix.F_RDLCK)
	if exclusive {
		kind = unix.F_WRLCK
	}
	wait := 20 * time.Microsecond
	for waited := time.Duration(0); ; waited += wait {
		l := f.lock(id)
		err := fcntlLock(fd, kind)
		if err == unix.EACCES {
			err = unix.EAGAIN
		}
		if err != unix.EAGAIN && err != unix.EINTR || waited > lockPatience {
			defer f.unlock(id, l)
			defer opened.Close()
			if err == nil {
				defer func() { _ = fcntlLock(fd, unix.F_UNLCK) }()
			}
			return body(err)
		}
		f.unlock(id, l)
		time.Sleep(wait)
		wait = min(2*wait, 5*time.Millisecond)
	}
}

// lockReason is the text of an error of lock.
func lockReason(err error) string {
	if err == unix.EAGAIN {
		return "another process has held its lock for " + lockPatience.String()
	}
	return "cannot be locked: " + err.Error()
}

// errnoMinor gives an errno error as a minor code, as MIT krb5 does where it has no code of its own.
func errnoMinor(err error) status.Minor {
	if e, ok := err.(unix.Errno); ok {
		return status.Minor(e)
	}
	return status.Generic
}

// IsMissing reports whether err says that a keytab or a credential cache is not there.
func IsMissing(err error) bool {
	if err == nil {
		return false
	}
	minor := status.Of(err).Minor
	return minor == status.Minor(unix.ENOENT) || minor == status.KRB5_FCC_NOFILE
}
