// SPDX-License-Identifier: BSD-2-Clause

package main

import (
	"debug/elf"
	"math/rand/v2"
	"slices"
	"testing"
)

// decode lists the addresses of a table in the format of SHT_RELR, as its definition says.
func decode(table []uint64) []uint64 {
	var targets []uint64
	var base uint64
	for _, entry := range table {
		if entry&1 == 0 {
			targets = append(targets, entry)
			base = entry + 8
			continue
		}
		for bit := range uint64(63) {
			if entry>>(bit+1)&1 != 0 {
				targets = append(targets, base+8*bit)
			}
		}
		base += 63 * 8
	}
	return targets
}

func TestEncodedAddressesAreTheSame(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for round := range 1000 {
		var targets []uint64
		at := uint64(0x1000)
		for range random.IntN(300) {
			// Dense stretches, the ends of bitmaps, and gaps.
			at += 8 * []uint64{1, 1, 1, 2, 62, 63, 64, 65, 126, 127, 1000}[random.IntN(11)]
			targets = append(targets, at)
		}
		if got := decode(encode(targets)); !slices.Equal(got, targets) {
			t.Fatalf("round %d: %#x becomes %#x", round, targets, got)
		}
	}
}

func TestDenseAddressesAreShort(t *testing.T) {
	var targets []uint64
	for i := range uint64(6301) {
		targets = append(targets, 0x4000+8*i)
	}
	if n := len(encode(targets)); n != 101 {
		t.Errorf("6,301 words in a row take %d entries, not 101", n)
	}
}

func TestPartsHaveAllAddressesAndNoOtherPage(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for round := range 1000 {
		var targets []uint64
		at := uint64(0x1000)
		for range random.IntN(300) {
			at += 8 * []uint64{1, 1, 1, 2, 500, 511, 512, 513, 1023, 1024, 1025, 5000}[random.IntN(12)]
			targets = append(targets, at)
		}
		runs := divide(targets)
		if got := slices.Concat(runs...); !slices.Equal(got, targets) {
			t.Fatalf("round %d: %#x becomes %#x", round, targets, got)
		}
		for i, run := range runs {
			first, last := run[0]/page, run[len(run)-1]/page
			pages := map[uint64]bool{}
			for _, target := range run {
				pages[target/page] = true
			}
			if n := last - first + 1; uint64(len(pages)) != n {
				t.Fatalf("round %d: a part of %d pages, %d of them with addresses", round, n, len(pages))
			}
			if i > 0 && runs[i-1][len(runs[i-1])-1]/page+1 >= first {
				t.Fatalf("round %d: nothing lies between two parts", round)
			}
		}
	}
}

func TestOtherFilesAreRefused(t *testing.T) {
	for _, text := range []string{"", "#!/bin/sh\n", "\x7fELF\x02\x01\x01"} {
		if _, err := prepare([]byte(text)); err == nil {
			t.Errorf("%q is taken for a shared object", text)
		}
	}
}

// Run-time linkers disagree about a page that is only partly read-only after relocation.
func TestReadOnlyPartEndsWithAPage(t *testing.T) {
	const start, end = 0x3f10, 0x6000
	for _, test := range []struct {
		size uint64
		ok   bool
	}{{end - start, true}, {end - start - 8, false}, {end - start + 8, false}} {
		segment := elf.ProgHeader{Type: elf.PT_LOAD, Flags: elf.PF_R | elf.PF_W, Vaddr: start, Filesz: 0x4000, Memsz: 0x8000}
		relro := elf.ProgHeader{Type: elf.PT_GNU_RELRO, Vaddr: start, Memsz: test.size}
		o := object{file: &elf.File{Progs: []*elf.Prog{{ProgHeader: segment}, {ProgHeader: relro}}}}
		if d, err := o.describe(); (err == nil) != test.ok || test.ok && (d.Relro != 0x3000 || d.Data != end) {
			t.Errorf("%#x octets: %+v, %v", test.size, d, err)
		}
	}
}
