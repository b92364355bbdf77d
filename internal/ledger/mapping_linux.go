// SPDX-License-Identifier: BSD-2-Clause

package ledger

import (
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// DefaultDirectories returns the directories in which ledgers are searched for. They are in memory, so nothing
// survives a restart of the host or reaches a disk. Only root can create files in /run, so no other account can occupy
// the name.
func DefaultDirectories(euid int) []string {
	if euid == 0 {
		return []string{"/run", "/dev/shm", "/tmp"}
	}
	return []string{"/dev/shm", "/tmp"}
}

// mapTable maps size octets of a ledger. The mapping is excluded from core dumps and from children, which may have
// other rights: a child that uses the library opens the ledger itself.
func mapTable(fd, size int) (table, error) {
	b, err := unix.Mmap(fd, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return nil, err
	}
	if err := unix.Madvise(b, unix.MADV_DONTFORK); err != nil {
		_ = unix.Munmap(b)
		return nil, err
	}
	_ = unix.Madvise(b, unix.MADV_DONTDUMP)
	_ = unix.Mlock(b) // as far as RLIMIT_MEMLOCK lets us: tmpfs is swapped out like other memory
	return unsafe.Slice((*atomic.Uint64)(unsafe.Pointer(unsafe.SliceData(b))), size/8), nil
}

func unmapTable(t table) {
	_ = unix.Munmap(unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(t))), len(t)*8))
}
