// SPDX-License-Identifier: BSD-2-Clause

package main

// Go 1.27 has the threads of package cgo in files for all systems.
var go127 = release{
	version: "go1.27",
	pollers: []platform{
		{"linux", []string{"netpoll_epoll.go"}, []string{
			"netpoll(int64) (gList, int32)",
			"netpollBreak()",
			"netpollIsPollDescriptor(uintptr) bool",
			"netpollPackData(*linux.EpollEvent, *pollDesc, uintptr)",
			"netpollUnpackData(*linux.EpollEvent) (*pollDesc, uintptr)",
			"netpollarm(*pollDesc, int)",
			"netpollclose(uintptr) uintptr",
			"netpollinit()",
			"netpollopen(uintptr, *pollDesc) uintptr",
		}},
		kqueue,
	},
	edits: append([]edit{
		// Threads (threads_c.txt, stack_c.txt).
		{"cgo/pthread_unix.c", "_cgo_try_pthread_create(&p, &attr, func, NULL)", "engine_thread_later(&p, &attr, func, NULL)"},
		{"cgo/pthread_unix.c", "_cgo_try_pthread_create(&p, &attr, threadentry, ts)",
			"engine_thread_start(&p, &attr, threadentry, ts)"},
		{"cgo/pthread_unix.c", "pthread_attr_getstacksize(&attr, &size)", "engine_stack_size(&size)"},
		{"cgo/pthread_unix.c", beforeStackBound, engineStackBound},
		{"cgo/pthread_unix.c", anyAttributes, ownAttributes},
		{"cgo/gcc_unix.c", "\tx_cgo_getstackbound(bounds);\n", "\tengine_stack_bound(bounds);\n"},
		{"cgo/gcc_unix.c", "\tfree(v);\n", "\tengine_thread_begun(v);\n"},
		{"cgo/gcc_unix.c", "\tsetg_gcc = setg;\n", "\tsetg_gcc = setg;\n\tengine_note_setg(setg);\n"},
		{"cgo/gcc_libinit_unix.c", "\tts = malloc(sizeof *ts);\n", "\tts = engine_thread_slot();\n"},
	}, calls("cgo/gcc_libinit_unix.c")...),
}
