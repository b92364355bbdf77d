// SPDX-License-Identifier: BSD-2-Clause

// Gen writes what a library of the front repeats from its public headers and its list of exported names: the stubs, the
// table of the engine's functions, the linker's version script and the list of what is missing.
//
//	go run ./internal/gen -list capi/front/symbols.txt -map libgssapi.map -o build/gen include/gssapi/*.h
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	list := flag.String("list", "", "what the library exports")
	also := flag.String("also", "", "what the library beside it exports, for names that are declared and not in -list")
	script := flag.String("map", "", "name of the version script")
	output := flag.String("o", "", "directory of the results")
	flag.Parse()
	if *list == "" || *script == "" || *output == "" || flag.NArg() == 0 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(flag.Args(), *list, *also, *script, *output); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run(headers []string, list, also, script, output string) error {
	var all Header
	for _, name := range headers {
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
	symbols, err := readSymbols(list)
	if err != nil {
		return err
	}
	var others []Symbol
	if also != "" {
		if others, err = readSymbols(also); err != nil {
			return err
		}
	}
	found, err := Match(symbols, others, all)
	if err != nil {
		return err
	}
	stubs, err := Stubs(found)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(output, 0o777); err != nil {
		return err
	}
	results := map[string]string{
		"stubs.c":        stubs,
		"engine_table.h": EngineTable(found.Engine),
		script:           VersionScript(symbols),
	}
	if len(found.Missing) > 0 {
		results["missing.txt"] = MissingList(found.Missing)
	}
	for name, text := range results {
		if err := write(filepath.Join(output, name), text); err != nil {
			return err
		}
	}
	return nil
}

func readSymbols(name string) ([]Symbol, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	symbols, err := ParseSymbols(string(text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return symbols, nil
}

// write leaves a file alone that has the text already, so that make does not build again what depends on it.
func write(name, text string) error {
	if old, err := os.ReadFile(name); err == nil && string(old) == text {
		return nil
	}
	return os.WriteFile(name, []byte(text), 0o666)
}
