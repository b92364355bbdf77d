// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"path/filepath"
	"strings"

	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// StoreName tells where new tickets of a client belong that are stored under a name, "" being that of the default cache. Of
// a collection it is the client's cache, or one more: the others are not touched, as with MIT krb5. Any other name stands
// for itself.
func (l *Library) StoreName(env *Env, name string, client token.Principal) (string, error) {
	t, residual, err := l.ccacheTypeOf(env, name)
	if err != nil || t.fresh == nil {
		return name, err
	}
	fresh, err := t.fresh(l, env, residual)
	if err != nil && status.Of(err).Minor == status.KRB5_DCC_CANNOT_CREATE {
		return name, nil // one cache of the collection
	}
	if err != nil {
		return "", err
	}
	switch found, err := l.FindCCache(env, name, client.Equal); {
	case found != nil:
		found.Close()
		return found.Name(), nil
	case err != nil && !IsMissing(err):
		return "", err
	}
	return fresh, nil
}

// MakePrimary makes a cache the primary one of the collection that a name stands for, "" being that of the default cache.
// There is nothing to do where a name stands for one cache.
func (l *Library) MakePrimary(env *Env, name string, cache *CCache) error {
	t, residual, err := l.ccacheTypeOf(env, name)
	if err != nil || t.choose == nil {
		return err
	}
	_, chosen, err := l.ccacheTypeOf(env, cache.Name())
	if err != nil || chosen == residual {
		return err
	}
	return t.choose(l, env, chosen)
}

func chooseInDirectory(_ *Library, env *Env, residual string) error {
	dir, file := filepath.Split(strings.TrimPrefix(residual, ":"))
	path, line := filepath.Join(dir, primaryFile), []byte(file+"\n")
	// Otherwise nobody could read the file, and the collection had no primary cache, or another one.
	if name, ok := parsePrimary(line); !ok || name != file || len(line) >= maxPrimary {
		return status.Errorf(status.Failure, status.KRB5_CC_BADNAME,
			"credential cache DIR%s cannot be the primary one: its file's name has %d octets or more, or a line end or backslash",
			residual, maxPrimary-1)
	}
	if err := replaceFile(env, path, line); err != nil {
		if _, ok := err.(*status.Error); ok {
			return err
		}
		return status.Errorf(status.Failure, status.KRB5_CC_WRITE, "%s cannot be created: %v", path, err)
	}
	return nil
}

func chooseInKCM(l *Library, env *Env, residual string) error {
	socket, err := kcmSocket(l, env)
	if err != nil {
		return err
	}
	s := &kcmCache{residual: residual, socket: socket}
	return s.with(func(c *kcmConn) error {
		_, err := c.call(kcmSetDefaultCache, s.argument())
		return err
	})
}
