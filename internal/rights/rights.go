// SPDX-License-Identifier: BSD-2-Clause

// Package rights determines with which rights the kernel opens files for the process. Whatever was opened or read with
// other rights is not used any more: a process that gives up its user ID or leaves a group keeps nothing that it could
// not open now.
package rights

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// MayMap returns ENOMEM if the process cannot have size more octets of memory. Go's runtime would end the process if it
// tried.
func MayMap(size int64) error {
	b, err := unix.Mmap(-1, 0, int(size), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
	if err != nil {
		return unix.ENOMEM
	}
	return unix.Munmap(b)
}

// Rights are the effective user and group IDs and the supplementary groups. Equal rights open the same files. The zero
// value belongs to nobody.
type Rights struct {
	known      bool
	euid, egid int
	groups     string // their IDs, as getgroups(2) stores them
}

// Account returns the rights that a user ID gives by itself, for files that only this user can open.
func Account(euid int) Rights { return Rights{known: true, euid: euid} }

// Now returns the rights of the calling thread: the threads of a process may have different ones.
func Now() Rights {
	r := Rights{known: true, euid: unix.Geteuid(), egid: unix.Getegid()}
	var few [64]uint32
	for ids := few[:]; ; ids = make([]uint32, 2*len(ids)) {
		n, _, errno := unix.RawSyscall(unix.SYS_GETGROUPS, uintptr(len(ids)), uintptr(unsafe.Pointer(&ids[0])), 0)
		if errno == 0 {
			r.groups = string(unsafe.Slice((*byte)(unsafe.Pointer(&ids[0])), 4*n))
			return r
		}
		// EINVAL: there are more groups. Systems have 65,536 at most.
		if errno != unix.EINVAL || len(ids) > 1<<17 {
			return r
		}
	}
}
