// SPDX-License-Identifier: BSD-2-Clause

// Image prepares the engine's file so that the run-time linker only maps it and finds the functions of the C library that
// it calls: no page of it becomes private, and none of its code runs. The rest, which is most of the work, the engine
// does when it begins (capi/renew.c), and again in a child after fork(2), which begins the inherited engine.
//
//	go run ./internal/image build/lib/libgssapi-engine.so
//
// A file that is already prepared is not changed.
package main

import (
	"fmt"
	"os"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: image FILE")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintf(os.Stderr, "image: %s cannot be an engine: %v\n", os.Args[1], err)
		os.Exit(1)
	}
}

func run(name string) error {
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	changed, err := prepare(text)
	if err != nil || !changed {
		return err
	}
	// Programs may be running with the file as it is.
	if err := os.WriteFile(name+".new", text, 0o644); err != nil {
		return err
	}
	return os.Rename(name+".new", name)
}
