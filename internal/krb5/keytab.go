// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"encoding/binary"
	"time"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/sys/unix"

	"libgssapi/internal/crypto"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// Keytab is the contents of a keytab file. It does not change; OpenKeytab reads again when the file has changed.
type Keytab struct {
	Name    string // "FILE:/etc/krb5.keytab"
	Entries []KeytabEntry

	stamp stamp
}

// KeytabEntry is one key.
type KeytabEntry struct {
	Principal token.Principal
	KVNO      uint32
	Time      time.Time
	EType     int32
	Key       *crypto.Key // nil if the type is not supported or the key has the wrong size for it
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
	key := cacheKey{env.EUID, name}
	l.mu.Lock()
	kt := l.keytabs[key]
	l.mu.Unlock()
	if kt != nil && current([]stamp{kt.stamp}) {
		return kt, nil
	}
	kt, err := l.readKeytab(name, path)
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
	fd, err := openRetry(path, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
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
	kt.Name, kt.stamp = name, s
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

// parseKeytab reads a keytab file. An entry of negative size is a hole; size 0 ends the file.
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
	for len(r.rest) > 0 {
		n := int64(int32(r.uint32()))
		if r.short || n == 0 {
			break
		}
		skip := n < 0
		if skip {
			n = -n
		}
		if n > int64(len(r.rest)) {
			if skip {
				break
			}
			return nil, badKeytab("entry %d reaches beyond the end of the file", len(kt.Entries)+1)
		}
		record := r
		record.rest = r.rest[:n]
		r.rest = r.rest[n:]
		if skip {
			continue
		}
		e, ok := record.keytabEntry()
		if !ok {
			return nil, badKeytab("entry %d is truncated", len(kt.Entries)+1)
		}
		kt.Entries = append(kt.Entries, e)
	}
	return kt, nil
}

func (r *fileReader) keytabEntry() (e KeytabEntry, ok bool) {
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
	key := r.bytes(int64(r.uint16()))
	if r.short {
		return e, false
	}
	// Newer programs store all of the version number behind the key; 0 there says nothing.
	if len(r.rest) >= 4 {
		if kvno := r.uint32(); kvno != 0 {
			e.KVNO = kvno
		}
	}
	if etype := crypto.EType(e.EType); etype.Supported() {
		// A key of the wrong size spoils its entry, not the others.
		if k, err := crypto.NewKey(etype, key); err == nil {
			e.Key = k
		}
	}
	return e, true
}
