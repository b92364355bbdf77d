// SPDX-License-Identifier: BSD-2-Clause

// Gen generates what the front's libraries have in common with the public headers, their lists of exported names, and the
// sources that define the functions: for each library its stubs, the linker's version script, and the list of missing
// functions; for all of them the table of the engine's functions, a list of all functions for programs that call each,
// and a public header with the functions that each library lacks.
//
//	go run ./internal/gen -engine capi -front capi/front -o build/gen include/gssapi/*.h
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
)

func main() {
	engine := flag.String("engine", "", "directory of the Go files that export to C")
	front := flag.String("front", "", "directory of the front, with a folder abi/NAME for each library")
	output := flag.String("o", "", "directory of the results")
	flag.Parse()
	if *engine == "" || *front == "" || *output == "" || flag.NArg() == 0 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(flag.Args(), *engine, *front, *output); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

// abi is a library of the front: a folder with symbols.txt, and with headers for what no public header declares.
type abi struct {
	name    string
	soname  string
	found   bool // programs that are built find it
	list    List
	private Header
	defined map[string]bool // by the front's C files and the folder's
}

func run(headers []string, engine, front, output string) error {
	public, guards, each, err := readHeaders(headers)
	if err != nil {
		return err
	}
	exported, err := ReadEngine(engine)
	if err != nil {
		return err
	}
	abis, err := readABIs(front)
	if err != nil {
		return err
	}
	if err := Complete(public, exported, abis); err != nil {
		return err
	}
	results := map[string]string{}
	var everything []Found
	for _, a := range abis {
		found, err := Sources{public.and(a.private), exported, a.defined}.Find(a.list)
		if err != nil {
			return fmt.Errorf("abi/%s/symbols.txt: %w", a.name, err)
		}
		stubs, err := Stubs(found)
		if err != nil {
			return err
		}
		results[filepath.Join(a.name, "stubs.c")] = stubs
		results[filepath.Join(a.name, "exports.map")] = VersionScript(a.list.Symbols)
		results[filepath.Join(a.name, "missing.txt")] = MissingList(found)
		results[filepath.Join(a.name, "places.txt")] = PlaceList(found)
		everything = append(everything, found...)
	}
	results["engine_table.h"] = EngineTable(everything)
	results["gssapi_abi.h"] = ABIHeader(abis, guards, each)
	results["functions.h"] = FunctionList(everything)
	for name, text := range results {
		if err := write(filepath.Join(output, name), text); err != nil {
			return err
		}
	}
	return nil
}

func readABIs(front string) ([]abi, error) {
	lists, err := filepath.Glob(filepath.Join(front, "abi", "*", "symbols.txt"))
	if err != nil {
		return nil, err
	}
	if len(lists) == 0 {
		return nil, fmt.Errorf("%s/abi has no folder with a symbols.txt", front)
	}
	var abis []abi
	for _, name := range lists {
		dir := filepath.Dir(name)
		a := abi{name: filepath.Base(dir)}
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		if a.list, err = ParseSymbols(string(text)); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		library, err := os.ReadFile(filepath.Join(dir, "library.sh"))
		if err != nil {
			return nil, err
		}
		soname := sonameOf.FindSubmatch(library)
		if soname == nil {
			return nil, fmt.Errorf("%s/library.sh names no soname", dir)
		}
		a.soname = string(soname[1])
		a.found = packagesOf.Match(library)
		dirs := []string{front, dir}
		if beside := besideOf.FindSubmatch(library); beside != nil {
			dirs = append(dirs, filepath.Join(front, "abi", string(beside[1])))
		}
		var own []string
		for _, dir := range dirs[1:] {
			headers, err := filepath.Glob(filepath.Join(dir, "*.h"))
			if err != nil {
				return nil, err
			}
			own = append(own, headers...)
		}
		if a.private, _, _, err = readHeaders(own); err != nil {
			return nil, err
		}
		if a.defined, err = ReadFront(dirs...); err != nil {
			return nil, err
		}
		abis = append(abis, a)
	}
	return abis, nil
}

var (
	sonameOf   = regexp.MustCompile(`(?m)^soname=(\S+)`)
	besideOf   = regexp.MustCompile(`(?m)^beside=(\w+)`)
	packagesOf = regexp.MustCompile(`(?m)^packages=\S`)
)

// readHeaders parses headers, and returns their declarations, all together and by include guard.
func readHeaders(names []string) (all Header, guards []string, each map[string]Header, err error) {
	each = map[string]Header{}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return Header{}, nil, nil, err
		}
		h, err := ParseHeader(string(text))
		if err != nil {
			return Header{}, nil, nil, fmt.Errorf("%s: %w", name, err)
		}
		guard := guardOf.FindStringSubmatch(string(text))
		if guard == nil {
			return Header{}, nil, nil, fmt.Errorf("%s: it has no include guard", name)
		}
		all = all.and(h)
		guards = append(guards, guard[1])
		each[guard[1]] = h
	}
	return all, guards, each, nil
}

// write does not touch a file that already has the text, so that make does not rebuild what depends on it.
func write(name, text string) error {
	if old, err := os.ReadFile(name); err == nil && string(old) == text {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return err
	}
	return os.WriteFile(name, []byte(text), 0o666)
}
