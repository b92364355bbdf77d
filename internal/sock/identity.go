// SPDX-License-Identifier: BSD-2-Clause

package sock

import (
	"os"

	"golang.org/x/sys/unix"
)

// identity tells one socket from what else may have its number by now. Linux gives each socket an inode number of its
// own, FreeBSD those of the local domain; the others have a port there.
type identity struct {
	dev, ino uint64
	port     int
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

// close closes the socket, if fd is it.
func (id identity) close(fd int) {
	if id.isStill(fd) {
		_ = unix.Close(fd)
	}
}
