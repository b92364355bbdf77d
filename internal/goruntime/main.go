// SPDX-License-Identifier: BSD-2-Clause

// Goruntime writes the overlay with which the engine is built: changes to Go's runtime for a process that belongs to a C
// program. It creates a directory with overlay.json, for "go build -overlay", and the files that replace those of the
// runtime.
//
//	go run ./internal/goruntime -goroot "$(go env GOROOT)" -o build/gen/_runtime
//
// A runtime that has changed at the places that the overlay replaces is refused.
package main

import (
	_ "embed"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// The poller, the admission of calls, and the handling of threads that cannot be created, for the scheduler, for package
// cgo and in C; and the engine in a child after fork(2).
var (
	//go:embed poller.txt
	poller string
	//go:embed first.txt
	first string
	//go:embed first_cgo.txt
	firstCgo string
	//go:embed first_c.txt
	firstC string
	//go:embed threads.txt
	threads string
	//go:embed threads_cgo.txt
	threadsCgo string
	//go:embed threads_c.txt
	threadsC string
	//go:embed process_c.txt
	processC string
	//go:embed process_h.txt
	processH string
	// The addresses of the heap, and the stacks of threads.
	//go:embed heap.txt
	heap string
	//go:embed stack_c.txt
	stackC string
	// The number of processors.
	//go:embed procs.txt
	procs string
	// What only the collector needs.
	//go:embed collect.txt
	collect string
	// The features of the processor.
	//go:embed cpu.txt
	processor string
	//go:embed cpu_c.txt
	processorC string
)

func main() {
	goroot := flag.String("goroot", "", "where Go is, as in go env GOROOT")
	output := flag.String("o", "", "directory of the results")
	flag.Parse()
	if *goroot == "" || *output == "" || flag.NArg() != 0 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(*goroot, *output); err != nil {
		fmt.Fprintf(os.Stderr, "goruntime: the Go in %s is not one that the engine can be built with: %v\n", *goroot, err)
		os.Exit(1)
	}
}

// file is a file of the engine's runtime.
type file struct {
	at   string // its name in the runtime
	name string // in the output
	text string
}

func run(goroot, output string) error {
	source := filepath.Join(goroot, "src", "runtime")
	release, err := releaseIn(goroot)
	if err != nil {
		return err
	}
	for _, target := range release.pollers {
		if err := target.check(source); err != nil {
			return err
		}
	}
	files := []file{
		// The first file of all pollers gets the text, which is for both systems; the others are taken away.
		{release.pollers[0].files[0], "poller.go", poller},
		{"engine_first.go", "first.go", first},
		{"cgo/engine_first.go", "first_cgo.go", firstCgo},
		{"cgo/engine_first.c", "first.c", firstC},
		{"engine_threads.go", "threads.go", threads},
		{"cgo/engine_threads.go", "threads_cgo.go", threadsCgo},
		{"cgo/engine_threads.c", "threads.c", threadsC},
		{"cgo/engine_process.c", "process.c", processC},
		{"cgo/engine_process.h", "process.h", processH},
		{"engine_heap.go", "heap.go", heap},
		{"cgo/engine_stack.c", "stack.c", stackC},
		{"engine_procs.go", "procs.go", procs},
		{"engine_collect.go", "collect.go", collect},
		{"../internal/cpu/engine_cpu.go", "cpu.go", processor},
		{"cgo/engine_cpu.c", "cpu.c", processorC},
	}
	edited := map[string]string{}
	for _, e := range slices.Concat(edits, release.edits) {
		text, begun := edited[e.file]
		if !begun {
			octets, err := os.ReadFile(filepath.Join(source, e.file))
			if err != nil {
				return err
			}
			text = string(octets)
		}
		text, err := e.apply(text)
		if err != nil {
			return err
		}
		edited[e.file] = text
	}
	for name, text := range edited {
		files = append(files, file{name, filepath.Base(name), text})
	}

	output, err = filepath.Abs(output)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(output, 0o777); err != nil {
		return err
	}
	replace := map[string]string{}
	for _, target := range release.pollers {
		for _, name := range target.files {
			replace[filepath.Join(source, name)] = ""
		}
	}
	for _, f := range files {
		name := filepath.Join(output, f.name)
		if err := write(name, f.text); err != nil {
			return err
		}
		replace[filepath.Join(source, f.at)] = name
	}
	overlay, err := json.MarshalIndent(map[string]any{"Replace": replace}, "", "\t")
	if err != nil {
		return err
	}
	fmt.Printf("goruntime: Go %s\n", strings.TrimPrefix(release.version, "go"))
	return write(filepath.Join(output, "overlay.json"), string(overlay)+"\n")
}

// write does not touch a file that already has the text.
func write(name, text string) error {
	if old, err := os.ReadFile(name); err == nil && string(old) == text {
		return nil
	}
	return os.WriteFile(name, []byte(text), 0o666)
}
