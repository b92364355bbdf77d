// SPDX-License-Identifier: BSD-2-Clause

package krb5mech

import (
	"iter"
	"slices"

	"libgssapi/internal/gss"
	"libgssapi/internal/krb5"
	"libgssapi/internal/token"
)

// owner says whose credential is wanted.
type owner struct {
	desired   *token.Principal // nil: anybody
	principal *token.Principal // what desired stands for
	service   string           // for a host-based name without a host: this service on any host
}

// ownersOf yields the owners that may be meant, the likeliest first. A cache or a keytab decides which name of a host
// is right, as the KDC does elsewhere (krb5.Candidates).
func ownersOf(env *krb5.Env, desired *gss.Name) iter.Seq2[owner, error] {
	return func(yield func(owner, error) bool) {
		if desired == nil {
			yield(owner{}, nil)
			return
		}
		p, err := Principal(env, desired)
		if err != nil {
			yield(owner{}, err)
			return
		}
		cfg, err := env.Library.Config(env)
		if err != nil {
			yield(owner{}, err)
			return
		}
		o := owner{desired: &p}
		if service, host, ok := serviceOf(desired); ok && host == "" {
			o.service = service
		}
		for candidate, err := range krb5.Candidates(env, cfg, p) {
			o.principal = &candidate
			if !yield(o, err) || err != nil {
				return
			}
		}
	}
}

// matches reports whether p is wanted. An empty realm matches any realm, because only the KDC knows the realm of a host
// without an entry in [domain_realm]. With ignoreHost, a service matches on any host.
func (o owner) matches(p token.Principal, ignoreHost bool) bool {
	want := o.principal
	switch {
	case want == nil:
		return true
	case o.service != "":
		return len(p.Components) == 2 && p.Components[0] == o.service
	case want.Realm != "" && want.Realm != p.Realm:
		return false
	case ignoreHost && want.Type == token.NTSrvHst:
		return len(p.Components) == 2 && p.Components[0] == want.Components[0]
	}
	return slices.Equal(p.Components, want.Components)
}

// isNobody reports whether the owner is a user in an empty realm. Only the realm of a service is for others to find out (RFC
// 6806, Section 8): users of one name in two realms are different people. For an acceptor that does not matter: it has the
// keys.
func (o owner) isNobody() bool {
	return o.service == "" && o.principal != nil && o.principal.Realm == "" && len(o.principal.Components) != 2
}

// String returns the owner for error texts; it is empty for anybody.
func (o owner) String() string {
	switch {
	case o.service != "":
		return o.service + "@"
	case o.principal != nil:
		return o.principal.String()
	}
	return ""
}

// named returns the acceptor's name. For an acceptor that takes any key, it is that of the keytab's first key, as in
// MIT krb5. It is nil if the keytab no longer exists.
func (a *acceptor) named(env *krb5.Env) *token.Principal {
	if a.owner.desired != nil {
		return a.owner.desired
	}
	kt, err := openKeytab(env, a.keytabName, a.owner.desired == nil)
	if err != nil {
		return nil
	}
	return kt.First()
}
