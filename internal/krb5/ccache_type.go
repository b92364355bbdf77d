// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"strings"

	"libgssapi/internal/status"
)

// ccacheType is what "TYPE:" in the name of a credential cache means.
type ccacheType struct {
	// open finds the cache that the rest of the name stands for, of a collection the primary one.
	open func(l *Library, env *Env, residual string) (ccacheBackend, error)

	// list finds all caches of the collection that the rest of the name stands for, the primary one first; nil for types
	// of which each name stands for one cache.
	list func(l *Library, env *Env, residual string) ([]ccacheBackend, error)

	// fresh makes a name for one more cache of the collection; nil for types that have no primary one to be switched.
	fresh func(l *Library, env *Env, residual string) (string, error)

	// choose makes the cache that the rest of the name stands for the primary one of its collection.
	choose func(l *Library, env *Env, residual string) error
}

// ccacheTypes are the types that there are. Which one a name means is decided here and nowhere else.
var ccacheTypes = map[string]*ccacheType{
	"FILE": {
		open: func(l *Library, _ *Env, residual string) (ccacheBackend, error) {
			return l.openFile("FILE", residual)
		},
	},
	"DIR": {open: openDirectory, list: listDirectory, fresh: freshInDirectory, choose: chooseInDirectory},
	// Each for itself: a server may have those of many clients.
	"MEMORY": {
		open: func(l *Library, _ *Env, residual string) (ccacheBackend, error) {
			return l.openMemory(residual), nil
		},
	},
	"KCM":     {open: openKCM, list: listKCM, fresh: freshInKCM, choose: chooseInKCM},
	"KEYRING": keyringType,
	"API":     {open: openAPI},
}

// CheckCCacheName reports whether a name of a credential cache is one, whatever is there.
func (l *Library) CheckCCacheName(env *Env, name string) error {
	_, _, err := l.ccacheTypeOf(env, name)
	return err
}

// ccacheTypeOf takes the name of a credential cache apart: "TYPE:residual", or the path of a file; "" is the default one.
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
		return nil, "", status.Errorf(status.NoCred, status.KRB5_CC_BADNAME, "credential cache: there is a NUL in its name")
	}
	kind, residual := splitType(name)
	t = ccacheTypes[kind]
	if t == nil {
		return nil, "", status.Errorf(status.NoCred, status.KRB5_CC_UNKNOWN_TYPE,
			"Unknown credential cache type: %s is of type %s; there are FILE, DIR, KCM, KEYRING (on Linux) and MEMORY", name, kind)
	}
	return t, residual, nil
}

// ccacheBackendOf finds the cache that a name stands for.
func (l *Library) ccacheBackendOf(env *Env, name string) (ccacheBackend, error) {
	t, residual, err := l.ccacheTypeOf(env, name)
	if err != nil {
		return nil, err
	}
	return t.open(l, env, residual)
}

// openAPI refuses the caches that the program CCacheServer of macOS and Windows keeps.
func openAPI(_ *Library, _ *Env, residual string) (ccacheBackend, error) {
	return nil, status.Errorf(status.NoCred, status.KRB5_CC_UNKNOWN_TYPE,
		"Unknown credential cache type: API:%s is of a type that this system does not have", residual)
}
