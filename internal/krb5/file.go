// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"libgssapi/internal/descriptor"
	"libgssapi/internal/rights"
	"libgssapi/internal/status"
)

// Limits on what is read into memory.
const (
	maxConfigSize = 4 << 20  // krb5.conf with all included files
	maxKeytabSize = 16 << 20 // a keytab
	maxCCacheSize = 64 << 20 // a credential cache
)

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

// readFD is readFile for an open file. After an error nothing is left of what was read.
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
	b, err := readAll(fd, st.Size, limit)
	switch err {
	case nil:
		return b, s, nil
	case unix.EFBIG:
		err = tooLong
	}
	clear(b)
	return nil, s, err
}

// readAll reads a file that should have size octets. After an error, it returns what it has read.
func readAll(fd int, size, limit int64) ([]byte, error) {
	if err := roomFor(size); err != nil {
		return nil, err
	}
	b := make([]byte, 0, max(size, 0)+512)
	for {
		if len(b) == cap(b) {
			if err := roomFor(2 * int64(cap(b))); err != nil {
				return b, err
			}
			larger := append(make([]byte, 0, 2*cap(b)), b...)
			clear(b) // keys may be in it
			b = larger
		}
		n, err := unix.Read(fd, b[len(b):cap(b)])
		if err == unix.EINTR {
			continue
		}
		if err != nil || n == 0 {
			return b, err
		}
		if b = b[:len(b)+n]; int64(len(b)) > limit {
			return b, unix.EFBIG
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
