// SPDX-License-Identifier: BSD-2-Clause

package processor

import (
	"testing"

	"golang.org/x/sys/cpu"
)

func TestThisProcessor(t *testing.T) {
	x := cpu.X86
	aes := x.HasAVX && x.HasAES
	want := Instructions{
		AVX:    x.HasAVX,
		AVX512: x.HasAVX512F,
		AES:    aes,
		CLMUL:  x.HasAVX && x.HasPCLMULQDQ,
		SHA:    Has().SHA, // which golang.org/x/sys/cpu does not know
		SHA512: aes && x.HasBMI1 && x.HasBMI2 && x.HasAVX512F && x.HasAVX512VL,
	}
	if *Has() != want {
		t.Errorf("got %+v, want %+v", *Has(), want)
	}
}

func TestInstructions(t *testing.T) {
	const all = ^uint32(0)
	for _, c := range []struct {
		name            string
		last            uint32
		ecx1, ebx7, xcr uint32
		want            Instructions
	}{
		{"everything", 7, all, all, all, Instructions{true, true, true, true, true, true}},
		{"no leaf 1", 0, all, all, all, Instructions{}},
		{"no leaf 7", 6, all, all, all, Instructions{AVX: true, AES: true, CLMUL: true}},
		{"no OSXSAVE", 7, all &^ (1 << 27), all, all, Instructions{}},
		{"no AVX", 7, all &^ (1 << 28), all, all, Instructions{}},
		{"no AES", 7, all &^ (1 << 25), all, all, Instructions{AVX: true, AVX512: true, CLMUL: true}},
		{"no PCLMULQDQ", 7, all &^ (1 << 1), all, all, Instructions{AVX: true, AVX512: true, AES: true, SHA: true, SHA512: true}},
		{"no SHA", 7, all, all &^ (1 << 29), all, Instructions{AVX: true, AVX512: true, AES: true, CLMUL: true, SHA512: true}},
		{"no AVX512F", 7, all, all &^ (1 << 16), all, Instructions{AVX: true, AES: true, CLMUL: true, SHA: true}},
		{"no AVX512VL", 7, all, all &^ (1 << 31), all, Instructions{AVX: true, AVX512: true, AES: true, CLMUL: true, SHA: true}},
		{"no BMI2", 7, all, all &^ (1 << 8), all, Instructions{AVX: true, AVX512: true, AES: true, CLMUL: true, SHA: true}},
		{"YMM not saved", 7, all, all, all &^ (1 << 2), Instructions{}},
		{"ZMM not saved", 7, all, all, all &^ (1 << 6), Instructions{AVX: true, AES: true, CLMUL: true, SHA: true}},
	} {
		cpuid := func(leaf, subleaf uint32) (answer [4]uint32) {
			switch {
			case leaf > c.last:
				t.Errorf("%s: asked for leaf %d of %d", c.name, leaf, c.last)
			case leaf == 0:
				answer[0] = c.last
			case leaf == 1:
				answer[2] = c.ecx1
			case leaf == 7 && subleaf == 0:
				answer[1] = c.ebx7
			}
			return answer
		}
		xgetbv := func() uint32 {
			if c.ecx1&(1<<27) == 0 {
				t.Errorf("%s: asked for XCR0", c.name)
			}
			return c.xcr
		}
		if got := instructions(cpuid, xgetbv); got != c.want {
			t.Errorf("%s: got %+v, want %+v", c.name, got, c.want)
		}
	}
}
