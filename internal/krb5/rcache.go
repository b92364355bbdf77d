// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"encoding/binary"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"libgssapi/internal/crypto"
	"libgssapi/internal/descriptor"
	"libgssapi/internal/status"
)

// ReplayCache remembers authenticators that were accepted.
type ReplayCache interface {
	// Name returns where they are kept, or "" if they are not kept.
	Name() string

	// Record records an authenticator, or returns KRB5KRB_AP_ERR_REPEAT if it has been recorded before. It is
	// identified by the beginning of the checksum at the end of its ciphertext, whose length depends on etype, the
	// enctype of the key. An authenticator may have been made up to skew after now, and is valid for another skew.
	Record(etype crypto.EType, authenticatorCipher []byte, now time.Time, skew time.Duration) error
}

// replayTypes opens replay caches of each type; residual is what follows the type in the name.
var replayTypes = map[string]func(env *Env, name, residual string) (ReplayCache, error){
	"none": func(*Env, string, string) (ReplayCache, error) { return noReplayCache{}, nil },
	"dfl": func(env *Env, _, _ string) (ReplayCache, error) {
		return newFileReplayCache(env, defaultReplayFile(env), true), nil
	},
	"file2": func(env *Env, name, path string) (ReplayCache, error) {
		if path == "" {
			return nil, status.Errorf(status.Failure, status.KRB5_RC_PARSE, "replay cache %q: no path", name)
		}
		return newFileReplayCache(env, path, false), nil
	},
}

// noReplayCache records nothing.
type noReplayCache struct{}

func (noReplayCache) Name() string { return "" }

func (noReplayCache) Record(crypto.EType, []byte, time.Time, time.Duration) error { return nil }

// fileReplayCache is a file shared by all servers of one account, including those that use MIT krb5 1.18 or newer. The
// format is MIT's "file2".
//
// A file consists of a seed of 16 octets and hash tables of records. A record is a tag of 12 octets and the time in
// seconds, big-endian. The first table has 1023 records, the second 2048, and each further one twice as many. A tag has
// two places in a table, that of its hash and the next one. The hash is SipHash-2-4 of the tag with the seed, whose
// first octet is incremented with each table. Tables are searched until a place is empty; the record goes to the first
// place that is empty or expired.
type fileReplayCache struct {
	path  string
	owned bool // the file must belong to the effective user
	euid  int
	rand  io.Reader
	locks *fileLocks
}

func newFileReplayCache(env *Env, path string, owned bool) *fileReplayCache {
	return &fileReplayCache{path: path, owned: owned, euid: env.EUID, rand: env.Rand, locks: &env.Library.locks}
}

// OpenReplayCache opens the replay cache that KRB5RCACHENAME names, else one of the type KRB5RCACHETYPE, else
// default_rcache_name of [libdefaults], else "dfl:". The file is opened each time it is used.
func OpenReplayCache(env *Env, cfg *Config) (ReplayCache, error) {
	name, ok := env.chosen("KRB5RCACHENAME")
	if ok && name == "" {
		return nil, status.Errorf(status.Failure, status.KRB5_RC_PARSE, "KRB5RCACHENAME is empty, and names no replay cache")
	}
	return OpenNamedReplayCache(env, cfg, name)
}

// OpenNamedReplayCache opens a replay cache by a name that a program chose; "" stands for what comes after
// KRB5RCACHENAME in OpenReplayCache.
func OpenNamedReplayCache(env *Env, cfg *Config, name string) (ReplayCache, error) {
	if name == "" {
		if kind, ok := env.chosen("KRB5RCACHETYPE"); ok {
			name = kind + ":"
		}
	}
	if name == "" {
		if setting, ok := cfg.first("libdefaults", "default_rcache_name"); ok && setting != "" {
			var err error
			if name, err = expandPath(env, setting); err != nil {
				return nil, badProfile("%s: default_rcache_name = %s: %v", cfg.source(), setting, err)
			}
		}
	}
	if name == "" {
		name = "dfl:"
	}
	kind, residual, ok := strings.Cut(name, ":")
	if !ok {
		return nil, status.Errorf(status.Failure, status.KRB5_RC_PARSE, "replay cache %q: no type", name)
	}
	open := replayTypes[kind]
	if open == nil {
		return nil, status.Errorf(status.Failure, status.KRB5_RC_TYPE_NOTFOUND,
			"replay cache %q: type %s is not supported; none, dfl and file2 are", name, kind)
	}
	return open(env, name, residual)
}

// defaultReplayFile returns the effective user's file in KRB5RCACHEDIR, TMPDIR or /var/tmp.
func defaultReplayFile(env *Env) string {
	dir := env.Getenv("KRB5RCACHEDIR")
	if dir == "" {
		dir = env.Getenv("TMPDIR")
	}
	if dir == "" {
		dir = "/var/tmp"
	}
	return dir + "/krb5_" + strconv.Itoa(env.EUID) + ".rcache2"
}

// Layout of the file.
const (
	replaySeedSize   = 16
	replayTagSize    = 12
	replayRecordSize = replayTagSize + 4
	replayFirstTable = 1023
	replayMaxSize    = math.MaxInt32
)

type replayTag [replayTagSize]byte

func (r *fileReplayCache) Name() string { return r.path }

// Record implements ReplayCache.
func (r *fileReplayCache) Record(etype crypto.EType, authenticatorCipher []byte, now time.Time, skew time.Duration) error {
	n := etype.MACSize()
	if n == 0 || n > len(authenticatorCipher) {
		return status.Errorf(status.DefectiveToken, status.KRB5_BAD_MSIZE, "the authenticator is too short for %s", etype)
	}
	var tag replayTag
	copy(tag[:], authenticatorCipher[len(authenticatorCipher)-n:])

	flags := unix.O_RDWR | unix.O_CREAT | unix.O_CLOEXEC | unix.O_NONBLOCK | unix.O_NOCTTY
	if r.owned {
		flags |= unix.O_NOFOLLOW
	}
	fd, err := openRetry(r.path, flags, 0o600)
	if err != nil {
		return r.ioError(err)
	}
	opened := descriptor.Of(fd)
	// Before locking: an attacker who put the file there could hold its lock.
	if err := r.check(fd); err != nil {
		_ = opened.Close()
		return err
	}
	return r.locks.locked(fd, true, func(lockErr error) error {
		if lockErr != nil {
			return status.Errorf(status.Failure, status.KRB5_RC_IO, "replay cache %s: %s", r.path, lockReason(lockErr))
		}
		window := uint32(min(max(2*(skew/time.Second), 0), math.MaxInt32))
		repeated, err := recordTag(replayFD(fd), r.rand, tag, uint32(now.Unix()), window)
		if err != nil {
			return r.ioError(err)
		}
		if repeated {
			return status.Errorf(status.Failure, status.KRB5KRB_AP_ERR_REPEAT,
				"Request is a replay: the authenticator was accepted before (replay cache %s)", r.path)
		}
		return nil
	})
}

// check refuses a file that another account could have put there, because anyone can write to /var/tmp.
func (r *fileReplayCache) check(fd int) error {
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return r.ioError(err)
	}
	if st.Mode&unix.S_IFMT != unix.S_IFREG {
		return status.Errorf(status.Failure, status.KRB5_RC_IO, "replay cache %s is not a regular file", r.path)
	}
	if !r.owned {
		return nil
	}
	if st.Uid != uint32(r.euid) {
		return status.Errorf(status.Failure, status.KRB5_RC_IO_PERM, "replay cache %s belongs to user %d, not to %d",
			r.path, st.Uid, r.euid)
	}
	// If the system lets an account create hard links to another's files, this may be any of our files.
	if st.Nlink != 1 {
		return status.Errorf(status.Failure, status.KRB5_RC_IO_PERM, "replay cache %s has %d hard links, not one",
			r.path, st.Nlink)
	}
	return nil
}

func (r *fileReplayCache) ioError(err error) error {
	minor := status.KRB5_RC_IO
	switch err {
	case unix.EACCES, unix.EPERM, unix.ELOOP, unix.EROFS, unix.EISDIR:
		minor = status.KRB5_RC_IO_PERM
	case unix.ENOSPC, unix.EDQUOT, unix.EOVERFLOW:
		minor = status.KRB5_RC_IO_SPACE
	}
	text := err.Error()
	if err == unix.EOVERFLOW {
		text = "full"
	}
	return status.Errorf(status.Failure, minor, "replay cache %s: %s", r.path, text)
}

// replayFile is what recordTag needs of a file.
type replayFile interface {
	io.ReaderAt
	io.WriterAt
}

// recordTag records tag unless it is there already. The caller holds the lock.
func recordTag(f replayFile, rand io.Reader, tag replayTag, now, skew uint32) (repeated bool, err error) {
	var seed [replaySeedSize]byte
	n, err := f.ReadAt(seed[:], 0)
	if err != nil && err != io.EOF {
		return false, err
	}
	if n < len(seed) {
		if _, err := io.ReadFull(rand, seed[:]); err != nil {
			return false, err
		}
		if _, err := f.WriteAt(seed[:], 0); err != nil {
			return false, err
		}
	}
	available := int64(-1)
	table, records := int64(replaySeedSize), int64(replayFirstTable)
	for {
		if records > replayMaxSize/replayRecordSize || table > replayMaxSize-records*replayRecordSize {
			return false, unix.EOVERFLOW
		}
		place := table + int64(siphash24(&seed, tag[:])%uint64(records))*replayRecordSize
		var b [2 * replayRecordSize]byte
		n, err := f.ReadAt(b[:], place)
		if err != nil && err != io.EOF {
			return false, err
		}
		ended := false
		for i := range 2 {
			record := b[i*replayRecordSize:][:replayRecordSize]
			if n < (i+1)*replayRecordSize {
				record = make([]byte, replayRecordSize) // empty, because it is beyond the end
			}
			stamp := binary.BigEndian.Uint32(record[replayTagSize:])
			if n >= (i+1)*replayRecordSize && replayTag(record[:replayTagSize]) == tag {
				return true, nil
			}
			// MIT takes stamps as unsigned and differences as signed.
			if available < 0 && (stamp == 0 || int32(now-stamp-skew) > 0) {
				available = place + int64(i)*replayRecordSize
			}
			ended = ended || stamp == 0
		}
		if ended {
			var record [replayRecordSize]byte
			copy(record[:], tag[:])
			binary.BigEndian.PutUint32(record[replayTagSize:], now)
			_, err := f.WriteAt(record[:], available)
			return false, err
		}
		table += records * replayRecordSize
		if records == replayFirstTable {
			records++
		}
		records *= 2
		seed[0]++
	}
}

// replayFD is an open file.
type replayFD int

func (fd replayFD) ReadAt(b []byte, offset int64) (int, error) {
	for read := 0; ; {
		n, err := unix.Pread(int(fd), b[read:], offset+int64(read))
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return read, err
		}
		if read += n; n == 0 || read == len(b) {
			if read < len(b) {
				return read, io.EOF
			}
			return read, nil
		}
	}
}

func (fd replayFD) WriteAt(b []byte, offset int64) (int, error) {
	return len(b), descriptor.WriteAt(int(fd), b, offset)
}
