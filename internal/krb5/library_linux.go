// SPDX-License-Identifier: BSD-2-Clause

package krb5

import "golang.org/x/sys/unix"

// Defaults, as MIT krb5 is configured on Linux.
var defaultConfigFiles = []string{"/etc/krb5.conf"}

const defaultClientKeytab = "FILE:/etc/krb5/user/%{euid}/client.keytab"

// installed has the tokens for directories, with the values that MIT krb5 and Heimdal have in Debian.
var installed = map[string]string{
	"LIBDIR":  "/usr/lib/x86_64-linux-gnu",
	"BINDIR":  "/usr/bin",
	"SBINDIR": "/usr/sbin",
	"LIBEXEC": "/usr/sbin",
}

// systemHasHeimdal reports whether the system's Kerberos programs are Heimdal's. On Linux that cannot be told: MIT krb5's are
// far more common.
func systemHasHeimdal() bool { return false }

// fcntlLock tries to set, or clears, a lock on the whole file. MIT krb5 uses open file description locks if the kernel
// has them (Linux 3.15), else POSIX record locks; the two exclude each other.
func fcntlLock(fd int, kind int16) error {
	l := unix.Flock_t{Type: kind}
	err := unix.FcntlFlock(uintptr(fd), unix.F_OFD_SETLK, &l)
	if err == unix.EINVAL {
		l = unix.Flock_t{Type: kind}
		err = unix.FcntlFlock(uintptr(fd), unix.F_SETLK, &l)
	}
	return err
}
