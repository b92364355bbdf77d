// SPDX-License-Identifier: BSD-2-Clause

// Gen writes what the front repeats from its public headers: the stubs, the table of the engine's functions and the
// linker's version script.
//
//	go run ./internal/gen include/gssapi capi/front/symbols.txt build/gen
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: gen headers symbols.txt output")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run(headers, list, output string) error {
	files, err := filepath.Glob(filepath.Join(headers, "*.h"))
	if err != nil {
		return err
	}
	var all Header
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		h, err := ParseHeader(string(text))
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		all.Functions = append(all.Functions, h.Functions...)
		all.Objects = append(all.Objects, h.Objects...)
	}
	text, err := os.ReadFile(list)
	if err != nil {
		return err
	}
	symbols, err := ParseSymbols(string(text))
	if err != nil {
		return fmt.Errorf("%s: %w", list, err)
	}
	engine, stub, err := Match(symbols, all)
	if err != nil {
		return err
	}
	stubs, err := Stubs(engine, stub)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(output, 0o777); err != nil {
		return err
	}
	for name, text := range map[string]string{
		"stubs.c":        stubs,
		"engine_table.h": EngineTable(engine),
		"libgssapi.map":  VersionScript(symbols),
	} {
		if err := write(filepath.Join(output, name), text); err != nil {
			return err
		}
	}
	return nil
}

// write leaves a file alone that has the text already, so that make does not build again what depends on it.
func write(name, text string) error {
	if old, err := os.ReadFile(name); err == nil && string(old) == text {
		return nil
	}
	return os.WriteFile(name, []byte(text), 0o666)
}
