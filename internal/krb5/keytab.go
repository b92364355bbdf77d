// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"strings"
	"time"

	"libgssapi/internal/crypto"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// Keytab says which keys are in a keytab. It does not change; OpenKeytab reads again what has changed. The keys themselves
// are where the keytab is kept: Key reads one when it is needed, and so nobody else has them, no child and no process that
// may not read the file any more.
type Keytab struct {
	Name    string // "FILE:/etc/krb5.keytab"
	Entries []KeytabEntry

	damage  string // what could not be read, for texts
	backend keytabBackend

	// Unlisted says that Entries are not all: the backend finds a key when it is asked for it.
	Unlisted bool
}

// keytabBackend is where a keytab is kept: a file, or the libkrb5 that the program uses.
type keytabBackend interface {
	// key reads the key of a usable entry of kt.
	key(kt *Keytab, e *KeytabEntry) (*crypto.Key, error)
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

	at   int64 // of the key in a file
	size int
}

// same reports whether two entries are of one key, as far as can be seen without it.
func (e *KeytabEntry) same(other *KeytabEntry) bool {
	return e.EType == other.EType && e.KVNO == other.KVNO && e.Usable == other.Usable && e.Principal.Equal(other.Principal)
}

// Key reads the key of a usable entry. The caller wipes it.
func (kt *Keytab) Key(e *KeytabEntry) (*crypto.Key, error) { return kt.backend.key(kt, e) }

// MatchesKVNO reports whether the entry's key version is the wanted one. Old programs store its low octet only.
func (e *KeytabEntry) MatchesKVNO(kvno uint32) bool {
	return e.KVNO == kvno || kvno > 0xff && e.KVNO == kvno&0xff
}

// keytabTypes are the types that there are. Which one a name means is decided here and nowhere else.
var keytabTypes = map[string]func(l *Library, env *Env, name, residual string) (*Keytab, error){
	"FILE":   openKeytabFile,
	"WRFILE": openKeytabFile,
	"MEMORY": openForeignKeytab,
	"KDB":    openDatabase,
}

// CheckKeytabName reports whether a name of a keytab is one, whatever is there.
func CheckKeytabName(name string) error {
	_, _, err := keytabTypeOf(name)
	return err
}

// keytabTypeOf takes the name of a keytab apart: "TYPE:residual", or the path of a file.
func keytabTypeOf(name string) (kind, residual string, err error) {
	if strings.ContainsRune(name, 0) {
		return "", "", status.Errorf(status.NoCred, status.KRB5_KT_BADNAME, "keytab: there is a NUL in its name")
	}
	kind, residual = splitType(name)
	if keytabTypes[kind] == nil {
		return "", "", status.Errorf(status.NoCred, status.KRB5_KT_UNKNOWN_TYPE,
			"Unknown Key table type: %s is of type %s; the supported types are FILE, WRFILE, MEMORY and, in a KDC, KDB", name, kind)
	}
	return kind, residual, nil
}

// OpenKeytab reads a keytab, "TYPE:residual" or the path of a file; "" is the default one (see DefaultKeytabName). An error
// of the system has its errno as minor code.
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
