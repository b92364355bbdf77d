// SPDX-License-Identifier: BSD-2-Clause

package krb5mech

import (
	"errors"

	"libgssapi/internal/gss"
	"libgssapi/internal/krb5"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// passwordUse checks that what accompanies a password is complete and consistent, as MIT krb5 does: a password needs a
// name and obtains its own tickets, and verification applies only to these. It returns how to verify the tickets, or
// nil if that is not requested.
func passwordUse(env *krb5.Env, w gss.Wanted) (*krb5.Verify, error) {
	password, verified := w.Store.Has(storePassword), w.Store.Has(storeVerify)
	switch {
	case !password && verified:
		return nil, status.Errorf(status.Failure, status.G_BAD_USAGE, "the credential store has %s, but no %s to verify",
			storeVerify, storePassword)
	case !password:
		return nil, nil
	case w.Name == nil:
		return nil, gss.ErrPasswordWithoutName
	case w.Store.Has(storeCCache) || w.Store.Has(storeClientKeytab):
		return nil, status.Errorf(status.Failure, status.G_BAD_USAGE,
			"with a password, the credential store must not have %s or %s", storeCCache, storeClientKeytab)
	case w.Usage == gss.Accept:
		return nil, status.Errorf(status.Failure, status.G_BAD_USAGE,
			"the credential store has %s, which a credential for accepting only cannot have", storePassword)
	case !verified:
		return nil, nil
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

// fromPassword gets tickets for the owner of the name. The name of a host may stand for several principals; the first
// one that the KDC knows is used.
func fromPassword(env *krb5.Env, w gss.Wanted, verify *krb5.Verify) (*initiator, error) {
	var failure error
	for wanted, err := range ownersOf(env, w.Name) {
		if err != nil {
			return nil, err
		}
		if wanted.isNobody() {
			return nil, status.Errorf(status.NoCred, status.KRB5_REALM_CANT_RESOLVE,
				"Cannot find KDC for invalid realm name \"\": %s has an empty realm, as only a service may", wanted)
		}
		var cache *krb5.CCache
		cache, failure = krb5.CCacheFromPassword(env, *wanted.principal, kerberosLifetime(w.Lifetime),
			w.Store.Secret(storePassword), verify)
		switch {
		case failure == nil:
			return &initiator{cache: cache}, nil
		case errors.Is(failure, krb5.Pending):
			return nil, failure
		case status.Of(failure).Minor != status.KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN:
			return nil, noCred(failure)
		}
	}
	return nil, noCred(failure)
}
