// SPDX-License-Identifier: BSD-2-Clause

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// release is a release of Go, with what differs in its runtime from other releases.
type release struct {
	version string // without the number of the patch
	pollers []platform
	edits   []edit // beside those that are alike in all
}

var releases = []release{go126, go127}

// releaseIn returns the release in goroot.
func releaseIn(goroot string) (release, error) {
	text, err := os.ReadFile(filepath.Join(goroot, "VERSION"))
	if err != nil {
		return release{}, err
	}
	version, _, _ := strings.Cut(string(text), "\n")
	var known []string
	for _, r := range releases {
		if version == r.version || strings.HasPrefix(version, r.version+".") || strings.HasPrefix(version, r.version+"rc") {
			return r, nil
		}
		known = append(known, r.version)
	}
	return release{}, fmt.Errorf("it is %s; known are %s", version, strings.Join(known, " and "))
}

// kqueue is FreeBSD's poller.
var kqueue = platform{"freebsd", []string{"netpoll_kqueue.go", "netpoll_kqueue_event.go"}, []string{
	"addWakeupEvent(int32)",
	"isWakeup(*keventt) bool",
	"netpoll(int64) (gList, int32)",
	"netpollBreak()",
	"netpollIsPollDescriptor(uintptr) bool",
	"netpollarm(*pollDesc, int)",
	"netpollclose(uintptr) int32",
	"netpollinit()",
	"netpollopen(uintptr, *pollDesc) int32",
	"processWakeupEvent(int32, bool)",
	"wakeNetpoll(int32)",
}}

// calls are the edits of the file through which calls of the program arrive. A child after fork(2) begins the inherited
// engine again (process_c.txt). A thread of the child may have belonged to the parent's runtime: its first call ends
// that. A thread that ends before has nothing to give back to a dead runtime, whose locks another thread may have held.
func calls(file string) []edit {
	return []edit{
		{file, "\tpfn = __atomic_load_n(&cgo_context_function, __ATOMIC_CONSUME);\n\n\tdone = 2;\n",
			"\tengine_enter();\n\tpfn = __atomic_load_n(&cgo_context_function, __ATOMIC_CONSUME);\n\n\tdone = 2;\n"},
		{file, "pthread_key_create(&pthread_g, pthread_key_destructor) == 0",
			"engine_thread_key(&pthread_g, pthread_key_destructor) == 0"},
		{file, "\tif (x_crosscall2_ptr != NULL) {\n\t\t// fn == NULL means dropm.\n",
			"\tif (engine_is_mine() && x_crosscall2_ptr != NULL) {\n\t\t// fn == NULL means dropm.\n"},
	}
}

// The stack of the program's first thread can be found without /proc/self/maps, which may be long.
const (
	beforeStackBound = "\t// Needed before pthread_getattr_np, too, since before glibc 2.32\n"
	engineStackBound = "\tif (engine_main_stack(bounds))\n\t\treturn;\n" + beforeStackBound
)

// glibc needs memory to find the stack of another thread. Without memory it returns no attributes and has freed them
// already, so the caller must not. Go then assumes that the next 32 KiB are the stack.
const (
	anyAttributes = "\tpthread_getattr_np(pthread_self(), &attr);  // GNU extension\n"
	ownAttributes = "\tif (pthread_getattr_np(pthread_self(), &attr) != 0) {\n\t\tbounds[0] = bounds[1] = 0;\n\t\treturn;\n\t}\n"
)
