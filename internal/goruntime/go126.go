// SPDX-License-Identifier: BSD-2-Clause

package main

// Go 1.26 has the threads of package cgo in one file for each system.
var go126 = release{
	version: "go1.26",
	pollers: []platform{
		{"linux", []string{"netpoll_epoll.go"}, []string{
			"netpoll(int64) (gList, int32)",
			"netpollBreak()",
			"netpollIsPollDescriptor(uintptr) bool",
			"netpollarm(*pollDesc, int)",
			"netpollclose(uintptr) uintptr",
			"netpollinit()",
			"netpollopen(uintptr, *pollDesc) uintptr",
		}},
		kqueue,
	},
	edits: append([]edit{
		// Calls come in when all packages are initialized.
		{"cgocall.go", "\t\t<-main_init_done\n", ""},

		// Threads (threads_c.txt, stack_c.txt).
		{"cgo/gcc_libinit.c", "_cgo_try_pthread_create(&p, &attr, func, arg)", "engine_thread_later(&p, &attr, func, arg)"},
		{"cgo/gcc_libinit.c", "\tx_cgo_getstackbound(pbounds);\n", "\tengine_stack_bound(pbounds);\n"},
		{"cgo/gcc_util.c", "\tts = malloc(sizeof *ts);\n", "\tts = engine_thread_slot();\n"},
		{"cgo/gcc_stack_unix.c", beforeStackBound, engineStackBound},
		{"cgo/gcc_stack_unix.c", anyAttributes, ownAttributes},
	}, append(append(calls("cgo/gcc_libinit.c"), threadsOf("cgo/gcc_linux_amd64.c")...),
		threadsOf("cgo/gcc_freebsd_amd64.c")...)...),
}

// threadsOf returns the edits of a system's file.
func threadsOf(file string) []edit {
	return []edit{
		{file, "_cgo_try_pthread_create(&p, &attr, threadentry, ts)", "engine_thread_start(&p, &attr, threadentry, ts)"},
		{file, "pthread_attr_getstacksize(&attr, &size)", "engine_stack_size(&size)"},
		{file, "\tfree(v);\n", "\tengine_thread_begun(v);\n"},
		{file, "\tsetg_gcc = setg;\n", "\tsetg_gcc = setg;\n\tengine_note_setg(setg);\n"},
		{file, "pbounds = (uintptr*)malloc(2 * sizeof(uintptr))", "pbounds = (uintptr[2]){0}"},
		{file, "\tfree(pbounds);\n", ""},
	}
}
