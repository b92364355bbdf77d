// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"encoding/hex"
	"errors"
	"io"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"libgssapi/internal/descriptor"
	"libgssapi/internal/rights"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// Store adds a copy of a credential. In a file it is appended by one write(2) under an exclusive lock, as MIT krb5 does, so that
// readers see all of it or nothing.
func (c *CCache) Store(cred *Credential) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.path == "" {
		if !c.closed {
			c.contents.creds = append(c.contents.creds, cred.copy())
		}
		return nil
	}
	fd, err := openRetry(c.path, unix.O_RDWR|unix.O_NONBLOCK|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		return c.errno(err)
	}
	return c.locks.locked(fd, true, func(lockErr error) error {
		if lockErr != nil {
			return c.lockError(lockErr)
		}
		return c.appendTo(fd, cred)
	})
}

// appendTo adds a credential to the open and locked file.
func (c *CCache) appendTo(fd int, cred *Credential) error {
	if err := c.load(fd); err != nil {
		return err
	}
	if !c.contents.principal.Equal(c.Principal) {
		return status.Errorf(status.Failure, status.KG_CCACHE_NOMATCH, "credential cache %s now belongs to %s, not to %s",
			c.Name(), c.contents.principal, c.Principal)
	}
	w := newCCacheWriter(c.contents.version)
	w.credential(cred)
	defer clear(w.b)
	if c.contents.end+int64(len(w.b)) > maxCCacheSize {
		return c.errno(unix.EFBIG)
	}
	// What a stopped writer left behind the last whole credential would swallow ours.
	if c.stamp.size > c.contents.end {
		if err := unix.Ftruncate(fd, c.contents.end); err != nil {
			return c.errno(err)
		}
	}
	if err := writeAt(fd, w.b, c.contents.end); err != nil {
		_ = unix.Ftruncate(fd, c.contents.end)
		return c.errno(err)
	}
	return c.load(rewound(fd))
}

// rewound returns fd at its beginning.
func rewound(fd int) int {
	_, _ = unix.Seek(fd, 0, io.SeekStart)
	return fd
}

func writeAt(fd int, b []byte, offset int64) error {
	if err := rights.MayWrite(offset + int64(len(b))); err != nil {
		return err
	}
	for len(b) > 0 {
		n, err := unix.Pwrite(fd, b, offset)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return err
		}
		if n == 0 {
			return unix.EIO
		}
		b, offset = b[n:], offset+int64(n)
	}
	return nil
}

// CreateCCache makes a credential cache of version 4 for the effective user alone and puts it in the place of any
// earlier one at once. The name is as for OpenCCache.
func CreateCCache(env *Env, name string, client token.Principal, creds ...*Credential) (*CCache, error) {
	return CreateCCacheOffset(env, name, client, 0, creds...)
}

// CreateCCacheOffset is CreateCCache with how far the KDC's clock is ahead of ours.
func CreateCCacheOffset(env *Env, name string, client token.Principal, offset time.Duration,
	creds ...*Credential) (*CCache, error) {
	path, err := env.Library.ccachePath(env, name)
	if err != nil {
		return nil, err
	}
	c := &CCache{path: path, locks: &env.Library.locks, Principal: client}
	var st unix.Stat_t
	if unix.Stat(path, &st) == nil && st.Mode&unix.S_IFMT != unix.S_IFREG {
		return nil, c.notCreated(errors.New("what is there is not a regular file")) // /dev/null
	}
	w := newCCacheWriter(4)
	w.header(offset)
	w.principal(client)
	for _, cred := range creds {
		w.credential(cred)
	}
	defer clear(w.b)
	var suffix [8]byte
	if _, err := io.ReadFull(env.Rand, suffix[:]); err != nil {
		return nil, status.Errorf(status.Failure, status.KRB5_CRYPTO_INTERNAL, "random numbers: %v", err)
	}
	dir, file := filepath.Split(path)
	temporary := dir + "." + file + "." + hex.EncodeToString(suffix[:])
	if err := writeNew(temporary, w.b); err != nil {
		return nil, c.notCreated(err)
	}
	if err := unix.Rename(temporary, path); err != nil {
		_ = unix.Unlink(temporary)
		return nil, c.notCreated(err)
	}
	return c, c.read()
}

func (c *CCache) notCreated(err error) error {
	minor := status.Of(c.errno(err)).Minor
	return status.Errorf(status.Failure, minor, "credential cache %s cannot be created: %v", c.Name(), err)
}

// writeNew writes a file that must not be there yet, readable by the effective user only.
func writeNew(path string, b []byte) error {
	fd, err := openRetry(path, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return err
	}
	opened := descriptor.Of(fd)
	err = unix.Fchmod(fd, 0o600)
	if err == nil {
		err = writeAt(fd, b, 0)
	}
	if cerr := opened.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		_ = unix.Unlink(path)
	}
	return err
}

// Marshal returns the credential as a file of version 4 has it, which libkrb5 reads from memory, too. The caller wipes it.
func (c *Credential) Marshal() []byte {
	w := newCCacheWriter(4)
	w.credential(c)
	return w.b
}

// SetConfig stores a configuration entry of the cache as a whole, in memory and in a file that other programs read.
func (c *CCache) SetConfig(key string, value []byte) error {
	if c.path == "" {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.contents.config == nil {
			c.contents.config = make(map[string][]byte)
		}
		c.contents.config[key] = slices.Clone(value)
		return nil
	}
	return c.Store(configEntry(c.Principal, key, slices.Clone(value)))
}
