// SPDX-License-Identifier: BSD-2-Clause

package krb5

import (
	"context"
	"net/netip"
	"time"

	"libgssapi/internal/sock"
	"libgssapi/internal/status"
)

// Bounds on what DNS and krb5.conf may make one exchange do.
const (
	maxServers   = 32 // of a realm
	maxAddresses = 8  // of a KDC's name
)

// lookupTimeout bounds one question to DNS: a resolver that does not answer must not eat the time of the KDCs that
// krb5.conf gives by address.
const lookupTimeout = 5 * time.Second

// locate returns the KDCs of a realm in the order in which they are to be asked: those of krb5.conf, else, where
// dns_lookup_kdc allows it, those of the SRV records of RFC 4120, Section 7.2.3.2. Records for the preferred transport
// come first.
func (n *network) locate(ctx context.Context, cfg *Config, realm string, preferTCP bool) ([]Server, error) {
	servers := cfg.KDCs(realm)
	configured := len(cfg.Setting("realms", realm, "kdc")) > 0
	asked := !configured && cfg.DNSLookupKDC()
	if asked {
		protocols := [2]string{"udp", "tcp"}
		if preferTCP {
			protocols = [2]string{"tcp", "udp"}
		}
		for _, proto := range protocols {
			servers = append(servers, n.lookupSRV(ctx, realm, proto)...)
		}
	}
	if len(servers) == 0 {
		if ctx.Err() != nil {
			return nil, status.Errorf(status.Failure, status.KRB5_KDC_UNREACH, "no KDC of realm %s was found, %s",
				realm, ended(ctx))
		}
		where := "krb5.conf has none and dns_lookup_kdc is off"
		switch {
		case configured:
			where = "krb5.conf has only such that are not reached over UDP or TCP, or malformed ones"
		case asked:
			where = "krb5.conf has none, and DNS has no _kerberos._udp or _kerberos._tcp SRV record"
		}
		return nil, status.Errorf(status.Failure, status.KRB5_REALM_UNKNOWN, "no KDC is known for realm %s: %s", realm, where)
	}
	return servers[:min(len(servers), maxServers)], nil
}

// lookupSRV asks DNS for the KDCs of a realm that speak proto. No answer is no servers.
func (n *network) lookupSRV(ctx context.Context, realm, proto string) []Server {
	ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	// The dot at the end keeps the resolver's search list out of it.
	_, records, err := n.resolver.LookupSRV(ctx, "kerberos", proto, realm+".")
	if err != nil {
		return nil
	}
	var servers []Server
	for _, r := range records[:min(len(records), maxServers)] {
		// The target "." says that the service is decidedly not there (RFC 2782).
		if r.Target != "." && r.Port != 0 {
			servers = append(servers, Server{Proto: proto, Host: r.Target, Port: r.Port})
		}
	}
	return servers
}

// resolve returns the addresses of a KDC.
func (n *network) resolve(ctx context.Context, s Server) ([]netip.AddrPort, error) {
	if ip, err := netip.ParseAddr(s.Host); err == nil {
		return []netip.AddrPort{netip.AddrPortFrom(ip.Unmap(), s.Port)}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	ips, err := n.resolver.LookupNetIP(ctx, "ip", s.Host)
	if err != nil {
		return nil, err
	}
	addrs := make([]netip.AddrPort, 0, len(ips))
	for _, ip := range sock.Sorted(ips[:min(len(ips), maxAddresses)]) {
		addrs = append(addrs, netip.AddrPortFrom(ip, s.Port))
	}
	return addrs, nil
}
