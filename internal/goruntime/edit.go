// SPDX-License-Identifier: BSD-2-Clause

package main

import (
	"fmt"
	"strings"
)

// edit is a place in a file of the runtime that reads otherwise in the engine.
type edit struct {
	file, old, new string
}

var edits = []edit{
	// A call from C waits for the packages to be initialized.
	{"cgocall.go", "\t\t<-main_init_done\n", "\t\tawaitStart()\n"},

	// The stack on which a thread of the program makes its first call. Package stack makes room on it for signal handlers,
	// and one may run before the call gets there.
	{"proc.go", "\tgp := malg(4096)\n", "\tgp := malg(128 << 10)\n"},

	// The limits of a cgroup are not looked at (see the Makefile), so its files need not be read at each start either.
	{"proc.go", "\tdefaultGOMAXPROCSInit()\n", ""},

	// What package cgo is told of the functions below (process_h.txt).
	{"cgo/libcgo_unix.h", "extern int _cgo_try_pthread_create(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);\n",
		"extern int _cgo_try_pthread_create(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);\n" +
			"#include \"engine_process.h\"\n"},

	// A thread that cannot be had does not end the process (threads.txt and threads_c.txt): neither when the library is
	// loaded, nor for the scheduler.
	{"cgo/gcc_libinit.c", "_cgo_try_pthread_create(&p, &attr, func, arg)", "engine_thread_later(&p, &attr, func, arg)"},
	{"cgo/gcc_linux_amd64.c", "_cgo_try_pthread_create(&p, &attr, threadentry, ts)",
		"engine_thread_start(&p, &attr, threadentry, ts)"},
	{"cgo/gcc_freebsd_amd64.c", "_cgo_try_pthread_create(&p, &attr, threadentry, ts)",
		"engine_thread_start(&p, &attr, threadentry, ts)"},
	{"proc.go", "\t\tid := mReserveID()\n\t\tunlock(&sched.lock)\n", `		unlock(&sched.lock)
		promised := promiseThread()
		lock(&sched.lock)
		if !promised {
			giveBack(pp, spinning)
			if !lockheld {
				unlock(&sched.lock)
			}
			releasem(mp)
			return
		}
		id := mReserveID()
		unlock(&sched.lock)
`},
	{"proc.go", "\t\t\tnewm(nil, p, -1)\n", `			if promiseThread() {
				newm(nil, p, -1)
			} else {
				lock(&sched.lock)
				giveBack(p, false)
				unlock(&sched.lock)
			}
`},
	{"proc.go", "\t\t\tif sched.gcwaiting.Load() || sched.npidle.Load() == gomaxprocs {\n",
		"\t\t\tif (sched.gcwaiting.Load() || sched.npidle.Load() == gomaxprocs) && !threadless.Load() {\n"},
	{"proc.go", "\t\tif retake(now) != 0 {\n", "\t\tretryThread(now)\n\t\tif retake(now) != 0 {\n"},

	// A child after fork(2) begins the engine that it has inherited once more (process_c.txt). Its threads may have been the
	// parent's runtime's: that ends with their first call. One that ends before has nothing to give back to a dead runtime,
	// whose locks another thread may have held.
	{"cgo/gcc_libinit.c", "\tpfn = __atomic_load_n(&cgo_context_function, __ATOMIC_CONSUME);\n\n\tdone = 2;\n",
		"\tengine_enter();\n\tpfn = __atomic_load_n(&cgo_context_function, __ATOMIC_CONSUME);\n\n\tdone = 2;\n"},
	{"cgo/gcc_libinit.c", "pthread_key_create(&pthread_g, pthread_key_destructor) == 0",
		"engine_thread_key(&pthread_g, pthread_key_destructor) == 0"},
	{"cgo/gcc_libinit.c", "\tif (x_crosscall2_ptr != NULL) {\n\t\t// fn == NULL means dropm.\n",
		"\tif (engine_is_mine() && x_crosscall2_ptr != NULL) {\n\t\t// fn == NULL means dropm.\n"},
	{"cgo/gcc_linux_amd64.c", "\tsetg_gcc = setg;\n", "\tsetg_gcc = setg;\n\tengine_note_setg(setg);\n"},
	{"cgo/gcc_freebsd_amd64.c", "\tsetg_gcc = setg;\n", "\tsetg_gcc = setg;\n\tengine_note_setg(setg);\n"},

	// The memory of the runtime does not stay in a child.
	{"cgo/gcc_mmap.c", "#include \"libcgo.h\"\n", "#include \"libcgo.h\"\n#include \"engine_process.h\"\n"},
	{"cgo/gcc_mmap.c", "\treturn (uintptr_t)p;\n", "\tengine_mapped(p, length);\n\treturn (uintptr_t)p;\n"},
	{"cgo/gcc_mmap.c", "\tr = munmap(addr, length);\n", "\tengine_unmapped(addr, length);\n\tr = munmap(addr, length);\n"},

	// glibc gives each thread that frees memory an arena of its own: addresses, page tables and a lock, which each fork of
	// the program copies and takes. So what a thread is started with, some 30 octets, is not freed.
	{"cgo/gcc_linux_amd64.c", "\tfree(v);\n", ""},

	// How many descriptors the program may have is its own business: it may use select(2), or close all that there can be.
	{"../syscall/rlimit.go", "func init() {\n\tvar lim Rlimit\n", "func raiseLimit() {\n\tvar lim Rlimit\n"},

	// The runtime keeps SIGPROF unblocked on each of its threads, for a profiler of its own that is never used here. A
	// profiler of the program would have its handler run on a goroutine's stack of few KiB: it would write over the heap.
	{"sigtab_linux_generic.go", "{_SigNotify + _SigUnblock, \"SIGPROF:", "{_SigNotify, \"SIGPROF:"},
	{"signal_freebsd.go", "{_SigNotify + _SigUnblock, \"SIGPROF:", "{_SigNotify, \"SIGPROF:"},

	// The heap lies in a window of 256 GiB (heap.txt), reserved in parts of 4 MiB, not 64: so the tables of the heap take 2 MiB
	// of addresses, not 1,200.
	{"malloc.go", "goos.IsIos*goarch.IsArm64))*48 + ", "goos.IsIos*goarch.IsArm64))*38 + "},
	{"malloc.go", "\tlogHeapArenaBytes = (6+20)*(_64bit*", "\tlogHeapArenaBytes = (2+20)*(_64bit*"},
	{"malloc.go", "\tarenaBaseOffset = 0xffff800000000000*goarch.IsAmd64 + 0x0a00000000000000*goos.IsAix\n", ""},
	{"malloc.go", "\tarenaBaseOffsetUintptr = uintptr(arenaBaseOffset)\n", ""},
	{"malloc.go", "\tmheap_.init()\n", "\tplaceHeap()\n\tmheap_.init()\n"},
	{"malloc.go", "\tif isSbrkPlatform {\n\t\t// Don't generate hints", "\tif hintHeap() {\n\t\t// Don't generate hints"},
	{"malloc.go", "\t\tif v == nil {\n\t\t\treturn nil, 0\n", "\t\tif !inWindow(v, size) {\n\t\t\treturn nil, 0\n"},
	{"mpagealloc_64bit.go", "\tpallocChunksL1Bits = 13\n", "\tpallocChunksL1Bits = 6\n"},
	{"mranges.go", "\tminOffAddr = offAddr{arenaBaseOffset}\n", "\tminOffAddr offAddr\n"},
	{"mranges.go", "\tmaxOffAddr = offAddr{(((1 << heapAddrBits) - 1) + arenaBaseOffset) & uintptrMask}\n", "\tmaxOffAddr offAddr\n"},

	// Memory for a source of randomness that FIPS mode alone uses: 32 MiB.
	{"../crypto/internal/fips140/drbg/entropy_fips140.go", "var memory entropy.ScratchBuffer\n\nfunc getEntropy() *[SeedSize]byte {\n",
		"func getEntropy() *[SeedSize]byte {\n\tvar memory entropy.ScratchBuffer\n"},
}

// apply changes the text of the file.
func (e edit) apply(text string) (string, error) {
	if n := strings.Count(text, e.old); n != 1 {
		return "", fmt.Errorf("%s has %q in %d places, not in one", e.file, e.old, n)
	}
	return strings.Replace(text, e.old, e.new, 1), nil
}
