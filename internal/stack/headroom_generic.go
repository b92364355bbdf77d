// SPDX-License-Identifier: BSD-2-Clause

//go:build !amd64

package stack

// Headroom makes sure that at least Size octets are free on the goroutine's stack below the caller's frame.
//
//go:noinline
func Headroom() {
	var frame [Size]byte
	touch(&frame)
}

// touch keeps the compiler from leaving out the frame.
//
//go:noinline
func touch(frame *[Size]byte) { frame[0] = 1 }

// Wipe overwrites the stack below the caller's frame, where the functions that it has called were.
//
//go:noinline
func Wipe() {
	var frame [Wiped]byte
	overwrite(frame[:])
}

// WipeShallow is Wipe for calls that need no more than Shallow octets.
//
//go:noinline
func WipeShallow() {
	var frame [Shallow]byte
	overwrite(frame[:])
}

//go:noinline
func overwrite(frame []byte) {
	Headroom() // for handlers that run meanwhile
	clear(frame)
}
