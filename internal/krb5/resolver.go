// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"golang.org/x/sys/unix"

	"libgssapi/internal/dns"
)

const maxResolverConfig = 64 << 10

// resolver asks the name servers of this host.
type resolver struct {
	dns.Client
	missing string // why there is no configuration; "": there is one
}

// cachedResolver is a parsed resolv.conf(5).
type cachedResolver struct {
	config  dns.Config
	missing string
	stamp   stamp
}

// resolver reads the configuration of the resolver and applies the environment. It is called before a question is
// asked, because the question itself must not open files.
func (env *Env) resolver() *resolver {
	c := env.Library.resolverConfig(env)
	r := &resolver{
		Client: dns.Client{
			Config: c.config, Port: env.Library.resolvPort, Rand: env.Rand, Limit: lookupTimeout,
			Resolve: func(ctx context.Context, address string) (netip.Addr, error) {
				_, list, err := addressesOf(ctx, env.Hosts, address)
				if err != nil || len(list) == 0 {
					return netip.Addr{}, errors.Join(err, errors.New("no address"))
				}
				return list[0], nil
			},
		},
		missing: c.missing,
	}
	if list := env.Getenv("LOCALDOMAIN"); list != "" {
		r.Config.SetSearch(list)
	}
	if options := env.Getenv("RES_OPTIONS"); options != "" {
		r.Config.SetOptions(options)
	}
	if len(r.Config.Search) == 0 {
		if host, err := env.Hostname(); err == nil {
			_, domain, _ := strings.Cut(host, ".")
			r.Config.SetSearch(domain)
		}
	}
	return r
}

func (l *Library) resolverConfig(env *Env) *cachedResolver {
	path := dns.ConfigFile
	if l.resolvConf != "" {
		path = l.resolvConf
	}
	key := env.cacheKey(path)
	l.mu.Lock()
	c := l.resolvers[key]
	l.mu.Unlock()
	if c != nil && current([]stamp{c.stamp}) {
		return c
	}
	text, read, err := readFile(path, maxResolverConfig)
	c = &cachedResolver{config: dns.ParseConfig(string(text)), stamp: read}
	if err != nil {
		c.config, c.missing = dns.ParseConfig(""), fmt.Sprintf("%s: %s", path, reason(err, maxResolverConfig))
	}
	if (err == nil || err == unix.ENOENT) && keepable([]stamp{c.stamp}) {
		l.mu.Lock()
		keep(&l.resolvers, key, c)
		l.mu.Unlock()
	}
	return c
}

// explained adds to a DNS error what an administrator may have to fix first.
func (r *resolver) explained(err error) string {
	if r.missing == "" {
		return err.Error()
	}
	return err.Error() + " (" + r.missing + ")"
}

// domain returns the domain to add to a name without a dot, or "" for none.
func (env *Env) domain(cfg *Config) string {
	if domain, ok := cfg.QualifyShortname(); ok {
		return domain
	}
	if search := env.resolver().Config.Search; len(search) > 0 {
		return search[0]
	}
	return ""
}
