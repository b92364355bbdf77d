// SPDX-License-Identifier: BSD-2-Clause

package cred

import (
	"libgssapi/internal/krb5"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// Set takes an element of a credential store, as programs that were written for MIT krb5 have them; each may be there
// once. A key that is not known is an error: whoever passes a password wants it checked.
func (s *Store) Set(key, value string) error {
	var field *string
	switch key {
	case "ccache":
		field = &s.CCache
	case "keytab":
		field = &s.Keytab
	case "client_keytab":
		field = &s.ClientKeytab
	case "rcache":
		field = &s.ReplayCache
	default:
		return status.Errorf(status.Failure, status.Generic,
			"the credential store has the key %q, which is not supported", key)
	}
	if *field != "" {
		return status.Errorf(status.DuplicateElement, status.Generic, "the credential store has the key %s twice", key)
	}
	if value == "" {
		return status.Errorf(status.Failure, status.KG_BAD_LENGTH, "the credential store has no value for %s", key)
	}
	*field = value
	return nil
}

// StoreInto writes the tickets of c into a cache (RFC 5588, Section 4); a nil c is the default credential. overwrite
// says that a cache that is there already may go.
func StoreInto(env *krb5.Env, store Store, c *Cred, usage Usage, mech token.OID, overwrite bool) error {
	switch {
	case usage < Both || usage > Accept:
		return status.Errorf(status.Failure, status.G_BAD_USAGE, "credential usage %d is unknown", usage)
	case mechOf(mech) == 0:
		return status.Errorf(status.BadMech, status.Generic, "mechanism %s is not supported", mech)
	case usage == Accept:
		return status.Errorf(status.Unavailable, status.G_BAD_USAGE, "acceptors' keys are not stored")
	}
	if c == nil {
		var err error
		if c, err = Default(env, Initiate); err != nil {
			return err
		}
		defer c.Release()
	}
	c, err := c.For(mech)
	if err != nil {
		return err
	}
	from, err := c.Initiator()
	if err != nil {
		return err
	}
	tickets := from.Copies(func(*krb5.Credential) bool { return true })
	defer func() {
		for _, t := range tickets {
			t.Wipe()
		}
	}()
	if _, ok := from.Expiry(); !ok {
		return status.Errorf(status.NoCred, status.KG_EMPTY_CCACHE, "the credential of %s has no ticket", from.Principal)
	}
	if remaining(env, from) == 0 {
		return status.Errorf(status.CredentialsExpired, status.KRB5KRB_AP_ERR_TKT_EXPIRED, "the tickets of %s have expired",
			from.Principal)
	}
	if !overwrite {
		switch old, err := env.Library.OpenCCache(env, store.CCache); {
		case err == nil:
			return status.Errorf(status.DuplicateElement, status.Generic, "%s is there already, with tickets of %s",
				old.Name(), old.Principal)
		case !krb5.IsMissing(err):
			return err
		}
	}
	_, err = krb5.CreateCCacheOffset(env, store.CCache, from.Principal, from.Offset(), tickets...)
	return err
}
