// SPDX-License-Identifier: BSD-2-Clause

//go:build amd64

package stack

// Headroom makes sure that at least Size octets are free on the goroutine's stack below the caller's frame.
//
// It does nothing but have a frame of that size: the check that the assembler puts before every function's first
// instruction grows the stack. About 2 ns where the stack is large enough.
func Headroom()
