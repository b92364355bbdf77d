// SPDX-License-Identifier: BSD-2-Clause

package sock

import (
	"net/netip"
	"strconv"

	"golang.org/x/sys/unix"
)

// address converts addr to the system's form, and returns its family.
func address(addr netip.AddrPort) (int, unix.Sockaddr) {
	ip := addr.Addr().Unmap()
	if ip.Is4() {
		return unix.AF_INET, &unix.SockaddrInet4{Port: int(addr.Port()), Addr: ip.As4()}
	}
	return unix.AF_INET6, &unix.SockaddrInet6{Port: int(addr.Port()), ZoneId: zone(ip.Zone()), Addr: ip.As16()}
}

// zone returns the number of an interface; the C library has resolved its name.
func zone(number string) uint32 {
	n, _ := strconv.ParseUint(number, 10, 32)
	return uint32(n)
}

func localName(fd int) unix.Sockaddr {
	name, err := unix.Getsockname(fd)
	if err != nil {
		return nil
	}
	return name
}
