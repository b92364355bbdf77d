// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"encoding/binary"
	"fmt"
	"io"
	"time"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/sys/unix"

	"libgssapi/internal/crypto"
	"libgssapi/internal/descriptor"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// Keytab says which keys are in a keytab file. It does not change; OpenKeytab reads again when the file has changed. The
// keys themselves are in the file alone: Key reads one when it is needed, and so nobody else has them, no child and no
// process that may not read the file any more.
type Keytab struct {
	Name    string // "FILE:/etc/krb5.keytab"
	Entries []KeytabEntry

	damage  string // what could not be read, for texts
	path    string
	stamp   stamp
	library *Library
}

// String names the keytab in texts of failures, with what could not be read of it: that may be the reason.
func (kt *Keytab) String() string {
	if kt.damage == "" {
		return kt.Name
	}
	return kt.Name + " (" + kt.damage + ")"
}

// KeytabEntry says what one key is for.
type KeytabEntry struct {
	Principal token.Principal
	KVNO      uint32
	Time      time.Time
	EType     int32
	Usable    bool // the type is supported, and the key has the right size for it

	at   int64 // of the key in the file
	size int
}

// same reports whether two entries are of one key, as far as can be seen without it.
func (e *KeytabEntry) same(other *KeytabEntry) bool {
	return e.EType == other.EType && e.KVNO == other.KVNO && e.Usable == other.Usable && e.Principal.Equal(other.Principal)
}

// Key reads the key of a usable entry. The caller wipes it.
func (kt *Keytab) Key(e *KeytabEntry) (*crypto.Key, error) {
	fd, err := openRetry(kt.path, readFlags, 0)
	if err != nil {
		return nil, kt.errno(err)
	}
	opened := descriptor.Of(fd)
	key, whole, err := kt.keyIn(fd, e)
	_ = opened.Close()
	if err != nil || whole {
		return key, err
	}
	// The file has changed since kt was read.
	now, err := kt.library.readKeytab(kt.Name, kt.path)
	if err != nil {
		return nil, err
	}
	for i := range now.Entries {
		if !now.Entries[i].same(e) {
			continue
		}
		if fd, err = openRetry(kt.path, readFlags, 0); err != nil {
			return nil, kt.errno(err)
		}
		opened = descriptor.Of(fd)
		key, whole, err = now.keyIn(fd, &now.Entries[i])
		_ = opened.Close()
		if err != nil || whole {
			return key, err
		}
	}
	return nil, status.Errorf(status.NoCred, status.KRB5_KT_NOTFOUND, "keytab %s: the key of %s was removed just now",
		kt, e.Principal)
}

// keyIn reads the key of an entry from the open file. whole is false if that is not what kt was read from.
func (kt *Keytab) keyIn(fd int, e *KeytabEntry) (key *crypto.Key, whole bool, err error) {
	b := make([]byte, e.size)
	defer clear(b)
	if n, err := replayFD(fd).ReadAt(b, e.at); n < len(b) {
		if err == io.EOF {
			err = nil
		}
		return nil, false, err
	}
	// Not before: a writer could come in between.
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return nil, false, kt.errno(err)
	}
	if s := newStamp(kt.path, &st); s != kt.stamp {
		return nil, false, nil
	}
	key, err = crypto.NewKey(crypto.EType(e.EType), b)
	return key, true, err
}

func (kt *Keytab) errno(err error) error {
	return status.Errorf(status.NoCred, errnoMinor(err), "keytab %s: %v", kt.Name, err)
}

// MatchesKVNO reports whether the entry's key version is the wanted one. Old programs store its low octet only.
func (e *KeytabEntry) MatchesKVNO(kvno uint32) bool {
	return e.KVNO == kvno || kvno > 0xff && e.KVNO == kvno&0xff
}

// OpenKeytab reads a keytab, "FILE:/path", "WRFILE:/path" or "/path"; "" is the default one (see DefaultKeytabName).
// An error of the system has its errno as minor code.
func (l *Library) OpenKeytab(env *Env, name string) (*Keytab, error) {
	if name == "" {
		cfg, err := l.Config(env)
		if err != nil {
			return nil, err
		}
		if name, err = cfg.DefaultKeytabName(env); err != nil {
			return nil, err
		}
	}
	kind, path := splitType(name)
	if kind != "FILE" && kind != "WRFILE" {
		return nil, status.Errorf(status.NoCred, status.KRB5_KT_UNKNOWN_TYPE,
			"keytab %s: type %s is not supported, FILE and WRFILE are", name, kind)
	}
	if path == "" {
		return nil, status.Errorf(status.NoCred, status.KRB5_KT_BADNAME, "keytab %s: no path", name)
	}
	name = kind + ":" + path
	if env.Seen != nil {
		if kt := env.Seen.keytab.Load(); kt != nil && kt.Name == name {
			return kt, nil
		}
	}
	kt, err := l.keytab(env.cacheKey(name), path)
	if err == nil && env.Seen != nil {
		env.Seen.keytab.Store(kt)
	}
	return kt, err
}

// keytab returns what is in a keytab now.
func (l *Library) keytab(key cacheKey, path string) (*Keytab, error) {
	l.mu.Lock()
	kt := l.keytabs[key]
	l.mu.Unlock()
	if kt != nil && current([]stamp{kt.stamp}) {
		return kt, nil
	}
	kt, err := l.readKeytab(key.name, path)
	if err != nil {
		return nil, err
	}
	if keepable([]stamp{kt.stamp}) {
		l.mu.Lock()
		keep(&l.keytabs, key, kt)
		l.mu.Unlock()
	}
	return kt, nil
}

func (l *Library) readKeytab(name, path string) (*Keytab, error) {
	fd, err := openRetry(path, readFlags, 0)
	if err == unix.ENOENT {
		return nil, status.Errorf(status.NoCred, errnoMinor(err), "Key table file '%s' not found", path)
	}
	if err != nil {
		return nil, status.Errorf(status.NoCred, errnoMinor(err), "keytab %s: %v", name, err)
	}
	var b []byte
	var s stamp
	err = l.locks.locked(fd, false, func(lockErr error) error {
		// A file system without locks does not keep anyone from reading.
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
		return nil, status.Errorf(status.NoCred, perr.Minor, "keytab %s: %s", name, perr.Text)
	}
	kt.Name, kt.path, kt.stamp, kt.library = name, path, s, l
	return kt, nil
}

// Versions of the keytab format. The first one has integers in the order of the host that wrote it.
const (
	keytabVersion1 = 0x0501
	keytabVersion2 = 0x0502
)

func badKeytab(format string, args ...any) *status.Error {
	return status.Errorf(status.NoCred, status.KRB5_KT_FORMAT, format, args...)
}

// parseKeytab reads a keytab file. An entry of negative size is a hole; size 0 ends the file. What can be read counts: an
// entry that is malformed in itself is passed over, and one that reaches beyond the end is the last, as when its writer
// was stopped, or an editor has put a line end there. Only a keytab of which nothing can be read is an error.
func parseKeytab(b []byte) (*Keytab, *status.Error) {
	s := cryptobyte.String(b)
	var version uint16
	if !s.ReadUint16(&version) {
		return nil, badKeytab("%d octets are too few for a keytab", len(b))
	}
	if version != keytabVersion1 && version != keytabVersion2 {
		return nil, status.Errorf(status.NoCred, status.KRB5_KEYTAB_BADVNO, "not a keytab, or one of an unknown version")
	}
	r := fileReader{rest: s, v1: version == keytabVersion1, order: binary.BigEndian}
	if r.v1 {
		r.order = binary.NativeEndian
	}
	kt := &Keytab{}
	for number := 1; len(r.rest) > 0; number++ {
		n := int64(int32(r.uint32()))
		if r.short || n == 0 {
			break
		}
		skip := n < 0
		if skip {
			number--
			n = -n
		}
		if n > int64(len(r.rest)) {
			if !skip {
				kt.damaged("entry %d reaches beyond the end of the file", number)
			}
			break
		}
		record, end := r, int64(len(b)-len(r.rest))+n
		record.rest = r.rest[:n]
		r.rest = r.rest[n:]
		if skip {
			continue
		}
		if e, ok := record.keytabEntry(end); ok {
			kt.Entries = append(kt.Entries, e)
		} else {
			kt.damaged("entry %d is malformed", number)
		}
	}
	if len(kt.Entries) == 0 && kt.damage != "" {
		return nil, badKeytab("%s", kt.damage)
	}
	return kt, nil
}

// damaged notes what cannot be read. The first fault is enough for an administrator.
func (kt *Keytab) damaged(format string, number int) {
	if kt.damage == "" {
		kt.damage = fmt.Sprintf(format, number)
	}
}

// keytabEntry reads the entry that ends at some offset of the file, but for its key.
func (r *fileReader) keytabEntry(end int64) (e KeytabEntry, ok bool) {
	components := int(r.uint16())
	if r.v1 {
		components-- // the realm counts
	}
	e.Principal.Type = token.NTPrincipal
	e.Principal.Realm = string(r.bytes(int64(r.uint16())))
	if components < 0 || components > len(r.rest)/2 {
		return e, false
	}
	for range components {
		e.Principal.Components = append(e.Principal.Components, string(r.bytes(int64(r.uint16()))))
	}
	if !r.v1 {
		e.Principal.Type = int32(r.uint32())
	}
	e.Time = r.time()
	e.KVNO = uint32(r.uint8())
	e.EType = int32(r.uint16())
	e.size = len(r.bytes(int64(r.uint16())))
	if r.short {
		return e, false
	}
	e.at = end - int64(len(r.rest)+e.size)
	// Newer programs store all of the version number behind the key; 0 there says nothing.
	if len(r.rest) >= 4 {
		if kvno := r.uint32(); kvno != 0 {
			e.KVNO = kvno
		}
	}
	// A key of the wrong size spoils its entry, not the others.
	etype := crypto.EType(e.EType)
	e.Usable = etype.Supported() && e.size == etype.KeySize()
	return e, true
}
