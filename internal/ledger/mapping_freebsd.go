// SPDX-License-Identifier: BSD-2-Clause

package ledger

import (
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// DefaultDirectories returns the directories in which ledgers are searched for on a stock system. Only root can create
// files in /var/run, so no other account can occupy the name; rc(8) empties it when the host starts.
func DefaultDirectories(euid int) []string {
	if euid == 0 {
		return []string{"/var/run", "/tmp"}
	}
	return []string{"/tmp", "/var/tmp"}
}

// inheritNone is INHERIT_NONE of minherit(2).
const inheritNone = 2

// mapTable maps size octets of a ledger. The mapping is excluded from core dumps and from children, which may have
// other rights: a child that uses the library opens the ledger itself. /tmp may be on disk: with MAP_NOSYNC, the
// syncer leaves the pages in memory, and a key is wiped long before they are written for another reason.
func mapTable(fd, size int) (table, error) {
	b, err := unix.Mmap(fd, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED|unix.MAP_NOSYNC|unix.MAP_NOCORE)
	if err != nil {
		return nil, err
	}
	start := uintptr(unsafe.Pointer(unsafe.SliceData(b)))
	if _, _, errno := unix.Syscall(unix.SYS_MINHERIT, start, uintptr(size), inheritNone); errno != 0 {
		_ = unix.Munmap(b)
		return nil, errno
	}
	_ = unix.Mlock(b) // as far as RLIMIT_MEMLOCK lets us
	return unsafe.Slice((*atomic.Uint64)(unsafe.Pointer(unsafe.SliceData(b))), size/8), nil
}

func unmapTable(t table) {
	_ = unix.Munmap(unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(t))), len(t)*8))
}
