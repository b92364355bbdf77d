// SPDX-License-Identifier: BSD-2-Clause

package main

import (
	"encoding/json"
	"go/build"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// goroots are the Go that runs this test, and others that its module cache has (GOTOOLCHAIN).
func goroots(t *testing.T) []string {
	t.Helper()
	cache, err := exec.Command("go", "env", "GOMODCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	found := []string{build.Default.GOROOT}
	for _, r := range releases {
		others, err := filepath.Glob(filepath.Join(strings.TrimSpace(string(cache)), "golang.org",
			"toolchain@v0.0.1-"+r.version+".*."+runtime.GOOS+"-"+runtime.GOARCH))
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, others...)
	}
	return found
}

// copyOf makes a Go with those files of another's runtime that are looked at.
func copyOf(t *testing.T, original string) (goroot, source string) {
	t.Helper()
	here := filepath.Join(original, "src", "runtime")
	goroot = t.TempDir()
	source = filepath.Join(goroot, "src", "runtime")
	names, err := filepath.Glob(filepath.Join(here, "netpoll_*.go"))
	if err != nil {
		t.Fatal(err)
	}
	r, err := releaseIn(original)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range slices.Concat(edits, r.edits) {
		names = append(names, filepath.Join(here, e.file))
	}
	for _, name := range append(names, filepath.Join(original, "VERSION")) {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		relative, err := filepath.Rel(original, name)
		if err != nil {
			t.Fatal(err)
		}
		target := filepath.Join(goroot, relative)
		if err := os.MkdirAll(filepath.Dir(target), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(target, text, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return goroot, source
}

func TestAllReleasesAreKnownByTheirText(t *testing.T) {
	for _, original := range goroots(t) {
		t.Run(filepath.Base(original), func(t *testing.T) {
			if err := run(original, t.TempDir()); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestOtherReleasesAreRefused(t *testing.T) {
	for _, version := range []string{"go1.25.9", "go1.28", "go1.260.1", "devel +0123456789"} {
		goroot, _ := copyOf(t, build.Default.GOROOT)
		if err := os.WriteFile(filepath.Join(goroot, "VERSION"), []byte(version+"\ntime 2026\n"), 0o666); err != nil {
			t.Fatal(err)
		}
		if err := run(goroot, t.TempDir()); err == nil || !strings.Contains(err.Error(), "it is "+version) {
			t.Errorf("%s: %v", version, err)
		}
	}
}

func TestOverlayTakesThePollersAway(t *testing.T) {
	goroot, source := copyOf(t, build.Default.GOROOT)
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
		"proc.go": "proc.go", "engine_first.go": "first.go", "cgo/engine_first.go": "first_cgo.go",
		"engine_threads.go": "threads.go", "cgo/engine_threads.go": "threads_cgo.go", "cgo/engine_threads.c": "threads.c",
		"engine_heap.go": "heap.go", "cgo/engine_stack.c": "stack.c",
	} {
		got, ok := overlay.Replace[filepath.Join(source, name)]
		if want != "" {
			want = filepath.Join(output, want)
		}
		if !ok || got != want {
			t.Errorf("%s is replaced by %q, not %q", name, got, want)
		}
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
		{"two-stacks", replace("proc.go", "malg(4096)\n", "malg(4096)\n\tgp := malg(4096)\n"), "malg(4096)"},
		{"another-stack", replace("proc.go", "malg(4096)", "malg(8192)"), "malg(4096)"},
		{"another-cgroup", replace("proc.go", "\tdefaultGOMAXPROCSInit()\n", "\tdefaultGOMAXPROCSInit(0)\n"), "GOMAXPROCS"},
		{"another-mapping", replace("cgo/gcc_mmap.c", "r = munmap(", "r = unmap("), "munmap"},
		{"another-lack-of-threads", replace("proc.go", "id := mReserveID()", "id := int64(-1)"), "mReserveID"},
		{"another-sigprof", replace("signal_freebsd.go", "_SigNotify + _SigUnblock, \"SIGPROF", "_SigUnblock, \"SIGPROF"), "SIGPROF"},
		{"another-heap", replace("malloc.go", "\tmheap_.init()\n", "\tmheap_.init(0)\n"), "mheap_.init()"},
		{"other-tables", replace("mpagealloc_64bit.go", "\"page summary\"", "\"summary\""), "page summary"},
		{"another-initialization", replace("proc.go", "\tneedUnlock := true\n", "\tneedUnlock := 1 > 0\n"), "needUnlock"},
		{"no-file", func(t *testing.T, source string) { os.Remove(filepath.Join(source, "mheap.go")) }, "mheap.go"},
	} {
		t.Run(test.name, func(t *testing.T) {
			goroot, source := copyOf(t, build.Default.GOROOT)
			test.change(t, source)
			err := run(goroot, t.TempDir())
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v does not tell of %q", err, test.want)
			}
		})
	}
}
