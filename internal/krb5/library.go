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

// Limits on what is read into memory.
const (
	maxConfigSize = 4 << 20  // krb5.conf with all included files
	maxKeytabSize = 16 << 20 // a keytab
	maxCCacheSize = 64 << 20 // a credential cache
)

// maxCached bounds how many parsed files of one kind a Library keeps.
const maxCached = 16

// Library keeps parsed configuration files, and the positions of keys in keytabs. Each use checks with stat(2) whether
// the files have changed, so that a change takes effect with the next call. The zero value is ready. A Library is safe
// for concurrent use.
type Library struct {
	mu      sync.Mutex
	configs map[cacheKey]*Config
	keytabs map[cacheKey]*Keytab

	resolvers  map[cacheKey]*cachedResolver
	resolvConf string // "": the system's; tests set this and the port
	resolvPort uint16

	locks fileLocks

	memory sharedCaches

	// MemoryChanged, if not nil, is called when the cache MEMORY:residual has changed, because children after fork(2)
	// must get it (MemoryCacheForm).
	MemoryChanged func(residual string)

	// Foreign gives access to the libkrb5 that the program uses alongside this library. Nil: none.
	Foreign Foreign

	policy atomic.Pointer[cachedPolicy]

	// Ledgers are the activation ledgers in use.
	Ledgers ledger.Ledgers

	// Options are the program's own choices.
	Options Options
}

// ActivationStore returns the store that holds the keys of sealed tokens.
func (l *Library) ActivationStore() ledger.Store { return &l.Ledgers }

// cacheKey includes the rights of the process: after a change of rights, it must not see what it may no longer read.
type cacheKey struct {
	rights rights.Rights
	name   string
}

func (env *Env) cacheKey(name string) cacheKey { return cacheKey{env.rights(), name} }

// stamp identifies a state of a file. Two reads with equal stamps see the same octets, unless the file was changed
// twice within one tick of the file system's clock (see fresh).
type stamp struct {
	path         string
	missing      bool
	dev, ino     uint64
	size         int64
	mtime, ctime unix.Timespec
}

// tick exceeds the granularity of time stamps in any local file system that we may meet.
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

// fresh reports whether the file was changed so shortly before now that another change might leave the stamp the same.
// The contents of such a file are not cached. now is by the file system's clock, not Env's.
func (s *stamp) fresh(now time.Time) bool {
	if s.missing {
		return false
	}
	age := now.Sub(time.Unix(s.ctime.Unix()))
	return age < tick && age > -tick
}

// look reports whether the file is unchanged. hidden says that the process has since entered a sandbox in which it may
// not look; then what was read remains valid.
func (s *stamp) look() (same, hidden bool) {
	var st unix.Stat_t
	if err := unix.Stat(s.path, &st); err != nil {
		return s.missing, s.path != "" && sandboxed(err)
	}
	return newStamp(s.path, &st) == *s, false
}

// current reports whether all files are unchanged.
func current(stamps []stamp) bool {
	for i := range stamps {
		if same, hidden := stamps[i].look(); !same && !hidden {
			return false
		}
	}
	return true
}

// keepable reports whether the stamps are certain to reveal the next change.
func keepable(stamps []stamp) bool {
	now := time.Now()
	for i := range stamps {
		if stamps[i].fresh(now) {
			return false
		}
	}
	return true
}

// keep adds v to a cache of bounded size. It does not matter which entry makes room.
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

// readFile returns the contents and the stamp of a file. The error of a system call is returned unchanged. It never
// blocks on a FIFO or a terminal: only regular files and /dev/null are read.
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
		// /dev/null is an empty file. /dev/zero has no end.
		limit, tooLong = 0, unix.EINVAL
	case unix.S_IFDIR:
		return nil, s, unix.EISDIR
	default:
		return nil, s, unix.EINVAL
	}
	if st.Size > limit {
		return nil, s, unix.EFBIG
	}
	if err := roomFor(st.Size); err != nil {
		return nil, s, err
	}
	buf := make([]byte, 0, max(st.Size, 0)+512)
	for {
		if len(buf) == cap(buf) {
			if err := roomFor(2 * int64(cap(buf))); err != nil {
				return buf, s, err
			}
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

// roomFor returns ENOMEM if there may not be enough memory for the contents of so many octets: what is parsed from them,
// and garbage from earlier reads that has not been collected, takes about ten times as much.
func roomFor(size int64) error {
	if size < 1<<20 {
		return nil
	}
	return rights.MayMap(10 * size)
}

const readFlags = unix.O_RDONLY | unix.O_NONBLOCK | unix.O_NOCTTY | unix.O_CLOEXEC

func openRetry(path string, flags int, mode uint32) (int, error) {
	for {
		fd, err := unix.Open(path, flags, mode)
		if err != unix.EINTR {
			return fd, descriptor.OpenError(err)
		}
	}
}

// reason returns the text of an errno error from reading a file of at most limit octets.
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

// fileLocks keeps threads of this process apart while one holds a lock of the file system, because POSIX record locks
// belong to the process. No thread holds one of these locks while it waits for another process.
type fileLocks struct {
	mu    sync.Mutex
	files map[fileID]*fileLock    // held or waited for
	stuck map[stuckLock]time.Time // when another process's lock was last waited for in vain
}

// stuckLock is a kind of lock on a file. While others hold shared locks, an exclusive one may be stuck.
type stuckLock struct {
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
// means a stopped process, a broken file system, or somebody who wants us to wait. A call may need the lock several
// times, so after that the file is waited for a hundredth of it, until the lock was available again, or for as long was
// not wanted.
var lockPatience = 10 * time.Second

// patience returns how long to wait for a lock.
func (f *fileLocks) patience(id stuckLock) time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	if since, ok := f.stuck[id]; ok && time.Since(since) < lockPatience {
		return lockPatience / 100
	}
	return lockPatience
}

// waited remembers whether a lock was waited for in vain.
func (f *fileLocks) waited(id stuckLock, inVain bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !inVain {
		delete(f.stuck, id)
		return
	}
	for other, since := range f.stuck {
		if time.Since(since) >= lockPatience {
			delete(f.stuck, other)
		}
	}
	if f.stuck == nil {
		f.stuck = make(map[stuckLock]time.Time)
	}
	f.stuck[id] = time.Now()
}

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
	for began, patience := time.Now(), f.patience(stuckLock{id, exclusive}); ; {
		l := f.lock(id)
		err := fcntlLock(fd, kind)
		if err == unix.EACCES {
			err = unix.EAGAIN
		}
		if err != unix.EAGAIN && err != unix.EINTR || time.Since(began) > patience {
			f.waited(stuckLock{id, exclusive}, err == unix.EAGAIN)
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

// errnoMinor returns an errno error as a minor code, as MIT krb5 does if it has no code of its own.
func errnoMinor(err error) status.Minor {
	if e, ok := err.(unix.Errno); ok {
		return status.Minor(e)
	}
	return status.Generic
}

// IsMissing reports whether err says that a keytab or a credential cache does not exist.
func IsMissing(err error) bool {
	if err == nil {
		return false
	}
	minor := status.Of(err).Minor
	return minor == status.Minor(unix.ENOENT) || minor == status.KRB5_FCC_NOFILE
}
