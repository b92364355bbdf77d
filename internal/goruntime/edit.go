// SPDX-License-Identifier: BSD-2-Clause

package main

import (
	"fmt"
	"strings"
)

// edit replaces a text in a file of the runtime.
type edit struct {
	file, old, new string
}

// edits are the same in all releases. Those of a single release are in its own file.
var edits = []edit{
	// The stack on which a thread of the program makes its first call. Package stack makes room on it for signal
	// handlers, but a handler may run before the call gets there.
	{"proc.go", "\tgp := malg(4096)\n", "\tgp := malg(128 << 10)\n"},

	// The monitor starts when it has something to do (procs.txt): when a thread waits for a processor, or a goroutine has
	// become runnable.
	{"proc.go", "\t\t\tnewm(sysmon, nil, -1)\n", "\t\t\tprepareMonitor()\n"},
	{"proc.go", "func exitsyscallNoP(gp *g) {\n", "func exitsyscallNoP(gp *g) {\n\tstartMonitor()\n"},

	// The limits of a cgroup are not watched (see below), so its files need not be read at each start either.
	{"proc.go", "\tdefaultGOMAXPROCSInit()\n", ""},

	// Package cgo is told the functions below (process_h.txt).
	{"cgo/libcgo_unix.h", "extern int _cgo_try_pthread_create(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);\n",
		"extern int _cgo_try_pthread_create(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);\n" +
			"#include \"engine_process.h\"\n"},

	// A thread that cannot be created does not end the process (threads.txt and threads_c.txt), neither when the engine
	// begins nor later for the scheduler.
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

	// The runtime's memory does not remain in a child.
	{"cgo/gcc_mmap.c", "#include \"libcgo.h\"\n", "#include \"libcgo.h\"\n#include \"engine_process.h\"\n"},
	{"cgo/gcc_mmap.c", "\treturn (uintptr_t)p;\n", "\tengine_mapped(p, length);\n\treturn (uintptr_t)p;\n"},
	{"cgo/gcc_mmap.c", "\tr = munmap(addr, length);\n", "\tengine_unmapped(addr, length);\n\tr = munmap(addr, length);\n"},

	// glibc gives an arena of its own to each thread that allocates or frees memory: addresses, page tables and a lock,
	// which each fork of the program copies and takes. So threads of the engine do neither when they start, and start
	// others without it. Their stacks are small (stack_c.txt).
	{"cgo/libcgo.h", "void _cgo_sys_thread_start(ThreadStart *ts);\n", `void _cgo_sys_thread_start(ThreadStart *ts);
ThreadStart* engine_thread_slot(void);
void engine_thread_begun(void *start);
void engine_stack_size(size_t *size);
void engine_stack_bound(uintptr *bounds);
int engine_main_stack(uintptr *bounds);
`},

	// The limit on descriptors is not raised: the program may use select(2), or close all possible descriptors.
	{"../syscall/rlimit.go", "func init() {\n\tvar lim Rlimit\n", "func raiseLimit() {\n\tvar lim Rlimit\n"},

	// The runtime unblocks SIGPROF on each of its threads for a profiler of its own, which is never used here. If the
	// program uses a profiler, its handler would run on a goroutine's stack of a few KiB and overwrite the heap.
	{"sigtab_linux_generic.go", "{_SigNotify + _SigUnblock, \"SIGPROF:", "{_SigNotify, \"SIGPROF:"},
	{"signal_freebsd.go", "{_SigNotify + _SigUnblock, \"SIGPROF:", "{_SigNotify, \"SIGPROF:"},
	// SIGCHLD is not unblocked in a thread of the program either: the program may wait for it with sigwait(3), or be in a
	// call that no handler may interrupt.
	{"sigtab_linux_generic.go", "{_SigNotify + _SigUnblock + _SigIgn, \"SIGCHLD:", "{_SigNotify + _SigIgn, \"SIGCHLD:"},
	{"signal_freebsd.go", "{_SigNotify + _SigUnblock + _SigIgn, \"SIGCHLD:", "{_SigNotify + _SigIgn, \"SIGCHLD:"},

	// The runtime handles fault signals, which it needs for its own checks, and no other signal.
	{"signal_unix.go", "\t\tif t.flags == 0 || t.flags&_SigDefault != 0 {\n\t\t\tcontinue\n\t\t}\n\n\t\t// We don't need",
		"\t\tif t.flags&_SigPanic == 0 {\n\t\t\tcontinue\n\t\t}\n\n\t\t// We don't need"},

	// The heap is in a window of 256 GiB (heap.txt) and grows by 4 MiB instead of 64, so its tables take 2 MiB of
	// addresses instead of 1,200.
	{"malloc.go", "goos.IsIos*goarch.IsArm64))*48 + ", "goos.IsIos*goarch.IsArm64))*38 + "},
	{"malloc.go", "\tlogHeapArenaBytes = (6+20)*(_64bit*", "\tlogHeapArenaBytes = (2+20)*(_64bit*"},
	{"malloc.go", "\tarenaBaseOffset = 0xffff800000000000*goarch.IsAmd64 + 0x0a00000000000000*goos.IsAix\n", ""},
	{"malloc.go", "\tarenaBaseOffsetUintptr = uintptr(arenaBaseOffset)\n", ""},
	{"malloc.go", "\tmheap_.init()\n", "\tplaceHeap()\n\tmheap_.init()\n"},
	{"malloc.go", "\tif isSbrkPlatform {\n\t\t// Don't generate hints", "\tif hintHeap() {\n\t\t// Don't generate hints"},
	{"malloc.go", "\t\tif v == nil {\n\t\t\treturn nil, 0\n", "\t\tif !inWindow(v, size) {\n\t\t\treturn nil, 0\n"},
	{"mpagealloc_64bit.go", "\tpallocChunksL1Bits = 13\n", "\tpallocChunksL1Bits = 6\n"},
	{"mpagealloc_64bit.go", "sysReserve(nil, b, \"page summary\")", "heapTable(b)"},
	{"mpagealloc_64bit.go", "sysMap(unsafe.Pointer(need.base.addr()), need.size(), p.sysStat, \"page alloc\")",
		"p.sysStat.add(int64(need.size()))"},
	{"mpagealloc_64bit.go", "sysReserve(nil, nbytes, \"scavenge index\")", "heapTable(nbytes)"},
	{"mpagealloc_64bit.go", "sysMap(unsafe.Pointer(need.base.addr()), need.size(), sysStat, \"scavenge index\")",
		"sysStat.add(int64(need.size()))"},
	{"mranges.go", "\tminOffAddr = offAddr{arenaBaseOffset}\n", "\tminOffAddr offAddr\n"},
	{"mranges.go", "\tmaxOffAddr = offAddr{(((1 << heapAddrBits) - 1) + arenaBaseOffset) & uintptrMask}\n",
		"\tmaxOffAddr offAddr\n"},

	// FreeBSD adds a random offset to the requested address of a mapping, unless the mapping is to be at that address and
	// no other. With the offset, the heap would never be where it can grow, and other memory of the program might be there.
	{"mem_bsd.go", "\tp, err := mmap(v, n, _PROT_NONE, flags, -1, 0)\n",
		"\tif GOOS == \"freebsd\" && v != nil {\n\t\tflags |= _MAP_FIXED | 0x4000 // MAP_EXCL\n\t}\n" +
			"\tp, err := mmap(v, n, _PROT_NONE, flags, -1, 0)\n"},

	// The first thread is the program's, which goes back to it (first.txt).
	{"proc.go", "\t\tthrow(\"stopm spinning\")\n\t}\n\n",
		"\t\tthrow(\"stopm spinning\")\n\t}\n\tif gp.m == &m0 {\n\t\tendFirst()\n\t}\n\n"},

	// Calls are admitted once all packages are initialized, not earlier. Otherwise each call would wait for that under a
	// lock, at which threads with short calls would wait for each other. Until then no thread is started to help, nor
	// ever one that starts others in place of the program's threads: spare ones exist before.
	{"proc.go", "\t\tstartTemplateThread()\n\t\tcgocall(_cgo_notify_runtime_init_done, nil)\n", ""},
	{"proc.go", "\tneedUnlock = false\n\tunlockOSThread()\n", "\tengineReady.Store(true)\n"},
	{"proc.go", "\tif sched.nmspinning.Load() != 0 || !sched.nmspinning.CompareAndSwap(0, 1) {\n",
		"\tif !engineReady.Load() {\n\t\treturn\n\t}\n\tstartMonitor()\n" +
			"\tif sched.nmspinning.Load() != 0 || !sched.nmspinning.CompareAndSwap(0, 1) {\n"},
	{"proc.go", "(gp.m.lockedExt != 0 || gp.m.incgo) && GOOS != \"plan9\" {",
		"(gp.m.lockedExt != 0 || gp.m.incgo) && newmHandoff.haveTemplateThread != 0 {"},
	// The goroutine that initializes the packages waits for others. Its thread would be reserved for it, and a second one
	// would run the others.
	{"proc.go", "\tlockOSThread()\n\n\tif mp != &m0 {\n", "\tif mp != &m0 {\n"},
	{"proc.go", "\tneedUnlock := true\n", "\tneedUnlock := false\n"},

	// The tables of functions need not be verified at each start.
	{"proc.go", "\tmoduledataverify()\n", ""},

	// Settings that a program would make with GODEBUG. Stacks do not shrink: the collector would take away the room for
	// handlers that each call makes (internal/stack). No SIGURG is sent to the program's threads. The limits of a cgroup
	// are not watched, which would need descriptors.
	{"runtime1.go", "\tparsegodebug(godebugDefault, nil)\n",
		"\tdebug.gcshrinkstackoff, debug.asyncpreemptoff, debug.containermaxprocs, debug.updatemaxprocs = 1, 1, 0, 0\n"},

	// Regular expressions have no classes like \p{Greek}, whose tables would be built at each start.
	{"../regexp/syntax/parse.go", "(tab, fold *unicode.RangeTable, sign int) {\n",
		"(tab, fold *unicode.RangeTable, sign int) {\n\treturn\n"},

	// If the system uses huge pages everywhere, the heap would begin with one of 2 MiB, which children may have to copy.
	// The memory that is written soon is populated at once (heap.txt). Smaller pieces are sufficient for stacks.
	{"mheap.go", "\tsysMap(unsafe.Pointer(v), nBase-v, &gcController.heapReleased, \"heap\")\n",
		"\tsysMap(unsafe.Pointer(v), nBase-v, &gcController.heapReleased, \"heap\")\n" +
			"\tsysNoHugePage(unsafe.Pointer(v), nBase-v)\n"},
	{"mheap.go", "\t\trandNumPages := alignDown(randOffset, pageSize) / pageSize\n",
		"\t\trandNumPages := alignDown(randOffset, pageSize) / pageSize\n\t\ttouchHeap(v+randNumPages*pageSize, nBase)\n"},
	{"malloc.go", "\t_StackCacheSize = 32 * 1024\n", "\t_StackCacheSize = 16 * 1024\n"},

	// One processor is sufficient until a second thread makes calls, or garbage is collected (procs.txt).
	{"proc.go", "\t\tprocs = defaultGOMAXPROCS(numCPUStartup)\n", "\t\tprocs = 1\n"},
	{"cgocall.go", "\t\tsystemstack(newextram)\n\t}\n\n\tif ctxt != 0 {\n",
		"\t\tsystemstack(newextram)\n\t\tnewCaller()\n\t}\n\n\tif ctxt != 0 {\n"},
	{"mgc.go", "\treleasem(mp)\n\tmp = nil\n\n\tif gp := getg(); gp.bubble != nil {\n",
		"\treleasem(mp)\n\tmp = nil\n" +
			"\tif !haveThreads(gcController.heapLive.Load()) {\n\t\treturn\n\t}\n\tmaskGlobals()\n\tmoreProcs()\n\n" +
			"\tif gp := getg(); gp.bubble != nil {\n"},

	// Garbage is collected after less growth, because the memory is the host program's. But a heap of less than 4 MiB is
	// not collected, and collected memory is not returned to the system at once, because contexts come and go.
	{"mgcpacer.go", "\treturn 100\n", "\treturn 50\n"},
	{"mgcpacer.go", "\t\t(1-goexperiment.HeapMinimum512KiBInt)*(4<<20)\n",
		"\t\t(1-goexperiment.HeapMinimum512KiBInt)*(8<<20)\n"},
	{"mgcscavenge.go", "\tretainExtraPercent = 10\n", "\tretainExtraPercent = 50\n"},

	// The environment belongs to the program. It is not copied, and the runtime uses none of its variables.
	{"proc.go", "func getGodebugEarly() (string, bool) {\n", "func getGodebugEarly() (string, bool) {\n\treturn \"\", true\n"},
	{"runtime1.go", "\tn := int32(0)\n\tfor argv_index(argv, argc+1+n) != nil {\n\t\tn++\n\t}\n", "\tn := int32(0)\n"},

	// The size of huge pages would be read from a file, for heaps that are much larger.
	{"os_linux.go", "\tphysHugePageSize = getHugePageSize()\n", ""},

	// The first allocation would create a table of 1.4 MiB for a profile that does not exist.
	{"mprof.go", "var MemProfileRate int = 512 * 1024\n", "var MemProfileRate int\n"},

	// FreeBSD's random octets come without a descriptor, whose number another thread of the program might take, and without
	// /dev, which a sandbox or another root directory may lack. So does the time, even if the kernel reads it from a device.
	{"os_freebsd.go", "\tfd := open(&urandom_dev[0], 0 /* O_RDONLY */, 0)\n\tn := read(fd, unsafe.Pointer(&r[0]), int32(len(r)))\n" +
		"\tclosefd(fd)\n\treturn int(n)\n",
		"\tmib := [2]uint32{1, 37} // kern.arandom\n\tn := uintptr(len(r))\n" +
			"\tif sysctl(&mib[0], 2, &r[0], &n, nil, 0) < 0 {\n\t\treturn 0\n\t}\n\treturn int(n)\n"},
	{"vdso_freebsd_x86.go", "\t\treturn th.getHPETTimecounter()\n", "\t\treturn 0, false\n"},

	// The first random octets of a process would start a timer, and the monitor for it, to report on the program's
	// standard error if they take a minute.
	{"../crypto/internal/sysrand/rand.go", "\tif firstUse.CompareAndSwap(false, true) {\n",
		"\tif false && firstUse.CompareAndSwap(false, true) {\n"},

	// Which of the global variables are pointers is needed for the first collection, not before (collect.txt).
	{"symtab.go", "\t\t\tmd.gcdatamask = progToPointerMask((*byte)(unsafe.Pointer(md.gcdata)), scanDataSize)\n", ""},
	{"symtab.go", "\t\t\tmd.gcbssmask = progToPointerMask((*byte)(unsafe.Pointer(md.gcbss)), scanBSSSize)\n", ""},

	// Two values that all addresses share need no table, nor a goroutine that clears it.
	{"../net/netip/netip.go", "\t\"unique\"\n)\n", "\t\"unique\"\n\t\"unsafe\"\n)\n"},
	{"../net/netip/netip.go", "\tz4    = unique.Make(addrDetail{})\n\tz6noz = unique.Make(addrDetail{isV6: true})\n)\n",
		"\tz4    = shared(&detail4)\n\tz6noz = shared(&detail6)\n\n\tdetail4 addrDetail\n\tdetail6 = addrDetail{isV6: true}\n)\n\n" +
			"func shared(d *addrDetail) unique.Handle[addrDetail] {\n" +
			"\treturn *(*unique.Handle[addrDetail])(unsafe.Pointer(&d))\n}\n"},

	// A table for a CRC polynomial that the engine does not use would be built at each start.
	{"../hash/crc32/crc32.go", "var IEEETable = simpleMakeTable(IEEE)\n", "var IEEETable *Table\n"},

	// The features of the processor are known before the runtime starts (cpu_c.txt).
	{"../internal/cpu/cpu_x86.go", "func cpuid(eaxArg, ecxArg uint32) (eax, ebx, ecx, edx uint32)\n", ""},
	{"../internal/cpu/cpu_x86.s", "TEXT ·cpuid(SB), NOSPLIT, $0-24\n", "TEXT ·askProcessor(SB), NOSPLIT, $0-24\n"},
	{"asm_amd64.s", "\tMOVL\t$0, AX\n\tCPUID\n\tCMPL\tAX, $0\n\tJE\tnocpuinfo\n", "\tJMP\tnocpuinfo\n"},
	{"cpuflags_amd64.go", "\tisERMSNiceCPU := isIntel\n", "\tisERMSNiceCPU := cpu.IsIntel()\n"},

	// Memory for a source of randomness that FIPS mode alone uses: 32 MiB.
	{"../crypto/internal/fips140/drbg/entropy_fips140.go",
		"var memory entropy.ScratchBuffer\n\nfunc getEntropy() *[SeedSize]byte {\n",
		"func getEntropy() *[SeedSize]byte {\n\tvar memory entropy.ScratchBuffer\n"},
}

// apply changes the text of the file.
func (e edit) apply(text string) (string, error) {
	if n := strings.Count(text, e.old); n != 1 {
		return "", fmt.Errorf("%s has %q in %d places, not in one", e.file, e.old, n)
	}
	return strings.Replace(text, e.old, e.new, 1), nil
}
