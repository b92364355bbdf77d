// SPDX-License-Identifier: BSD-2-Clause

package krb5

import "golang.org/x/sys/unix"

// Defaults: the base system's configuration, then that of ports.
var defaultConfigFiles = []string{"/etc/krb5.conf", "/usr/local/etc/krb5.conf"}

const defaultClientKeytab = "FILE:/var/krb5/user/%{euid}/client.keytab"

// installed has the tokens for directories: those of the base system's Kerberos.
var installed = map[string]string{
	"LIBDIR":  "/usr/lib",
	"BINDIR":  "/usr/bin",
	"SBINDIR": "/usr/sbin",
	"LIBEXEC": "/usr/libexec",
}

// systemHasHeimdal reports whether the base system's Kerberos programs are Heimdal's, as up to FreeBSD 14: then there is this
// library. FreeBSD 15 has MIT krb5's.
func systemHasHeimdal() bool {
	var st unix.Stat_t
	return unix.Stat("/usr/lib/libkrb5.so.11", &st) == nil
}

// fcntlLock tries to set, or clears, a POSIX record lock on the whole file, as MIT krb5 and Heimdal do on FreeBSD.
func fcntlLock(fd int, kind int16) error {
	l := unix.Flock_t{Type: kind}
	return unix.FcntlFlock(uintptr(fd), unix.F_SETLK, &l)
}
