// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"strings"

	"libgssapi/internal/status"
)

// ccacheType is what a "TYPE:" in the name of a credential cache stands for. residual is the rest of the name.
type ccacheType struct {
	// open returns the cache of that name, or the primary one of a collection.
	open func(l *Library, env *Env, residual string) (ccacheBackend, error)

	// check returns the error for an invalid name, without looking for the cache. It is nil if every name is valid.
	check func(residual string) error

	// list returns all caches of a collection, the primary one first. It is nil for types without collections.
	list func(l *Library, env *Env, residual string) ([]ccacheBackend, error)

	// fresh returns a name for a new cache in a collection. It is nil for types without a primary cache to choose.
	fresh func(l *Library, env *Env, residual string) (string, error)

	// unique returns a name for a new cache outside of the default collection. It is nil for types that have no place for it.
	unique func(env *Env) (string, error)

	// choose makes the cache of that name the primary one of its collection.
	choose func(l *Library, env *Env, residual string) error
}

// ccacheTypes lists all types. This table alone decides what a name means.
var ccacheTypes = map[string]*ccacheType{
	"FILE": {
		open: func(l *Library, _ *Env, residual string) (ccacheBackend, error) {
			return l.openFile("FILE", residual)
		},
		unique: uniqueFile,
	},
	"DIR": {open: openDirectory, check: checkDirectoryName, list: listDirectory, fresh: freshInDirectory, choose: chooseInDirectory},
	// Not a collection: a server may hold caches of many clients.
	"MEMORY": {
		open: func(l *Library, _ *Env, residual string) (ccacheBackend, error) {
			return l.openMemory(residual), nil
		},
		unique: func(env *Env) (string, error) {
			suffix, err := uniqueSuffix(env.Rand)
			return "MEMORY:" + suffix, err
		},
	},
	"KCM": {
		open: openKCM, list: listKCM, fresh: freshInKCM, choose: chooseInKCM,
		unique: func(env *Env) (string, error) { return freshInKCM(nil, env, "") },
	},
	"KEYRING": keyringType,
	"API":     {open: openAPI, check: noAPI},
}

// CheckCCacheName checks that a name of a credential cache is valid. The cache need not exist.
func (l *Library) CheckCCacheName(env *Env, name string) error {
	t, residual, err := l.ccacheTypeOf(env, name)
	if err != nil || t.check == nil {
		return err
	}
	return t.check(residual)
}

// ccacheTypeOf splits the name of a credential cache: "TYPE:residual", or the path of a file; "" is the default one.
func (l *Library) ccacheTypeOf(env *Env, name string) (t *ccacheType, residual string, err error) {
	if name == "" {
		cfg, err := l.Config(env)
		if err != nil {
			return nil, "", err
		}
		if name, err = cfg.DefaultCCacheName(env); err != nil {
			return nil, "", err
		}
	}
	if strings.ContainsRune(name, 0) {
		return nil, "", status.Errorf(status.NoCred, status.KRB5_CC_BADNAME, "the name of the credential cache contains a NUL")
	}
	kind, residual := splitType(name)
	t = ccacheTypes[kind]
	if t == nil {
		return nil, "", status.Errorf(status.NoCred, status.KRB5_CC_UNKNOWN_TYPE,
			"Unknown credential cache type: %s is of type %s; the supported types are FILE, DIR, KCM, KEYRING (on Linux) and MEMORY", name, kind)
	}
	return t, residual, nil
}

// ccacheBackendOf returns the cache that a name stands for.
func (l *Library) ccacheBackendOf(env *Env, name string) (ccacheBackend, error) {
	t, residual, err := l.ccacheTypeOf(env, name)
	if err != nil {
		return nil, err
	}
	return t.open(l, env, residual)
}

func openAPI(_ *Library, _ *Env, residual string) (ccacheBackend, error) { return nil, noAPI(residual) }

// noAPI refuses caches of CCacheServer, which exists only on macOS and Windows.
func noAPI(residual string) error {
	return status.Errorf(status.NoCred, status.KRB5_CC_UNKNOWN_TYPE,
		"Unknown credential cache type: API:%s is of a type that this system does not have", residual)
}
