// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"context"
	"fmt"
	"strings"
	"time"

	"libgssapi/internal/sock"
	"libgssapi/internal/token"
)

// resolveTimeout bounds the canonicalization of one host name: a resolver that does not answer costs a login this much.
const resolveTimeout = 5 * time.Second

// ServicePrincipal returns service/host@REALM for a service on a host, the host name canonicalized and mapped to its
// realm as krb5.conf says. The realm is empty where only the KDC can tell (RFC 6806, Section 8).
func ServicePrincipal(env *Env, service, host string) (token.Principal, error) {
	cfg, err := env.Library.Config(env)
	if err != nil {
		return token.Principal{}, err
	}
	if env.canonicalizes(cfg) {
		asked := host
		host, err = await(context.Background(), env, cfg, fmt.Sprintf("DNS %q %t", asked, cfg.RDNS()),
			func(cx context.Context) (string, error) { return canonicalHostname(cx, asked, cfg.RDNS()), nil })
		if err != nil {
			return token.Principal{}, err
		}
	}
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	return token.Principal{
		Type:       token.NTSrvHst,
		Components: []string{service, host},
		Realm:      cfg.RealmOfHost(host),
	}, nil
}

// canonicalHostname asks the resolver for the canonical name of host and, with rdns, for the name of its first address.
// A host that does not resolve keeps its name.
func canonicalHostname(cx context.Context, host string, rdns bool) string {
	cx, cancel := context.WithTimeout(cx, resolveTimeout)
	defer cancel()
	resolver := sock.Resolver()
	canonical, err := resolver.LookupCNAME(cx, host)
	if err != nil || canonical == "" {
		return host
	}
	if !rdns {
		return canonical
	}
	ips, err := resolver.LookupNetIP(cx, "ip", host)
	if err != nil || len(ips) == 0 {
		return canonical
	}
	names, err := resolver.LookupAddr(cx, sock.Sorted(ips)[0].String())
	if err != nil || len(names) == 0 {
		return canonical
	}
	return names[0]
}
