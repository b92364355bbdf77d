// SPDX-License-Identifier: BSD-2-Clause

package gss

import (
	"libgssapi/internal/krb5"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// Impersonating is a mechanism in which services can act for users.
type Impersonating interface {
	// AcquireImpersonating acquires an element with which the service that owns by acts for the user w.Name.
	AcquireImpersonating(env *krb5.Env, by *Cred, w Wanted) (Element, error)
}

// AcquireImpersonating is Acquire for a user for whom the service that owns the credential by acts.
func AcquireImpersonating(env *krb5.Env, by *Cred, user *Name, lifetime uint32, mechs []token.OID, usage Usage) (*Cred, error) {
	// A service cannot accept contexts for a user: the keys are its own.
	if usage != Initiate {
		return nil, status.Errorf(status.Failure, status.G_BAD_USAGE, "a service can act for users only as an initiator (GSS_C_INITIATE)")
	}
	return acquire(mechs, Wanted{Name: user, Lifetime: lifetime, Usage: usage}, func(m Mechanism, w Wanted) (Element, error) {
		if i, ok := m.(Impersonating); ok {
			return i.AcquireImpersonating(env, by, w)
		}
		return nil, status.Errorf(status.Unavailable, status.Generic, "mechanism %s does not let services act for users",
			m.Description().OID)
	})
}

// AddImpersonating is Add for a user for whom the service that owns the credential by acts.
func AddImpersonating(env *krb5.Env, in, by *Cred, user *Name, mech token.OID, usage Usage, lifetime uint32) (*Cred, error) {
	return add(in, mech, func(mechs []token.OID) (*Cred, error) {
		return AcquireImpersonating(env, by, user, lifetime, mechs, usage)
	})
}
