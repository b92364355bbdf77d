// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"libgssapi/internal/dns"
)

// Bounds on the configuration of one realm.
const (
	maxConfiguredServers = 64
	maxCapath            = 32
)

// Server is a KDC or another server of a realm. Proto is "udp", "tcp" or "" for both.
type Server struct {
	Proto string
	Host  string
	Port  uint16
}

// HasRealm reports whether [realms] has a stanza for realm.
func (c *Config) HasRealm(realm string) bool {
	return len(c.profile.find([]string{"realms", realm})) > 0
}

// KDCs returns the configured KDCs of a realm in the order in which to ask them.
func (c *Config) KDCs(realm string) []Server { return c.servers(realm, 88, "kdc") }

// PrimaryKDCs returns the configured primary KDCs of a realm, which have the current passwords.
func (c *Config) PrimaryKDCs(realm string) []Server {
	return c.servers(realm, 88, primaryKDC, masterKDC)
}

// The relation for primary KDCs, and its name before MIT krb5 1.19.
const (
	primaryKDC = "primary_kdc"
	masterKDC  = "master_kdc"
)

func (c *Config) servers(realm string, port uint16, names ...string) []Server {
	for _, name := range names {
		values := c.profile.get("realms", realm, name)
		if len(values) == 0 {
			continue
		}
		var servers []Server
		for _, v := range values {
			if s, ok := parseServer(v, port); ok && len(servers) < maxConfiguredServers {
				servers = append(servers, s)
			}
		}
		return servers
	}
	return nil
}

// parseServer reads "host", "host:port", "[v6]" or "[v6]:port", each optionally after "udp/" or "tcp/". Servers that
// are reached in other ways (https://, http/) are skipped.
func parseServer(s string, port uint16) (Server, bool) {
	if i := strings.IndexAny(s, blanks); i >= 0 {
		s = s[:i]
	}
	server := Server{Port: port}
	if strings.Contains(s, "://") {
		return Server{}, false
	}
	if proto, rest, ok := strings.Cut(s, "/"); ok {
		switch server.Proto = strings.ToLower(proto); server.Proto {
		case "udp", "tcp":
		default:
			return Server{}, false
		}
		s = rest
	}
	return server.at(s)
}

// at reads "host", "host:port", "[v6]" or "[v6]:port".
func (server Server) at(s string) (Server, bool) {
	portText, hasPort := "", false
	if strings.HasPrefix(s, "[") {
		host, rest, ok := strings.Cut(s[1:], "]")
		if !ok {
			return Server{}, false
		}
		server.Host = host
		if portText, hasPort = strings.CutPrefix(rest, ":"); !hasPort && rest != "" {
			return Server{}, false
		}
	} else if _, err := netip.ParseAddr(s); err == nil && strings.Contains(s, ":") {
		server.Host = s
	} else {
		server.Host, portText, hasPort = strings.Cut(s, ":")
	}
	if hasPort {
		n, err := strconv.ParseUint(portText, 10, 16)
		if err != nil || n == 0 {
			return Server{}, false
		}
		server.Port = uint16(n)
	}
	// A number by itself is a port without a host. The C library would take it for an address.
	if strings.Trim(server.Host, "0123456789") == "" || len(server.Host) > 255 || strings.ContainsAny(server.Host, "\x00/@") {
		return Server{}, false
	}
	return server, true
}

// RealmOfHost returns the realm that [domain_realm] gives for a host or the nearest of its domains, with and without a
// leading dot, or "" if only the KDC can tell.
func (c *Config) RealmOfHost(host string) string {
	host = strings.TrimSuffix(dns.Lower(host), ".")
	if isAddress(host) || len(host) > 255 {
		return ""
	}
	for p := host; p != ""; {
		if realm, ok := c.first("domain_realm", p); ok {
			return realm
		}
		if p[0] == '.' {
			p = p[1:]
			continue
		}
		i := strings.IndexByte(p, '.')
		if i < 0 {
			break
		}
		p = p[i:]
	}
	return ""
}

// FallbackRealmOfHost returns the realm for a host that neither [domain_realm] nor the KDC knows: with
// realm_try_domains the nearest domain that is a configured realm, else the domain in upper case. For a host without a
// domain it is the default realm.
func (c *Config) FallbackRealmOfHost(host string) string {
	host = strings.TrimSuffix(host, ".")
	if !isAddress(host) {
		upper := strings.ToUpper(host)
		limit := c.integer("realm_try_domains", -1, -1, 64)
		for p := upper; limit >= 0; limit-- {
			if c.HasRealm(p) {
				return p
			}
			var ok bool
			if _, p, ok = strings.Cut(p, "."); !ok || !strings.Contains(p, ".") {
				break
			}
		}
		if _, domain, ok := strings.Cut(upper, "."); ok && domain != "" {
			return domain
		}
	}
	realm, err := c.DefaultRealm()
	if err != nil {
		return ""
	}
	return realm
}

// Capath returns the realms between client and server, in the order in which they are passed. [capaths] decides;
// without it, realms are assumed to form a tree by their names (RFC 4120, Section 1.2). There is no realm between two
// that share a key.
func (c *Config) Capath(client, server string) []string {
	if client == server {
		return nil
	}
	if values := c.profile.get("capaths", client, server); len(values) > 0 {
		if strings.HasPrefix(values[0], ".") {
			return nil
		}
		var path []string
		for _, v := range values[:min(len(values), maxCapath)] {
			// A value may have more words after a blank.
			if i := strings.IndexAny(v, " \t"); i >= 0 {
				v = v[:i]
			}
			if v != "" && v != client && v != server {
				path = append(path, v)
			}
		}
		return path
	}
	up, down := ancestors(client), ancestors(server)
	// The path turns at the first realm that both lists have.
	for i, r := range up {
		if j := slices.Index(down, r); j >= 0 {
			up, down = up[:i+1], down[:j]
			break
		}
	}
	path := slices.Clone(up)
	slices.Reverse(down)
	path = append(path, down...)
	path = slices.DeleteFunc(path, func(r string) bool { return r == client || r == server })
	return path[:min(len(path), maxCapath)]
}

// ancestors returns a realm and the realms above it by name.
func ancestors(realm string) []string {
	list := []string{realm}
	for len(list) <= maxCapath {
		_, parent, ok := strings.Cut(list[len(list)-1], ".")
		if !ok || parent == "" {
			break
		}
		list = append(list, parent)
	}
	return list
}
