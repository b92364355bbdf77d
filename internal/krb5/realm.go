// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"context"
	"strings"

	"libgssapi/internal/status"
)

// DefaultRealm returns the realm of names that have none: the program's choice, else default_realm of krb5.conf, else,
// with dns_lookup_realm, what DNS says about this host.
func (env *Env) DefaultRealm() (string, error) {
	if o := &env.Library.Options; o.get(&o.realm) != "" {
		return o.get(&o.realm), nil
	}
	cfg, err := env.Library.Config(env)
	if err != nil {
		return "", err
	}
	realm, none := cfg.DefaultRealm()
	if none == nil || !cfg.DNSLookupRealm() {
		return realm, none
	}
	host, err := env.Hostname()
	if err != nil {
		return "", none
	}
	domains := env.resolver().Config.Search
	found, err := env.realmByDNS(cfg, "of this host, "+host, func(ctx context.Context) []string {
		if canonical, _, err := addressesOf(ctx, env.Hosts, host); err == nil && canonical != "" {
			host = canonical
		}
		return append(suffixes(host), domains...)
	})
	if err != nil {
		return "", err
	}
	if found.realm == "" {
		e := status.Of(none)
		return "", status.Errorf(e.Major, e.Minor, "%s, and %s", e.Text, found.why)
	}
	return found.realm, nil
}

// fallbackRealm returns the realm for a host that neither [domain_realm] nor the KDC knows.
func (env *Env) fallbackRealm(cfg *Config, host string) (string, error) {
	if cfg.DNSLookupRealm() && !isAddress(host) {
		found, err := env.realmByDNS(cfg, "of "+host, func(context.Context) []string { return suffixes(host) })
		if err != nil || found.realm != "" {
			return found.realm, err
		}
	}
	if realm := cfg.FallbackRealmOfHost(host); realm != "" {
		return realm, nil
	}
	return env.DefaultRealm()
}

// realmFound is a realm, or the reason why there is none.
type realmFound struct{ realm, why string }

// realmByDNS looks up the TXT records _kerberos.NAME of several names until one has a realm. key identifies the
// question.
func (env *Env) realmByDNS(cfg *Config, key string, names func(context.Context) []string) (realmFound, error) {
	r := env.resolver()
	found, err := await(env, cfg, "TXT "+key, func(ctx context.Context) (realmFound, error) {
		list := names(ctx)
		for _, name := range list {
			texts, err := r.Texts(ctx, "_kerberos."+name+".")
			if err != nil {
				return realmFound{why: "DNS does not answer: " + r.explained(err)}, nil
			}
			for _, text := range texts {
				if realm, ok := realmText(text); ok {
					return realmFound{realm: realm}, nil
				}
			}
		}
		return realmFound{why: "DNS has no TXT record with a realm at _kerberos." + strings.Join(list, ", _kerberos.")}, nil
	})
	if err == nil {
		env.Trace.DNSRealm(key, found.realm, found.why)
	}
	return found, err
}

// realmText returns the realm in a record. A trailing dot is a common mistake, which MIT krb5 also forgives.
func realmText(text string) (realm string, ok bool) {
	realm = strings.TrimSuffix(text, ".")
	for _, c := range []byte(realm) {
		if c <= ' ' || c >= 0x7f {
			return "", false
		}
	}
	return realm, realm != ""
}

// suffixes returns a name and the domains that contain it.
func suffixes(host string) []string {
	var list []string
	for host = strings.Trim(host, "."); host != "" && len(list) < maxSuffixes; {
		list = append(list, host)
		_, host, _ = strings.Cut(host, ".")
	}
	return list
}

const maxSuffixes = 16
