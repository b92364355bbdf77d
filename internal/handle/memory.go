// SPDX-License-Identifier: BSD-2-Clause

package handle

import (
	"crypto/rand"
	"errors"
	expand "math/rand/v2"
	"unsafe"

	"golang.org/x/sys/unix"
)

// memory is what a table needs from the system.
type memory struct {
	// mapPage maps a read-only page of random octets. It returns errTaken if something else is mapped there.
	mapPage func(number uint64) error

	// unmap undoes mapPage, possibly that of a process that this one was forked from.
	unmap func(number uint64)
}

var errTaken = errors.New("the addresses are in use")

var system = memory{mapPage, unmapPage}

// granule is the smallest amount of memory that the system maps, in octets, and granularity is the same in pages. If
// it is larger than a page, the rest is not used.
var (
	granule     = uintptr(max(unix.Getpagesize(), pageOctets))
	granularity = uint64(granule / pageOctets)
)

func mapPage(number uint64) error {
	address := pointer(number * pageOctets)
	got, err := unix.MmapPtr(-1, 0, address, granule, unix.PROT_READ|unix.PROT_WRITE,
		unix.MAP_PRIVATE|unix.MAP_ANON|mapExclusive)
	if err == errnoTaken {
		return errTaken
	}
	if err != nil {
		return err
	}
	if got != address { // Linux before 4.17 takes the address for a hint
		unix.MunmapPtr(got, granule)
		return errTaken
	}
	content := unsafe.Slice((*byte)(got), pageOctets)
	fill(content)
	if err := unix.Mprotect(content, unix.PROT_READ); err != nil {
		unmapPage(number)
		return err
	}
	return nil
}

// fill writes random octets that nobody can guess. It expands a few from the system, which takes long for a page of them.
func fill(b []byte) {
	var seed [32]byte
	rand.Read(seed[:]) // never fails (crypto/rand)
	_, _ = expand.NewChaCha8(seed).Read(b)
}

func unmapPage(number uint64) { unix.MunmapPtr(pointer(number*pageOctets), granule) }

// pointer is for system calls: Go does not follow the addresses of handles.
func pointer(address uint64) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&address)) }
