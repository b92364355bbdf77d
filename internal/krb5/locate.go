// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"libgssapi/internal/dns"
	"libgssapi/internal/status"
)

// Bounds on what DNS and krb5.conf can make one exchange do.
const (
	maxServers   = 32 // per realm
	maxAddresses = 8  // per KDC
)

// locate returns the KDCs of a realm in the order in which to ask them: those in krb5.conf, else those in DNS if
// dns_lookup_kdc is on.
func (n *network) locate(ctx context.Context, cfg *Config, realm string, preferTCP bool) ([]Server, error) {
	if n.only != nil {
		return n.only, nil
	}
	servers := cfg.KDCs(realm)
	where := "krb5.conf has none and dns_lookup_kdc is off"
	switch {
	case len(cfg.Setting("realms", realm, "kdc")) > 0:
		n.trace.Locating(realm, "krb5.conf")
		where = "krb5.conf has only malformed ones, or ones that are not reached over UDP or TCP"
	case cfg.DNSLookupKDC():
		n.trace.Locating(realm, "DNS")
		servers, where = n.lookup(ctx, cfg, realm, preferTCP, false)
		where = "krb5.conf has none, and " + where
	}
	switch {
	case len(servers) > 0:
		return servers[:min(len(servers), maxServers)], nil
	case ctx.Err() != nil:
		return nil, status.Errorf(status.Failure, status.KRB5_KDC_UNREACH, "Cannot contact any KDC for realm '%s': none was found, %s",
			realm, ended(ctx))
	}
	return nil, status.Errorf(status.Failure, status.KRB5_REALM_UNKNOWN, "Cannot find KDC for realm \"%s\": %s", realm, where)
}

// primaries returns the primary KDCs of a realm: those in krb5.conf, else those in DNS, even if krb5.conf has other
// KDCs, as MIT krb5 does. It returns none if other is the address of one of them.
func (n *network) primaries(ctx context.Context, cfg *Config, realm string, other netip.Addr) []Server {
	servers := cfg.PrimaryKDCs(realm)
	if len(servers) == 0 && cfg.DNSLookupKDC() {
		servers, _ = n.lookup(ctx, cfg, realm, false, true)
	}
	servers = servers[:min(len(servers), maxServers)]
	for _, s := range servers {
		// One that is not found has not answered.
		addrs, _ := n.resolve(ctx, s)
		if slices.ContainsFunc(addrs, func(a netip.AddrPort) bool { return a.Addr() == other }) {
			return nil
		}
	}
	return servers
}

// lookup looks up the KDCs of a realm in DNS: first its URI records, then the SRV records of RFC 4120, Section 7.2.3.2,
// or those of MIT krb5 for primary KDCs, those for the preferred transport first. why says why there are none.
func (n *network) lookup(ctx context.Context, cfg *Config, realm string, preferTCP, primary bool) (servers []Server, why string) {
	var of []string
	if cfg.DNSURILookup() {
		records, err := n.dns.Services(ctx, "_kerberos."+realm+".", dns.URI)
		if err != nil {
			return nil, "DNS does not answer: " + n.dns.explained(err)
		}
		for _, r := range records {
			if s, isPrimary, reason := parseURI(r.Text); reason == "" {
				if isPrimary || !primary {
					servers = append(servers, s)
				}
			} else if len(of) < 4 {
				of = append(of, fmt.Sprintf("%.80q %s", r.Text, reason))
			}
		}
		if len(servers) > 0 {
			return servers, ""
		}
	}
	service := "_kerberos"
	if primary {
		service = "_kerberos-master"
	}
	protocols := [2]string{"udp", "tcp"}
	if preferTCP {
		protocols = [2]string{"tcp", "udp"}
	}
	for _, proto := range protocols {
		records, err := n.dns.Services(ctx, service+"._"+proto+"."+realm+".", dns.SRV)
		if err != nil && len(servers) == 0 {
			return nil, "DNS does not answer: " + n.dns.explained(err)
		}
		for _, r := range records {
			// The target "." means that the service is not available (RFC 2782).
			if r.Host != "." && r.Port != 0 {
				servers = append(servers, Server{Proto: proto, Host: r.Host, Port: r.Port})
			}
		}
	}
	why = "DNS has no _kerberos._udp or _kerberos._tcp SRV record"
	switch {
	case len(of) > 0:
		why += ", and of its URI records " + strings.Join(of, ", ")
	case cfg.DNSURILookup():
		why = "DNS has no _kerberos URI record and no _kerberos._udp or _kerberos._tcp SRV record"
	}
	return servers, why
}

// parseURI reads krb5srv:FLAGS:TRANSPORT:RESIDUAL, the text of a URI record as defined by MIT krb5. The flag "m" marks
// a primary KDC; unknown flags are ignored. reason says why a KDC cannot be used.
func parseURI(text string) (s Server, primary bool, reason string) {
	f := strings.SplitN(text, ":", 4)
	if !strings.EqualFold(f[0], "krb5srv") {
		return Server{}, false, "has a scheme other than krb5srv"
	}
	if len(f) < 4 {
		return Server{}, false, "is malformed"
	}
	switch s.Proto = dns.Lower(f[2]); s.Proto {
	case "udp", "tcp":
	case "kkdcp":
		return Server{}, false, "is behind a proxy (MS-KKDCP), which is not supported"
	default:
		return Server{}, false, "has an unknown transport"
	}
	s.Port = 88
	s, ok := s.at(f[3])
	if !ok {
		return Server{}, false, "is malformed"
	}
	return s, strings.ContainsAny(f[1], "mM"), ""
}

// resolve returns the addresses of a KDC.
func (n *network) resolve(ctx context.Context, s Server) ([]netip.AddrPort, error) {
	if ip, err := netip.ParseAddr(s.Host); err == nil && ip.Zone() == "" {
		return []netip.AddrPort{netip.AddrPortFrom(ip, s.Port)}, nil
	}
	_, ips, err := addressesOf(ctx, n.hosts, s.Host)
	if err != nil {
		err = errors.New(n.dns.explained(err))
		n.trace.Resolved(s.Host, nil, err)
		return nil, err
	}
	addrs := make([]netip.AddrPort, 0, len(ips))
	for _, ip := range ips[:min(len(ips), maxAddresses)] {
		addrs = append(addrs, netip.AddrPortFrom(ip.Unmap(), s.Port))
	}
	n.trace.Resolved(s.Host, addrs, nil)
	return addrs, nil
}
