// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"io"

	"golang.org/x/sys/unix"

	"libgssapi/internal/crypto"
	"libgssapi/internal/descriptor"
	"libgssapi/internal/status"
)

// fileKeytab is a keytab of type FILE or WRFILE.
type fileKeytab struct {
	path    string
	stamp   stamp
	library *Library
}

func openKeytabFile(l *Library, env *Env, name, path string) (*Keytab, error) {
	if path == "" {
		return nil, status.Errorf(status.NoCred, status.Minor(unix.ENOENT), "Key table file '' not found: %s has no path", name)
	}
	return l.keytab(env.cacheKey(name), path)
}

// keytab returns the current contents of a keytab file.
func (l *Library) keytab(key cacheKey, path string) (*Keytab, error) {
	l.mu.Lock()
	kt := l.keytabs[key]
	l.mu.Unlock()
	if kt != nil && current(kt.stamps()) {
		return kt, nil
	}
	kt, err := l.readKeytab(key.name, path)
	if err != nil {
		return nil, err
	}
	if keepable(kt.stamps()) {
		l.mu.Lock()
		keep(&l.keytabs, key, kt)
		l.mu.Unlock()
	}
	return kt, nil
}

// stamps returns the stamp of the file from which a keytab was read.
func (kt *Keytab) stamps() []stamp { return []stamp{kt.backend.(*fileKeytab).stamp} }

func (l *Library) readKeytab(name, path string) (*Keytab, error) {
	fd, err := openRetry(path, readFlags, 0)
	if err == unix.ENOENT {
		return nil, status.Errorf(status.NoCred, errnoMinor(err), "Key table file '%s' not found", path)
	}
	if err != nil {
		return nil, keytabErrno(name, err)
	}
	var b []byte
	var s stamp
	err = l.locks.locked(fd, false, func(lockErr error) error {
		// A file system without locks must not prevent reading.
		if lockErr == unix.EAGAIN {
			return status.Errorf(status.NoCred, status.KRB5_KT_IOERR, "keytab %s: %s", name, lockReason(lockErr))
		}
		var err error
		if b, s, err = readFD(fd, path, maxKeytabSize); err != nil {
			return status.Errorf(status.NoCred, errnoMinor(err), "keytab %s: %s", name, reason(err, maxKeytabSize))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	defer clear(b)
	kt, perr := parseKeytab(b)
	if perr != nil {
		return nil, status.Prefix(perr, "keytab %s", name)
	}
	kt.Name, kt.backend = name, &fileKeytab{path, s, l}
	return kt, nil
}

// key reads a key from the file, which may have changed since kt was read.
func (f *fileKeytab) key(kt *Keytab, e *KeytabEntry) (*crypto.Key, error) {
	key, whole, err := f.keyOf(kt.Name, e)
	if err != nil || whole {
		return key, err
	}
	now, err := f.library.readKeytab(kt.Name, f.path)
	if err != nil {
		return nil, err
	}
	for i := range now.Entries {
		if !now.Entries[i].same(e) {
			continue
		}
		key, whole, err = now.backend.(*fileKeytab).keyOf(kt.Name, &now.Entries[i])
		if err != nil || whole {
			return key, err
		}
	}
	return nil, keyRemoved(kt, e)
}

// keyOf reads the key of an entry. whole is false if the file has changed since the entry was read.
func (f *fileKeytab) keyOf(name string, e *KeytabEntry) (key *crypto.Key, whole bool, err error) {
	fd, err := openRetry(f.path, readFlags, 0)
	if err != nil {
		return nil, false, keytabErrno(name, err)
	}
	defer f.library.locks.close(descriptor.Of(fd))
	b := make([]byte, e.size)
	defer clear(b)
	if n, err := replayFD(fd).ReadAt(b, e.at); n < len(b) {
		if err == io.EOF {
			err = nil
		}
		return nil, false, err
	}
	// Only now: a writer could come between a check and the read.
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return nil, false, keytabErrno(name, err)
	}
	if s := newStamp(f.path, &st); s != f.stamp {
		return nil, false, nil
	}
	key, err = crypto.NewKey(crypto.EType(e.EType), b)
	return key, true, err
}

func keytabErrno(name string, err error) error {
	return status.Errorf(status.NoCred, errnoMinor(err), "keytab %s: %v", name, err)
}

// keyRemoved is the error for a key that no longer exists.
func keyRemoved(kt *Keytab, e *KeytabEntry) error {
	return status.Errorf(status.NoCred, status.KRB5_KT_NOTFOUND, "keytab %s: the key of %s was removed just now", kt, e.Principal)
}
