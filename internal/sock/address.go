// SPDX-License-Identifier: BSD-2-Clause

package sock

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"

	"golang.org/x/sys/unix"
)

// Resolver asks the name servers of the system. It is Go's own, over the sockets of this package.
func Resolver() *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, text string) (net.Conn, error) {
		addr, err := netip.ParseAddrPort(text)
		if err != nil {
			return nil, fmt.Errorf("the address of a name server: %w", err)
		}
		if network != "udp" && network != "tcp" {
			return nil, net.UnknownNetworkError(network)
		}
		return Dial(ctx, network, addr)
	}}
}

// Sorted puts the addresses of a name into the order in which they are to be tried: by the rules 1, 5 and 6 of
// RFC 6724, Section 6, as far as they choose between IPv6 and IPv4. Package net leaves them as they came, for it needs
// sockets of its own to sort them.
func Sorted(ips []netip.Addr) []netip.Addr {
	rank := map[netip.Addr]int{}
	for i := range ips {
		ips[i] = ips[i].Unmap()
		rank[ips[i]] = rankOf(ips[i])
	}
	slices.SortStableFunc(ips, func(a, b netip.Addr) int { return rank[a] - rank[b] })
	return ips
}

// rankOf is low for an address that is worth trying early.
func rankOf(ip netip.Addr) int {
	c, err := Dial(context.Background(), "udp", netip.AddrPortFrom(ip, 9)) // nothing is sent
	if err != nil {
		return 3
	}
	defer c.Close()
	source := c.LocalAddr().(*net.UDPAddr).AddrPort().Addr()
	switch {
	case ip.Is4():
		return 1
	case source.IsPrivate() == ip.IsPrivate():
		return 0
	}
	return 2 // from a network of one site to the world, or the other way
}

// address gives addr as the system takes it, and its family.
func address(addr netip.AddrPort) (int, unix.Sockaddr) {
	ip := addr.Addr().Unmap()
	if ip.Is4() {
		return unix.AF_INET, &unix.SockaddrInet4{Port: int(addr.Port()), Addr: ip.As4()}
	}
	return unix.AF_INET6, &unix.SockaddrInet6{Port: int(addr.Port()), ZoneId: zone(ip.Zone()), Addr: ip.As16()}
}

// zone gives the number of an interface, 0 if there is none.
func zone(name string) uint32 {
	if name == "" {
		return 0
	}
	if n, err := strconv.ParseUint(name, 10, 32); err == nil {
		return uint32(n)
	}
	if i, err := net.InterfaceByName(name); err == nil {
		return uint32(i.Index)
	}
	return 0
}

// localOf gives the address at this end of a socket.
func localOf(fd int) netip.AddrPort {
	switch a := localName(fd).(type) {
	case *unix.SockaddrInet4:
		return netip.AddrPortFrom(netip.AddrFrom4(a.Addr), uint16(a.Port))
	case *unix.SockaddrInet6:
		return netip.AddrPortFrom(netip.AddrFrom16(a.Addr), uint16(a.Port))
	}
	return netip.AddrPort{}
}

func localName(fd int) unix.Sockaddr {
	name, err := unix.Getsockname(fd)
	if err != nil {
		return nil
	}
	return name
}
