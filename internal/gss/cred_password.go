// SPDX-License-Identifier: BSD-2-Clause

package gss

import (
	"syscall"

	"libgssapi/internal/krb5"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// ErrPasswordWithoutName is the error for a password without the name of its owner.
var ErrPasswordWithoutName = &status.Error{Major: status.BadName, Minor: status.Generic,
	Text: "a password was passed without the name of its owner"}

// StorePassword is the key of credential stores under which mechanisms look for a password.
const StorePassword = "password"

// AcquireWithPassword is Acquire with tickets obtained with a password, which remains the caller's. As with MIT krb5, nil
// mechs stands for the default mechanism.
func AcquireWithPassword(env *krb5.Env, password []byte, desired *Name, lifetime uint32, mechs []token.OID,
	usage Usage) (*Cred, error) {
	store, err := passwordStore(password, desired, usage)
	if err != nil {
		return nil, err
	}
	if mechs == nil {
		mechs = []token.OID{oidOf("")}
	}
	return AcquireFrom(env, store, desired, lifetime, mechs, usage)
}

// AddWithPassword is Add with tickets obtained with a password, which remains the caller's.
func AddWithPassword(env *krb5.Env, password []byte, in *Cred, desired *Name, mech token.OID, usage Usage,
	lifetime uint32) (*Cred, error) {
	store, err := passwordStore(password, desired, usage)
	if err != nil {
		return nil, err
	}
	return AddFrom(env, store, in, desired, mech, usage, lifetime)
}

// passwordStore returns a credential store with the password and nothing else. As with MIT krb5, the password of an
// acceptor is ignored, in contrast to one in the program's own store.
func passwordStore(password []byte, desired *Name, usage Usage) (store CredStore, err error) {
	switch {
	case desired == nil:
		return store, ErrPasswordWithoutName
	case len(password) == 0:
		// The minor code is MIT krb5's.
		return store, status.Errorf(status.Failure, status.Minor(syscall.EINVAL), "there is no password, or it is empty")
	case usage == Accept:
		return store, nil
	}
	err = store.Set(StorePassword, password)
	return store, err
}
