// SPDX-License-Identifier: BSD-2-Clause

// Gen writes what the front's libraries repeat from the public headers and their lists of exported names: the table of the
// engine's functions; for each library the stubs, the linker's version script and the list of what is missing.
//
//	go run ./internal/gen -abi capi/front/abi -o build/gen include/gssapi/*.h
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	abis := flag.String("abi", "", "directory with a folder for each library")
	output := flag.String("o", "", "directory of the results")
	flag.Parse()
	if *abis == "" || *output == "" || flag.NArg() == 0 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(flag.Args(), *abis, *output); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

// abi is a library of the front: a folder with symbols.txt and the headers of what no public one declares.
type abi struct {
	name    string
	symbols []Symbol
	private Header
}

func run(headers []string, folders, output string) error {
	public, err := readHeaders(headers)
	if err != nil {
		return err
	}
	abis, err := readABIs(folders)
	if err != nil {
		return err
	}
	results := map[string]string{}
	var engine []Function
	for _, a := range abis {
		found, err := Match(a.symbols, public.and(a.private))
		if err != nil {
			return fmt.Errorf("%s: %w", filepath.Join(folders, a.name, "symbols.txt"), err)
		}
		stubs, err := Stubs(found)
		if err != nil {
			return err
		}
		results[filepath.Join(a.name, "stubs.c")] = stubs
		results[filepath.Join(a.name, "exports.map")] = VersionScript(a.symbols)
		results[filepath.Join(a.name, "missing.txt")] = MissingList(found.Missing)
		engine = append(engine, found.Engine...)
	}
	if err := Complete(public, abis); err != nil {
		return err
	}
	results["engine_table.h"] = EngineTable(engine)
	for name, text := range results {
		if err := write(filepath.Join(output, name), text); err != nil {
			return err
		}
	}
	return nil
}

func readABIs(folders string) ([]abi, error) {
	lists, err := filepath.Glob(filepath.Join(folders, "*", "symbols.txt"))
	if err != nil {
		return nil, err
	}
	if len(lists) == 0 {
		return nil, fmt.Errorf("%s has no folder with a symbols.txt", folders)
	}
	var abis []abi
	for _, list := range lists {
		dir := filepath.Dir(list)
		text, err := os.ReadFile(list)
		if err != nil {
			return nil, err
		}
		symbols, err := ParseSymbols(string(text))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", list, err)
		}
		own, err := filepath.Glob(filepath.Join(dir, "*.h"))
		if err != nil {
			return nil, err
		}
		private, err := readHeaders(own)
		if err != nil {
			return nil, err
		}
		abis = append(abis, abi{filepath.Base(dir), symbols, private})
	}
	return abis, nil
}

func readHeaders(names []string) (Header, error) {
	var all Header
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return Header{}, err
		}
		h, err := ParseHeader(string(text))
		if err != nil {
			return Header{}, fmt.Errorf("%s: %w", name, err)
		}
		all = all.and(h)
	}
	return all, nil
}

// write leaves a file alone that has the text already, so that make does not build again what depends on it.
func write(name, text string) error {
	if old, err := os.ReadFile(name); err == nil && string(old) == text {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return err
	}
	return os.WriteFile(name, []byte(text), 0o666)
}
