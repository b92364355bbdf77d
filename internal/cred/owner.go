// SPDX-License-Identifier: BSD-2-Clause

package cred

import (
	"slices"

	"libgssapi/internal/krb5"
	"libgssapi/internal/name"
	"libgssapi/internal/token"
)

// owner is whose credential is wanted.
type owner struct {
	principal *token.Principal // nil: anybody's
	service   string           // a host-based name without its host: this service of any host
}

func ownerOf(env *krb5.Env, desired *name.Name) (o owner, err error) {
	if desired == nil {
		return owner{}, nil
	}
	p, err := desired.Principal(env)
	if err != nil {
		return owner{}, err
	}
	if service, host, ok := desired.Service(); ok && host == "" {
		o.service = service
	}
	o.principal = &p
	return o, nil
}

// matches reports whether p is wanted. An empty realm stands for any realm: only the KDC knows the one of a host without
// an entry in [domain_realm]. With ignoreHost a service is one on any host.
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

// String names the owner in texts; it is empty for anybody.
func (o owner) String() string {
	switch {
	case o.service != "":
		return o.service + "@"
	case o.principal != nil:
		return o.principal.String()
	}
	return ""
}

// named returns the acceptor's name: of one that takes any key that of the keytab's first, as with MIT krb5. It is nil if
// there is no keytab any more.
func (a *acceptor) named(env *krb5.Env) *token.Principal {
	if a.owner.principal != nil {
		return a.owner.principal
	}
	kt, err := openKeytab(env, a.keytabName)
	if err != nil {
		return nil
	}
	return kt.First()
}
