// SPDX-License-Identifier: BSD-2-Clause

package spnego

import (
	"libgssapi/internal/gss"
	"libgssapi/internal/krb5"
	"libgssapi/internal/token"
)

// AcquireImpersonating implements gss.Impersonating.
func (Mechanism) AcquireImpersonating(env *krb5.Env, by *gss.Cred, w gss.Wanted) (gss.Element, error) {
	return acquire(w, func(mechs []token.OID) (*gss.Cred, error) {
		with, _, err := credentialFor(by)
		if err != nil {
			return nil, err
		}
		return gss.AcquireImpersonating(env, with, w.Name, w.Lifetime, mechs, w.Usage)
	})
}
