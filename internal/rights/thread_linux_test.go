// SPDX-License-Identifier: BSD-2-Clause

package rights

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// These are of the calling thread alone, as the system calls are.

func setGroups(ids []uint32) unix.Errno {
	_, _, errno := unix.RawSyscall(unix.SYS_SETGROUPS, uintptr(len(ids)), uintptr(unsafe.Pointer(unsafe.SliceData(ids))), 0)
	return errno
}

func setEGID(gid int) unix.Errno {
	_, _, errno := unix.RawSyscall(unix.SYS_SETRESGID, ^uintptr(0), uintptr(gid), ^uintptr(0))
	return errno
}
