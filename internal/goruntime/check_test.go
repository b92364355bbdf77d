// SPDX-License-Identifier: BSD-2-Clause

package main

import (
	"encoding/json"
	"go/build"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// copyOf makes a Go with those files of this one's runtime that are looked at.
func copyOf(t *testing.T) (goroot, source string) {
	t.Helper()
	here := filepath.Join(build.Default.GOROOT, "src", "runtime")
	goroot = t.TempDir()
	source = filepath.Join(goroot, "src", "runtime")
	if err := os.MkdirAll(source, 0o777); err != nil {
		t.Fatal(err)
	}
	names, err := filepath.Glob(filepath.Join(here, "netpoll_*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range edits {
		names = append(names, filepath.Join(here, e.file))
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		relative, err := filepath.Rel(here, name)
		if err != nil {
			t.Fatal(err)
		}
		target := filepath.Join(source, relative)
		if err := os.MkdirAll(filepath.Dir(target), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(target, text, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return goroot, source
}

func TestOverlayTakesThePollersAway(t *testing.T) {
	goroot, source := copyOf(t)
	output := t.TempDir()
	if err := run(goroot, output); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(output, "overlay.json"))
	if err != nil {
		t.Fatal(err)
	}
	var overlay struct{ Replace map[string]string }
	if err := json.Unmarshal(text, &overlay); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"netpoll_epoll.go": "poller.go", "netpoll_kqueue.go": "", "netpoll_kqueue_event.go": "",
		"cgocall.go": "cgocall.go", "cgo/gcc_linux_amd64.c": "gcc_linux_amd64.c", "engine_started.go": "started.go",
		"engine_threads.go": "threads.go", "cgo/engine_threads.go": "threads_cgo.go", "cgo/engine_threads.c": "threads.c",
		"engine_heap.go": "heap.go", "cgo/engine_stack.c": "stack.c", "../encoding/gob/doc.go": "gob.go",
	} {
		got, ok := overlay.Replace[filepath.Join(source, name)]
		if want != "" {
			want = filepath.Join(output, want)
		}
		if !ok || got != want {
			t.Errorf("%s is replaced by %q, not %q", name, got, want)
		}
	}
	call, err := os.ReadFile(filepath.Join(output, "cgocall.go"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(call), "main_init_done") {
		t.Error("calls still wait for the channel")
	}
}

func TestOtherRuntimesAreRefused(t *testing.T) {
	replace := func(name, old, new string) func(t *testing.T, source string) {
		return func(t *testing.T, source string) {
			path := filepath.Join(source, name)
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(text), old) {
				t.Fatalf("%s has no %q", name, old)
			}
			if err := os.WriteFile(path, []byte(strings.Replace(string(text), old, new, 1)), 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
	add := func(name, text string) func(t *testing.T, source string) {
		return func(t *testing.T, source string) {
			if err := os.WriteFile(filepath.Join(source, name), []byte(text), 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, test := range []struct {
		name   string
		change func(t *testing.T, source string)
		want   string
	}{
		{"one-more-file", add("netpoll_ring.go", "//go:build linux\n\npackage runtime\n"), "netpoll_ring.go"},
		{"one-more-function", replace("netpoll_epoll.go", "func netpollBreak()", "func netpollMore() {}\n\nfunc netpollBreak()"),
			"netpollMore()"},
		{"another-parameter", replace("netpoll_kqueue.go", "netpollopen(fd uintptr", "netpollopen(fd int32"),
			"netpollopen(int32"},
		{"another-result", replace("netpoll_epoll.go", "(gList, int32)", "(gList, int64)"), "netpoll(int64) (gList, int64)"},
		{"another-wait", replace("cgocall.go", "<-main_init_done", "main_init_done.wait()"), "main_init_done"},
		{"two-waits", replace("cgocall.go", "<-main_init_done\n", "<-main_init_done\n\t\t<-main_init_done\n"), "main_init_done"},
		{"another-stack", replace("proc.go", "malg(4096)", "malg(8192)"), "malg(4096)"},
		{"another-cgroup", replace("proc.go", "\tdefaultGOMAXPROCSInit()\n", "\tdefaultGOMAXPROCSInit(0)\n"), "GOMAXPROCS"},
		{"another-thread-start", replace("cgo/gcc_linux_amd64.c", "free(v);", "free(ts);"), "free(v)"},
		{"another-thread-on-freebsd", replace("cgo/gcc_freebsd_amd64.c", "threadentry, ts)", "threadentry, 0)"),
			"threadentry"},
		{"another-first-thread", replace("cgo/gcc_libinit.c", "&attr, func, arg)", "&attr, func, 0)"), "func, arg"},
		{"another-end-of-threads", replace("cgo/gcc_libinit.c", "// fn == NULL means dropm.", "//"), "dropm"},
		{"another-lack-of-threads", replace("proc.go", "id := mReserveID()", "id := int64(-1)"), "mReserveID"},
		{"another-sigprof", replace("signal_freebsd.go", "_SigNotify + _SigUnblock, \"SIGPROF", "_SigUnblock, \"SIGPROF"), "SIGPROF"},
		{"another-heap", replace("malloc.go", "\tmheap_.init()\n", "\tmheap_.init(0)\n"), "mheap_.init()"},
		{"other-tables", replace("mpagealloc_64bit.go", "\"page summary\"", "\"summary\""), "page summary"},
		{"another-initialization", replace("proc.go", "\tneedUnlock := true\n", "\tneedUnlock := 1 > 0\n"), "needUnlock"},
		{"no-call-file", func(t *testing.T, source string) { os.Remove(filepath.Join(source, "cgocall.go")) }, "cgocall.go"},
	} {
		t.Run(test.name, func(t *testing.T) {
			goroot, source := copyOf(t)
			test.change(t, source)
			err := run(goroot, t.TempDir())
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v does not tell of %q", err, test.want)
			}
		})
	}
}
