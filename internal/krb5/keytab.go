// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"strings"
	"time"

	"libgssapi/internal/crypto"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// Keytab describes the keys in a keytab. It is immutable; OpenKeytab reads a keytab again if it has changed. The keys
// themselves stay where they are kept: Key reads one when it is needed, so that neither a child nor a process that may
// no longer read the file has any.
type Keytab struct {
	Name    string // "FILE:/etc/krb5.keytab"
	Entries []KeytabEntry

	damage  string // what could not be read, for error texts
	backend keytabBackend

	// Unlisted says that Entries is not complete: the backend finds a key only when asked for it.
	Unlisted bool
}

// keytabBackend keeps a keytab: in a file, or in the libkrb5 that the program uses.
type keytabBackend interface {
	// key reads the key of a usable entry of kt.
	key(kt *Keytab, e *KeytabEntry) (*crypto.Key, error)
}

// String names the keytab in error texts, together with what could not be read of it, which may be the reason.
func (kt *Keytab) String() string {
	if kt.damage == "" {
		return kt.Name
	}
	return kt.Name + " (" + kt.damage + ")"
}

// KeytabEntry describes one key.
type KeytabEntry struct {
	Principal token.Principal
	KVNO      uint32
	Time      time.Time
	EType     int32
	Usable    bool // the enctype is supported and the key has the right size

	at   int64 // offset of the key in a file
	size int
}

// same reports whether two entries are for the same key, as far as can be told without reading it.
func (e *KeytabEntry) same(other *KeytabEntry) bool {
	return e.EType == other.EType && e.KVNO == other.KVNO && e.Usable == other.Usable && e.Principal.Equal(other.Principal)
}

// Key reads the key of a usable entry. The caller wipes it.
func (kt *Keytab) Key(e *KeytabEntry) (*crypto.Key, error) { return kt.backend.key(kt, e) }

// MatchesKVNO reports whether the entry has this key version number. Old programs store only its low octet.
func (e *KeytabEntry) MatchesKVNO(kvno uint32) bool {
	return e.KVNO == kvno || kvno > 0xff && e.KVNO == kvno&0xff
}

// keytabTypes lists all types. This table alone decides what a name means.
var keytabTypes = map[string]func(l *Library, env *Env, name, residual string) (*Keytab, error){
	"FILE":   openKeytabFile,
	"WRFILE": openKeytabFile,
	"MEMORY": openForeignKeytab,
	"KDB":    openDatabase,
}

// CheckKeytabName checks that a name of a keytab is valid. The keytab need not exist.
func CheckKeytabName(name string) error {
	_, _, err := keytabTypeOf(name)
	return err
}

// keytabTypeOf splits the name of a keytab: "TYPE:residual", or the path of a file.
func keytabTypeOf(name string) (kind, residual string, err error) {
	if strings.ContainsRune(name, 0) {
		return "", "", status.Errorf(status.NoCred, status.KRB5_KT_BADNAME, "the name of the keytab contains a NUL")
	}
	kind, residual = splitType(name)
	if keytabTypes[kind] == nil {
		return "", "", status.Errorf(status.NoCred, status.KRB5_KT_UNKNOWN_TYPE,
			"Unknown Key table type: %s is of type %s; the supported types are FILE, WRFILE, MEMORY and, in a KDC, KDB", name, kind)
	}
	return kind, residual, nil
}

// OpenKeytab opens a keytab, given as "TYPE:residual" or the path of a file; "" is the default one (see
// DefaultKeytabName). The minor code of a system error is its errno.
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
	kind, residual, err := keytabTypeOf(name)
	if err != nil {
		return nil, err
	}
	name = kind + ":" + residual
	if env.Seen != nil {
		if kt := env.Seen.keytab.Load(); kt != nil && kt.Name == name {
			return kt, nil
		}
	}
	kt, err := keytabTypes[kind](l, env, name, residual)
	if err == nil && env.Seen != nil {
		env.Seen.keytab.Store(kt)
	}
	return kt, err
}
