// SPDX-License-Identifier: BSD-2-Clause

// Package stack makes room on the goroutine's stack for the signal handlers of the program around the engine, and wipes
// what calls have left there.
//
// A handler that a C program has installed without SA_ONSTACK runs on the stack that its thread is using. Inside the
// engine this is a goroutine's stack, which may have less than 1 KiB left and has no guard page: the handler would
// silently overwrite other memory. Each export therefore calls Headroom first. The room remains until the call returns
// only if stacks do not shrink: the garbage collector halves a stack of which less than a quarter is in use. Therefore
// the engine is linked with the runtime's setting gcshrinkstackoff=1 (Makefile).
package stack

// What a call leaves below its frame, keys above all, stays there until another call needs the room, which may be never.
// Calls that handle keys and do not protect messages therefore end with Wipe. After Headroom the stack need not grow in
// the middle of a call, which would leave copies of keys on the old stack.

// Size is the room that Headroom ensures, in octets: enough for three handlers of 16 KiB each that interrupt one another,
// and for the call itself.
const Size = 64 << 10

// Wiped is the number of octets that Wipe overwrites, more than any call of the library needs.
const Wiped = 32 << 10

// Shallow is the number of octets that WipeShallow overwrites. Overwriting Wiped octets would displace everything else
// from the nearest cache, which is noticeable in frequent calls that need little stack.
const Shallow = 8 << 10
