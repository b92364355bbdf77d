// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"errors"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"libgssapi/internal/descriptor"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// fileCCache is a cache in a file: one of type FILE, or one of a collection of type DIR.
type fileCCache struct {
	kind   string // "FILE", or "DIR:"
	path   string
	locks  *fileLocks
	stamp  stamp
	reread bool // stamp might miss a change
}

func (s *fileCCache) name() string { return s.kind + ":" + s.path }

func (s *fileCCache) unchanged() bool {
	same, hidden := s.stamp.look()
	return same && !s.reread || hidden
}

// load opens the file, waits for writers, and reads it all.
func (s *fileCCache) load() (contents *ccacheContents, err error) {
	fd, err := openRetry(s.path, readFlags, 0)
	if err != nil {
		return nil, s.errno(err)
	}
	err = s.locks.locked(fd, false, func(lockErr error) (err error) {
		// A file system without locks must not prevent reading.
		if lockErr == unix.EAGAIN {
			return s.lockError(lockErr)
		}
		contents, err = s.loadFrom(fd)
		return err
	})
	return contents, err
}

// loadFrom reads the file, which is open and locked.
func (s *fileCCache) loadFrom(fd int) (*ccacheContents, error) {
	b, stamp, err := readFD(fd, s.path, maxCCacheSize)
	defer clear(b[:cap(b)])
	if err != nil {
		return nil, s.errno(err)
	}
	if len(b) == 0 {
		return nil, status.Errorf(status.NoCred, status.KRB5_FCC_NOFILE, "No credentials cache found: %s is empty", s.name())
	}
	contents, perr := parseCCache(b)
	if perr != nil {
		return nil, status.Prefix(perr, "credential cache %s", s.name())
	}
	s.stamp, s.reread = stamp, stamp.fresh(time.Now())
	return contents, nil
}

// add appends with one write(2) under an exclusive lock, as MIT krb5 does, so that readers see all of the credential or
// nothing.
func (s *fileCCache) add(owner token.Principal, cred *Credential) error {
	fd, err := openRetry(s.path, unix.O_RDWR|unix.O_NONBLOCK|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		return s.errno(err)
	}
	return s.locks.locked(fd, true, func(lockErr error) error {
		if lockErr != nil {
			return s.lockError(lockErr)
		}
		return s.appendTo(fd, owner, cred)
	})
}

// appendTo adds a credential to the file, which is open and locked.
func (s *fileCCache) appendTo(fd int, owner token.Principal, cred *Credential) error {
	contents, err := s.loadFrom(fd)
	if err != nil {
		return err
	}
	s.reread = true
	defer contents.wipe()
	if !contents.principal.Equal(owner) {
		return notOwned(s.name(), contents.principal, owner)
	}
	w := newCCacheWriter(contents.version)
	w.credential(cred)
	defer clear(w.b)
	if contents.end+int64(len(w.b)) > maxCCacheSize {
		return s.errno(unix.EFBIG)
	}
	// Remnants of an interrupted write, after the last complete credential, would swallow ours.
	if s.stamp.size > contents.end {
		if err := unix.Ftruncate(fd, contents.end); err != nil {
			return s.errno(err)
		}
	}
	if err := descriptor.WriteAt(fd, w.b, contents.end); err != nil {
		_ = unix.Ftruncate(fd, contents.end)
		return s.errno(err)
	}
	return nil
}

// replace atomically replaces any earlier file with one of version 4.
func (s *fileCCache) replace(env *Env, contents *ccacheContents) error {
	var st unix.Stat_t
	if unix.Stat(s.path, &st) == nil && st.Mode&unix.S_IFMT != unix.S_IFREG {
		return s.notCreated(errors.New("it exists and is not a regular file")) // /dev/null
	}
	if s.kind == directoryKind {
		dir, _ := filepath.Split(s.path)
		_ = unix.Mkdir(dir, 0o700) // if that fails and matters, what follows fails as well
	}
	b := contents.marshal()
	defer clear(b)
	if err := replaceFile(env, s.path, b); err != nil {
		if _, ok := err.(*status.Error); ok {
			return err
		}
		return s.notCreated(err)
	}
	return nil
}

// replaceFile atomically replaces any earlier file with one that only the effective user can read.
func replaceFile(env *Env, path string, b []byte) error {
	suffix, err := uniqueSuffix(env.Rand)
	if err != nil {
		return err
	}
	dir, file := filepath.Split(path)
	temporary := dir + "." + file + "." + suffix
	if err := writeNew(temporary, b); err != nil {
		return err
	}
	if err := unix.Rename(temporary, path); err != nil {
		_ = unix.Unlink(temporary)
		return err
	}
	return nil
}

// writeNew creates a file that must not exist yet and that only the effective user can read.
func writeNew(path string, b []byte) error {
	fd, err := openRetry(path, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return err
	}
	opened := descriptor.Of(fd)
	err = unix.Fchmod(fd, 0o600)
	if err == nil {
		err = descriptor.WriteAt(fd, b, 0)
	}
	if cerr := opened.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		_ = unix.Unlink(path)
	}
	return err
}

func (s *fileCCache) notCreated(err error) error {
	return status.Errorf(status.Failure, s.minor(err), "credential cache %s cannot be created: %v", s.name(), err)
}

func (s *fileCCache) lockError(err error) error {
	return status.Errorf(status.NoCred, status.KRB5_CC_IO, "credential cache %s: %s", s.name(), lockReason(err))
}

func (s *fileCCache) errno(err error) error {
	if err == unix.ENOENT {
		return noCCache(s.name())
	}
	return status.Errorf(status.NoCred, s.minor(err), "credential cache %s: %s", s.name(), reason(err, maxCCacheSize))
}

// minor returns the code that MIT krb5 uses for an error of the system.
func (s *fileCCache) minor(err error) status.Minor {
	switch err {
	case unix.ENOENT:
		return status.KRB5_FCC_NOFILE
	case unix.EPERM, unix.EACCES, unix.ENOTDIR, unix.ELOOP, unix.ETXTBSY, unix.EBUSY, unix.EROFS:
		return status.KRB5_FCC_PERM
	case unix.EFBIG, unix.EINVAL, unix.EISDIR:
		return status.KRB5_CC_FORMAT
	case unix.ENOSPC, unix.EDQUOT:
		return status.KRB5_CC_WRITE
	}
	return status.KRB5_CC_IO
}

// uniqueFile returns the name of a file that does not exist, as that of the default cache begins.
func uniqueFile(env *Env) (string, error) {
	dir, err := pathToken(env, "TEMP")
	if err != nil {
		return "", err
	}
	suffix, err := uniqueSuffix(env.Rand)
	return "FILE:" + dir + "/krb5cc_" + suffix, err
}

func (l *Library) openFile(kind, path string) (ccacheBackend, error) {
	if path == "" {
		return nil, status.Errorf(status.NoCred, status.KRB5_FCC_NOFILE, "No credentials cache found: %s has no path", kind+":")
	}
	return &fileCCache{kind: kind, path: path, locks: &l.locks}, nil
}
