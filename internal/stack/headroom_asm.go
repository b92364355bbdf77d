// SPDX-License-Identifier: BSD-2-Clause

//go:build amd64

package stack

import "libgssapi/internal/processor"

// Headroom makes sure that at least Size octets are free on the goroutine's stack below the caller's frame.
//
// It does nothing but have a frame of that size: the check that the assembler puts before every function's first
// instruction grows the stack. About 2 ns where the stack is large enough.
func Headroom()

// Wipe overwrites the stack below the caller's frame, where the functions that it has called were, and the vector
// registers. About half a microsecond.
func Wipe() {
	Headroom()
	has := processor.Has()
	wipe(Wiped, has.AVX, has.AVX512)
}

// WipeShallow is Wipe for calls that need no more than Shallow octets.
func WipeShallow() {
	Headroom()
	has := processor.Has()
	wipe(Shallow, has.AVX, has.AVX512)
}

// wipe overwrites so many octets, a multiple of 8, below its frame.
func wipe(octets uintptr, avx, avx512 bool)
