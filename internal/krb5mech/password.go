// SPDX-License-Identifier: BSD-2-Clause

package krb5mech

import (
	"errors"

	"libgssapi/internal/gss"
	"libgssapi/internal/krb5"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// passwordUse checks that what goes with a password is there, and nothing that does not, as MIT krb5 has it: a password is
// somebody's, and gives tickets of its own; what verifies them verifies nothing else. It returns how they are verified, nil
// if that is not wished.
func passwordUse(env *krb5.Env, w gss.Wanted) (*krb5.Verify, error) {
	password, verified := w.Store.Has(storePassword), w.Store.Has(storeVerify)
	switch {
	case !password && verified:
		return nil, status.Errorf(status.Failure, status.G_BAD_USAGE, "the credential store has %s, and no %s to verify",
			storeVerify, storePassword)
	case !password:
		return nil, nil
	case w.Name == nil:
		return nil, status.Errorf(status.BadName, status.Generic, "a password was passed, and no name of whom it is")
	case w.Store.Has(storeCCache) || w.Store.Has(storeClientKeytab):
		return nil, status.Errorf(status.Failure, status.G_BAD_USAGE,
			"a password gives tickets of its own: the credential store cannot have %s or %s, too", storeCCache, storeClientKeytab)
	case !verified:
		return nil, nil
	case w.Usage == gss.Accept:
		return nil, status.Errorf(status.Failure, status.G_BAD_USAGE,
			"the credential store has %s, but a credential for accepting only needs no password and verifies none", storeVerify)
	}
	verify := &krb5.Verify{Keytab: w.Store.Value(storeKeytab)}
	if text := w.Store.Value(storeVerify); text != "" {
		p, hasRealm, err := token.ParsePrincipal(text)
		if err == nil && !hasRealm {
			p.Realm, err = env.DefaultRealm()
		}
		if err != nil {
			return nil, status.Errorf(status.Failure, status.KRB5_PARSE_MALFORMED, "%s in the credential store is %q: %v", storeVerify,
				text, err)
		}
		verify.Service = &p
	}
	return verify, nil
}

// fromPassword gets tickets of whom the name says. A name of a host may stand for several principals: the first one that the
// KDC knows is the one.
func fromPassword(env *krb5.Env, w gss.Wanted, verify *krb5.Verify) (*initiator, error) {
	var failure error
	for wanted, err := range ownersOf(env, w.Name) {
		if err != nil {
			return nil, err
		}
		var cache *krb5.CCache
		cache, failure = krb5.CCacheFromPassword(env, *wanted.principal, Wish(w.Lifetime),
			w.Store.Secret(storePassword), verify)
		switch {
		case failure == nil:
			return &initiator{cache: cache}, nil
		case errors.Is(failure, krb5.Pending):
			return nil, failure
		case status.Of(failure).Minor != status.KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN:
			return nil, withMajor(status.NoCred, failure)
		}
	}
	return nil, withMajor(status.NoCred, failure)
}
