// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"context"
	"fmt"
	"iter"
	"net/netip"
	"strings"
	"time"

	"libgssapi/internal/dns"
	"libgssapi/internal/status"
	"libgssapi/internal/token"
)

// lookupTimeout bounds one question to the system or to DNS. If a host's first name server is down, the C library waits
// five seconds before it asks the next.
const lookupTimeout = 10 * time.Second

// maxHostname bounds the length of a name to look up (NI_MAXHOST).
const maxHostname = 1024

// ServicePrincipal returns service/host@REALM for a service on a host, with the host name canonicalized and mapped to
// its realm as krb5.conf says. The realm is empty if only the KDC can tell (RFC 6806, Section 8).
//
// With dns_canonicalize_hostname = fallback, the host is returned unchanged and the realm is empty; Candidates resolves
// them when the name is used.
func ServicePrincipal(env *Env, service, host string) (token.Principal, error) {
	cfg, err := env.Library.Config(env)
	if err != nil {
		return token.Principal{}, err
	}
	p := token.Principal{Type: token.NTSrvHst, Components: []string{service, host}}
	mode := env.canonicalization(cfg)
	if mode == CanonicalizeFallback {
		return p, nil
	}
	return expandService(env, cfg, p, mode == CanonicalizeTrue)
}

// Candidates yields the principals that p may stand for, the likeliest first. Usually that is p alone. With
// dns_canonicalize_hostname = fallback, a host-based service (RFC 4120, Section 6.2) is tried under the host's name as
// given, then under its canonical name, which is looked up only if the first one fails.
func Candidates(env *Env, cfg *Config, p token.Principal) iter.Seq2[token.Principal, error] {
	return func(yield func(token.Principal, error) bool) {
		if env.canonicalization(cfg) != CanonicalizeFallback || !p.IsHostBased() {
			yield(p, nil)
			return
		}
		given, err := expandService(env, cfg, p, false)
		if !yield(given, err) || err != nil {
			return
		}
		canonical, err := expandService(env, cfg, p, true)
		if err != nil || canonical.Components[1] != given.Components[1] {
			yield(canonical, err)
		}
	}
}

// expandService canonicalizes the host of a service's principal, asking the system if ask is set, and adds the host's
// realm if the principal has none. Services of SQL Server have a port or an instance name after the host, which is left
// unchanged.
func expandService(env *Env, cfg *Config, p token.Principal, ask bool) (token.Principal, error) {
	given, trailer := splitTrailer(p.Components[1])
	host, err := expandHost(env, cfg, given, ask)
	if err != nil {
		return token.Principal{}, err
	}
	env.Trace.HostName(given, host)
	if p.Realm == "" {
		p.Realm = cfg.RealmOfHost(host)
		env.Trace.HostRealm(host, p.Realm)
	}
	p.Components = []string{p.Components[0], host + trailer}
	return p, nil
}

// splitTrailer splits "host:port" or "host:INSTANCE" before the colon. A string with more than one colon is an IPv6
// address.
func splitTrailer(s string) (host, trailer string) {
	host, rest, _ := strings.Cut(s, ":")
	if rest == "" || strings.Contains(rest, ":") {
		return s, ""
	}
	return host, ":" + rest
}

// expandHost does what MIT krb5 does. It takes the canonical name that the system returns, or with rdns the name of the
// host's first address, if there is one. A name without a dot that the system does not know gets a domain, unless it is
// an address. The result is in lower case, without a trailing dot.
func expandHost(env *Env, cfg *Config, host string, ask bool) (string, error) {
	canonical := ""
	if ask && len(host) <= maxHostname {
		var err error
		rdns := cfg.RDNS()
		canonical, err = await(env, cfg, fmt.Sprintf("canonical name of %q, rdns %t", host, rdns),
			func(ctx context.Context) (string, error) { return canonicalHost(ctx, env.Hosts, host, rdns) })
		if err != nil {
			return "", err
		}
	}
	if canonical == "" {
		canonical = host
		if !strings.Contains(host, ".") && !isAddress(host) {
			if domain := env.domain(cfg); domain != "" {
				canonical += "." + domain
			}
		}
	}
	return strings.TrimSuffix(dns.Lower(canonical), "."), nil
}

// canonicalHost looks up the canonical name of a host, "" if the system does not know the host.
func canonicalHost(ctx context.Context, hosts Hosts, host string, rdns bool) (string, error) {
	canonical, addresses, err := addressesOf(ctx, hosts, host)
	if err != nil {
		return "", outOfMemory(err)
	}
	if !rdns || len(addresses) == 0 {
		return canonical, nil
	}
	ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	name, err := hosts.Name(ctx, addresses[0])
	if err != nil {
		return canonical, outOfMemory(err)
	}
	return name, nil
}

func addressesOf(ctx context.Context, hosts Hosts, host string) (string, []netip.Addr, error) {
	ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	return hosts.Addresses(ctx, host)
}

// outOfMemory returns err if it says so, and nil if it is an answer about the host.
func outOfMemory(err error) error {
	if _, ok := err.(*status.Error); ok {
		return err
	}
	return nil
}

// isAddress tells addresses from host names as MIT krb5 does: by their digits and dots, or by a colon.
func isAddress(host string) bool {
	return strings.Contains(host, ":") || strings.Count(host, ".") == 3 && strings.Trim(host, "0123456789.") == ""
}
