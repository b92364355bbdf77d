// SPDX-License-Identifier: BSD-2-Clause

// Package stack makes room on the goroutine's stack for the signal handlers of the program that we live in, and wipes what
// calls have left there.
//
// A C program's handler that was installed without SA_ONSTACK runs on whatever stack its thread is using. Inside the engine
// that is a goroutine's, which may have less than 1 KiB left and has no guard page: the handler would silently overwrite
// other memory. Each export therefore calls Headroom first. What it made is there until the call returns only if stacks do
// not shrink: the garbage collector halves one that is less than a quarter in use. The engine is linked with the runtime's
// setting gcshrinkstackoff=1 for that (Makefile).
package stack

// What a call leaves below its frame is there until another call needs the room, which may be never: keys, above all. Those
// that handle keys, and do not protect messages, end with Wipe. A stack that Headroom has made does not have to grow in the
// midst of a call, which would leave copies of keys on the one before.

// Size is what Headroom makes sure of, in octets: for three handlers of 16 KiB each that interrupt one another, and
// what the call itself needs meanwhile.
const Size = 64 << 10

// Wiped is how much Wipe overwrites, in octets: more than calls of the library need.
const Wiped = 32 << 10

// Shallow is how much WipeShallow overwrites. A wipe of Wiped drives all else out of the nearest cache, which calls that
// come often and need little feel.
const Shallow = 8 << 10
