// SPDX-License-Identifier: BSD-2-Clause

//go:build unix

package crypto

import (
	"testing"

	"golang.org/x/sys/unix"
)

// guarded is memory between two inaccessible pages: reading or writing one octet too many crashes.
type guarded []byte

func newGuarded(t testing.TB, n int) guarded {
	page := unix.Getpagesize()
	size := (n + page - 1) / page * page
	m, err := unix.Mmap(-1, 0, size+2*page, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Munmap(m) })
	for _, guard := range [][]byte{m[:page], m[page+size:]} {
		if err := unix.Mprotect(guard, unix.PROT_NONE); err != nil {
			t.Fatal(err)
		}
	}
	return guarded(m[page : page+size])
}

// first returns n octets that begin gap octets after the page before, last those that end at the page behind.
func (g guarded) first(n, gap int) []byte { return g[gap : gap+n : gap+n] }
func (g guarded) last(n, gap int) []byte {
	end := len(g) - gap
	return g[end-n : end : end]
}
