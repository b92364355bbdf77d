// SPDX-License-Identifier: BSD-2-Clause

package sock

import (
	"os"

	"golang.org/x/sys/unix"
)

// identity distinguishes a socket from a file that may have got its number since. On Linux each socket has an inode number
// of its own, on FreeBSD only those of the local domain; others are identified by their port.
type identity struct {
	dev, ino uint64
	port     int
}

// identifyNew identifies a new socket. If only a port can distinguish it from others, it binds the socket to one.
func identifyNew(fd, family int) (identity, error) {
	id, err := identify(fd)
	if err != nil || id.ino != 0 {
		return id, err
	}
	var anywhere unix.Sockaddr = &unix.SockaddrInet4{}
	if family == unix.AF_INET6 {
		anywhere = &unix.SockaddrInet6{}
	}
	if err := unix.Bind(fd, anywhere); err != nil {
		return id, os.NewSyscallError("bind", err)
	}
	return identify(fd)
}

func identify(fd int) (identity, error) {
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return identity{}, os.NewSyscallError("fstat", err)
	}
	if st.Mode&unix.S_IFMT != unix.S_IFSOCK {
		return identity{}, ErrLost
	}
	id := identity{dev: uint64(st.Dev), ino: st.Ino}
	if id.ino == 0 {
		switch a := localName(fd).(type) {
		case *unix.SockaddrInet4:
			id.port = a.Port
		case *unix.SockaddrInet6:
			id.port = a.Port
		}
	}
	return id, nil
}

func (id identity) isStill(fd int) bool {
	now, err := identify(fd)
	return err == nil && now == id
}

// close closes fd if it is still the socket.
func (id identity) close(fd int) {
	if id.isStill(fd) {
		_ = unix.Close(fd)
	}
}
