// SPDX-License-Identifier: BSD-2-Clause

// Package processor tells which instructions the assembly may use.
package processor

import "sync"

// CPUID asks the processor what it can do, and answers with EAX, EBX, ECX and EDX. The engine replaces it with what is
// known already: in a virtual machine the host answers this instruction, which takes microseconds.
var CPUID func(leaf, subleaf uint32) (answer [4]uint32) = cpuid

func cpuid(leaf, subleaf uint32) (answer [4]uint32)

// xgetbv tells which registers the system saves (XCR0). The processor must have OSXSAVE.
func xgetbv() uint32

// Instructions lists what there is of the processor's, and may be used because the system saves its registers.
type Instructions struct {
	AVX, AVX512 bool
	AES         bool // with AVX
	CLMUL       bool // multiplication without carries, with AVX
	SHA         bool // SHA-1 and SHA-256, with AVX
	SHA512      bool // what the kernel for SHA-512 needs: it rotates vectors
}

// Has tells what the present processor has. It asks once.
var Has = sync.OnceValue(func() *Instructions { return new(instructions(CPUID, xgetbv)) })

func instructions(cpuid func(leaf, subleaf uint32) [4]uint32, xgetbv func() uint32) (has Instructions) {
	const (
		eax, ebx, ecx = 0, 1, 2

		clmul, aes, osxsave, avx           = 1 << 1, 1 << 25, 1 << 27, 1 << 28         // leaf 1, ECX
		bmi1, bmi2, avx512f, sha, avx512vl = 1 << 3, 1 << 8, 1 << 16, 1 << 29, 1 << 31 // leaf 7, EBX

		ymm = 1<<1 | 1<<2              // in XCR0
		zmm = ymm | 1<<5 | 1<<6 | 1<<7 // with the masks of AVX-512
	)
	all := func(register, bits uint32) bool { return register&bits == bits }

	last := cpuid(0, 0)[eax]
	if last < 1 {
		return has
	}
	basic := cpuid(1, 0)[ecx]
	if !all(basic, osxsave|avx) {
		return has
	}
	saved := xgetbv()
	if !all(saved, ymm) {
		return has
	}
	has.AVX = true
	has.AES = all(basic, aes)
	has.CLMUL = all(basic, clmul)
	if last < 7 {
		return has
	}
	extended := cpuid(7, 0)[ebx]
	has.AVX512 = all(extended, avx512f) && all(saved, zmm)
	has.SHA = has.AES && all(extended, sha)
	has.SHA512 = has.AES && has.AVX512 && all(extended, bmi1|bmi2|avx512vl)
	return has
}
